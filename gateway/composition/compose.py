"""Composes subgraphs into a supergraph: each stage ends composition with all of its errors. Does no I/O."""

from collections.abc import Sequence

from gateway.composition.definition import Composition, SubgraphDefinition
from gateway.composition.federation1 import upgrade
from gateway.composition.merge import merge_subgraphs
from gateway.composition.print_supergraph import print_supergraph
from gateway.composition.report import Report
from gateway.composition.validate_subgraph import valid_subgraphs


def compose(subgraphs: Sequence[SubgraphDefinition]) -> Composition:
    """The supergraph of the subgraphs, with hints; their order does not matter.

    Raises:
        CompositionFailed: all errors of the first stage that failed (subgraphs, merge, post-merge, satisfiability).
    """
    report = Report()
    valid = valid_subgraphs(subgraphs, report)
    report.stop_on_errors()
    upgraded = upgrade(valid, report)
    report.stop_on_errors()
    merged = merge_subgraphs(upgraded, report)
    report.stop_on_errors()
    return Composition(print_supergraph(merged), tuple(report.hints))

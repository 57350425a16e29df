"""Composes subgraphs into a supergraph: each stage ends composition with all of its errors. Does no I/O."""

from collections.abc import Sequence

from gateway.composition.contract import Contract, apply_contract, with_inaccessible
from gateway.composition.definition import Composition, SubgraphDefinition
from gateway.composition.federation1 import upgrade
from gateway.composition.merge import merge_context, merge_subgraphs
from gateway.composition.post_merge import validate_merged
from gateway.composition.print_supergraph import print_supergraph
from gateway.composition.report import Report
from gateway.composition.satisfiability import MAX_SUBGRAPH_PATHS, validate_satisfiability
from gateway.composition.validate_subgraph import valid_subgraphs


def compose(
    subgraphs: Sequence[SubgraphDefinition],
    contract: Contract | None = None,
    *,
    max_subgraph_paths: int = MAX_SUBGRAPH_PATHS,
) -> Composition:
    """The supergraph of the subgraphs, with hints; their order does not matter.

    With a contract, what it does not show is `@inaccessible` in the supergraph. `max_subgraph_paths` bounds the last
    stage, which takes longest.

    Raises:
        CompositionFailed: all errors of the first stage that failed (subgraphs, merge, post-merge, satisfiability).
    """
    report = Report()
    valid = valid_subgraphs(subgraphs, report)
    report.stop_on_errors()
    upgraded = upgrade(valid, report)
    report.stop_on_errors()
    context = merge_context(upgraded, report)
    report.stop_on_errors()
    if contract:
        context = with_inaccessible(context)
    merged = merge_subgraphs(context)
    report.stop_on_errors()
    if contract:
        merged = apply_contract(context, merged, contract)
    supergraph_sdl = print_supergraph(merged)
    validate_merged(context, merged, supergraph_sdl)
    report.stop_on_errors()
    validate_satisfiability(context, merged.types, max_subgraph_paths)
    report.stop_on_errors()
    return Composition(supergraph_sdl, tuple(report.hints))

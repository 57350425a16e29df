"""Two supergraphs in; every change of what clients see, of its guards and of who resolves it, classified, out."""

from collections.abc import Iterator

from gateway.composition.changes import Change, in_order
from gateway.composition.diff_directives import directive_changes
from gateway.composition.diff_guards import guard_changes
from gateway.composition.diff_joins import join_changes
from gateway.composition.diff_types import type_changes
from gateway.composition.supergraph_model import Supergraph


def diff(old: Supergraph, new: Supergraph) -> tuple[Change, ...]:
    """The changes from one supergraph to the other, the worst first.

    What is @inaccessible counts as absent. Whether an operation is really hurt depends on the operation: a change is
    classified by the worst that it can do to one that is valid over the old API.
    """
    return () if old == new else in_order(_changes(old, new))


def _changes(old: Supergraph, new: Supergraph) -> Iterator[Change]:
    yield from type_changes(old.api_schema, new.api_schema)
    yield from directive_changes(old.api_schema, new.api_schema)
    yield from guard_changes(old, new)
    yield from join_changes(old, new)

"""Merged subgraphs in; every outcome of their progressive @override labels that satisfiability has to hold in out."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from gateway.composition.merge_context import MergeContext
from gateway.composition.model import Application, Field, Kind
from gateway.composition.moves import Migration

ALL_OUTCOMES_UP_TO = 6
"""With more labels than this, the outcomes tried are all, none, each one alone and each one alone not."""

Taken = frozenset[tuple[int, str]]


def migrations(context: MergeContext) -> list[Migration]:
    """What @override takes from whom; with labels once for each outcome, since they switch independently."""
    always: Taken = frozenset()
    taken: dict[str, Taken] = {}
    kept: dict[str, Taken] = {}
    for index, coordinate, use in _overrides(context):
        origin = _origin(context, coordinate, use)
        if origin is None:
            continue
        label = use.text("label")
        if label is None:
            always |= {(origin, coordinate)}
        else:
            taken[label] = taken.get(label, frozenset()) | {(origin, coordinate)}
            kept[label] = kept.get(label, frozenset()) | {(index, coordinate)}
    undecided = frozenset[tuple[int, str]]().union(*taken.values(), *kept.values())
    outcomes = [
        always.union(*(taken[label] if label in switched_on else kept[label] for label in taken))
        for switched_on in _outcomes(sorted(taken))
    ]
    return [Migration(overridden, undecided) for overridden in dict.fromkeys(outcomes)]


def _outcomes(labels: Sequence[str]) -> Iterator[frozenset[str]]:
    """The sets of labels switched on: all of them first, then none, then the mixed ones."""
    count = len(labels)
    some = range(1, count) if count <= ALL_OUTCOMES_UP_TO else (1, count - 1)
    for size in (count, 0, *some):
        yield from map(frozenset, combinations(labels, size))


def _overrides(context: MergeContext) -> Iterator[tuple[int, str, Application]]:
    for index, subgraph in enumerate(context.subgraphs):
        for owner in subgraph.of_kind(Kind.OBJECT):
            for own in owner.fields.values():
                yield from ((index, f"{owner.name}.{own.name}", use) for use in own.all_of("override"))


def _origin(context: MergeContext, coordinate: str, use: Application) -> int | None:
    """The subgraph an @override takes from, when it is one that has the field."""
    owner, _, name = coordinate.partition(".")
    for index, subgraph in enumerate(context.subgraphs):
        if subgraph.name == use.text("from"):
            field: Field | None = subgraph.field(owner, name)
            return index if field is not None else None
    return None

"""A supergraph in; the arguments that are fed from contexts, and the types that set these, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from gateway.composition.supergraph import Supergraph

Coordinate = tuple[str, str, str]
"""Subgraph, type and field."""


@dataclass(frozen=True, slots=True)
class Contextual:
    """An argument of one field in one subgraph that is fed from a context.

    `number` tells it apart from all others: its subgraph's number and its own among the subgraph's, as in `2_0`.
    """

    name: str
    type: str
    context: str
    selection: str
    number: str


@dataclass(frozen=True, slots=True)
class Contexts:
    """What a supergraph says of contexts.

    `arguments`: by coordinate, the arguments fed from contexts; `by_field`: the same by type and field, of all
    subgraphs; `setting`: by context, the object types that set it; `set_by`: by type, what its objects may set.
    """

    arguments: Mapping[Coordinate, tuple[Contextual, ...]]
    by_field: Mapping[tuple[str, str], tuple[Contextual, ...]]
    setting: Mapping[str, frozenset[str]]
    set_by: Mapping[str, frozenset[str]]


def contexts_of(supergraph: Supergraph, possible_anywhere: Mapping[str, frozenset[str]]) -> Contexts:
    """The contexts of a supergraph, whose types may be what `possible_anywhere` says."""
    setting = {
        context: frozenset(name for setter in setters for name in possible_anywhere[setter])
        for context, setters in supergraph.contexts.items()
    }
    set_by = {
        name: frozenset(context for context, setters in setting.items() if setters & possible)
        for name, possible in possible_anywhere.items()
    }
    arguments = dict(_arguments(supergraph))
    by_field: dict[tuple[str, str], tuple[Contextual, ...]] = {}
    for (_, type_name, field), found in arguments.items():
        by_field[type_name, field] = (*by_field.get((type_name, field), ()), *found)
    return Contexts(arguments, by_field, setting, set_by)


def _arguments(supergraph: Supergraph) -> Iterator[tuple[Coordinate, tuple[Contextual, ...]]]:
    for number, subgraph in enumerate(supergraph.subgraphs, start=1):
        position = count()
        declared = [(name, by_graph[subgraph]) for name, by_graph in supergraph.types.items() if subgraph in by_graph]
        for name, fields in ((name, item.fields.values()) for name, item in declared):
            for field in fields:
                if field.context_arguments:
                    arguments = tuple(
                        Contextual(item.name, item.type, item.context, item.selection, f"{number}_{next(position)}")
                        for item in field.context_arguments
                    )
                    yield (subgraph, name, field.name), arguments

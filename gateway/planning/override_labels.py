"""Progressive `@override` labels (Federation, "Incremental migration with progressive @override"): which of them one
operation can meet, and which of those are on for one request. Draws nothing by itself."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from gateway.composition.supergraph import SubgraphField, Supergraph
from gateway.planning.graph import field_set
from gateway.planning.normalise import Operation
from gateway.planning.selections import Field, Selections

_PERCENT = re.compile(r"percent\((\d+(?:\.\d+)?)\)")
CERTAIN = 100.0


@dataclass(frozen=True, slots=True)
class Overrides:
    """The labels that an operation can meet: those that are `on` whatever is drawn, and by chance (label, percent)."""

    on: frozenset[str] = frozenset()
    chances: tuple[tuple[str, float], ...] = ()

    def drawn(self, draw: Callable[[], float]) -> frozenset[str]:
        """The labels that are on for one request. `draw` gives a number in [0, 1), once for each label by chance."""
        if not self.chances:
            return self.on
        return self.on.union(label for label, percent in self.chances if draw() * CERTAIN < percent)


@dataclass(frozen=True, slots=True)
class OverrideLabels:
    """The labels of one supergraph. `configured` ones are on; `percent(n)` is on for n of 100 requests; all others
    are off."""

    supergraph: Supergraph
    configured: frozenset[str]
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(_labels(self.supergraph)))

    def overrides(self, operation: Operation) -> Overrides:
        """What labels mean for an operation; those that none of its fields, keys and inputs meet are left out.

        Raises InvalidSupergraph: a key or `@requires` that does not parse.
        """
        if not self.known:
            return Overrides()
        meeting = _Meeting(self.supergraph)
        meeting.select(operation.root_type, operation.selections)
        met = self.known if meeting.everything else meeting.labels
        shares = {label: _percent(label) for label in met}
        on = self.configured & met | {label for label, share in shares.items() if share >= CERTAIN}
        chances = sorted((label, share) for label, share in shares.items() if share > 0 and label not in on)
        return Overrides(frozenset(on), tuple(chances))


def _labels(supergraph: Supergraph) -> Iterable[str]:
    for by_graph in supergraph.types.values():
        for declared in by_graph.values():
            yield from (item.override_label for item in declared.fields.values() if item.override_label is not None)


def _percent(label: str) -> float:
    """How many of 100 requests have the label on; 0 for a label that is not `percent(n)`."""
    found = _PERCENT.fullmatch(label)
    return float(found[1]) if found else 0.0


@dataclass(slots=True)
class _Meeting:
    """Walks everything that a plan of an operation can fetch: its fields, and what keys and `@requires` add to them."""

    supergraph: Supergraph
    labels: set[str] = field(default_factory=set)
    everything: bool = False
    _types: set[str] = field(default_factory=set)
    _inputs: set[tuple[str, str]] = field(default_factory=set)

    def select(self, type_name: str, selections: Selections) -> None:
        for name in self._related(type_name):
            self._identify(name)
        for item in selections:
            if isinstance(item, Field):
                self._field(type_name, item)
            else:
                self.select(item.type_condition, item.selections)

    def _identify(self, type_name: str) -> None:
        """An object may have to be found again in another subgraph, by any of its keys."""
        if type_name in self._types:
            return
        self._types.add(type_name)
        for declared in self.supergraph.types.get(type_name, {}).values():
            for key in declared.keys:
                self._input(type_name, key.fields)

    def _field(self, type_name: str, item: Field) -> None:
        for name in self._related(type_name):
            for declared in self.supergraph.types.get(name, {}).values():
                if found := declared.fields.get(item.name):
                    self._meet(name, found)
        below = self._type_of(type_name, item.name)
        if item.selections and below:
            self.select(below, item.selections)

    def _meet(self, type_name: str, found: SubgraphField) -> None:
        if found.override_label is not None:
            self.labels.add(found.override_label)
        if found.requires:
            self._input(type_name, found.requires)
        # What a context selects stands at some object further up: any label may matter to it.
        self.everything |= bool(found.context_arguments)

    def _input(self, type_name: str, text: str) -> None:
        if (type_name, text) not in self._inputs:
            self._inputs.add((type_name, text))
            self.select(type_name, field_set(text, type_name, self.supergraph))

    def _related(self, type_name: str) -> set[str]:
        """The type, every type a value of it can be of, and the interfaces of those (as which an interface object may
        answer for them)."""
        schema = self.supergraph.full_schema
        kind = schema.get_type(type_name)
        if kind is None or isinstance(kind, GraphQLObjectType):
            possible = [kind] if kind else []
        else:
            possible = list(schema.get_possible_types(kind))  # type: ignore[arg-type] - selections stand on composites
        return {type_name, *(each.name for item in possible for each in (item, *item.interfaces))}

    def _type_of(self, type_name: str, field_name: str) -> str | None:
        kind = self.supergraph.full_schema.get_type(type_name)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or field_name not in kind.fields:
            return None
        return get_named_type(kind.fields[field_name].type).name

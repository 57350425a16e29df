"""Arguments fed from contexts (`@fromContext`): an operation in; the same, asking also for what they read, out.

Says also where above a field its contexts are found, and parts a request's selections by what they read.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from graphql import get_named_type

from gateway.composition.field_set import parse_field_set
from gateway.composition.supergraph import Supergraph
from gateway.planning.contextual import Contextual
from gateway.planning.graph import Graph
from gateway.planning.normalise import Operation, field_set_selections
from gateway.planning.selections import (
    TYPENAME,
    Conditions,
    Field,
    Fragment,
    Selection,
    Selections,
    both,
    conditioned,
    merged_once,
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a context may be found: at which of the objects above, if that is of `type`, and what is read of it."""

    position: int
    type: str
    selections: Selections


def sources_of(graph: Graph, argument: Contextual, chain: Sequence[str]) -> tuple[Source, ...]:
    """Where the argument of a field finds its value, nearest first; `chain` has the types from the root to its object.

    The objects around the field's own object count, and that one only where no other sets the context. Where an object
    may be of types that do not set it, those around it are sources too.
    """
    own = len(chain) - 1
    around: list[Source] = []
    for position in range(own - 1, -1, -1):
        around += _sources_at(graph, argument, position, chain[position])
        if _set_by_all(graph, argument.context, chain[position]):
            break
    return tuple(around or _sources_at(graph, argument, own, chain[own]))


def _set_by_all(graph: Graph, context: str, type_name: str) -> bool:
    possible = graph.possible_anywhere.get(type_name, frozenset())
    return bool(possible) and possible <= graph.contexts.setting.get(context, frozenset())


def _sources_at(graph: Graph, argument: Contextual, position: int, type_name: str) -> list[Source]:
    """One source for all types of an object where the selection can be made of its declared type, else one for each."""
    if _set_by_all(graph, argument.context, type_name):
        source = _source(graph.supergraph, argument, position, type_name)
        if source:
            return [source]
    setting = graph.contexts.setting.get(argument.context, frozenset())
    names = sorted(setting & graph.possible_anywhere.get(type_name, frozenset()))
    return [source for name in names if (source := _source(graph.supergraph, argument, position, name))]


def _source(supergraph: Supergraph, argument: Contextual, position: int, type_name: str) -> Source | None:
    """The source for objects of the type; None when the selection cannot be made of it."""
    selections = _selections(supergraph, argument.selection, type_name)
    declared = getattr(supergraph.full_schema.type_map[type_name], "fields", {})
    if selections and all(isinstance(item, Fragment) or item.name in declared for item in selections):
        return Source(position, type_name, selections)
    return None


@lru_cache(maxsize=1024)
def _selections(supergraph: Supergraph, text: str, type_name: str) -> Selections:
    return field_set_selections(parse_field_set(text), type_name, supergraph.full_schema)


def with_contexts(graph: Graph, operation: Operation) -> Operation:
    """The operation with everything that its fields read from contexts selected where the contexts are set."""
    if not graph.contexts.by_field:
        return operation
    root = _Object(operation.root_type)
    return replace(operation, selections=_Reading(graph).selections(operation.selections, (root,)))


@dataclass(slots=True)
class _Object:
    """An object on the way to a field: its type, when it is there, and what is wanted of it beside what is selected."""

    type: str
    conditions: Conditions = ()
    wanted: list[Selections] = field(default_factory=list)
    known: set[Selections] = field(default_factory=set)

    def want(self, selections: Selections) -> None:
        if selections not in self.known:
            self.known.add(selections)
            self.wanted.append(selections)


_Chain = tuple[_Object, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    graph: Graph

    def selections(self, selections: Selections, chain: _Chain) -> Selections:
        """The selections with what fields below read from the last object of the chain, and what that reads in turn."""
        found = [self._item(item, chain) for item in selections]
        for added in chain[-1].wanted:
            found += [self._item(item, chain) for item in added]
        return merged_once(found)

    def _item(self, item: Selection, chain: _Chain) -> Selection:
        if isinstance(item, Fragment):
            narrowed = _Object(item.type_condition, chain[-1].conditions)
            return replace(item, selections=self.selections(item.selections, (*chain[:-1], narrowed)))
        self._want(item, chain)
        if not item.selections:
            return item
        below = _Object(self._type_below(chain[-1].type, item.name), both(chain[-1].conditions, item.conditions) or ())
        return replace(item, selections=self.selections(item.selections, (*chain, below)))

    def _want(self, item: Field, chain: _Chain) -> None:
        """Ask the objects above for what the field reads from them, under the conditions under which it does."""
        reached = both(chain[-1].conditions, item.conditions)
        arguments = list(self._arguments(chain[-1].type, item.name))
        for argument in arguments if reached is not None else ():
            for source in sources_of(self.graph, argument, [above.type for above in chain]):
                above = chain[source.position]
                more = tuple(part for part in reached or () if part not in above.conditions)
                inner = conditioned(source.selections, more)
                above.want(inner if source.type == above.type else (Fragment(source.type, inner),))

    def _arguments(self, type_name: str, name: str) -> Iterator[Contextual]:
        for possible in sorted(self.graph.possible_anywhere.get(type_name, ())):
            yield from self.graph.contexts.by_field.get((possible, name), ())

    def _type_below(self, parent: str, name: str) -> str:
        fields = getattr(self.graph.supergraph.full_schema.type_map[parent], "fields", {})
        return get_named_type(fields[name].type).name


def reading(selections: Selections, variables: frozenset[str], others: frozenset[str]) -> Selections:
    """What of the selections leads to fields that use any of the variables, with these fields whole.

    Fields that use any of the others do not count, nor does what is below them.
    """
    found: list[Selection] = []
    for item in selections:
        used = _used(item)
        if variables & used:
            found.append(item)
        elif not others & used and (below := reading(item.selections, variables, others)):
            found.append(replace(item, selections=(*_typenames(item.selections), *below)))
    return tuple(found)


def without_reading(selections: Selections, variables: frozenset[str]) -> Selections:
    """The selections without the fields that use any of the variables, and without what was there only for these.

    An object stays where these fields are asked of it under conditions only: whether it is there is wanted without.
    """
    found: list[Selection] = []
    for item in selections:
        if variables & _used(item):
            continue
        below = without_reading(item.selections, variables)
        if below == item.selections:
            found.append(item)
        elif len(below) > len(_typenames(below)):
            found.append(replace(item, selections=below))
        elif isinstance(item, Field) and not _surely_reading(item.selections, variables):
            found.append(replace(item, selections=below or (Field(TYPENAME, TYPENAME, internal=True),)))
    return tuple(found)


def _surely_reading(selections: Selections, variables: frozenset[str]) -> bool:
    """Whether a field that uses any of the variables is asked for whatever the values of conditions."""
    certain = [item for item in selections if not (isinstance(item, Field) and item.conditions)]
    return any(variables & _used(item) or _surely_reading(item.selections, variables) for item in certain)


def _used(item: Selection) -> frozenset[str]:
    return frozenset(item.variables) if isinstance(item, Field) else frozenset()


def _typenames(selections: Iterable[Selection]) -> tuple[Field, ...]:
    """The `__typename` that only the plan asks for."""
    return tuple(item for item in selections if isinstance(item, Field) and item.internal and item.name == TYPENAME)

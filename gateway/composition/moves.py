"""What each subgraph does by itself, for one outcome of the overrides: the fields it resolves, the type conditions it
knows and the keys it can be entered by. Never goes through another subgraph: that is resolution.py."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.composition.context import contexts_read
from gateway.composition.model import ROOT_NAMES, Kind, Subgraph, TypeDefinition
from gateway.composition.needs import Need, field_set_needs, needs_on, resolvable_keys
from gateway.composition.type_references import named_type
from gateway.composition.usage import Usage


class Position(NamedTuple):
    """A place a query can be in: a type of a subgraph, with the external fields @provides makes available there."""

    subgraph: int
    type: str
    provided: tuple[Need, ...] = ()


class Edge(NamedTuple):
    """A field a position resolves: where it leads, and what the gateway has to fetch first for it.

    `is_decided`: no label decides who resolves the field. `reads`: the contexts that must be set around the object.
    """

    target: Position
    requires: tuple[Need, ...]
    is_decided: bool
    reads: frozenset[str]


class Door(NamedTuple):
    """A way into a subgraph: the position it leads to, and the key fields it takes."""

    target: Position
    key: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """One outcome of every progressive @override, as (subgraph, coordinate) pairs.

    `overridden`: fields lost there. `undecided`: fields whose label only the query's own path decides, so that a key or
    @requires, which is fetched whatever the labels say, cannot build on them.
    """

    overridden: frozenset[tuple[int, str]]
    undecided: frozenset[tuple[int, str]]


class Moves:
    """Answers what subgraphs do by themselves; answers are kept, so build it once for each migration."""

    def __init__(self, subgraphs: Sequence[Subgraph], usages: Sequence[Usage], migration: Migration) -> None:
        self.subgraphs = tuple(subgraphs)
        self.migration = migration
        self._usages = tuple(usages)
        self._interfaces = _interfaces(subgraphs)
        self._holders = _holders(subgraphs)
        self._edges: dict[tuple[Position, str], Edge | None] = {}
        self._local: dict[tuple[Position, Need], bool] = {}
        self._doors: dict[tuple[str, ...], tuple[Door, ...]] = {}
        self._families: dict[tuple[int, str], tuple[str, ...]] = {}
        self._runtime_types: dict[tuple[int, str], tuple[str, ...]] = {}

    def type_at(self, position: Position) -> TypeDefinition | None:
        """The type a position stands on."""
        return self.subgraphs[position.subgraph].type(position.type)

    def is_interface_object(self, position: Position) -> bool:
        """Whether the position knows an interface's objects without knowing their types."""
        owner = self.type_at(position)
        return owner is not None and owner.is_interface_object

    def is_overridden(self, position: Position, name: str) -> bool:
        """Whether another subgraph took the field over."""
        return (position.subgraph, f"{position.type}.{name}") in self.migration.overridden

    def runtime_types(self, subgraph: int, name: str) -> tuple[str, ...]:
        """The object types a value of a composite type can have in a subgraph."""
        found = self._runtime_types.get((subgraph, name))
        if found is None:
            found = self._runtime_types[subgraph, name] = self.subgraphs[subgraph].runtime_types(name)
        return found

    def holders(self, name: str, field: str) -> tuple[Position, ...]:
        """The positions on a type, nothing provided there, whose subgraph declares the field: resolved or not."""
        return self._holders.get((name, field), ())

    def edge(self, position: Position, name: str) -> Edge | None:
        """The field as that position's subgraph resolves it, or None when it does not."""
        key = (position, name)
        if key not in self._edges:
            self._edges[key] = self._edge(position, name)
        return self._edges[key]

    def _edge(self, position: Position, name: str) -> Edge | None:
        owner = self.type_at(position)
        field = owner.fields.get(name) if owner else None
        if field is None or self.is_overridden(position, name):
            return None
        coordinate = f"{position.type}.{name}"
        provided = tuple(need for need in position.provided if need.field == name)
        if self._usages[position.subgraph].is_external(coordinate) and not provided:
            return None
        below = (*(b for need in provided for b in need.below), *needs_on(field, "provides"))
        target = Position(position.subgraph, named_type(field.type), tuple(dict.fromkeys(below)))
        decided = (position.subgraph, coordinate) not in self.migration.undecided
        reads = contexts_read(self.subgraphs[position.subgraph], field)
        return Edge(target, needs_on(field, "requires"), decided, reads)

    def cast(self, position: Position, name: str) -> Position | None:
        """The position for objects of one type, or None when none can be there."""
        if position.type == name or self.is_interface_object(position):
            return position
        owner, target = self.type_at(position), self.subgraphs[position.subgraph].type(name)
        if owner is None or target is None:
            return None
        if owner.kind is Kind.OBJECT:
            return position if name in owner.interfaces else None
        possible = self.runtime_types(position.subgraph, position.type)
        shared = not set(possible).isdisjoint(self.runtime_types(position.subgraph, name))
        return Position(position.subgraph, name, position.provided) if shared else None

    def family(self, position: Position) -> tuple[str, ...]:
        """The types under which subgraphs may know the position's objects: its own and interface objects'."""
        key = position[:2]
        if key not in self._families:
            owner = self.type_at(position)
            is_object = owner is not None and owner.kind is Kind.OBJECT and not owner.is_interface_object
            interfaces = self._interfaces.get(position.type, ()) if is_object else ()
            self._families[key] = (position.type, *interfaces)
        return self._families[key]

    def doors(self, family: tuple[str, ...]) -> tuple[Door, ...]:
        """Every way into any subgraph for objects of a family, in the order of the subgraphs."""
        if family not in self._doors:
            self._doors[family] = tuple(self._find_doors(family))
        return self._doors[family]

    def _find_doors(self, family: tuple[str, ...]) -> Iterator[Door]:
        """Between root types no key is needed."""
        for index, subgraph in enumerate(self.subgraphs):
            if family[0] in ROOT_NAMES and subgraph.type(family[0]) is not None:
                yield Door(Position(index, family[0]), ())
            for name in family:
                target = subgraph.type(name)
                if target is not None and (name == family[0] or target.is_interface_object):
                    yield from (Door(Position(index, name), field_set_needs(key)) for key in resolvable_keys(target))

    def has_way_back(self, position: Position) -> bool:
        """Whether the subgraph itself resolves some key by which the query can return to it."""
        owner = self.type_at(position)
        keys = resolvable_keys(owner) if owner else ()
        return position.type in ROOT_NAMES or any(self.is_local(position, field_set_needs(key)) for key in keys)

    def can_resume(self, position: Position) -> bool:
        """Whether fetching for a @requires elsewhere never leaves the query unable to come back."""
        owner = self.type_at(position)
        return owner is None or not any(f.has("requires") for f in owner.fields.values()) or self.has_way_back(position)

    def is_local(self, position: Position, needs: Iterable[Need]) -> bool:
        """Whether the position's own subgraph resolves all needs without more."""
        return all(self._is_local(position, need) for need in needs)

    def _is_local(self, position: Position, need: Need) -> bool:
        key = (position, need)
        if key not in self._local:
            cast = self.cast(position, need.on) if need.on else position
            edge = self.edge(cast, need.field) if cast else None
            resolved = edge is not None and edge.is_decided and not edge.requires
            self._local[key] = cast is None or (
                edge is not None and resolved and self.is_local(edge.target, need.below)
            )
        return self._local[key]


def _interfaces(subgraphs: Sequence[Subgraph]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        for owner in subgraph.of_kind(Kind.OBJECT):
            found.setdefault(owner.name, []).extend(owner.interfaces)
    return {name: tuple(dict.fromkeys(interfaces)) for name, interfaces in found.items()}


def _holders(subgraphs: Sequence[Subgraph]) -> dict[tuple[str, str], tuple[Position, ...]]:
    found: dict[tuple[str, str], list[Position]] = {}
    for index, subgraph in enumerate(subgraphs):
        for owner in subgraph.types.values():
            for name in owner.fields:
                found.setdefault((owner.name, name), []).append(Position(index, owner.name))
    return {key: tuple(positions) for key, positions in found.items()}

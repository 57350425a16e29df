"""Who can resolve what from where: positions in subgraphs, the fields they resolve, and the jumps that keys allow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graphql.language import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.composition.field_set import fields_text, parse_field_set
from gateway.composition.model import ROOT_NAMES, Application, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.type_references import named_type
from gateway.composition.usage import Usage


@dataclass(frozen=True, slots=True)
class Need:
    """One field a field set needs, on which type when a fragment says so, with what is needed below it."""

    field: str
    below: tuple["Need", ...] = ()
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place a query can be in: a type of a subgraph, with the external fields @provides makes available there."""

    subgraph: int
    type: str
    provided: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A field a position resolves: where it leads, and what the gateway has to fetch first for it."""

    target: Position
    requires: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """One outcome of every progressive @override, as (subgraph, coordinate) pairs.

    `overridden`: fields lost there. `undecided`: fields whose label only the query's own path decides, so that a key or
    @requires, which is fetched whatever the labels say, cannot build on them.
    """

    overridden: frozenset[tuple[int, str]]
    undecided: frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Jump:
    """A move to the same object in another subgraph, for which the key's fields are needed."""

    target: Position
    key: tuple[Need, ...]


def needs_of(selections: SelectionSetNode, on: str | None = None) -> tuple[Need, ...]:
    """A field set's needs; `__typename` is always at hand."""
    found: list[Need] = []
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else on
            found += needs_of(selection.selection_set, condition)
        elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
            below = needs_of(selection.selection_set) if selection.selection_set else ()
            found.append(Need(selection.name.value, below, on))
    return tuple(found)


def field_set_needs(application: Application) -> tuple[Need, ...]:
    """The needs of an application's `fields`."""
    return needs_of(parse_field_set(fields_text(application.arguments.get("fields")) or "__typename"))


class Resolution:
    """Answers, for one set of overridden fields, what can be resolved; results are kept, so build it once."""

    def __init__(self, subgraphs: Sequence[Subgraph], usages: Sequence[Usage], migration: "Migration") -> None:
        self.subgraphs = tuple(subgraphs)
        self.usages = tuple(usages)
        self.overridden = migration.overridden
        self.undecided = migration.undecided
        self.interfaces = _interfaces(subgraphs)
        self._active: set[tuple[Position, tuple[Need, ...]]] = set()
        self._reached: dict[tuple[Position, str | None], dict[Position, Position]] = {}

    def type_at(self, position: Position) -> TypeDefinition | None:
        """The type a position stands on."""
        return self.subgraphs[position.subgraph].type(position.type)

    def is_interface_object(self, position: Position) -> bool:
        """Whether the position knows an interface's objects without knowing their types."""
        owner = self.type_at(position)
        return owner is not None and owner.is_interface_object

    def edge(self, position: Position, name: str) -> Edge | None:
        """The field as that position's subgraph resolves it, or None when it does not."""
        owner = self.type_at(position)
        field = owner.fields.get(name) if owner else None
        if owner is None or field is None:
            return None
        coordinate = f"{position.type}.{name}"
        provided = tuple(need for need in position.provided if need.field == name)
        external = self.usages[position.subgraph].is_external(coordinate) and not provided
        if external or (position.subgraph, coordinate) in self.overridden:
            return None
        below = (*(b for need in provided for b in need.below), *_needs(field, "provides"))
        return Edge(
            Position(position.subgraph, named_type(field.type), tuple(dict.fromkeys(below))), _needs(field, "requires")
        )

    def cast(self, position: Position, name: str) -> Position | None:
        """The position for objects of one type, or None when none can be there."""
        if position.type == name or self.is_interface_object(position):
            return position
        owner, target = self.type_at(position), self.subgraphs[position.subgraph].type(name)
        if owner is None or target is None:
            return None
        if owner.kind is Kind.OBJECT:
            return position if name in owner.interfaces else None
        subgraph = self.subgraphs[position.subgraph]
        shared = set(subgraph.runtime_types(position.type)) & set(subgraph.runtime_types(name))
        return Position(position.subgraph, name, position.provided) if shared else None

    def jumps(self, position: Position) -> Iterator[Jump]:
        """The moves keys allow; between root types none is needed."""
        names = [position.type]
        owner = self.type_at(position)
        if owner is not None and owner.kind is Kind.OBJECT and not owner.is_interface_object:
            names += self.interfaces.get(position.type, ())
        for index, subgraph in enumerate(self.subgraphs):
            if index == position.subgraph:
                continue
            if position.type in ROOT_NAMES and subgraph.type(position.type) is not None:
                yield Jump(Position(index, position.type), ())
            for name in names:
                target = subgraph.type(name)
                if target is not None and (name == position.type or target.is_interface_object):
                    yield from (Jump(Position(index, name), field_set_needs(key)) for key in resolvable_keys(target))

    def reach(self, start: Position, name: str | None = None) -> dict[Position, Position]:
        """Every position reachable by keys, with the one it was reached from; `name` narrows to objects of one type."""
        known = self._reached.get((start, name))
        if known is not None:
            return known
        reached = {start: start}
        waiting = [start]
        while waiting:
            position = waiting.pop(0)
            for jump in self.jumps(position):
                target = self.cast(jump.target, name) if name else jump.target
                if target is None or target in reached:
                    continue
                if self.satisfies(position, jump.key) or (position != start and self.satisfies(start, jump.key)):
                    reached[target] = position
                    waiting.append(target)
        if not self._active:
            self._reached[start, name] = reached
        return reached

    def is_decided(self, position: Position, field: str) -> bool:
        """Whether no label decides who resolves the field."""
        return (position.subgraph, f"{position.type}.{field}") not in self.undecided

    def options(
        self, start: Position, field: str, name: str | None = None, *, decided_only: bool = False
    ) -> list[Position]:
        """Where a field leads when asked from a position, through whatever keys that takes."""
        targets = []
        for position, origin in self.reach(start, name).items():
            edge = self.edge(position, field)
            if decided_only and not self.is_decided(position, field):
                continue
            if edge is not None and (not edge.requires or self.can_require(position, origin, edge.requires)):
                targets.append(edge.target)
        return list(dict.fromkeys(targets))

    def can_require(self, position: Position, origin: Position, needs: tuple[Need, ...]) -> bool:
        """Whether @requires can be fulfilled from here, and the query come back, by the key it came by or another."""
        if self.is_local(position, needs):
            return True
        return self.satisfies(position, needs) and (origin != position or self.has_way_back(position))

    def has_way_back(self, position: Position) -> bool:
        """Whether the subgraph itself resolves some key by which the query can return to it."""
        owner = self.type_at(position)
        keys = resolvable_keys(owner) if owner else ()
        return position.type in ROOT_NAMES or any(self.is_local(position, field_set_needs(key)) for key in keys)

    def satisfies(self, position: Position, needs: tuple[Need, ...]) -> bool:
        """Whether all needs can be resolved from a position; a need that depends on itself cannot."""
        if self.is_local(position, needs):
            return True
        if (position, needs) in self._active:
            return False
        self._active.add((position, needs))
        try:
            return all(self._satisfies_one(position, need) for need in needs)
        finally:
            self._active.discard((position, needs))

    def is_local(self, position: Position, needs: Iterable[Need]) -> bool:
        """Whether the position's own subgraph resolves all needs without more."""
        for need in needs:
            cast = self.cast(position, need.on) if need.on else position
            if cast is None:
                continue
            edge = self.edge(cast, need.field) if self.is_decided(cast, need.field) else None
            if edge is None or edge.requires or not self.is_local(edge.target, need.below):
                return False
        return True

    def _satisfies_one(self, position: Position, need: Need) -> bool:
        cast = self.cast(position, need.on) if need.on else position
        if cast is None:
            return True
        targets = self.options(cast, need.field, decided_only=True)
        if targets:
            return not need.below or any(self.satisfies(target, need.below) for target in targets)
        return self._satisfies_each_type(cast, need)

    def _satisfies_each_type(self, position: Position, need: Need) -> bool:
        """An interface's field can be asked from each of its types instead."""
        owner = self.type_at(position)
        if owner is None or owner.kind is not Kind.INTERFACE:
            return False
        types = self.subgraphs[position.subgraph].runtime_types(owner.name)
        positions = [Position(position.subgraph, name, position.provided) for name in types]
        return bool(positions) and all(self.satisfies(p, (Need(need.field, need.below),)) for p in positions)


def resolvable_keys(owner: TypeDefinition) -> list[Application]:
    """The keys by which others can ask for objects of a type."""
    return [key for key in owner.all_of("key") if key.flag("resolvable", default=True)]


def _needs(field: Field, directive: str) -> tuple[Need, ...]:
    return tuple(need for use in field.all_of(directive) for need in field_set_needs(use))


def _interfaces(subgraphs: Sequence[Subgraph]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        for owner in subgraph.of_kind(Kind.OBJECT):
            found.setdefault(owner.name, []).extend(owner.interfaces)
    return {name: tuple(dict.fromkeys(interfaces)) for name, interfaces in found.items()}

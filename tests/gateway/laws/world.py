"""A random world: seed in, the value of any field of any object out. Same seed, same world, whoever asks."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    InlineFragmentNode,
    SelectionSetNode,
    Undefined,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values
from graphql.utilities.coerce_input_value import coerce_default_value

from tests.gateway.laws.ground import Ground

POOL = 3
"""How many objects there are of each type; the same one is met on many paths."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the world."""

    type: str
    index: int


@dataclass(frozen=True, slots=True)
class Chances:
    """How often, of a thousand, a value is null and a resolver fails."""

    null: int = 0
    error: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """One world on a ground."""

    ground: Ground
    seed: int
    chances: Chances = Chances()

    def value(self, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """The value of a field: leaves, things, lists of them, None, or a GraphQLError in the place of a value."""
        declared = self.ground.full.type_map[thing.type].fields[name]  # type: ignore[attr-defined]
        # Clients may not see an argument, or a subgraph not have it: then its default is what was meant.
        defaults = {key: coerce_default_value(item) for key, item in declared.args.items()}
        known = {key: value for key, value in defaults.items() if value is not Undefined}
        fed = {each.name for each in self.ground.fed.get((thing.type, name), ())}
        known |= {key: value for key, value in arguments.items() if key in declared.args or key in fed}
        seed = f"{thing.type}.{thing.index}.{name}{json.dumps(known, sort_keys=True)}"
        return self._level(declared.type, _Position(thing, name, seed), 0)

    def things(self, name: str) -> Iterator[Thing]:
        """Every object of a named type."""
        for possible in sorted(self.ground.possible(name)):
            yield from (Thing(possible, index) for index in range(POOL))

    def holds(self, thing: Thing, wanted: SelectionSetNode, data: Any) -> bool:
        """Whether `data` has exactly the object's values for everything that is wanted of it."""
        for item in wanted.selections:
            if isinstance(item, InlineFragmentNode):
                condition = item.type_condition.name.value if item.type_condition else thing.type
                if thing.type in self.ground.possible(condition) and not self.holds(thing, item.selection_set, data):
                    return False
            elif isinstance(item, FieldNode) and not self._has(thing, item, data):
                return False
        return True

    def _has(self, thing: Thing, item: FieldNode, data: Any) -> bool:
        name = item.name.value
        if name == "__typename":
            return True
        if not isinstance(data, Mapping) or name not in data:
            return False
        declared = self.ground.full.type_map[thing.type].fields[name]  # type: ignore[attr-defined]
        return self._same(self.value(thing, name, get_argument_values(declared, item)), data[name], item.selection_set)

    def _same(self, value: Any, data: Any, wanted: SelectionSetNode | None) -> bool:
        if isinstance(value, list):
            same = isinstance(data, list) and len(data) == len(value)
            return same and all(self._same(one, other, wanted) for one, other in zip(value, data, strict=True))
        if isinstance(value, Thing):
            return wanted is not None and data is not None and self.holds(value, wanted, data)
        return value == data

    def _level(self, type_: Any, position: "_Position", level: int) -> Any:
        nullable = not isinstance(type_, GraphQLNonNull)
        inner = type_ if nullable else type_.of_type
        number = self._number(position.seed)
        identifying = (position.thing.type, position.name) in self.ground.identifying
        if not identifying and (fault := self._fault(position, level)) is not _NONE:
            return fault
        if isinstance(inner, GraphQLList):
            length = 1 if identifying else (number >> 8) % 3
            return [self._level(inner.of_type, position.item(index), level + 1) for index in range(length)]
        return self._one(get_named_type(inner), position, None if identifying else number)

    def _fault(self, position: "_Position", level: int) -> Any:
        """Null or an error, where everybody takes it the same way; `_NONE` for neither."""
        coordinate = (position.thing.type, position.name)
        levels = self.ground.nullable(*coordinate)
        nullable = level < len(levels) and levels[level]
        chance = self._number(f"fault {position.seed}") % 1000
        if chance < self.chances.null and nullable:
            return None
        if coordinate in self.ground.required or not (self.ground.uniform or nullable):
            return _NONE
        # A fault that nobody may see as null goes far; it is rarer, so that something is left to compare.
        limit = self.chances.error if nullable else self.chances.error // 8
        return GraphQLError("the world refuses") if 1000 - limit <= chance else _NONE

    def _one(self, type_: Any, position: "_Position", number: int | None) -> Any:
        """A value that is no list; without a number it is the object's own and unlike that of every other."""
        chosen = position.thing.index if number is None else number
        if isinstance(type_, GraphQLEnumType):
            values = self.ground.enum_values(type_)
            return values[chosen % len(values)]
        if is_leaf_type(type_):
            return _leaf(type_.name, position.name, _own(position.thing) if number is None else number)
        names = self.ground.members(position.thing.type, position.name)
        name = names[chosen % len(names)]
        roots = {item.name for item in (self.ground.full.query_type, self.ground.full.mutation_type) if item}
        return Thing(name, 0 if name in roots else chosen % POOL)

    def _number(self, text: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self.seed} {text}".encode()).digest()[:6])


@dataclass(frozen=True, slots=True)
class _Position:
    """A value's place: the field of a thing, and which item of which list."""

    thing: Thing
    name: str
    seed: str

    def item(self, index: int) -> "_Position":
        return _Position(self.thing, self.name, f"{self.seed}[{index}]")


def _own(thing: Thing) -> int:
    """A number that no other thing has."""
    stem = int.from_bytes(hashlib.sha256(thing.type.encode()).digest()[:3])
    return stem * 64 + thing.index


def _leaf(kind: str, name: str, number: int) -> Any:
    scalars = {"Int": number % 2**31, "Float": number / 8, "Boolean": number % 2 == 0}
    return scalars.get(kind, f"{name}-{number}")


_NONE = object()

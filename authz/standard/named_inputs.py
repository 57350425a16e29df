"""Filters and orderings by their names: which input field or enum value is about a field with a rule.

No standard directive can say which argument reads what, and whoever filters or orders by a field reads it. So an input
field or enum value that a query's field takes is held to be about the fields it is named after, of the records that
the query's field answers with: `nino`, `nino_contains`, `NINO_DESC` are about `nino`. In: the API schema and the
coordinates with rules. Out: by input coordinate, those it is about.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from authz.standard.selections import possible_types

# What a connection holds its records in (Relay cursor connections).
THROUGH = ("nodes", "edges", "node")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
Words = tuple[str, ...]


def about_by_name(schema: GraphQLSchema, protected: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """What each input field (`Filter.nino`) and enum value (`Order.NINO`) is about, of the `protected` coordinates.
    What a mutation takes is written and not compared with, so it is about nothing."""
    found = _Inputs(schema, frozenset(protected))
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and kind is not schema.mutation_type and not name.startswith("__"):
            for definition in kind.fields.values():
                records = records_of(schema, get_named_type(definition.type))
                for argument in definition.args.values():
                    found.take(get_named_type(argument.type), records)
    return {name: tuple(sorted(about)) for name, about in sorted(found.about.items())}


def records_of(schema: GraphQLSchema, kind: GraphQLNamedType) -> frozenset[str]:
    """The object types that a field of this type answers with: also those inside a connection."""
    found: set[str] = set()
    pending = [kind.name]
    while pending:
        new = {name for name in possible_types(schema, pending.pop()) if name not in found}
        found |= new
        for name in new:
            pending += [get_named_type(each.type).name for part, each in _fields(schema, name) if part in THROUGH]
    return frozenset(found)


@dataclass(slots=True)
class _Inputs:
    """What is known so far; `seen` are the input types with the records they were judged for."""

    schema: GraphQLSchema
    protected: frozenset[str]
    about: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen: set[tuple[str, frozenset[str]]] = field(default_factory=set)

    def take(self, kind: GraphQLNamedType, records: frozenset[str]) -> None:
        """Judge an input type, and those inside it, as given to a field that answers with these records."""
        if (kind.name, records) in self.seen:
            return
        self.seen.add((kind.name, records))
        if isinstance(kind, GraphQLEnumType):
            for value in kind.values:
                self._name(f"{kind.name}.{value}", value, records)
        elif isinstance(kind, GraphQLInputObjectType):
            for name, member in kind.fields.items():
                self._name(f"{kind.name}.{name}", name, records)
                self.take(get_named_type(member.type), records | self._led_to(name, records))

    def _name(self, coordinate: str, name: str, records: frozenset[str]) -> None:
        said = words(name)
        for record in records:
            for part, _ in _fields(self.schema, record):
                if f"{record}.{part}" in self.protected and said[: len(words(part))] == words(part):
                    self.about[coordinate].add(f"{record}.{part}")

    def _led_to(self, name: str, records: frozenset[str]) -> frozenset[str]:
        """The records behind the field of that name: a filter inside a filter is about these."""
        below = (
            records_of(self.schema, get_named_type(each.type))
            for record in records
            for part, each in _fields(self.schema, record)
            if words(part) == words(name)
        )
        return frozenset[str]().union(*below)


def _fields(schema: GraphQLSchema, name: str) -> Iterator[tuple[str, GraphQLField]]:
    kind = schema.get_type(name)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        yield from kind.fields.items()


def words(name: str) -> Words:
    """The words of a name in whatever case they are joined: `dateOfBirth` and `DATE_OF_BIRTH` are the same."""
    return tuple(word.lower() for word in WORD.findall(name))

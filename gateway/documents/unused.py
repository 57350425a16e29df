"""What of a variable's type its value does not use: a value in; the members it leaves out and the enum values it is
not, out. Such a part cannot be read by whatever the variable is given to."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInputType, GraphQLNonNull, Undefined


def unused_parts(name: str, kind: GraphQLInputType, value: Any) -> Iterator[str]:
    """By their path from the variable: `filter.nino`, `filter.inner.nino`; `order=NINO` for an enum value. Lists are
    not looked into: each item may use another part."""
    named = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(named, GraphQLEnumType):
        yield from (f"{name}={each}" for each in named.values if each != value)
    elif isinstance(named, GraphQLInputObjectType) and (value is None or isinstance(value, Mapping)):
        for member, definition in named.fields.items():
            path, given = f"{name}.{member}", value or {}
            if member in given:
                yield from unused_parts(path, definition.type, given[member])
            elif value is None or (definition.default is None and definition.default_value is Undefined):
                yield path

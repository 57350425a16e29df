"""Random queries without aliases, conditions and optional arguments, small enough to be judged by trying every plan.

Same source of chance, same text.
"""

from collections.abc import Iterator
from random import Random

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def plain_query(schema: GraphQLSchema, random: Random, depth: int = 4) -> str:
    """The text of a query; members of an abstract type may disagree about a field's type, so validate it before use."""
    assert schema.query_type
    return _selections(schema, schema.query_type, random, depth)


def _selections(schema: GraphQLSchema, parent: Composite, random: Random, depth: int) -> str:
    parts = list(_fields(schema, parent, random, depth))
    if is_abstract_type(parent):
        members = sorted(schema.get_possible_types(parent), key=lambda item: item.name)  # type: ignore[arg-type]
        chosen = [member for member in members if random.random() < 0.5]
        parts += [f"... on {member.name} {_selections(schema, member, random, depth - 1)}" for member in chosen]
    return f"{{ {' '.join(parts) or '__typename'} }}"


def _fields(schema: GraphQLSchema, parent: Composite, random: Random, depth: int) -> Iterator[str]:
    fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields
    usable = [name for name, field in sorted(fields.items()) if depth > 0 or is_leaf_type(get_named_type(field.type))]
    for name in sorted(set(random.choices(usable, k=random.randint(1, 4)))) if usable else ():
        inner = get_named_type(fields[name].type)
        below = "" if is_leaf_type(inner) else f" {_selections(schema, inner, random, depth - 1)}"  # type: ignore[arg-type]
        yield f"{name}{_arguments(fields[name].args)}{below}"


def _arguments(arguments: dict[str, GraphQLArgument]) -> str:
    """Required arguments only, each with the same value everywhere."""
    given = {name: _value(item.type) for name, item in arguments.items() if isinstance(item.type, GraphQLNonNull)}
    return f"({', '.join(f'{name}: {value}' for name, value in given.items())})" if given else ""


def _value(type_: object) -> str:
    if isinstance(type_, GraphQLNonNull):
        return _value(type_.of_type)
    if isinstance(type_, GraphQLList):
        return f"[{_value(type_.of_type)}]"
    if isinstance(type_, GraphQLEnumType):
        return min(type_.values)
    if isinstance(type_, GraphQLInputObjectType):
        needed = {key: item for key, item in type_.fields.items() if isinstance(item.type, GraphQLNonNull)}
        return f"{{{', '.join(f'{key}: {_value(item.type)}' for key, item in needed.items())}}}"
    scalars = {"Int": "1", "Float": "2.5", "Boolean": "true"}
    return scalars.get(getattr(type_, "name", ""), '"a"')

"""Random operations over a schema: nested fragments, aliases, conditions, arguments. Same source, same text."""

from random import Random

from graphql import (
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
CONDITIONS = ("", "", "", "", " @include(if: $on)", " @skip(if: $on)", " @include(if: $off)")


def random_operation(schema: GraphQLSchema, random: Random, depth: int = 4) -> str:
    """The text of a random query; two fields may claim one response key, so validate it before use."""
    assert schema.query_type
    return f"query($on: Boolean!, $off: Boolean!) {_selections(schema, schema.query_type, random, depth)}"


def _selections(schema: GraphQLSchema, parent: Composite, random: Random, depth: int) -> str:
    parts = [_field(schema, parent, random, depth) for _ in range(random.randint(1, 4))]
    if is_abstract_type(parent):
        parts += [_fragment(schema, parent, random, depth) for _ in range(random.randint(0, 3))]
    return f"{{ {' '.join(part for part in parts if part) or '__typename'} }}"


def _fragment(schema: GraphQLSchema, parent: Composite, random: Random, depth: int) -> str:
    members = sorted(schema.get_possible_types(parent), key=lambda item: item.name)
    interfaces = {interface for member in members for interface in member.interfaces}
    candidates = [*members, *sorted(interfaces, key=lambda item: item.name)]
    if not candidates:
        return ""
    chosen = random.choice(candidates)
    return f"... on {chosen.name}{random.choice(CONDITIONS)} {_selections(schema, chosen, random, depth - 1)}"


def _field(schema: GraphQLSchema, parent: Composite, random: Random, depth: int) -> str:
    fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields
    usable = [name for name, field in fields.items() if depth > 0 or is_leaf_type(get_named_type(field.type))]
    if not usable or random.random() < 0.05:
        return "__typename"
    name = random.choice(sorted(usable))
    field = fields[name]
    given = {
        key: _value(item.type, random) for key, item in field.args.items() if isinstance(item.type, GraphQLNonNull)
    }
    arguments = f"({', '.join(f'{key}: {value}' for key, value in given.items())})" if given else ""
    alias = random.choice(("", "", "", "x: ", "y: "))
    inner = get_named_type(field.type)
    below = "" if is_leaf_type(inner) else f" {_selections(schema, inner, random, depth - 1)}"
    return f"{alias}{name}{arguments}{random.choice(CONDITIONS)}{below}"


def _value(type_: object, random: Random) -> str:
    if isinstance(type_, GraphQLNonNull):
        return _value(type_.of_type, random)
    if isinstance(type_, GraphQLList):
        return f"[{_value(type_.of_type, random)}]"
    if isinstance(type_, GraphQLEnumType):
        return random.choice(sorted(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        needed = {key: item for key, item in type_.fields.items() if isinstance(item.type, GraphQLNonNull)}
        return f"{{{', '.join(f'{key}: {_value(item.type, random)}' for key, item in needed.items())}}}"
    name = getattr(type_, "name", "")
    scalars = {"Int": random.choice("12"), "Float": "2.5", "Boolean": random.choice(("true", "false"))}
    return scalars.get(name, f'"{random.choice("ab")}"')

"""Field sets of a supergraph's join metadata (`@key`, `@requires`, `@fromContext`): text in, the concrete coordinates
they read out."""

from collections.abc import Iterator

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    parse,
)

from authz.errors import InvalidRules


def possible_types(schema: GraphQLSchema, name: str) -> tuple[str, ...]:
    """The object types that a value of this type can be of; the name itself for any other type."""
    kind = schema.get_type(name)
    if is_abstract_type(kind):
        return tuple(sorted(each.name for each in schema.get_possible_types(kind)))
    return (name,)


def selected_coordinates(schema: GraphQLSchema, parent: str, fields: str) -> Iterator[str]:
    """Every `Type.field` that a field set on `parent` reads, for each object type it can be read on; outer braces are
    optional. A fragment on a type that `parent` cannot be reads nothing.

    Raises:
        InvalidRules: no selection, or a field that the schema does not have.
    """
    text = fields.strip()
    try:
        definition = parse(text if text.startswith("{") else f"{{{text}}}", no_location=True).definitions[0]
    except GraphQLSyntaxError as error:
        raise InvalidRules(f"A field set of {parent} is no selection: {error.message}") from error
    if not isinstance(definition, OperationDefinitionNode):
        raise InvalidRules(f"A field set of {parent} is no selection.")
    yield from _selected(schema, parent, definition.selection_set)


def _selected(schema: GraphQLSchema, parent: str, selections: SelectionSetNode) -> Iterator[str]:
    possible = possible_types(schema, parent)
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition else parent
            if set(possible).intersection(possible_types(schema, condition)):
                yield from _selected(schema, condition, node.selection_set)
        elif isinstance(node, FieldNode):
            name = node.name.value
            yield from (f"{each}.{name}" for each in possible)
            if name != "__typename":
                below = _named_type(schema, parent, name)
                if node.selection_set:
                    yield from _selected(schema, below, node.selection_set)


def _named_type(schema: GraphQLSchema, parent: str, name: str) -> str:
    kind = schema.get_type(parent)
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or name not in kind.fields:
        raise InvalidRules(f"A field set reads {parent}.{name}, which the supergraph does not have.")
    return get_named_type(kind.fields[name].type).name

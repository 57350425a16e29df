"""The values a request sends: lists of variables, and the page that `first` and `last` ask for. In: a document or
variables. Out: nothing, or the limit they break; never a value."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLInt,
    GraphQLSchema,
    IntValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    visit,
)

from gateway.documents.limits import DocumentLimits
from gateway.errors import PageRefused, VariablesTooLarge

PAGING = frozenset({"first", "last"})
"""The arguments of GraphQL Cursor Connections that say how many."""


def check_variable_sizes(variables: Mapping[str, Any], limits: DocumentLimits) -> None:
    """Raise VariablesTooLarge naming the variable that holds a list too long or nested too deeply."""
    for name, value in variables.items():
        _check_sizes(name, value, limits)


def _check_sizes(name: str, value: Any, limits: DocumentLimits) -> None:
    level: list[Any] = [value]
    for _ in range(limits.variable_nesting + 1):
        below: list[Any] = []
        for each in level:
            if isinstance(each, list) and len(each) > limits.list_items:
                raise VariablesTooLarge(f"${name}: a list has more than {limits.list_items} items.")
            below += each if isinstance(each, list) else each.values() if isinstance(each, dict) else ()
        if not below:
            return
        level = below
    raise VariablesTooLarge(f"${name}: it has more than {limits.variable_nesting} levels.")


def paging_variables(document: DocumentNode, schema: GraphQLSchema, most: int) -> frozenset[str]:
    """The variables of a valid document that say how many to a page. Raises PageRefused for a number stated in it."""
    found = _Paging(schema, most)
    visit(document, TypeInfoVisitor(found.types, found))
    for name, default in found.defaults.items():
        if name in found.variables:
            check_page(f"${name}", default, most)
    return frozenset(found.variables)


def check_pages(names: Iterable[str], variables: Mapping[str, Any], most: int) -> None:
    """Raise PageRefused when one of these variables asks for too few or too many."""
    for name in names:
        check_page(f"${name}", variables.get(name), most)


def check_page(name: str, value: Any, most: int) -> None:
    """Raise PageRefused for a number below 0 or above `most`. None asks for what the graph gives by default."""
    if isinstance(value, int | float) and not 0 <= value <= most:
        raise PageRefused(f"{name}: a page has 0 to {most} items.")


class _Paging(Visitor):
    def __init__(self, schema: GraphQLSchema, most: int) -> None:
        super().__init__()
        self.types = TypeInfo(schema)
        self.variables: set[str] = set()
        self.defaults: dict[str, int] = {}
        self._most = most

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if isinstance(node.default_value, IntValueNode):
            self.defaults[node.variable.name.value] = int(node.default_value.value)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        definition = self.types.get_field_def()
        for argument in node.arguments or ():
            name, value = argument.name.value, argument.value
            if definition and name in _counting(definition.args.items()):
                if isinstance(value, IntValueNode):
                    check_page(name, int(value.value), self._most)
                elif isinstance(value, VariableNode):
                    self.variables.add(value.name.value)


def _counting(arguments: Iterable[tuple[str, GraphQLArgument]]) -> Iterator[str]:
    return (name for name, given in arguments if name in PAGING and get_nullable_type(given.type) is GraphQLInt)

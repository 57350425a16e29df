"""A failing operation in; the smallest one found that still fails out. Deletes parts as long as the failure stays."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
    validate,
)

from tests.gateway.laws.operations import Operation

Fails = Callable[[Operation], Awaitable[bool]]
Step = tuple[str, int | None]


async def shrunk(operation: Operation, schema: GraphQLSchema, fails: Fails) -> Operation:
    """The operation without every part that is not needed for failing; it stays valid."""
    found = True
    while found:
        found = False
        for smaller in _smaller(operation):
            if not validate(schema, parse(smaller.text)) and await fails(smaller):
                operation, found = smaller, True
                break
    return operation


def _smaller(operation: Operation) -> Iterator[Operation]:
    """The operation with one part less, larger parts first."""
    document = parse(operation.text, no_location=True)
    for changed in sorted(set(_cuts(document)), key=len):
        yield _with_what_is_used(Operation(changed, operation.variables))


def _cuts(document: DocumentNode) -> Iterator[str]:
    for path, node in _nodes(document, ()):
        for name in ("selections", "directives", "arguments"):
            children = getattr(node, name, None) or ()
            least = 2 if name == "selections" else 1
            for index in range(len(children)) if len(children) >= least else ():
                kept = (*children[:index], *children[index + 1 :])
                yield print_ast(_replaced(document, path, **{name: kept}))
        if isinstance(node, SelectionSetNode):
            for index, item in enumerate(node.selections):
                if not isinstance(item, FieldNode):
                    opened = (*node.selections[:index], *_inside(item, document), *node.selections[index + 1 :])
                    yield print_ast(_replaced(document, path, selections=opened))


def _inside(item: Node, document: DocumentNode) -> tuple[Node, ...]:
    """What stands in a fragment: its fields for an inline one, an inline one for a named one."""
    if isinstance(item, InlineFragmentNode):
        return item.selection_set.selections
    name = getattr(item, "name", None)
    found = next(
        node for node in document.definitions if isinstance(node, FragmentDefinitionNode) and node.name == name
    )
    return (
        InlineFragmentNode(
            type_condition=found.type_condition,
            directives=getattr(item, "directives", ()),
            selection_set=found.selection_set,
        ),
    )


def _nodes(node: Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Node]]:
    yield path, node
    for key in node.keys:
        child = getattr(node, key, None)
        if isinstance(child, Node) and not isinstance(child, NamedTypeNode):
            yield from _nodes(child, (*path, (key, None)))
        elif isinstance(child, tuple | list):
            for index, item in enumerate(child):
                if isinstance(item, Node):
                    yield from _nodes(item, (*path, (key, index)))


def _replaced(node: Any, path: tuple[Step, ...], **changes: Any) -> Any:
    """A copy of the node in which the one at the path is changed."""
    values: dict[str, Any] = {key: getattr(node, key, None) for key in node.keys}
    if not path:
        return type(node)(**(values | changes))
    (key, index), rest = path[0], path[1:]
    if index is None:
        values[key] = _replaced(values[key], rest, **changes)
    else:
        children = list(values[key])
        children[index] = _replaced(children[index], rest, **changes)
        values[key] = tuple(children)
    return type(node)(**values)


def _with_what_is_used(operation: Operation) -> Operation:
    """The operation without fragments and variables that it no longer uses."""
    document = parse(operation.text, no_location=True)
    while unused := _fragments(document) - _names(document, "fragment_spread"):
        kept = tuple(node for node in document.definitions if _name(node) not in unused)
        document = _replaced(document, (), definitions=kept)
    used = _names(document, "variable")
    variables = {name: value for name, value in operation.variables.items() if name in used}
    for index, definition in enumerate(document.definitions):
        if isinstance(definition, OperationDefinitionNode):
            declared = definition.variable_definitions or ()
            kept = tuple(item for item in declared if item.variable.name.value in used)
            document = _replaced(document, (("definitions", index),), variable_definitions=kept)
    return replace(operation, text=print_ast(document), variables=variables)


def _name(node: Node) -> str | None:
    return getattr(getattr(node, "name", None), "value", None)


def _fragments(document: DocumentNode) -> set[str]:
    return {node.name.value for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def _names(document: DocumentNode, kind: str) -> set[str]:
    """What is used: spread, or read as a variable outside the declarations."""
    return {
        node.name.value  # type: ignore[attr-defined]
        for path, node in _nodes(document, ())
        if node.kind == kind and not any(key == "variable_definitions" for key, _ in path)
    }

"""A fetch and some of its variables in; the same with these under names of its own, or without what uses them, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from graphql import (
    FieldNode,
    InlineFragmentNode,
    Lexer,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    strip_ignored_characters,
    visit,
)

from gateway.execution.fetch_operation import FetchOperation, Selected, read_fetch_operation
from gateway.execution.program import FetchSpec
from gateway.planning.plan import Fetch

_TYPENAME = SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))


def numbered(operation: FetchOperation, names: frozenset[str], number: int) -> FetchOperation:
    """An operation that can share a request, its variables of these names with a number added."""
    if not names or operation.entity_body is None:
        return operation
    parts = _cut(operation.entity_body, names)
    body = "".join(f"{part}__{number}" if position % 2 else part for position, part in enumerate(parts))
    definitions = tuple(
        (f"{name}__{number}", f"${name}__{number}{text.removeprefix(f'${name}')}") if name in names else (name, text)
        for name, text in operation.variable_definitions
    )
    return replace(operation, entity_body=body, variable_definitions=definitions)


@lru_cache(maxsize=1024)
def _cut(body: str, names: frozenset[str]) -> tuple[str, ...]:
    """The text in parts, of which every second one is a variable of one of these names."""
    lexer = Lexer(Source(body))
    parts, end, dollar = [""], 0, False
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        if dollar and token.value in names:
            parts[-1] += body[end : token.start]
            parts += [body[token.start : token.end], ""]
            end = token.end
        dollar = token.kind is TokenKind.DOLLAR
    parts[-1] += body[end:]
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Remainder:
    """A fetch without the fields that use some variables (None: nothing is left), and what used each of these."""

    spec: FetchSpec | None
    gone: Mapping[str, tuple[Selected, ...]]


def without_variables(spec: FetchSpec, names: frozenset[str]) -> Remainder:
    """The entity fetch without every field that uses one of the variables, and which fields these are.

    An object below, of which nothing else is asked, is asked for its type, so that it is known whether it is there.
    """
    document = parse(spec.operation.text, no_location=True)
    whole = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    [entities] = (node for node in whole.selection_set.selections if isinstance(node, FieldNode))
    wanted = entities.selection_set or _TYPENAME
    gone = {name: using for name in names if (using := _using(wanted, name))}
    kept = _without(wanted, names)
    return Remainder(
        _reduced(spec, whole, entities, kept) if kept else None,
        {name: _read(spec, whole, entities, using).selection for name, using in gone.items()},
    )


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


def _reduced(spec: FetchSpec, whole: OperationDefinitionNode, entities: FieldNode, kept: SelectionSetNode) -> FetchSpec:
    used = _Variables()
    visit(replace(entities, selection_set=kept), used)
    declared = tuple(node for node in whole.variable_definitions or () if node.variable.name.value in used.names)
    return replace(
        spec,
        operation=_read(spec, replace(whole, variable_definitions=declared), entities, kept),
        variables=tuple(name for name in spec.variables if name in used.names),
        contexts=tuple(each for each in spec.contexts if each[0] in used.names),
    )


def _read(
    spec: FetchSpec, whole: OperationDefinitionNode, entities: FieldNode, selections: SelectionSetNode
) -> FetchOperation:
    field = replace(entities, selection_set=selections)
    node = replace(whole, selection_set=SelectionSetNode(selections=(field,)))
    text = strip_ignored_characters(print_ast(node))
    return read_fetch_operation(Fetch(spec.subgraph, text, operation_name=spec.operation.name, requires=spec.requires))


def _without(selections: SelectionSetNode, names: frozenset[str]) -> SelectionSetNode | None:
    kept: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode) and not names & set(_variables(node)):
            below = _without(node.selection_set, names) or _TYPENAME if node.selection_set else None
            kept.append(replace(node, selection_set=below))
        elif isinstance(node, InlineFragmentNode) and (below := _without(node.selection_set, names)):
            kept.append(replace(node, selection_set=below))
    return SelectionSetNode(selections=tuple(kept)) if kept else None


def _using(selections: SelectionSetNode, name: str) -> SelectionSetNode | None:
    found: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode) and name in _variables(node):
            found.append(node)
        elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            below = _using(node.selection_set, name)
            found += [replace(node, selection_set=below)] if below else []
    return SelectionSetNode(selections=tuple(found)) if found else None


def _variables(node: FieldNode) -> Iterator[str]:
    """The variables that stand as whole arguments of the field itself: contexts always do."""
    return (item.value.name.value for item in node.arguments or () if isinstance(item.value, VariableNode))

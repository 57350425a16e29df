"""The field sets of @key, @requires and @provides: text in, the fields they select in a subgraph out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import GraphQLSyntaxError
from graphql.language import (
    EnumValueNode,
    FieldNode,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    parse,
    print_ast,
)

from gateway.composition.model import Application, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.type_references import named_type


@dataclass(frozen=True, slots=True)
class Selected:
    """One field a field set selects: the type it is selected on, the field there, and the selection itself."""

    owner: TypeDefinition
    field: Field
    node: FieldNode

    @property
    def coordinate(self) -> str:
        """`Type.field`."""
        return f"{self.owner.name}.{self.field.name}"


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSetNode:
    """The selections a field set holds, its outer braces being optional. Shared by all who ask: never to be changed.

    Raises:
        GraphQLSyntaxError: the text is no selection set.
        ValueError: it is several, or one that is empty.
    """
    stripped = text.strip()
    source = stripped if stripped.startswith("{") else f"{{{stripped}}}"
    document = parse(source, no_location=True)
    operation = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(operation, OperationDefinitionNode):
        message = "Expected one selection set."
        raise ValueError(message)
    if _has_empty_set(operation.selection_set):
        message = 'Expected a name, found "}".'
        raise ValueError(message)
    return operation.selection_set


def fields_text(value: ValueNode | None) -> str | None:
    """The text of a `fields` argument; Federation 1 also takes lists and bare names. None when it is none of these."""
    if isinstance(value, StringValueNode | EnumValueNode):
        return value.value
    if isinstance(value, ListValueNode):
        parts = [fields_text(item) for item in value.values]
        return None if None in parts else " ".join(part for part in parts if part is not None)
    return None


def canonical_fields(text: str) -> str:
    """A field set printed so that equal sets have equal text, whatever the order of their fields."""
    return _canonical(parse_field_set(text))


def print_field_set(selections: SelectionSetNode) -> str:
    """A selection set on one line, without the outer braces."""
    return " ".join(" ".join(print_ast(s).split()) for s in selections.selections)


def selected_fields(subgraph: Subgraph, owner: str, application: Application) -> list[Selected]:
    """The fields an application's `fields` select, nested ones included; nothing when they are not valid."""
    value = application.arguments.get("fields")
    text = fields_text(value)
    if text is None or not (subgraph.is_federation_1 or isinstance(value, StringValueNode)):
        return []
    try:
        selections = parse_field_set(text)
    except (GraphQLSyntaxError, ValueError):
        return []
    return list(walk(subgraph, owner, selections))


def walk(subgraph: Subgraph, owner: str, selections: SelectionSetNode) -> Iterator[Selected]:
    """The known fields of a selection set, outer before inner."""
    parent = subgraph.type(owner)
    for selection in selections.selections if parent else ():
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            yield from walk(subgraph, condition.name.value if condition else owner, selection.selection_set)
        elif isinstance(selection, FieldNode) and parent is not None:
            field = parent.fields.get(selection.name.value)
            if field is not None:
                yield Selected(parent, field, selection)
                if selection.selection_set:
                    yield from walk(subgraph, named_type(field.type), selection.selection_set)


def with_implementations(subgraph: Subgraph, selected: Iterable[Selected]) -> Iterator[str]:
    """The coordinates selected; for a field of an interface also that of each implementation."""
    for item in selected:
        yield item.coordinate
        if item.owner.kind is Kind.INTERFACE:
            yield from (f"{t.name}.{item.field.name}" for t in subgraph.implementations(item.owner.name))


def _has_empty_set(selections: SelectionSetNode) -> bool:
    """Whether braces hold nothing, which GraphQL forbids though the parser lets it pass."""
    inner = (getattr(selection, "selection_set", None) for selection in selections.selections)
    return not selections.selections or any(_has_empty_set(item) for item in inner if item is not None)


def _canonical(selections: SelectionSetNode) -> str:
    parts = []
    for selection in selections.selections:
        nested = selection.selection_set if isinstance(selection, FieldNode | InlineFragmentNode) else None
        inner = f" {{ {_canonical(nested)} }}" if nested else ""
        if isinstance(selection, FieldNode):
            arguments = ", ".join(sorted(print_ast(a) for a in selection.arguments or ()))
            parts.append(f"{selection.name.value}{f'({arguments})' if arguments else ''}{inner}")
        elif isinstance(selection, InlineFragmentNode):
            condition = f" on {selection.type_condition.name.value}" if selection.type_condition else ""
            parts.append(f"...{condition}{inner}")
    return " ".join(sorted(parts))

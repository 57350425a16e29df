"""A plan's fetch operation, read once: which response keys it brings and, for entities, what to put under an aliased
`_entities`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    BREAK,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    Visitor,
    parse,
    print_ast,
    strip_ignored_characters,
    visit,
)

from gateway.execution.asked import Shape, shape_of
from gateway.execution.collect import fragment_of
from gateway.planning.plan import Fetch

ENTITIES = "_entities"
REPRESENTATIONS = "representations"
MOST_SPREADS = 1_000


@dataclass(frozen=True, slots=True)
class Selected:
    """A response key of a subgraph request. `conditions` are the type conditions around it, outermost first."""

    key: str
    conditions: tuple[str, ...]
    below: tuple["Selected", ...]


@dataclass(frozen=True, slots=True)
class FetchOperation:
    """One fetch's operation. `selection` is what it brings to each target: below `_entities`, or below the root;
    `shape` is all that its reply may hold there.

    `entity_body` is the selection set's text below `_entities`, None for root fetches and for operations that
    cannot share a request (their named fragments are too many to be written out).
    """

    text: str
    name: str | None
    is_query: bool
    of_entities: bool
    selection: tuple[Selected, ...]
    shape: Shape = field(compare=False)
    entity_body: str | None
    variable_definitions: tuple[tuple[str, str], ...]
    directives: tuple[str, ...] = ()


def read_fetch_operation(fetch: Fetch) -> FetchOperation:
    """Parse the text of a fetch. Raises GraphQLSyntaxError when a plan holds text that is not GraphQL."""
    document = parse(fetch.operation, no_location=True)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    selection_set, of_entities = operation.selection_set, bool(fetch.requires)
    if of_entities:
        selection_set = _entities_field(document).selection_set or selection_set
    definitions = tuple(
        (node.variable.name.value, _text(node))
        for node in operation.variable_definitions or ()
        if not of_entities or node.variable.name.value != REPRESENTATIONS
    )
    selection = tuple(_selected(selection_set, fragments, ()))
    shareable = of_entities and not any(name.startswith(REPRESENTATIONS) for name, _ in definitions)
    written_out = _written_out(selection_set, fragments) if shareable else None
    return FetchOperation(
        text=fetch.operation,
        name=fetch.operation_name,
        is_query=fetch.operation_kind == "query",
        of_entities=of_entities,
        selection=selection,
        shape=_shape(selection),
        entity_body=_text(written_out) if written_out else None,
        variable_definitions=definitions,
        directives=tuple(map(_text, operation.directives or ())),
    )


def _shape(selection: Sequence[Selected]) -> Shape:
    return shape_of((item.key, _shape(item.below) if item.below else None) for item in selection)


def combined_text(operations: Sequence[FetchOperation]) -> str:
    """One query whose alias `_e<i>` asks for the i-th operation's entities, given as `$representations__<i>`."""
    definitions: dict[str, str] = {}
    fields: list[str] = []
    for number, operation in enumerate(operations):
        definitions[f"{REPRESENTATIONS}__{number}"] = f"$representations__{number}:[_Any!]!"
        definitions |= dict(operation.variable_definitions)
        body = operation.entity_body
        fields.append(f"_e{number}:{ENTITIES}({REPRESENTATIONS}:$representations__{number}){body}")
    name = next((f" {operation.name}" for operation in operations if operation.name), "")
    own = "".join(dict.fromkeys(text for operation in operations for text in operation.directives))
    return f"query{name}({' '.join(definitions.values())}){own}{{{' '.join(fields)}}}"


class _Spreads(Visitor):
    """Puts what a named fragment stands for in its place: in a shared request its name might be taken."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        super().__init__()
        self.count = 0
        self._fragments = fragments

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> object:
        self.count += 1
        if self.count > MOST_SPREADS:
            return BREAK
        source = self._fragments[node.name.value]
        return InlineFragmentNode(
            type_condition=source.type_condition, directives=node.directives, selection_set=source.selection_set
        )


def _written_out(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> SelectionSetNode | None:
    """The selection set without named fragments; None when there are too many spreads."""
    if not fragments:
        return selection_set
    spreads = _Spreads(fragments)
    found = visit(selection_set, spreads)
    return None if spreads.count > MOST_SPREADS else found


def _text(node: SelectionSetNode | VariableDefinitionNode | DirectiveNode) -> str:
    return strip_ignored_characters(print_ast(node))


def _entities_field(document: DocumentNode) -> FieldNode:
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fields = (node for node in operation.selection_set.selections if isinstance(node, FieldNode))
    return next(field for field in fields if field.name.value == ENTITIES)


def _selected(
    selection_set: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], conditions: tuple[str, ...]
) -> Iterator[Selected]:
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            key = (node.alias or node.name).value
            below = tuple(_selected(node.selection_set, fragments, ())) if node.selection_set else ()
            yield Selected(key, conditions, below)
            continue
        source = fragment_of(node, fragments)
        condition = source.type_condition
        inner = (*conditions, condition.name.value) if condition else conditions
        yield from _selected(source.selection_set, fragments, inner)

"""CollectFields of the GraphQL specification (6.3.2) on the AST: selection sets and a runtime type in, fields by
response key out."""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)

Fragments = Mapping[str, FragmentDefinitionNode]
Conditions = Mapping[str, bool]


def collect_fields(
    sets: Iterable[SelectionSetNode],
    type_name: str,
    schema: GraphQLSchema,
    fragments: Fragments,
    conditions: Conditions,
) -> dict[str, list[FieldNode]]:
    """The field nodes that apply to an object of this type, grouped by response key in document order."""
    grouped: dict[str, list[FieldNode]] = {}
    spread: set[str] = set()
    for node in _applying(sets, type_name, schema, conditions, fragments, spread):
        grouped.setdefault((node.alias or node.name).value, []).append(node)
    return grouped


def _applying(
    sets: Iterable[SelectionSetNode],
    type_name: str,
    schema: GraphQLSchema,
    conditions: Conditions,
    fragments: Fragments,
    spread: set[str],
) -> Iterator[FieldNode]:
    for node in (node for selection_set in sets for node in selection_set.selections):
        if not _included(node, conditions):
            continue
        if isinstance(node, FieldNode):
            yield node
            continue
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in spread:
                continue
            spread.add(node.name.value)
        source = fragment_of(node, fragments)
        if _matches(source, type_name, schema):
            yield from _applying((source.selection_set,), type_name, schema, conditions, fragments, spread)


def coordinates_in(
    root: GraphQLNamedType,
    selection_set: SelectionSetNode,
    schema: GraphQLSchema,
    fragments: Fragments,
    conditions: Conditions,
) -> frozenset[str]:
    """Every `Type.field` that a response to this selection can hold, for each object type a value can be of.

    Each selection set is looked at once, so the work follows the document and not the types it branches into.
    """
    found: set[str] = set()
    spread: set[str] = set()
    pending: list[tuple[GraphQLNamedType, SelectionSetNode]] = [(root, selection_set)]
    while pending:
        kind, selected = pending.pop()
        for node in (node for node in selected.selections if _included(node, conditions)):
            if isinstance(node, FieldNode):
                found.update(f"{name}.{node.name.value}" for name in _possible(kind, schema))
                if node.selection_set and not node.name.value.startswith("__"):
                    pending.append((_type_below(kind, node), node.selection_set))
                continue
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread:
                    continue
                spread.add(node.name.value)
            source = fragment_of(node, fragments)
            condition = source.type_condition
            pending.append((schema.type_map[condition.name.value] if condition else kind, source.selection_set))
    return frozenset(found)


def _possible(kind: GraphQLNamedType, schema: GraphQLSchema) -> list[str]:
    return [each.name for each in schema.get_possible_types(kind)] if is_abstract_type(kind) else [kind.name]


def _type_below(kind: GraphQLNamedType, node: FieldNode) -> GraphQLNamedType:
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)  # unions have no fields but __typename
    return get_named_type(kind.fields[node.name.value].type)


def fragment_of(node: SelectionNode, fragments: Fragments) -> InlineFragmentNode | FragmentDefinitionNode:
    """The fragment that a selection which is not a field stands for."""
    if isinstance(node, InlineFragmentNode):
        return node
    assert isinstance(node, FragmentSpreadNode)
    return fragments[node.name.value]


def _matches(source: InlineFragmentNode | FragmentDefinitionNode, type_name: str, schema: GraphQLSchema) -> bool:
    condition = source.type_condition
    if condition is None or condition.name.value == type_name:
        return True
    abstract, candidate = schema.get_type(condition.name.value), schema.get_type(type_name)
    return is_abstract_type(abstract) and candidate is not None and schema.is_sub_type(abstract, candidate)  # type: ignore[arg-type]


def _included(node: SelectionNode, conditions: Conditions) -> bool:
    """@skip wins over @include (specification 3.13)."""
    for directive in node.directives or ():
        name = directive.name.value
        if name not in ("skip", "include"):
            continue
        value = next(iter(directive.arguments or ())).value
        holds = (
            conditions[value.name.value] if isinstance(value, VariableNode) else bool(getattr(value, "value", False))
        )
        if holds is (name == "skip"):
            return False
    return True


def depends_on_type(
    sets: Iterable[SelectionSetNode], static: str, fragments: Fragments, conditions: Conditions
) -> bool:
    """Whether the answer differs with the runtime type: type conditions other than the static type, or
    `__typename`, where they are included."""
    for node in (node for selection_set in sets for node in selection_set.selections):
        if not _included(node, conditions):
            continue
        if isinstance(node, FieldNode):
            if node.name.value == "__typename":
                return True
            continue
        source = fragment_of(node, fragments)
        condition = source.type_condition
        if condition is not None and condition.name.value != static:
            return True
        if depends_on_type((source.selection_set,), static, fragments, conditions):
            return True
    return False


class _ConditionVariables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_directive(self, node: object, *_: object) -> None:
        name = getattr(getattr(node, "name", None), "value", None)
        if name in ("skip", "include"):
            for argument in getattr(node, "arguments", ()):
                if isinstance(argument.value, VariableNode):
                    self.names[argument.value.name.value] = None


def condition_variables(document: DocumentNode, operation: OperationDefinitionNode) -> dict[str, bool]:
    """The variables of the document's @skip and @include, with the operation's defaults (False where it has none)."""
    found = _ConditionVariables()
    visit(document, found)
    defaults = {
        node.variable.name.value: bool(getattr(node.default_value, "value", False))
        for node in operation.variable_definitions or ()
    }
    return {name: defaults.get(name, False) for name in found.names}

"""The operation a caller may run: document, clearance and rules in; what remains of it and the denials out.

It runs before planning, so a denied coordinate is never asked of a subgraph. It never adds a read and looks at no data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
    visit,
)

from authz.decision import Clearance, Decision, Form
from authz.input_reads import InputReads
from authz.masks import BESIDE_DATA
from authz.rules import Rules
from authz.sealed import sealing

UNTAGGED_INPUT = Decision(Form.DENY, ("P00-untagged",), missing=("a @reads or @open tag on an argument used",))
TYPENAME = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=(), alias=None, selection_set=None)


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What may be run, and what of it is not shown in full.

    `document` holds the one operation and the fragments it uses; None when nothing is left to fetch. `denials` holds
    every concrete coordinate the operation names and may not read in full: what is refused, silent, masked or only said
    to exist, each with its decision; and `Type.__typename` of each sealed type that it could meet.
    """

    document: DocumentNode | None
    denials: Mapping[str, Decision]


def enforce(
    document: DocumentNode,
    operation_name: str | None,
    api_schema: GraphQLSchema,
    clearance: Clearance,
    rules: Rules,
    variables: Mapping[str, Any] | None = None,
) -> Enforcement:
    """The part of a valid operation that this clearance allows.

    `variables` holds what is known of them by name: a coerced value, or `Undefined` for one left out that has no
    default. What is not in it may have every value: an input that could read a denied coordinate is denied. A
    coordinate that one of its uses may not read, by its arguments, is taken out everywhere in the operation, because
    the answer is projected by coordinate.
    """
    operation = get_operation_ast(document, operation_name)
    assert operation is not None
    scope = _Scope(document, api_schema, clearance, rules)
    scope.denied_by_use.update(_denied_uses(scope, operation, InputReads(variables)))
    kept = scope.operation(operation)
    return Enforcement(_document(document, kept, scope), MappingProxyType(dict(sorted(scope.denials.items()))))


@dataclass(slots=True)
class _Scope:
    """One enforcement under way: what it judges by, and what it has found so far."""

    document: DocumentNode
    schema: GraphQLSchema
    clearance: Clearance
    rules: Rules
    denials: dict[str, Decision] = field(default_factory=dict)
    denied_by_use: dict[str, Decision] = field(default_factory=dict)
    filtered: dict[str, FragmentDefinitionNode | None] = field(default_factory=dict)

    def fragment(self, name: str) -> FragmentDefinitionNode:
        found = (node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode))
        return next(node for node in found if node.name.value == name)

    def condition(self, node: FragmentDefinitionNode) -> GraphQLNamedType:
        return self.schema.type_map[node.type_condition.name.value]

    def decision(self, coordinate: str) -> Decision:
        return self.denied_by_use.get(coordinate) or self.clearance.decision(coordinate)

    def possible(self, kind: GraphQLNamedType) -> frozenset[str]:
        """The object types a value of this type can have."""
        if is_abstract_type(kind):
            return frozenset(each.name for each in self.schema.get_possible_types(kind))
        return frozenset({kind.name})

    def operation(self, node: OperationDefinitionNode) -> OperationDefinitionNode | None:
        root = self.schema.get_root_type(node.operation)
        assert root is not None
        selections = self.selections(root, self.possible(root), node.selection_set)
        return with_selections(node, selections) if selections else None

    def selections(
        self, kind: GraphQLNamedType, possible: frozenset[str], node: SelectionSetNode
    ) -> tuple[SelectionNode, ...]:
        """What is left of a selection on values of `kind` that can only be of the `possible` object types."""
        return tuple(kept for selection in node.selections for kept in self.selection(kind, possible, selection))

    def selection(
        self, kind: GraphQLNamedType, possible: frozenset[str], node: SelectionNode
    ) -> Iterator[SelectionNode]:
        if isinstance(node, FieldNode):
            yield from self.field(kind, possible, node)
        elif isinstance(node, InlineFragmentNode):
            condition = self.schema.type_map[node.type_condition.name.value] if node.type_condition else kind
            narrowed = possible & self.possible(condition)
            inner = self.selections(condition, narrowed, node.selection_set) if narrowed else ()
            if inner:
                yield with_selections(node, inner)
        else:
            assert isinstance(node, FragmentSpreadNode)
            fragment = self.named_fragment(node.name.value)
            if fragment is not None and possible & self.possible(self.condition(fragment)):
                yield node

    def named_fragment(self, name: str) -> FragmentDefinitionNode | None:
        """The fragment with what is left of it, judged by its own type condition; None when nothing is."""
        if name not in self.filtered:
            node = self.fragment(name)
            kind = self.condition(node)
            inner = self.selections(kind, self.possible(kind), node.selection_set)
            self.filtered[name] = with_selections(node, inner) if inner else None
        return self.filtered[name]

    def field(self, kind: GraphQLNamedType, possible: frozenset[str], node: FieldNode) -> Iterator[SelectionNode]:
        """The field where all concrete types allow it; split into the types that do where only some do."""
        name = node.name.value
        # What introspection says of the schema is another stage's to limit; its fragments stand among ours.
        if name.startswith("__") or kind.name.startswith("__"):
            yield node
            return
        decisions = {concrete: self.decision(f"{concrete}.{name}") for concrete in sorted(possible)}
        allowed = {concrete: opens(decision) for concrete, decision in decisions.items() if decision.allowed}
        self.denials |= {
            f"{concrete}.{name}": found for concrete, found in decisions.items() if found.form is not Form.FULL
        }
        if len(allowed) == len(decisions) and len(set(allowed.values())) == 1:
            yield self.whole(kind, node, opened=all(allowed.values()))
            return
        for concrete, opened in allowed.items():
            yield on_type(concrete, self.whole(self.schema.type_map[concrete], node, opened=opened))

    def whole(self, kind: GraphQLNamedType, node: FieldNode, *, opened: bool) -> FieldNode:
        """The field with what is left below it, when it is `opened`; else `__typename`, so that absence can be told."""
        if node.selection_set is None:
            return node
        if not opened:
            return with_selections(node, (TYPENAME,))
        below = get_named_type(field_definition(kind, node).type)
        if is_abstract_type(below):
            self.denials |= self.sealed(below)
        inner = self.selections(below, self.possible(below), node.selection_set)
        return with_selections(node, inner or (TYPENAME,))

    def sealed(self, kind: GraphQLAbstractType) -> Mapping[str, Decision]:
        """`Type.__typename` of each sealed type that a value of this type can be of: the answer leaves such out."""
        found = {each.name: sealing(each, self.clearance) for each in self.schema.get_possible_types(kind)}
        return {f"{name}.__typename": decision for name, decision in found.items() if decision is not None}


def opens(decision: Decision) -> bool:
    """Whether anything below a field so decided may be asked for: not where the field is never shown in the data."""
    return decision.form is Form.FULL or (decision.form is Form.MASK and decision.mask not in BESIDE_DATA)


def field_definition(kind: GraphQLNamedType, node: FieldNode) -> GraphQLField:
    """What a field of an object or interface is, by the schema."""
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return kind.fields[node.name.value]


def _denied_uses(scope: _Scope, operation: OperationDefinitionNode, reads: InputReads) -> Mapping[str, Decision]:
    """The coordinates that some use in this operation may not read because of its arguments."""
    found: dict[str, Decision] = {}
    for possible, definition, node in _fields(scope, operation):
        for concrete in sorted(possible):
            for used in reads.of_field(concrete, node, definition):
                if denied := _denied_input(scope, used):
                    found.setdefault(f"{concrete}.{node.name.value}", denied)
    return found


def _denied_input(scope: _Scope, used: str) -> Decision | None:
    """The refusal of the first coordinate that this input reads and the caller may not read in full: a filter on a
    masked value would tell the value."""
    if used not in scope.rules.inputs:
        return UNTAGGED_INPUT
    decisions = (scope.clearance.decision(coordinate) for coordinate in scope.rules.inputs[used])
    found = next((decision for decision in decisions if decision.form is not Form.FULL), None)
    return replace(found, form=Form.DENY, mask=None, rows=()) if found is not None and found.allowed else found


def _fields(
    scope: _Scope, operation: OperationDefinitionNode
) -> Iterator[tuple[frozenset[str], GraphQLField, FieldNode]]:
    """Every field with arguments to judge in the operation and its fragments, with the types it can be read on."""
    root = scope.schema.get_root_type(operation.operation)
    assert root is not None
    seen: set[str] = set()
    pending: list[tuple[GraphQLNamedType, frozenset[str], SelectionSetNode]] = [
        (root, scope.possible(root), operation.selection_set)
    ]
    while pending:
        kind, possible, selection_set = pending.pop()
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = scope.fragment(node.name.value)
                    condition = scope.condition(fragment)
                    pending.append((condition, scope.possible(condition), fragment.selection_set))
            elif isinstance(node, InlineFragmentNode):
                condition = scope.schema.type_map[node.type_condition.name.value] if node.type_condition else kind
                pending.append((condition, possible & scope.possible(condition), node.selection_set))
            elif isinstance(node, FieldNode) and not node.name.value.startswith("__"):
                definition = field_definition(kind, node)
                yield possible, definition, node
                if node.selection_set:
                    below = get_named_type(definition.type)
                    pending.append((below, scope.possible(below), node.selection_set))


_Selecting = TypeVar("_Selecting", FieldNode, InlineFragmentNode, FragmentDefinitionNode, OperationDefinitionNode)


def with_selections(node: _Selecting, selections: Sequence[SelectionNode]) -> _Selecting:
    """The node with these selections; the same node when they are the ones it has."""
    before = node.selection_set
    if before and len(before.selections) == len(selections) and all(map(_same, before.selections, selections)):
        return node
    return replace(node, selection_set=SelectionSetNode(selections=tuple(selections)))


def _same(one: Node, other: Node) -> bool:
    return one is other


def on_type(name: str, node: FieldNode) -> InlineFragmentNode:
    """The field where its object is of this type."""
    return InlineFragmentNode(
        type_condition=NamedTypeNode(name=NameNode(value=name)),
        directives=(),
        selection_set=SelectionSetNode(selections=(node,)),
    )


def _document(document: DocumentNode, operation: OperationDefinitionNode | None, scope: _Scope) -> DocumentNode | None:
    """The operation with the fragments it still uses and without the variables it no longer uses."""
    if operation is None:
        return None
    names = NamesUsed()
    visit(operation, names)
    fragments: dict[str, FragmentDefinitionNode] = {}
    while waiting := [name for name in names.fragments if name not in fragments]:
        for name in waiting:
            fragment = scope.named_fragment(name)
            assert fragment is not None
            fragments[name] = fragment
            visit(fragment, names)
    kept = without_unused_variables(operation, names.variables)
    definitions = (kept, *(fragments[name] for name in sorted(fragments)))
    if len(definitions) == len(document.definitions) and {*map(id, definitions)} == {*map(id, document.definitions)}:
        return document
    return DocumentNode(definitions=definitions)


class NamesUsed(Visitor):
    """Collects the fragments and variables used, in the order met."""

    def __init__(self) -> None:
        super().__init__()
        self.fragments: dict[str, None] = {}
        self.variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.fragments[node.name.value] = None

    def enter_variable(self, node: VariableNode, _key: object, parent: object, *_: object) -> None:
        self.variables.add(node.name.value)

    def enter_variable_definition(self, *_: object) -> bool:
        return False


def without_unused_variables(operation: OperationDefinitionNode, used: set[str]) -> OperationDefinitionNode:
    """The operation that declares none but these variables."""
    declared = operation.variable_definitions or ()
    kept = tuple(node for node in declared if node.variable.name.value in used)
    if len(kept) == len(declared):
        return operation
    return replace(operation, variable_definitions=kept)

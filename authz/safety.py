"""Officer-safety data: what an operation may still show while disclosures can be written down in the spool only.

A document and what access left of it in, what of that is officer-safety data out, with the fields on the way to it.
Never opens anything; looks at no data.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
    is_non_null_type,
    visit,
)

from authz.decision import Clearance, Decision, Form
from authz.enforce import (
    TYPENAME,
    Enforcement,
    NamesUsed,
    field_definition,
    on_type,
    with_selections,
    without_unused_variables,
)
from authz.rules import Rules

OFFICER_SAFETY = frozenset({"Person.warningSignals", "VehicleReport.warning"})
"""What an officer may come to harm without knowing: the dictionary says of both that officers see them in full."""

UNRECORDED = Decision(Form.DENY, ("P00-unrecorded",), unrecorded=True)


@dataclass(frozen=True, slots=True)
class OfficerSafety:
    """What may be run against the spool: `document` (None: nothing), the denials of the rest, and whether there was no
    rest, `whole`."""

    document: DocumentNode | None
    denials: Mapping[str, Decision]
    whole: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """What an operation is read by: its schema, its rules, and which coordinates are officer-safety data."""

    schema: GraphQLSchema
    rules: Rules
    safety: frozenset[str] = OFFICER_SAFETY

    def governed(self, coordinate: str) -> bool:
        """Whether a field holds data of a dataset of its own; else it belongs to what it is reached through."""
        rule = self.rules.fields.get(coordinate)
        return rule is not None and bool(rule.datasets)


def officer_safety(
    document: DocumentNode,
    operation_name: str | None,
    enforced: Enforcement,
    clearance: Clearance,
    graph: Graph,
    conditions: Mapping[str, bool],
) -> OfficerSafety:
    """The officer-safety part of what this clearance left of a document's query.

    Only what is shown in FULL counts. `conditions` are the values of the variables that decide what is selected: what
    leads to nothing under them is not asked for. What is silent of the rest is refused like the rest, so that nobody
    can tell the two apart.
    """
    if enforced.document is None:
        return OfficerSafety(None, enforced.denials, whole=True)
    asked = _Walk(document, graph, conditions, lambda _: True)
    asked.operation(operation_name)
    left = _Walk(enforced.document, graph, conditions, lambda name: clearance.decision(name).form is Form.FULL)
    operation = left.operation(operation_name)
    refused = {
        name: replace(UNRECORDED, dataset=clearance.decision(name).dataset)
        for name in asked.seen - left.kept
        if graph.governed(name) and not _stands(enforced.denials.get(name), name in asked.kept)
    }
    denials = MappingProxyType(dict(sorted({**enforced.denials, **refused}.items())))
    return OfficerSafety(operation and DocumentNode(definitions=(operation,)), denials, left.whole)


def _stands(decision: Decision | None, safety: bool) -> bool:
    """Whether a decision says all there is to say of a field that is not asked for."""
    return decision is not None and (decision.form is Form.DENY or (decision.form is Form.SILENT and safety))


@dataclass(slots=True)
class _Walk:
    """One operation under way: `seen` are the coordinates it names, `kept` those that stay, `whole` says whether all
    did. Fragments are put where they are spread, as what is left of one differs from place to place."""

    document: DocumentNode
    graph: Graph
    conditions: Mapping[str, bool]
    shown: Callable[[str], bool]
    seen: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    whole: bool = True

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """What is left of the operation, None for nothing."""
        node = get_operation_ast(self.document, name)
        assert node is not None
        root = self.graph.schema.get_root_type(node.operation)
        assert root is not None
        inner, found = self.selections(root, node.selection_set, within=False)
        if not found:
            return None
        left = with_selections(node, inner)
        names = NamesUsed()
        visit(left, names)
        return without_unused_variables(left, names.variables)

    def selections(
        self, kind: GraphQLNamedType, node: SelectionSetNode, *, within: bool
    ) -> tuple[list[SelectionNode], bool]:
        """What is left of a selection, and whether there is officer-safety data in it; `within` such data already."""
        pieces = [piece for each in node.selections for piece in self.selection(kind, each, within=within)]
        return [selection for selection, _ in pieces], any(found for _, found in pieces)

    def selection(
        self, kind: GraphQLNamedType, node: SelectionNode, *, within: bool
    ) -> Iterator[tuple[SelectionNode, bool]]:
        if not self.included(node):
            return
        if isinstance(node, FieldNode):
            left = list(self.field(kind, node, within=within))
            self.whole = self.whole and bool(left)
            yield from left
            return
        if isinstance(node, FragmentSpreadNode):
            spread = self.fragment(node.name.value)
            node = InlineFragmentNode(
                type_condition=spread.type_condition, directives=node.directives, selection_set=spread.selection_set
            )
        assert isinstance(node, InlineFragmentNode)
        condition = self.graph.schema.type_map[node.type_condition.name.value] if node.type_condition else kind
        inner, found = self.selections(condition, node.selection_set, within=within)
        if inner:
            yield with_selections(node, inner), found

    def field(self, kind: GraphQLNamedType, node: FieldNode, *, within: bool) -> Iterator[tuple[SelectionNode, bool]]:
        name = node.name.value
        if name.startswith("__"):
            if name == TYPENAME.name.value:
                yield node, False
            return
        types = {f"{concrete}.{name}": concrete for concrete in self.possible(kind)}
        self.seen.update(types)
        governed = any(map(self.graph.governed, types))
        safe = sorted(coordinate for coordinate in self.graph.safety.intersection(types) if self.shown(coordinate))
        if safe or (within and not governed):
            kept = safe or list(types)
            self.kept.update(kept)
            if len(kept) == len(types):
                yield self.all_of(kind, node), True
            else:
                self.whole = False
                for coordinate in kept:
                    concrete = types[coordinate]
                    yield on_type(concrete, self.all_of(self.graph.schema.type_map[concrete], node)), True
            return
        definition = field_definition(kind, node)
        if node.selection_set is not None:
            below = get_named_type(definition.type)
            inner, found = self.selections(below, node.selection_set, within=False)
            if found:
                self.kept.update(types)
                yield with_selections(node, inner), True
                return
        if not governed and is_non_null_type(definition.type):
            # A page's own parts, without which there would be no page: null here would take the records with it.
            yield self.all_of(kind, node), False

    def all_of(self, kind: GraphQLNamedType, node: FieldNode) -> FieldNode:
        """A field with what belongs to it: nothing that has a dataset of its own."""
        if node.selection_set is None:
            return node
        inner, _ = self.selections(get_named_type(field_definition(kind, node).type), node.selection_set, within=True)
        return with_selections(node, inner or (TYPENAME,))

    def included(self, node: SelectionNode) -> bool:
        """Whether `@skip` and `@include` let this be selected."""
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                value = next(iter(directive.arguments or ())).value
                holds = self.conditions[value.name.value] if isinstance(value, VariableNode) else _literal(value)
                if holds is (directive.name.value == "skip"):
                    return False
        return True

    def possible(self, kind: GraphQLNamedType) -> tuple[str, ...]:
        """The object types that a value of this type can have."""
        if is_abstract_type(kind):
            return tuple(sorted(each.name for each in self.graph.schema.get_possible_types(kind)))
        return (kind.name,)

    def fragment(self, name: str) -> FragmentDefinitionNode:
        found = (node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode))
        return next(node for node in found if node.name.value == name)


def _literal(value: ValueNode) -> bool:
    return isinstance(value, BooleanValueNode) and value.value

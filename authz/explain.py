"""Why a caller is shown what: an operation and its clearance in; field by field the form, the policies and whom to ask.

The decisions are those of `enforce`; nothing is fetched. What is sealed is explained as the absence it is answered as:
like a field that is shown in full and happens to hold nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    SelectionSetNode,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
)

from authz.decision import Clearance, Decision, Form
from authz.enforce import enforce, opens
from authz.row_concerns import CallerClass
from authz.row_rules import ROW_RULES, rules_of
from authz.rules import Rules


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """What one field of an operation is shown as, on one concrete type.

    `path` is where it stands in the response (response keys, `vehicle.keeper`), `coordinate` its `Type.field`.
    `policies` keep it from being in full: none where it is. `rows` are the policies that may lower it further for
    single records. `under` is the path of the field above that is not shown, and withholds this one with it.
    """

    path: str
    coordinate: str
    form: Form
    mask: str | None = None
    dataset: str | None = None
    policies: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    contact: str | None = None
    rows: tuple[str, ...] = ()
    under: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """By what an operation is judged: the schema clients see, what this class of callers may be shown, and the rules.

    `caller` is the class of callers (a principal is one): row rules are named by it. `candid` names silence as what it
    is: for an administrator of the access tables, never for the caller.
    """

    api_schema: GraphQLSchema
    clearance: Clearance
    rules: Rules
    caller: CallerClass
    candid: bool = False


def explain(
    document: DocumentNode,
    operation_name: str | None,
    judgement: Judgement,
    variables: Mapping[str, Any] | None = None,
) -> tuple[ExplainedField, ...]:
    """Every field of a valid operation in the order asked for; `variables` as `enforce` takes them."""
    operation = get_operation_ast(document, operation_name)
    assert operation is not None
    schema, clearance = judgement.api_schema, judgement.clearance
    enforced = enforce(document, operation_name, schema, clearance, judgement.rules, variables)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    walk = _Walk(judgement, enforced.denials, fragments)
    walk.selections(root, walk.possible(root), operation.selection_set, _Place())
    return tuple(walk.found.values())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection stands, and the refusal above it if there is one."""

    path: str = ""
    under: str | None = None
    refusal: Decision | None = None

    def below(self, key: str, refusal: Decision | None) -> "_Place":
        path = f"{self.path}.{key}".removeprefix(".")
        if self.refusal is not None or refusal is None:
            return _Place(path, self.under, self.refusal)
        return _Place(path, path, refusal)


@dataclass(slots=True)
class _Walk:
    judgement: Judgement
    denials: Mapping[str, Decision]
    fragments: Mapping[str, FragmentDefinitionNode]
    found: dict[tuple[str, str], ExplainedField] = field(default_factory=dict)

    def possible(self, kind: GraphQLNamedType) -> frozenset[str]:
        if is_abstract_type(kind):
            return frozenset(each.name for each in self.judgement.api_schema.get_possible_types(kind))
        return frozenset({kind.name})

    def selections(
        self, kind: GraphQLNamedType, possible: frozenset[str], node: SelectionSetNode, place: _Place
    ) -> None:
        for concretes, selection in self._fields(kind, possible, node):
            for concrete in sorted(concretes):
                self.field(concrete, selection, place)

    def _fields(
        self, kind: GraphQLNamedType, possible: frozenset[str], node: SelectionSetNode
    ) -> Iterator[tuple[frozenset[str], FieldNode]]:
        """The fields selected, through fragments, each with the object types it is selected on."""
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                if not selection.name.value.startswith("__"):
                    yield possible, selection
                continue
            fragment = self.fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
            condition = fragment.type_condition
            inner = self.judgement.api_schema.type_map[condition.name.value] if condition else kind
            yield from self._fields(inner, possible & self.possible(inner), fragment.selection_set)

    def field(self, concrete: str, node: FieldNode, place: _Place) -> None:
        coordinate = f"{concrete}.{node.name.value}"
        decision = self.told(coordinate)
        key = node.alias.value if node.alias else node.name.value
        below = place.below(key, None if opens(decision) else decision)
        self.found.setdefault((below.path, coordinate), self.explained(coordinate, decision, place, below.path))
        if node.selection_set:
            kind = self.judgement.api_schema.type_map[concrete]
            assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            named = get_named_type(kind.fields[node.name.value].type)
            self.selections(named, self.possible(named), node.selection_set, below)

    def told(self, coordinate: str) -> Decision:
        """The decision as the caller may know it: silence is told as the absence that is answered."""
        decision = self.denials.get(coordinate) or self.judgement.clearance.decision(coordinate)
        if decision.form is not Form.SILENT or self.judgement.candid:
            return decision
        own = self.judgement.clearance.decision(coordinate)
        if own.form is not Form.SILENT:
            return own
        datasets = self.judgement.rules.fields[coordinate].datasets
        rows = rules_of(coordinate, self.judgement.caller)
        return Decision(Form.FULL, (), datasets[0] if datasets else None, rows=rows)

    def explained(self, coordinate: str, decision: Decision, place: _Place, path: str) -> ExplainedField:
        shown = place.refusal or decision
        form = Form.DENY if place.refusal and place.refusal.allowed else shown.form
        full = form is Form.FULL
        return ExplainedField(
            path=path,
            coordinate=coordinate,
            form=form,
            mask=decision.mask if form is Form.MASK else None,
            dataset=decision.dataset,
            policies=() if full else shown.policies,
            missing=() if full else shown.missing,
            contact=None if full else shown.contact,
            rows=lowering(decision.rows) if place.refusal is None else (),
            under=place.under,
        )


def lowering(rows: tuple[str, ...]) -> tuple[str, ...]:
    """The policies of those row rules that show a caller less of single records. Silent ones are never named."""
    rules = (ROW_RULES[name] for name in rows)
    return tuple(sorted({rule.policy for rule in rules if rule.form not in (Form.FULL, Form.SILENT)}))

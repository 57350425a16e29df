"""The operation a caller may run over a graph with the standard directives, before anything is planned.

Selections are taken out as for governed graphs (`authz/enforce.py`); beside that, the type of a protected object is not
told, and a mutation of which one root field is denied is not run at all.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    Visitor,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
    visit,
)

from authz.decision import Clearance, Decision, Form
from authz.enforce import Enforcement, enforce
from authz.rules import Rules
from authz.standard.rules import StandardRules

WHOLE = "a mutation of which every root field is allowed"


class StandardEnforcement:
    """Enforces the rules of one graph over its API schema."""

    def __init__(self, rules: StandardRules, api_schema: GraphQLSchema) -> None:
        self._schema = api_schema
        self._rules = _input_rules(rules, api_schema)

    def enforce(
        self, document: DocumentNode, operation_name: str | None, clearance: Clearance, left_out: frozenset[str]
    ) -> Enforcement:
        """The part of a valid operation that this clearance allows when these variables are left out."""
        known = dict.fromkeys(left_out, Undefined)
        found = enforce(document, operation_name, self._schema, clearance, self._rules, known)
        denials = {**found.denials, **_denied_typenames(document, self._schema, clearance)}
        refused = _refused_mutation(document, operation_name, self._schema, denials)
        kept = None if refused else found.document
        return Enforcement(kept, MappingProxyType(dict(sorted((refused | denials).items()))))


def _denied_typenames(document: DocumentNode, schema: GraphQLSchema, clearance: Clearance) -> Mapping[str, Decision]:
    """`Type.__typename` of each protected type whose name the document asks for, in whatever fragment."""
    asked = _Typenames(schema)
    visit(document, TypeInfoVisitor(asked.types, asked))
    decisions = {name: clearance.decisions[name] for name in asked.coordinates if name in clearance.decisions}
    return {name: found for name, found in decisions.items() if not found.allowed}


class _Typenames(Visitor):
    """Collects the object types whose `__typename` is asked for."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self._schema = schema
        self.types = TypeInfo(schema)
        self.coordinates: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.types.get_parent_type()
        if node.name.value == "__typename" and parent is not None:
            possible = self._schema.get_possible_types(parent) if is_abstract_type(parent) else (parent,)
            self.coordinates.update(f"{kind.name}.__typename" for kind in possible)


def _refused_mutation(
    document: DocumentNode, operation_name: str | None, schema: GraphQLSchema, denials: Mapping[str, Decision]
) -> dict[str, Decision]:
    """The denials of all root fields of a mutation of which one is denied: nothing of it is written. A root field
    counts as asked for unless a literal says that it is not."""
    operation = get_operation_ast(document, operation_name)
    if operation is None or operation.operation is not OperationType.MUTATION or schema.mutation_type is None:
        return {}
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    asked = {f"{schema.mutation_type.name}.{name}" for name in _root_fields(operation.selection_set, fragments)}
    denied = sorted(asked & denials.keys())
    if not denied:
        return {}
    return dict.fromkeys(asked, Decision(Form.DENY, denials[denied[0]].policies, missing=(WHOLE,)))


def _root_fields(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[str]:
    for selection in filter(_possibly_asked, node.selections):
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            yield from _root_fields(selection.selection_set, fragments)
        elif isinstance(selection, FragmentSpreadNode):
            yield from _root_fields(fragments[selection.name.value].selection_set, fragments)


def _possibly_asked(node: SelectionNode) -> bool:
    """Whether no literal `@skip(if: true)` or `@include(if: false)` leaves the selection out."""
    for directive in node.directives or ():
        for argument in directive.arguments or ():
            value = argument.value
            if isinstance(value, BooleanValueNode) and value.value is (directive.name.value == "skip"):
                return False
    return True


def _input_rules(rules: StandardRules, schema: GraphQLSchema) -> Rules:
    """What each argument, input field and enum value needs, in the form that enforcement reads: the type it is of."""
    return Rules(
        version="",
        fields=MappingProxyType({}),
        inputs=MappingProxyType(dict(_inputs(rules, schema))),
        subjects=MappingProxyType({}),
        internal=frozenset(),
        untagged=(),
        dangling=(),
    )


def _inputs(rules: StandardRules, schema: GraphQLSchema) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType):
            for field, definition in kind.fields.items():
                for argument, given in definition.args.items():
                    yield f"{name}.{field}({argument}:)", _needs(rules, given.type)
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", _needs(rules, given.type)) for field, given in kind.fields.items())
        elif isinstance(kind, GraphQLEnumType):
            needs = (name,) if name in rules.inputs else ()
            yield from ((f"{name}.{value}", needs) for value in kind.values)


def _needs(rules: StandardRules, kind: GraphQLInputType) -> tuple[str, ...]:
    """The rule of a scalar or enum of which a value is given."""
    name = get_named_type(kind).name
    return (name,) if name in rules.inputs else ()

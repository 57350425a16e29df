"""The operation a caller may run over a graph with the standard directives, before anything is planned.

Selections are taken out as for governed graphs (`authz/enforce.py`); beside that, the type of a protected object is not
told.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    Visitor,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
    visit,
)

from authz.decision import Clearance, Decision
from authz.enforce import Enforcement, enforce
from authz.rules import Rules
from authz.standard.named_inputs import about_by_name
from authz.standard.rules import StandardRules


class StandardEnforcement:
    """Enforces the rules of one graph over its API schema."""

    def __init__(self, rules: StandardRules, api_schema: GraphQLSchema) -> None:
        self._schema = api_schema
        self._rules = _input_rules(rules, api_schema)

    @property
    def inputs(self) -> Mapping[str, tuple[str, ...]]:
        """What each argument, input field and enum value of the graph needs, as coordinates of a clearance."""
        return self._rules.inputs

    def enforce(
        self, document: DocumentNode, operation_name: str | None, clearance: Clearance, left_out: frozenset[str]
    ) -> Enforcement:
        """The part of a valid operation that this clearance allows when these variables are left out."""
        known = dict.fromkeys(left_out, Undefined)
        found = enforce(document, operation_name, self._schema, clearance, self._rules, known)
        denials = {**found.denials, **_denied_typenames(document, operation_name, self._schema, clearance)}
        return Enforcement(found.document, MappingProxyType(dict(sorted(denials.items()))))


def _denied_typenames(
    document: DocumentNode, operation_name: str | None, schema: GraphQLSchema, clearance: Clearance
) -> Mapping[str, Decision]:
    """`Type.__typename` of each protected type whose name the operation asks for, in whatever fragment."""
    operation = get_operation_ast(document, operation_name)
    assert operation is not None
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    asked = _Typenames(schema)
    pending: list[OperationDefinitionNode | FragmentDefinitionNode] = [operation]
    while pending:
        visit(pending.pop(), TypeInfoVisitor(asked.types, asked))
        pending += [fragments.pop(name) for name in asked.spread & fragments.keys()]
    decisions = {name: clearance.decisions[name] for name in asked.coordinates if name in clearance.decisions}
    return {name: found for name, found in decisions.items() if not found.allowed}


class _Typenames(Visitor):
    """Collects the object types whose `__typename` is asked for, and the names of fragments."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self._schema = schema
        self.types = TypeInfo(schema)
        self.coordinates: set[str] = set()
        self.spread: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.spread.add(node.name.value)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.types.get_parent_type()
        if node.name.value == "__typename" and parent is not None:
            possible = self._schema.get_possible_types(parent) if is_abstract_type(parent) else (parent,)
            self.coordinates.update(f"{kind.name}.__typename" for kind in possible)


def _input_rules(rules: StandardRules, schema: GraphQLSchema) -> Rules:
    """What each argument, input field and enum value needs, in the form that enforcement reads: the type it is of, and
    the fields it is about by its name."""
    about = about_by_name(schema, rules.fields)
    needs = {name: (*found, *about.get(name, ())) for name, found in _inputs(rules, schema)}
    return Rules(
        version="",
        fields=MappingProxyType({}),
        inputs=MappingProxyType(needs),
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

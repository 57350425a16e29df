"""A document and its schema in; one operation out: fragments expanded, equal fields merged, conditions on fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    print_ast,
)
from graphql.language.ast import BooleanValueNode

from gateway.planning.directives import NOBODY, KnownBy, arguments_text, forwarded, variables_in
from gateway.planning.errors import PlanTooComplex, UnknownOperation
from gateway.planning.plan import OperationKind
from gateway.planning.selections import (
    TYPENAME,
    Conditions,
    Directive,
    Field,
    Fragment,
    Selection,
    Selections,
    both,
    held_key,
    merged_once,
    printed,
    shared,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
MAX_FIELDS = 50_000
MAX_DEPTH = 80
NOTHING_WANTED: Selections = (Field(TYPENAME, TYPENAME, internal=True),)


@dataclass(frozen=True, slots=True)
class Operation:
    """A normalised operation. `variables` maps each declared variable to its declaration, e.g. `$id:ID!`.

    `directives` are the client's own on the operation, `known_by` says which subgraphs define such directives.
    """

    kind: OperationKind
    name: str | None
    root_type: str
    selections: Selections
    variables: Mapping[str, str]
    directives: tuple[Directive, ...] = ()
    known_by: KnownBy = field(default_factory=dict)

    def __str__(self) -> str:
        declared = f"({','.join(self.variables.values())})" if self.variables else ""
        own = "".join(directive.text for directive in self.directives)
        return f"{self.kind}{declared}{own}{{{printed(self.selections)}}}"


def operation_from_document(
    document: DocumentNode, name: str | None, schema: GraphQLSchema, known_by: KnownBy = NOBODY
) -> Operation:
    """The named operation, normalised against `schema`; introspection fields and the root's `__typename` are left out,
    and so are directives that no subgraph is known to define.

    Raises:
        UnknownOperation: no such operation.
        PlanTooComplex: more fields or levels than a plan may have.
    """
    node = _operation(document, name)
    root = schema.get_root_type(node.operation)
    if root is None:
        raise UnknownOperation(f"the schema has no {node.operation.value} type")
    fragments = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
    selections = _Expansion(schema, fragments, known_by=known_by).expand(_Scope(root), [(node.selection_set, ())])
    return Operation(
        kind=node.operation.value,
        name=node.name.value if node.name else None,
        root_type=root.name,
        selections=shared(
            tuple(item for item in selections if not (isinstance(item, Field) and item.name.startswith("__"))), {}
        ),
        variables={item.variable.name.value: _declaration(item) for item in node.variable_definitions or ()},
        directives=forwarded(node.directives or (), known_by),
        known_by=known_by,
    )


def field_set_selections(selections: SelectionSetNode, type_name: str, schema: GraphQLSchema) -> Selections:
    """The selections of a `@key`, `@requires` or `@provides` on the type, as internal fields."""
    parent = schema.get_type(type_name)
    if not isinstance(parent, Composite):
        return ()
    return _Expansion(schema, {}, internal=True).expand(_Scope(parent), [(selections, ())])


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [item for item in document.definitions if isinstance(item, OperationDefinitionNode)]
    found = [item for item in operations if name is None or (item.name and item.name.value == name)]
    if len(found) != 1:
        raise UnknownOperation(f"the document has no operation {name!r}" if name else "which operation is meant?")
    return found[0]


def _declaration(node: VariableDefinitionNode) -> str:
    default = f"={print_ast(node.default_value)}" if node.default_value else ""
    return f"${node.variable.name.value}:{print_ast(node.type)}{default}"


Parts = list[tuple[SelectionSetNode, Conditions]]


@dataclass(slots=True)
class _Collected:
    """The fields and fragments of one selection set while it is collected, in order of first appearance."""

    known_by: KnownBy
    fields: dict[tuple, tuple[FieldNode, Conditions, Parts]] = field(default_factory=dict)
    fragments: dict[str, Parts] = field(default_factory=dict)
    order: list[tuple[str, object]] = field(default_factory=list)
    seen: set[tuple[str, Conditions]] = field(default_factory=set)

    def add_field(self, node: FieldNode, conditions: Conditions) -> None:
        key = node.alias.value if node.alias else node.name.value
        own = forwarded(node.directives, self.known_by) if node.directives else ()
        identity = (key, node.name.value, arguments_text(node.arguments or ()), conditions, own)
        if identity not in self.fields:
            self.order.append(("field", identity))
        _, _, parts = self.fields.setdefault(identity, (node, conditions, []))
        if node.selection_set:
            parts.append((node.selection_set, ()))

    def add_fragment(self, type_condition: str, part: tuple[SelectionSetNode, Conditions]) -> None:
        if type_condition not in self.fragments:
            self.order.append(("fragment", type_condition))
        self.fragments.setdefault(type_condition, []).append(part)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a selection set stands: on which type, how deep, and under which conditions it is reached at all."""

    parent: Composite
    depth: int = 0
    known: Conditions = ()

    def below(self, parent: Composite, conditions: Conditions) -> "_Scope":
        """The scope of a selection set inside this one."""
        return _Scope(parent, self.depth + 1, both(self.known, conditions) or ())


@dataclass(slots=True)
class _Expansion:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    internal: bool = False
    known_by: KnownBy = field(default_factory=dict)
    count: int = 0

    def expand(self, scope: "_Scope", parts: Parts) -> Selections:
        """Collect all parts first and recurse into what is left, so that repeated spreads cost nothing."""
        if scope.depth > MAX_DEPTH:
            raise PlanTooComplex(f"the operation nests deeper than {MAX_DEPTH} levels")
        collected = _Collected(self.known_by)
        for selection_set, conditions in parts:
            self._collect(scope.parent, selection_set, conditions, collected)
        return merged_once(self._expanded(scope, collected))

    def _expanded(self, scope: "_Scope", collected: _Collected) -> Iterator[Selection]:
        for kind, key in collected.order:
            if kind == "field":
                node, conditions, parts = collected.fields[key]  # type: ignore[index]  # keys by kind
                if both(scope.known, conditions) is not None:
                    yield self._field(scope, node, conditions, parts)
                continue
            condition = str(key)
            inner = scope.below(self._composite(condition), ())
            if selections := self.expand(inner, collected.fragments[condition]):
                yield Fragment(condition, selections)

    def _field(self, scope: "_Scope", node: FieldNode, conditions: Conditions, parts: Parts) -> Field:
        name = node.name.value
        below: Selections = ()
        if parts and name != TYPENAME:
            definition = self.schema.get_field(scope.parent, name)
            inner = get_named_type(definition.type) if definition else None
            if isinstance(inner, Composite):
                # An object of which nothing is wanted is wanted all the same: whether it is there.
                below = self.expand(scope.below(inner, conditions), parts) or (
                    Field(TYPENAME, TYPENAME, internal=True),
                )
        return Field(
            key=held_key(node.alias.value if node.alias else name, name),
            name=name,
            arguments=arguments_text(node.arguments or ()),
            variables=tuple(sorted({used for item in node.arguments or () for used in variables_in(item.value)})),
            conditions=tuple(item for item in conditions if item not in scope.known),
            selections=below,
            internal=self.internal,
            directives=forwarded(node.directives or (), self.known_by),
        )

    def _count(self) -> None:
        self.count += 1
        if self.count > MAX_FIELDS:
            raise PlanTooComplex(f"the operation expands to more than {MAX_FIELDS} fields")

    def _collect(self, parent: Composite, node: SelectionSetNode, outer: Conditions, into: _Collected) -> None:
        for item in node.selections:
            self._count()
            conditions = _conditions(item.directives or (), outer)
            if conditions is None:
                continue
            if isinstance(item, FieldNode):
                into.add_field(item, conditions)
            elif isinstance(item, InlineFragmentNode):
                condition = item.type_condition.name.value if item.type_condition else parent.name
                self._spread(parent, condition, (item.selection_set, conditions), into)
            elif isinstance(item, FragmentSpreadNode) and (item.name.value, conditions) not in into.seen:
                into.seen.add((item.name.value, conditions))
                fragment = self.fragments[item.name.value]
                part = (fragment.selection_set, conditions)
                self._spread(parent, fragment.type_condition.name.value, part, into)

    def _spread(
        self, parent: Composite, condition: str, part: tuple[SelectionSetNode, Conditions], into: _Collected
    ) -> None:
        """Three cases: the condition always holds — inline; it can hold — keep the fragment; never — drop it."""
        target = self._composite(condition)
        if target is parent or _implements(parent, target):
            self._collect(parent, *part, into)
        elif self._possible(parent) & self._possible(target):
            if isinstance(parent, GraphQLObjectType):
                self._collect(parent, *part, into)
            else:
                into.add_fragment(condition, part)

    def _composite(self, name: str) -> Composite:
        found = self.schema.get_type(name)
        if not is_composite_type(found) or not isinstance(found, Composite):
            raise UnknownOperation(f"the type {name} of a fragment is not in the schema")
        return found

    def _possible(self, type_: Composite) -> set[str]:
        if isinstance(type_, GraphQLObjectType):
            return {type_.name}
        return {item.name for item in self.schema.get_possible_types(type_)}


def _implements(parent: Composite, target: Composite) -> bool:
    return not isinstance(parent, GraphQLUnionType) and target in parent.interfaces


def _conditions(directives: Iterable[DirectiveNode], outer: Conditions) -> Conditions | None:
    """The conditions of a selection together with those around it; None when it is never included."""
    conditions: Conditions | None = outer
    for directive in directives:
        if directive.name.value not in ("include", "skip") or conditions is None:
            continue
        wanted = directive.name.value == "include"
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                conditions = both(conditions or (), ((argument.value.name.value, wanted),))
            elif isinstance(argument.value, BooleanValueNode) and argument.value.value is not wanted:
                conditions = None
    return conditions

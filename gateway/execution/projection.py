"""The client's operation as the shape of its response: merged data in; data and errors of the GraphQL specification
(section 6) out.

Compiled once per operation and per setting of its @skip/@include variables. Reads subgraph data and never changes it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_operation_ast,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from authz.decision import Decision, Form
from gateway.execution.collect import (
    Conditions,
    Fragments,
    collect_fields,
    condition_variables,
    coordinates_in,
    depends_on_type,
)
from gateway.execution.failures import UNAVAILABLE, Failure, FieldError, ResponseKey
from gateway.execution.leaves import leaf_coercion
from gateway.execution.reduced import Reduced, as_decided
from gateway.execution.response_errors import Path, ResponseErrors, denial, keys_of
from gateway.execution.stand_ins import NO_STAND_INS, StandIns, all_of_outages, existing, failed, is_outage
from gateway.planning.selections import held_key

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
INTROSPECTION = ("__schema", "__type")
MOST_VARIANTS = 64
_ABSENT = object()


class NullBubble(Exception):
    """A non-null position is null: the nearest nullable list or object around it becomes null (specification
    6.4.4)."""


@dataclass(slots=True)
class ProjectionRun:
    """What one response needs beside its shape; `unasked` says why a field that is not there was not asked for."""

    denials: Mapping[str, Decision] = field(default_factory=dict)
    introspection: Mapping[str, Any] = field(default_factory=dict)
    unasked: Decision | None = None
    errors: ResponseErrors = field(default_factory=ResponseErrors)
    access: list[dict[str, Any]] = field(default_factory=list)

    def wrong(self, what: str, path: Path) -> None:
        """Report a value that its subgraph cannot have meant: it is not shown, nor said to be absent."""
        self.errors.add(FieldError(f"The answer of a subgraph {what}.", UNAVAILABLE), keys_of(path))


Completer = Callable[[Any, Path, ProjectionRun], Any]


@dataclass(frozen=True, slots=True)
class ProjectedField:
    """One response key of one object type; `held` is the key in what subgraphs answered. `constant` is the answer of
    `__typename`."""

    key: str
    held: str
    coordinate: str
    complete: Completer
    non_null: bool = False
    is_list: bool = False
    below: "Projection | None" = None
    constant: str | None = None
    introspected: bool = False

    @property
    def name(self) -> str:
        """The field's own name."""
        return self.coordinate.partition(".")[2]


class Projection:
    """One selection set, merged from all places that select it, over one static type."""

    def __init__(self, scope: "ProjectionScope", static: Composite, sets: Iterable[Any]) -> None:
        self._scope = scope
        self.static = static
        self._sets = tuple(sets)
        self._by_type: dict[str, dict[str, ProjectedField]] = {}
        self._abstract = is_abstract_type(static)
        self._type_matters = depends_on_type(self._sets, static.name, scope.fragments, scope.conditions)
        self._unavailable = scope.stand_ins.member(static.name, UNAVAILABLE)

    def fields(self, type_name: str) -> dict[str, ProjectedField]:
        """The response keys for a value of this type, in the client's order."""
        known = self._by_type.get(type_name)
        if known is None:
            known = self._by_type[type_name] = self._compiled(type_name)
        return known

    def complete(self, value: Any, path: Path, run: ProjectionRun) -> dict[str, Any] | None:
        """Project one object (specification 6.4.3, CompleteValue for composite types)."""
        if value is None:
            return None
        if type(value) is not dict:
            run.wrong("has something else where an object belongs", path)
            return self.unanswered(None, path, run)
        type_name = self.static.name if not self._abstract else self._runtime_type(value, path, run)
        if type_name is None:
            return self.unanswered(None, path, run)
        if self._abstract and run.denials and _sealed(type_name, run):
            return None
        fields = self.fields(type_name)
        if self._unavailable and (lost := all_of_outages(_answers(fields, value))):
            for cause in (cause for failure in lost for cause in failure.causes):
                run.errors.add(cause.error, keys_of(path))
            return self.unanswered(lost[0], path, run)
        return self._object(fields, value, path, run)

    def unanswered(self, failure: Failure | None, path: Path, run: ProjectionRun) -> dict[str, Any] | None:
        """What stands for an object that could not be had, whose errors are listed: the union's stand-in, else null."""
        if self._unavailable is None or (failure is not None and not is_outage(failure)):
            return None
        stand_in = failed(self, self._unavailable, failure)
        return self._object(self.fields(self._unavailable), stand_in, path, run)

    def _object(
        self, fields: Mapping[str, ProjectedField], value: dict[str, Any], path: Path, run: ProjectionRun
    ) -> dict[str, Any] | None:
        try:
            return {key: self._field(item, value, (path, key), run) for key, item in fields.items()}
        except NullBubble:
            return None

    def present(self, values: list[Any], run: ProjectionRun) -> list[Any]:
        """The objects of a list that are not of a type that is silent to the caller."""
        if not self._abstract or not run.denials:
            return values
        return [each for each in values if type(each) is not dict or not _sealed(each.get("__typename"), run)]

    def _field(self, item: ProjectedField, source: dict[str, Any], path: Path, run: ProjectionRun) -> Any:
        decision = run.denials.get(item.coordinate) if run.denials else None
        if decision is not None and not decision.allowed:
            return _null(item, self._denied(item, decision, path, run))
        if item.constant is not None:
            return item.constant
        if item.introspected:
            return run.introspection.get(item.key)
        value = source.get(item.held, _ABSENT)
        if decision is None and value is not _ABSENT and type(value) is not Failure and type(value) is not Reduced:
            return item.complete(value, path, run)
        return self._special(item, value, decision, (path, run))

    def _special(
        self, item: ProjectedField, value: Any, decision: Decision | None, at: tuple[Path, ProjectionRun]
    ) -> Any:
        """A value that is not there, or not there in full."""
        path, run = at
        if type(value) is Failure:
            self.report(value, path, item.below, run)
            whole = item.below if not item.is_list else None
            return _null(item, whole and whole.unanswered(value, path, run))
        if value is _ABSENT and run.unasked is not None:
            return _null(item, self._denied(item, run.unasked, path, run))
        if value is _ABSENT:
            run.wrong("leaves out this field", path)
            return _null(item)
        if decision is not None and type(value) is not Reduced:
            value = as_decided(decision, value)
        return self._reduced(item, value, path, run)

    def _reduced(self, item: ProjectedField, found: Reduced, path: Path, run: ProjectionRun) -> Any:
        """The form that may be shown, and beside the answer which it is; for a row that is refused, why."""
        if not found.decision.allowed:
            return _null(item, self._denied(item, found.decision, path, run))
        if found.data is None or found.decision.mask:  # of records, their fields say it
            run.access.append(found.said(keys_of(path)))
        data = self._existing(item, found) if found.data is None else found.data
        return _null(item) if data is None else item.complete(data, path, run)

    def _existing(self, item: ProjectedField, found: Reduced) -> Any:
        """The stand-in for a record that exists and may not be given; of a list of what holds such records, one entry,
        whatever their number."""
        if found.decision.form is not Form.EXISTS or found.value is not True or item.below is None:
            return None
        stand_in = existing(item.below, found.decision, self._scope.stand_ins)
        return [stand_in] if stand_in and item.is_list else stand_in

    def _denied(self, item: ProjectedField, decision: Decision, path: Path, run: ProjectionRun) -> Any:
        """SILENT looks exactly like absence; any other outcome that is not shown says why."""
        if decision.form is Form.SILENT:
            absent = self._scope.absent(item)
            return None if absent is None else item.complete(absent, path, run)
        run.errors.add(denial(item.coordinate, decision), keys_of(path))
        return None

    def report(self, failure: Failure, path: Path, below: "Projection | None", run: ProjectionRun) -> None:
        """List a failure's causes at their response paths, cut where they enter what the client did not ask for."""
        keys = keys_of(path)
        for cause in failure.causes:
            base, shape = (keys[:-1], self) if cause.of_parent else (keys, below)
            run.errors.add(cause.error, (base + visible(shape, cause.below)) or None)

    def selected(self, held: str) -> ProjectedField | None:
        """What stands under a held key for any of the possible types; None when nothing of the client's does."""
        names = [self.static.name]
        if is_abstract_type(self.static):
            names = [possible.name for possible in self._scope.schema.get_possible_types(self.static)]
        return next((item for name in names for item in self.fields(name).values() if item.held == held), None)

    def _runtime_type(self, value: dict[str, Any], path: Path, run: ProjectionRun) -> str | None:
        name = value.get("__typename")
        if type(name) is str and self._scope.is_possible(self.static, name):
            return name
        # An interface object's own name says nothing about the object behind it; nor does silence.
        unknown = type(name) is not str or self._scope.is_abstract(name)
        if unknown and not self._type_matters and (shape := self._shape_of_all(run)):
            return shape
        run.wrong("does not say which of the possible types this is" if unknown else "has a type unknown here", path)
        return None

    def _shape_of_all(self, run: ProjectionRun) -> str | None:
        """A type whose shape is that of every possible type; None when what is denied differs between them."""
        if not run.denials or not is_abstract_type(self.static):
            return self.static.name
        names = [each.name for each in self._scope.schema.get_possible_types(self.static)]
        selected = {item.coordinate.partition(".")[2] for item in self.fields(self.static.name).values()}
        selected.add("__typename")
        denied = {frozenset(field for field in selected if f"{name}.{field}" in run.denials) for name in names}
        if denied <= {frozenset()}:
            return self.static.name
        return names[0] if len(denied) == 1 else None

    def _compiled(self, type_name: str) -> dict[str, ProjectedField]:
        schema, scope = self._scope.schema, self._scope
        parent: Any = schema.get_type(type_name)
        grouped = collect_fields(self._sets, type_name, schema, scope.fragments, scope.conditions)
        return {key: self._projected(key, nodes, parent) for key, nodes in grouped.items()}

    def _projected(self, key: str, nodes: list[Any], parent: Any) -> ProjectedField:
        name = nodes[0].name.value
        held, coordinate = held_key(key, name), f"{parent.name}.{name}"
        if name == "__typename":
            return ProjectedField(key, held, coordinate, _as_is, non_null=True, constant=parent.name)
        if name in INTROSPECTION:
            return ProjectedField(key, held, coordinate, _as_is, introspected=True)
        declared = parent.fields[name].type
        below = self._scope.below(declared, nodes)
        nullable = declared.of_type if is_non_null_type(declared) else declared
        return ProjectedField(
            key,
            held,
            coordinate,
            _completer(declared, below, coordinate),
            non_null=is_non_null_type(declared),
            is_list=is_list_type(nullable),
            below=below,
        )


@dataclass(frozen=True, slots=True)
class ProjectionScope:
    """What every selection set of one operation shares."""

    schema: GraphQLSchema
    fragments: Fragments
    conditions: Conditions
    stand_ins: StandIns = NO_STAND_INS

    def below(self, declared: GraphQLOutputType, nodes: list[Any]) -> Projection | None:
        """The merged selection set below a field, None for leaves (specification 6.4.3, MergeSelectionSets)."""
        named: Any = declared
        while is_list_type(named) or is_non_null_type(named):
            named = named.of_type
        if is_leaf_type(named):
            return None
        return Projection(self, named, [node.selection_set for node in nodes if node.selection_set])

    def absent(self, item: ProjectedField) -> Any:
        """What a subgraph answers where it holds nothing: an empty list, an empty page of a connection, else null."""
        if item.is_list:
            return []
        if item.below is None or not self._is_connection(item.below.static):
            return None
        return absent_page(item.below)

    def _is_connection(self, static: Composite) -> bool:
        """Whether values of this type are pages of a list (Relay cursor connections: `edges` and `pageInfo`)."""
        return isinstance(static, GraphQLObjectType) and {"edges", "pageInfo"} <= static.fields.keys()

    def is_possible(self, static: Composite, name: str) -> bool:
        """Whether the API schema lets a value of this static type be of the named object type."""
        candidate = self.schema.get_type(name)
        return isinstance(candidate, GraphQLObjectType) and self.schema.is_sub_type(static, candidate)  # type: ignore[arg-type]

    def is_abstract(self, name: str) -> bool:
        """Whether the API schema knows the name as an interface or union."""
        return is_abstract_type(self.schema.get_type(name))


def absent_page(page: Projection) -> dict[str, Any]:
    """The empty page of a connection, by the client's response keys."""
    answers: dict[str, Any] = {
        "edges": [],
        "nodes": [],
        "totalCount": 0,
        "hasNextPage": False,
        "hasPreviousPage": False,
    }
    return {
        key: absent_page(item.below) if name == "pageInfo" and item.below else answers.get(name)
        for key, item in page.fields(page.static.name).items()
        for name in [item.coordinate.partition(".")[2]]
    }


def visible(shape: Projection | None, below: tuple[ResponseKey, ...]) -> tuple[ResponseKey, ...]:
    """As much of a path as the client's own selection has; internal keys are never named."""
    kept: list[ResponseKey] = []
    for key in below:
        if isinstance(key, str):
            found = shape.selected(key) if shape else None
            if found is None:
                break
            key, shape = found.key, found.below
        kept.append(key)
    return tuple(kept)


def _answers(fields: Mapping[str, ProjectedField], value: dict[str, Any]) -> Iterator[Any]:
    """What stands at the fields of an object that subgraphs answer."""
    return (value.get(item.held) for item in fields.values() if item.constant is None)


def _as_is(value: Any, path: Path, run: ProjectionRun) -> Any:
    return value


def _sealed(type_name: object, run: ProjectionRun) -> bool:
    """Whether objects of this type are as if they were not there."""
    decision = run.denials.get(f"{type_name}.__typename")
    return decision is not None and decision.form is Form.SILENT


def _null(item: ProjectedField, value: Any = None) -> Any:
    """Null (or what silence looks like) for a field whose error is already listed."""
    if value is None and item.non_null:
        raise NullBubble
    return value


def _completer(declared: Any, below: Projection | None, coordinate: str) -> Completer:
    if is_non_null_type(declared):
        return _non_null(_completer(declared.of_type, below, coordinate), coordinate)
    if is_list_type(declared):
        return _list(_completer(declared.of_type, below, coordinate), is_non_null_type(declared.of_type), below)
    return below.complete if below is not None else _leaf(declared)


def _non_null(inner: Completer, coordinate: str) -> Completer:
    error = FieldError(f"Cannot return null for non-nullable field {coordinate}.", UNAVAILABLE)

    def complete(value: Any, path: Path, run: ProjectionRun) -> Any:
        explained = run.errors.seen
        result = inner(value, path, run)
        if result is None:
            if run.errors.seen == explained:
                run.errors.add(error, keys_of(path))
            raise NullBubble
        return result

    return complete


def _list(inner: Completer, non_null: bool, below: Projection | None) -> Completer:
    def item(value: Any, path: Path, run: ProjectionRun) -> Any:
        if type(value) is not Failure:
            return inner(value, path, run)
        for cause in value.causes:
            run.errors.add(cause.error, keys_of(path) + visible(below, cause.below))
        stand_in = below and below.unanswered(value, path, run)
        if stand_in is None and non_null:
            raise NullBubble
        return stand_in

    def complete(value: Any, path: Path, run: ProjectionRun) -> list[Any] | None:
        if value is None:
            return None
        if type(value) is not list:
            run.wrong("has something else where a list belongs", path)
            return None
        try:
            entries = value if below is None else below.present(value, run)
            return [item(entry, (path, position), run) for position, entry in enumerate(entries)]
        except NullBubble:
            return None

    return complete


def _leaf(declared: Any) -> Completer:
    coerce = leaf_coercion(declared)

    def complete(value: Any, path: Path, run: ProjectionRun) -> Any:
        if value is None:
            return None
        try:
            return coerce(value)
        except ValueError as error:
            run.wrong(f"has a value that {error}", path)
            return None

    return complete


class ProjectionSource:
    """The client's document; hands out one variant for each setting of its condition variables."""

    def __init__(
        self,
        operation: OperationDefinitionNode,
        document: DocumentNode,
        schema: GraphQLSchema,
        stand_ins: StandIns = NO_STAND_INS,
    ) -> None:
        self.operation = operation
        self.document = document
        self.schema = schema
        self.stand_ins = stand_ins
        self.defaults = condition_variables(document, operation)
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[tuple[bool, ...], Variant] = {}

    @classmethod
    def of(
        cls,
        document: DocumentNode,
        operation_name: str | None,
        schema: GraphQLSchema,
        stand_ins: StandIns = NO_STAND_INS,
    ) -> "ProjectionSource":
        """The source for one operation of a valid document. Raises ValueError when the document has no such
        operation."""
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            raise ValueError("the document has no such operation")
        return cls(operation, document, schema, stand_ins)

    def conditions(self, variables: Mapping[str, Any]) -> dict[str, bool]:
        """The Boolean variables that decide what is selected, with their defaults."""
        return {name: bool(variables.get(name, default)) for name, default in self.defaults.items()}

    def variant(self, variables: Mapping[str, Any]) -> "Variant":
        """The shape of the response for these variables."""
        conditions = self.conditions(variables)
        key = tuple(conditions.values())
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_VARIANTS:
                self._known.clear()
            known = self._known[key] = self._variant(conditions)
        return known

    def _variant(self, conditions: Conditions) -> "Variant":
        scope = ProjectionScope(self.schema, self._fragments, conditions, self.stand_ins)
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None  # the document was validated against this schema
        sets = (self.operation.selection_set,)
        selected = collect_fields(sets, root.name, self.schema, self._fragments, conditions)
        introspected = [node for nodes in selected.values() for node in nodes if node.name.value in INTROSPECTION]
        shown = coordinates_in(root, self.operation.selection_set, self.schema, self._fragments, conditions)
        return Variant(Projection(scope, root, sets), tuple(introspected), shown)


@dataclass(frozen=True, slots=True)
class Variant:
    """The response's shape for one setting of the conditions, the root fields the gateway answers by itself, and
    every coordinate the shape can show."""

    projection: Projection
    introspected: tuple[FieldNode, ...]
    coordinates: frozenset[str]

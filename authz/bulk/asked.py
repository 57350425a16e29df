"""What an operation asks in bulk: a valid document and the rules in; who is looked up, and how many at once, out.

Read once for each document; a request only fills its variables in. Never decides.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInt,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_abstract_type,
    is_scalar_type,
    value_from_ast_untyped,
)

from authz.rules import Rules
from schema.identifiers import IDENTIFIERS

COUNTING = frozenset({"first", "last", "limit"})
"""The arguments that say how many records an answer may have."""
WILDCARDS = frozenset("*%?_")
PARTIAL = frozenset({"PartialDate", "YearMonth", "Date", "DateTime"})


@dataclass(frozen=True, slots=True)
class Lookup:
    """One question about records: `kind` is the coordinate of the identifier it is asked by, or, of a search, the
    root field; `value` the identifier in its canonical form, or the search as text."""

    kind: str
    value: str
    sequential: bool = True

    @property
    def has_wildcard(self) -> bool:
        """Whether it asks for whatever matches: nobody is named so."""
        return not WILDCARDS.isdisjoint(self.value)


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument of a root field that reads something; `kind` where it is an identifier."""

    value: ValueNode
    scalar: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One use of a root field that finds records by what the caller knows of them."""

    coordinate: str
    arguments: tuple[_Argument, ...]


@dataclass(frozen=True, slots=True)
class AskedInBulk:
    """One operation; `sizes` are the coordinates whose arguments say how many, with these arguments."""

    entries: tuple[_Entry, ...] = ()
    sizes: tuple[tuple[str, ValueNode], ...] = ()
    defaults: Mapping[str, Any] | None = None

    def lookups(self, variables: Mapping[str, Any]) -> frozenset[Lookup]:
        """Every distinct question about records that a request with these variables asks."""
        known = {**(self.defaults or {}), **variables}
        return frozenset(found for entry in self.entries for found in _lookups(entry, known))

    def rows(self, variables: Mapping[str, Any]) -> Mapping[str, int]:
        """The most records asked for at once, by coordinate."""
        known, found = {**(self.defaults or {}), **variables}, dict[str, int]()
        for coordinate, node in self.sizes:
            value = value_from_ast_untyped(node, known)
            if isinstance(value, int | float) and not isinstance(value, bool):
                found[coordinate] = max(found.get(coordinate, 0), int(value))
        return found


NOTHING_IN_BULK = AskedInBulk()


def asked_in_bulk(
    document: DocumentNode, operation_name: str | None, schema: GraphQLSchema, rules: Rules
) -> AskedInBulk:
    """What this operation of a valid document asks. Changes look nobody up."""
    operation = get_operation_ast(document, operation_name)
    assert operation is not None
    root = schema.get_root_type(operation.operation)
    assert root is not None
    entries, sizes = list[_Entry](), list[tuple[str, ValueNode]]()
    for kind, definition, node in _fields(document, schema, root, operation.selection_set):
        for concrete in _concrete(schema, kind):
            coordinate = f"{concrete}.{node.name.value}"
            sizes += _sizes(coordinate, definition, node, rules)
            if kind is root and operation.operation is not OperationType.MUTATION:
                entries += _entry(coordinate, definition, node, rules)
    defaults = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }
    return AskedInBulk(tuple(entries), tuple(sizes), defaults or None)


def _entry(coordinate: str, definition: GraphQLField, node: FieldNode, rules: Rules) -> Iterator[_Entry]:
    arguments = tuple(
        _Argument(argument.value, get_named_type(given.type).name, _identifier(reads, given.type))
        for argument in node.arguments or ()
        if (given := definition.args.get(argument.name.value)) is not None
        and (reads := rules.inputs.get(f"{coordinate}({argument.name.value}:)"))
    )
    if arguments:
        yield _Entry(coordinate, arguments)


def _identifier(reads: tuple[str, ...], kind: Any) -> str | None:
    """The coordinate an argument identifies records by: an identifier's scalar, an id, or text that must be given.
    What may be left out, and dates, only narrow a search."""
    named = get_named_type(kind)
    if len(reads) != 1 or not is_scalar_type(named) or named.name in PARTIAL:
        return None
    identifies = named.name in IDENTIFIERS or named.name == "ID"
    return reads[0] if identifies or isinstance(kind, GraphQLNonNull) else None


def _sizes(coordinate: str, definition: GraphQLField, node: FieldNode, rules: Rules) -> Iterator[tuple[str, ValueNode]]:
    rule = rules.fields.get(coordinate)
    if rule is None or rule.open:
        return
    for argument in node.arguments or ():
        given = definition.args.get(argument.name.value)
        if argument.name.value in COUNTING and given and get_nullable_type(given.type) is GraphQLInt:
            yield coordinate, argument.value


def _lookups(entry: _Entry, variables: dict[str, Any]) -> Iterator[Lookup]:
    """The identifiers of a use, else the search it is."""
    identified, narrowing = list[Lookup](), list[Any]()
    for argument in entry.arguments:
        value = value_from_ast_untyped(argument.value, variables) if _is_known(argument.value, variables) else None
        if value is None:
            continue
        if argument.kind is None:
            narrowing.append(value)
            continue
        values = value if isinstance(value, list) else [value]
        identified += [Lookup(argument.kind, _canonical(argument.scalar, each)) for each in values]
    if identified or not narrowing:
        yield from identified
    else:
        yield Lookup(entry.coordinate, json.dumps(narrowing, sort_keys=True, default=str).upper(), sequential=False)


def _is_known(node: ValueNode, variables: Mapping[str, Any]) -> bool:
    return not isinstance(node, VariableNode) or node.name.value in variables


def _canonical(scalar: str, value: Any) -> str:
    """One spelling for one identifier, so that writing it otherwise is asking for the same."""
    identifier = IDENTIFIERS.get(scalar)
    if identifier is not None:
        return identifier.parse(value)
    return "".join(character for character in str(value).upper() if not character.isspace())


def _concrete(schema: GraphQLSchema, kind: GraphQLNamedType) -> tuple[str, ...]:
    if is_abstract_type(kind):
        return tuple(sorted(each.name for each in schema.get_possible_types(kind)))
    return (kind.name,)


def _fields(
    document: DocumentNode, schema: GraphQLSchema, root: GraphQLNamedType, selection_set: SelectionSetNode
) -> Iterator[tuple[GraphQLNamedType, GraphQLField, FieldNode]]:
    """Every field of the operation with its parent's type; each fragment is read once."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    seen: set[str] = set()
    pending: list[tuple[GraphQLNamedType, SelectionSetNode]] = [(root, selection_set)]
    while pending:
        kind, selected = pending.pop()
        for node in selected.selections:
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = fragments[node.name.value]
                    pending.append((schema.type_map[fragment.type_condition.name.value], fragment.selection_set))
            elif isinstance(node, InlineFragmentNode):
                condition = schema.type_map[node.type_condition.name.value] if node.type_condition else kind
                pending.append((condition, node.selection_set))
            elif isinstance(node, FieldNode) and not node.name.value.startswith("__"):
                definition: GraphQLField = kind.fields[node.name.value]  # type: ignore[attr-defined]
                yield kind, definition, node
                if node.selection_set:
                    pending.append((get_named_type(definition.type), node.selection_set))

"""Checks the field sets of @key, @requires and @provides in one subgraph."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graphql import GraphQLError, GraphQLScalarType, GraphQLSyntaxError, specified_scalar_types
from graphql.language import (
    FieldNode,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    print_ast,
)

from gateway.composition.field_set import fields_text, parse_field_set
from gateway.composition.model import Application, Element, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.report import Report
from gateway.composition.type_references import is_list, is_non_null, list_item, named_type, nullable
from gateway.composition.usage import Usage

_KEY_ON_INTERFACE = (2, 3)
_FATAL = ("FIELDS_SELECT_INVALID_TYPE", "INVALID_FIELDS")
"""What makes a field set meaningless: the first of these is all that is said of it."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One field set being checked: whose it is, in words, and what is allowed in it."""

    subgraph: Subgraph
    usage: Usage
    directive: str
    where: str
    application: Application
    below_external: bool = False

    def code(self, suffix: str) -> str:
        return f"{self.directive.upper()}_{suffix}"


def validate_field_sets(subgraph: Subgraph, usage: Usage, report: Report) -> None:
    """Reports every field set that is malformed, selects what it must not, or stands where it must not."""
    for owner in subgraph.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for application in owner.all_of("key"):
            check = _Check(subgraph, usage, "key", f'On type "{owner.name}"', application)
            _report(check, report, owner, _key(check, owner))
        for field in owner.fields.values():
            for directive in ("requires", "provides"):
                for application in field.all_of(directive):
                    place = f'On field "{owner.name}.{field.name}"'
                    check = _Check(subgraph, usage, directive, place, application)
                    _report(check, report, field, _of_field(check, owner, field))


def _report(check: _Check, report: Report, element: Element, problems: Iterator[tuple[str, str]]) -> None:
    places = check.subgraph.at(check.application) or check.subgraph.at(element)
    for code, message in problems:
        report.error(code, f"[{check.subgraph.name}] {message}", places)


def _key(check: _Check, owner: TypeDefinition) -> Iterator[tuple[str, str]]:
    subgraph = check.subgraph
    if owner.kind is Kind.INTERFACE and subgraph.version < _KEY_ON_INTERFACE and not subgraph.is_federation_1:
        yield (
            "KEY_UNSUPPORTED_ON_INTERFACE",
            f'Cannot use @key on interface "{owner.name}": @key is not yet supported on interfaces',
        )
    yield from _selections(check, owner)


def _of_field(check: _Check, owner: TypeDefinition, field: Field) -> Iterator[tuple[str, str]]:
    if owner.kind is Kind.INTERFACE:
        yield (
            check.code("UNSUPPORTED_ON_INTERFACE"),
            f'Cannot use @{check.directive} on field "{owner.name}.{field.name}" of parent type "{owner.name}": '
            f"@{check.directive} is not yet supported within interfaces",
        )
    if check.directive == "requires":
        yield from _selections(check, owner)
        return
    if check.usage.is_external(f"{owner.name}.{field.name}"):
        message = f'Cannot have both @provides and @external on field "{owner.name}.{field.name}"'
        yield "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", message
        return
    target = check.subgraph.type(named_type(field.type))
    if target is None or not target.is_composite:
        yield (
            "PROVIDES_ON_NON_OBJECT_FIELD",
            f'Invalid @provides directive on field "{owner.name}.{field.name}": field has type "{field.type}" '
            "which is not "
            f"a Composite Type",
        )
        return
    yield from _selections(check, target)


def _selections(check: _Check, owner: TypeDefinition) -> Iterator[tuple[str, str]]:
    value = check.application.arguments.get("fields")
    prefix = f"{check.where}, for {check.application}: "
    text = fields_text(value)
    if text is None or not (isinstance(value, StringValueNode) or check.subgraph.is_federation_1):
        yield check.code("INVALID_FIELDS_TYPE"), f'{prefix}Invalid value for argument "fields": must be a string.'
        return
    try:
        selections = parse_field_set(text)
    except (GraphQLSyntaxError, ValueError) as error:
        message = error.message if isinstance(error, GraphQLSyntaxError) else str(error)
        yield check.code("INVALID_FIELDS"), f"{prefix}{message}"
        return
    problems = list(_selection_set(check, owner, selections))
    fatal = next((problem for problem in problems if problem[0] in _FATAL), None)
    for suffix, message in [fatal] if fatal else problems:
        yield check.code(suffix), f"{prefix}{message}"


def _selection_set(check: _Check, owner: TypeDefinition, selections: SelectionSetNode) -> Iterator[tuple[str, str]]:
    for selection in selections.selections:
        if selection.directives:
            shown = " ".join(print_ast(directive) for directive in selection.directives)
            message = (
                f"cannot have directive applications in the @{check.directive}(fields:) argument but found {shown}."
            )
            yield "DIRECTIVE_IN_FIELDS_ARG", message
        if isinstance(selection, FieldNode):
            yield from _selection(check, owner, selection)
        elif isinstance(selection, InlineFragmentNode):
            yield from _fragment(check, owner, selection)
        else:
            yield "INVALID_FIELDS", f"fragment spreads are not allowed in @{check.directive}"


def _fragment(check: _Check, owner: TypeDefinition, fragment: InlineFragmentNode) -> Iterator[tuple[str, str]]:
    condition = fragment.type_condition
    target = check.subgraph.type(condition.name.value) if condition else owner
    if target is None or not target.is_composite:
        yield "INVALID_FIELDS", f'Unknown type "{condition.name.value if condition else owner.name}"'
        return
    possible = set(check.subgraph.runtime_types(owner.name)) & set(check.subgraph.runtime_types(target.name))
    if not possible and target.name != owner.name:
        yield "INVALID_FIELDS", f'Invalid fragment on "{target.name}": no "{owner.name}" can be one'
        return
    yield from _selection_set(check, target, fragment.selection_set)


def _selection(check: _Check, owner: TypeDefinition, node: FieldNode) -> Iterator[tuple[str, str]]:
    name = node.name.value
    if name == "__typename":
        return
    if node.alias:
        shown = " ".join(print_ast(node).split())
        message = f'Cannot use alias "{node.alias.value}" in "{shown}": aliases are not currently supported in @'
        yield "INVALID_FIELDS", message + check.directive
        return
    field = owner.fields.get(name)
    if field is None:
        yield "INVALID_FIELDS", _unknown(name, owner)
        return
    yield from _shape(check, owner, field, node)
    yield from _arguments(check, owner, field, node)
    external = check.below_external or _is_external(check, owner, name)
    target = check.subgraph.type(named_type(field.type))
    if node.selection_set and target is not None:
        yield from _selection_set(replace(check, below_external=external), target, node.selection_set)
    elif check.directive != "key" and not external and not check.subgraph.is_federation_1:
        yield (
            "FIELDS_MISSING_EXTERNAL",
            f'field "{owner.name}.{name}" should not be part of a @{check.directive} since it is already '
            "provided by this "
            f"subgraph (it is not marked @external)",
        )


def _unknown(name: str, owner: TypeDefinition) -> str:
    return (
        f'Cannot query field "{name}" on type "{owner.name}" (the field should either be added to this '
        "subgraph or, if it "
        f"should not be resolved by this subgraph, you need to add it to this subgraph with @external)."
    )


def _shape(check: _Check, owner: TypeDefinition, field: Field, node: FieldNode) -> Iterator[tuple[str, str]]:
    """Leaves have no selections, composites have some, and a key selects no abstract type."""
    target = check.subgraph.type(named_type(field.type))
    composite = target is not None and target.is_composite
    coordinate = f"{owner.name}.{field.name}"
    if check.directive == "key" and target is not None and target.kind in (Kind.INTERFACE, Kind.UNION):
        kind = "Interface" if target.kind is Kind.INTERFACE else "Union"
        yield "FIELDS_SELECT_INVALID_TYPE", f'field "{coordinate}" is a {kind} type which is not allowed in @key'
    elif composite and not node.selection_set:
        message = f'Invalid empty selection set for field "{coordinate}" of non-leaf type {field.type}'
        yield "INVALID_FIELDS", message
    elif node.selection_set and not composite:
        yield "INVALID_FIELDS", f'Field "{coordinate}" of type "{field.type}" cannot have selections'


def _arguments(check: _Check, owner: TypeDefinition, field: Field, node: FieldNode) -> Iterator[tuple[str, str]]:
    coordinate = f"{owner.name}.{field.name}"
    if check.directive != "requires" and field.arguments:
        yield (
            "FIELDS_HAS_ARGS",
            f"field {coordinate} cannot be included because it has arguments (fields with argument are not allowed in "
            f"@{check.directive})",
        )
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    for name in sorted(set(given) - set(field.arguments)):
        yield "INVALID_FIELDS", f'Unknown argument "{name}" found in value: {coordinate} has no such argument'
    for argument in field.arguments.values():
        value = given.get(argument.name)
        if value is not None and not _is_scalar_value(argument.type, value):
            message = f'Invalid value for argument "{argument.name}": {argument.type} cannot be {print_ast(value)}'
            yield "INVALID_FIELDS", message
        if argument.is_required and argument.name not in given:
            shown = " ".join(print_ast(node).split())
            message = (
                f'Missing mandatory value for argument "{argument.name}" of field "{coordinate}" in selection "{shown}"'
            )
            yield "INVALID_FIELDS", message


def _is_scalar_value(reference: str, value: ValueNode) -> bool:
    """Whether a constant may stand for a built-in scalar, or for lists of one; other types are not looked into."""
    if isinstance(value, NullValueNode):
        return not is_non_null(reference)
    inner = nullable(reference)
    if is_list(inner):
        items = value.values if isinstance(value, ListValueNode) else (value,)
        return all(_is_scalar_value(list_item(inner), item) for item in items)
    scalar = specified_scalar_types.get(inner)
    return scalar is None or _parses(scalar, value)


def _parses(scalar: GraphQLScalarType, value: ValueNode) -> bool:
    try:
        scalar.parse_literal(value)
    except GraphQLError:
        return False
    return True


def _is_external(check: _Check, owner: TypeDefinition, name: str) -> bool:
    """Whether the field, or for an interface one of its implementations, is marked external."""
    owners = [owner.name, *(check.subgraph.runtime_types(owner.name) if owner.kind is Kind.INTERFACE else ())]
    fields = ((check.subgraph.type(o), check.subgraph.field(o, name)) for o in owners)
    return any(f is not None and (f.has("external") or (t is not None and t.has("external"))) for t, f in fields)

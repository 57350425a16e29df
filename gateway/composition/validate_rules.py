"""The rules for federation directives in one subgraph that need no field set: a table of small checks."""

from collections.abc import Callable, Iterator, Mapping

from graphql import GraphQLSyntaxError
from graphql.language import IntValueNode, ListValueNode, StringValueNode, ValueNode

from gateway.composition.field_set import canonical_fields, fields_text
from gateway.composition.model import Application, Element, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.report import Report
from gateway.composition.specifications import AUTH
from gateway.composition.type_references import is_list, named_type, nullable
from gateway.composition.usage import Usage

Problem = tuple[str, Element | Application | None]
Rule = Callable[[Subgraph, Usage], Iterator[Problem]]


def validate_rules(subgraph: Subgraph, usage: Usage, report: Report) -> None:
    """Applies every rule; a Federation 1 subgraph only meets those Federation 1 has."""
    rules = _ALWAYS if subgraph.is_federation_1 else {**_ALWAYS, **_FEDERATION_2}
    for rule, code in rules.items():
        for message, element in rule(subgraph, usage):
            report.error(code, f"[{subgraph.name}] {message}", subgraph.at(element))


def _fields(subgraph: Subgraph, *kinds: Kind) -> Iterator[tuple[TypeDefinition, Field]]:
    for owner in subgraph.of_kind(*kinds):
        yield from ((owner, field) for field in owner.fields.values())


def external_on_interface(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for owner, field in _fields(subgraph, Kind.INTERFACE):
        if field.has("external"):
            message = (
                f'Interface type field "{owner.name}.{field.name}" is marked @external but @external is not allowed on '
                f"interface fields (it is nonsensical)."
            )
            yield message, field


def external_unused(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for owner, field in _fields(subgraph, Kind.OBJECT, Kind.INTERFACE):
        coordinate = f"{owner.name}.{field.name}"
        if coordinate in usage.external and coordinate not in usage.used:
            message = (
                f'Field "{coordinate}" is marked @external but is not used in any federation directive (@key, '
                "@provides, "
                "@requires) or to satisfy an interface; the field declaration has no use and should be "
                "removed (or the "
                f"field should not be @external)."
            )
            yield message, field


def shareable_usage(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for owner, field in _fields(subgraph, Kind.INTERFACE):
        if field.has("shareable"):
            message = (
                f'Invalid use of @shareable on field "{owner.name}.{field.name}": only object type fields can '
                "be marked "
                f"with @shareable"
            )
            yield message, field
    for owner in subgraph.of_kind(Kind.OBJECT):
        parts = [use.part for use in owner.all_of("shareable")]
        if len(set(parts)) < len(parts):
            message = (
                f'Invalid duplicate application of @shareable on the same type declaration of "{owner.name}": '
                "@shareable is "
                "only repeatable on types so it can be used simultaneously on a type definition and its "
                "extensions, but it "
                f"should not be duplicated on the same definition/extension declaration"
            )
            yield message, owner
        for field in owner.fields.values():
            if len(field.all_of("shareable")) > 1:
                message = f'Invalid duplicate application of @shareable on field "{owner.name}.{field.name}"'
                yield message, field


def interface_object_without_key(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for owner in subgraph.of_kind(Kind.OBJECT):
        if owner.is_interface_object and not owner.has("key"):
            message = (
                f"The @interfaceObject directive can only be applied to entity types but type "
                f'"{owner.name}" has no @key in this subgraph.'
            )
            yield message, owner


def interface_key_on_implementations(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for interface in subgraph.of_kind(Kind.INTERFACE):
        for key in interface.all_of("key"):
            wanted = _canonical(key)
            implementations = subgraph.implementations(interface.name)
            missing = [t.name for t in implementations if wanted not in map(_canonical, t.all_of("key"))]
            if missing:
                message = (
                    f'Key {key} on interface type "{interface.name}" is missing on implementation types {missing}.'
                )
                yield message, key
            elif key.flag("resolvable", default=True):
                closed = [t.name for t in implementations if not _has_resolvable(t, wanted)]
                if closed:
                    message = (
                        f'Key {key} on interface type "{interface.name}" should be resolvable on all '
                        "implementation types, "
                        f'but is declared with argument "@key(resolvable:)" set to false in {closed}.'
                    )
                    yield message, key


def _has_resolvable(owner: TypeDefinition, wanted: str | None) -> bool:
    return any(_canonical(key) == wanted and key.flag("resolvable", default=True) for key in owner.all_of("key"))


def _canonical(key: Application) -> str | None:
    text = fields_text(key.arguments.get("fields"))
    try:
        return canonical_fields(text) if text is not None else None
    except (GraphQLSyntaxError, ValueError):
        return None


def auth_on_interface(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for directive in AUTH:
        for owner in subgraph.of_kind(Kind.INTERFACE, Kind.OBJECT):
            if owner.kind is Kind.OBJECT and not owner.is_interface_object:
                continue
            what = "interface object" if owner.is_interface_object else "interface"
            if owner.has(directive):
                yield _auth_message(owner.all_of(directive)[0], f'{what} "{owner.name}"'), owner
            if not owner.is_interface_object:
                for field in owner.fields.values():
                    if field.has(directive):
                        place = f'field "{owner.name}.{field.name}"'
                        yield _auth_message(field.all_of(directive)[0], place), field


def _auth_message(use: Application, place: str) -> str:
    return (
        f"Invalid use of @{use.name} on {place}: @{use.name} cannot be applied on interfaces, interface fields and "
        f"interface objects"
    )


def cost_on_interface(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for owner, field in _fields(subgraph, Kind.INTERFACE):
        for use in field.all_of("cost"):
            yield f'@{use.name} cannot be applied to interface "{owner.name}.{field.name}"', field


def _list_sizes(subgraph: Subgraph) -> Iterator[tuple[str, Field, Application]]:
    for owner, field in _fields(subgraph, Kind.OBJECT, Kind.INTERFACE):
        for use in field.all_of("listSize"):
            yield f"{owner.name}.{field.name}", field, use


def list_size_on_non_list(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for coordinate, field, use in _list_sizes(subgraph):
        if not is_list(field.type) and _texts(use.arguments.get("sizedFields")) is None:
            yield f'"{coordinate}" is not a list', field


def list_size_assumed(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for coordinate, field, use in _list_sizes(subgraph):
        size = use.arguments.get("assumedSize")
        if isinstance(size, IntValueNode) and int(size.value) < 0:
            yield f'Assumed size of "{coordinate}" cannot be negative', field


def list_size_slicing(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for coordinate, field, use in _list_sizes(subgraph):
        for name in _texts(use.arguments.get("slicingArguments")) or ():
            argument = field.arguments.get(name)
            if argument is None:
                yield f'Slicing argument "{name}" is not an argument of "{coordinate}"', field
            elif nullable(argument.type) != "Int":
                yield f'Slicing argument "{coordinate}({name}:)" must be Int or Int!', argument


def list_size_sized_fields(subgraph: Subgraph, usage: Usage) -> Iterator[Problem]:
    for _, field, use in _list_sizes(subgraph):
        names = _texts(use.arguments.get("sizedFields"))
        target = subgraph.type(named_type(field.type))
        if names is None:
            continue
        if target is None or target.kind not in (Kind.OBJECT, Kind.INTERFACE):
            yield f'Sized fields cannot be used because "{field.type}" is not a composite type', field
            continue
        for name in names:
            sized = target.fields.get(name)
            if sized is None:
                yield f'Sized field "{name}" is not a field on type "{target.name}"', field
            elif not is_list(sized.type):
                yield f'Sized field "{target.name}.{name}" is not a list', field


def _texts(value: ValueNode | None) -> list[str] | None:
    if isinstance(value, StringValueNode):
        return [value.value]
    if not isinstance(value, ListValueNode):
        return None
    return [item.value for item in value.values if isinstance(item, StringValueNode)]


_ALWAYS: Mapping[Rule, str] = {
    list_size_on_non_list: "LIST_SIZE_APPLIED_TO_NON_LIST",
    list_size_assumed: "LIST_SIZE_INVALID_ASSUMED_SIZE",
    list_size_slicing: "LIST_SIZE_INVALID_SLICING_ARGUMENT",
    list_size_sized_fields: "LIST_SIZE_INVALID_SIZED_FIELD",
    cost_on_interface: "COST_APPLIED_TO_INTERFACE_FIELD",
    auth_on_interface: "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
}
_FEDERATION_2: Mapping[Rule, str] = {
    external_on_interface: "EXTERNAL_ON_INTERFACE",
    external_unused: "EXTERNAL_UNUSED",
    shareable_usage: "INVALID_SHAREABLE_USAGE",
    interface_object_without_key: "INTERFACE_OBJECT_USAGE_ERROR",
    interface_key_on_implementations: "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
}

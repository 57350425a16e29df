"""Merging types of one name, kind by kind: their children, join metadata and directives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.composition.field_set import fields_text
from gateway.composition.join import applied
from gateway.composition.merge_applications import merge_applications
from gateway.composition.merge_context import MergeContext, present, some
from gateway.composition.merge_fields import FieldSources, merge_field, merge_input_field
from gateway.composition.merge_override import overrides_of
from gateway.composition.merge_sharing import validate_sharing
from gateway.composition.merge_values import merge_description
from gateway.composition.model import ROOT_NAMES, Application, Element, Field, InputValue, Kind, TypeDefinition

TypeSources = Sequence[TypeDefinition | None]


def merge_type(context: MergeContext, name: str, kind: Kind, sources: TypeSources) -> TypeDefinition | None:
    """The merged type, or None when nothing of it is left (reported where that is an error); enums are merged later."""
    return _MERGERS[kind](context, name, sources)


def base_type(
    context: MergeContext, name: str, kind: Kind, sources: TypeSources, extra: Sequence[Application] = ()
) -> TypeDefinition:
    """The merged type without its children: description, join metadata (`extra` included) and directives."""
    contexts = _contexts(context, sources) if kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION) else []
    return TypeDefinition(
        name=name,
        kind=kind,
        description=merge_description(context, sources, f'Type "{name}"', name),
        applications=(*extra, *join_types(context, sources), *merge_applications(context, sources, name), *contexts),
    )


def join_types(context: MergeContext, sources: TypeSources) -> list[Application]:
    """One `@join__type` per key, or one when the subgraph has none."""
    joins = []
    for index, source in present(sources):
        interface_object = True if source.is_interface_object else None
        graph = context.graph(index)
        keys = source.all_of("key")
        if not keys:
            joins.append(applied("join__type", {"graph": graph, "isInterfaceObject": interface_object}))
        for key in keys:
            arguments = {
                "graph": graph,
                "key": fields_text(key.arguments.get("fields")),
                "extension": True if key.on_extension or source.has("extends") else None,
                "resolvable": key.arguments.get("resolvable"),
                "isInterfaceObject": interface_object,
            }
            joins.append(applied("join__type", arguments))
    return joins


def _contexts(context: MergeContext, sources: TypeSources) -> list[Application]:
    name = context.composed.federation.get("context", "context")
    return [
        applied(name, {"name": f"{context.subgraphs[index].name}__{use.text('name')}"})
        for index, source in present(sources)
        for use in source.all_of("context")
    ]


def _merge_scalar(context: MergeContext, name: str, sources: TypeSources) -> TypeDefinition:
    return base_type(context, name, Kind.SCALAR, sources)


def _merge_union(context: MergeContext, name: str, sources: TypeSources) -> TypeDefinition:
    members = dict.fromkeys(member for source in some(sources) for member in source.members)
    joins = []
    for member in members:
        having = [index for index, source in present(sources) if member in source.members]
        joins += [applied("join__unionMember", {"graph": context.graph(i), "member": member}) for i in having]
        missing = [index for index, source in present(sources) if member not in source.members]
        if missing:
            message = (
                f'Union type "{name}" includes member type "{member}" in some but not all defining subgraphs: '
                f'"{member}" is '
                f"defined in {context.names(having)} but not in {context.names(missing)}."
            )
            context.report.hint("INCONSISTENT_UNION_MEMBER", message, name, context.at(sources))
    return replace(base_type(context, name, Kind.UNION, sources, joins), members=tuple(members))


def _merge_object(context: MergeContext, name: str, sources: TypeSources) -> TypeDefinition | None:
    is_entity = _hint_inconsistent_entity(context, name, sources)
    fields = {}
    for field in field_sources(context, name, sources):
        if not is_entity and name not in ROOT_NAMES:
            _hint_missing_field(context, field, "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", "non-entity object")
        if name == "Subscription":
            _validate_subscription(context, field)
        merged = merge_field(context, field)
        validate_sharing(context, field)
        if merged is not None:
            fields[merged.name] = merged
    if not fields and not context.report.errors:
        return None
    return _composite(context, name, Kind.OBJECT, sources, fields)


def _merge_interface(context: MergeContext, name: str, sources: TypeSources) -> TypeDefinition:
    has_key = _validate_interface_keys(context, name, sources)
    _validate_interface_objects(context, name, sources)
    fields = {}
    for field in field_sources(context, name, sources):
        if not has_key:
            _hint_missing_field(context, field, "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD", "interface")
        merged = merge_field(context, field)
        if merged is not None:
            fields[merged.name] = merged
    return _composite(context, name, Kind.INTERFACE, sources, fields)


def _composite(
    context: MergeContext, name: str, kind: Kind, sources: TypeSources, fields: Mapping[str, Field]
) -> TypeDefinition:
    interfaces = dict.fromkeys(interface for source in some(sources) for interface in source.interfaces)
    joins = [
        applied("join__implements", {"graph": context.graph(index), "interface": interface})
        for index, source in present(sources)
        for interface in source.interfaces
    ]
    base = base_type(context, name, kind, sources, joins)
    return replace(base, fields=fields, interfaces=tuple(interfaces))


def field_sources(context: MergeContext, name: str, sources: TypeSources) -> list[FieldSources]:
    """Each field of a composite type as the subgraphs have it."""
    names = dict.fromkeys(field for source in some(sources) for field in source.fields)
    found = []
    for field in names:
        fields = tuple(None if source is None else source.fields.get(field) for source in sources)
        owner = next(source for source in some(sources) if field in source.fields)
        found.append(
            FieldSources(
                owner=name,
                name=field,
                sources=fields,
                parents=tuple(sources),
                abstracted=abstracting(context, name, field, fields),
                overrides=overrides_of(context, owner, field, fields, sources),
            )
        )
    return found


def abstracting(
    context: MergeContext, owner: str, field: str, fields: Sequence[Field | None]
) -> dict[int, tuple[str, ...]]:
    """The subgraphs that have the field through interface objects of interfaces its type implements, and which."""
    interfaces = sorted({other for own, other in context.subtypes if own == owner})
    found: dict[int, tuple[str, ...]] = {}
    for index, subgraph in enumerate(context.subgraphs):
        stand_ins = (subgraph.type(interface) for interface in interfaces)
        names = tuple(t.name for t in stand_ins if t is not None and t.is_interface_object and field in t.fields)
        if names and fields[index] is None:
            found[index] = names
    return found


def _merge_input(context: MergeContext, name: str, sources: TypeSources) -> TypeDefinition:
    inputs: dict[str, InputValue] = {}
    for field in dict.fromkeys(field for source in some(sources) for field in source.inputs):
        values = tuple(None if source is None else source.inputs.get(field) for source in sources)
        merged = merge_input_field(context, name, values, sources)
        if is_inaccessible(context, merged) or _is_in_all(context, name, field, sources):
            inputs[field] = merged
    if not inputs:
        message = (
            f'None of the fields of input object type "{name}" are consistently defined in all the subgraphs '
            "defining that "
            f"type. As only fields common to all subgraphs are merged, this would result in an empty type."
        )
        context.report.error("EMPTY_MERGED_INPUT_TYPE", message, context.at(sources))
    return replace(base_type(context, name, Kind.INPUT, sources), inputs=inputs)


def is_inaccessible(context: MergeContext, element: Element) -> bool:
    """Whether a merged element is hidden from the API."""
    name = context.composed.federation.get("inaccessible")
    return name is not None and any(a.name == name for a in element.applications)


def _is_in_all(context: MergeContext, name: str, field: str, sources: TypeSources) -> bool:
    missing = [index for index, source in present(sources) if field not in source.inputs]
    if not missing:
        return True
    having = [index for index, source in present(sources) if field in source.inputs]
    required = [i for i, source in present(sources) if field in source.inputs and source.inputs[field].is_required]
    coordinate = f"{name}.{field}"
    if required:
        message = (
            f'Input object field "{coordinate}" is required in some subgraphs but does not appear in all '
            "subgraphs: it is "
            f"required in {context.names(required)} but does not appear in {context.names(missing)}"
        )
        context.report.error("REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", message, context.at(sources))
    else:
        message = (
            f'Input object field "{field}" will not be added to "{name}" in the supergraph as it does not '
            "appear in all "
            f"subgraphs: it is defined in {context.names(having)} but not in {context.names(missing)}."
        )
        context.report.hint("INCONSISTENT_INPUT_OBJECT_FIELD", message, coordinate, context.at(sources))
    return False


def _hint_inconsistent_entity(context: MergeContext, name: str, sources: TypeSources) -> bool:
    with_key = [index for index, source in present(sources) if source.has("key")]
    without = [index for index, source in present(sources) if not source.has("key")]
    if with_key and without:
        message = (
            f'Type "{name}" is declared as an entity (has a @key applied) in some but not all defining '
            "subgraphs: it has no "
            f"@key in {context.names(without)} but has some @key in {context.names(with_key)}."
        )
        context.report.hint("INCONSISTENT_ENTITY", message, name, context.at(sources))
    return bool(with_key)


def _hint_missing_field(context: MergeContext, field: FieldSources, code: str, what: str) -> None:
    having = [index for index, _ in present(field.sources)]
    missing = [
        index
        for index, parent in present(field.parents)
        if field.sources[index] is None and not _all_external(context, index, parent)
    ]
    if missing:
        message = (
            f'Field "{field.coordinate}" of {what} type "{field.owner}" is defined in some but not all '
            "subgraphs that define "
            f'"{field.owner}": "{field.coordinate}" is defined in {context.names(having)} but not in '
            f"{context.names(missing)}."
        )
        context.report.hint(code, message, field.owner, context.at(field.parents))


def _all_external(context: MergeContext, index: int, parent: TypeDefinition) -> bool:
    return all(context.is_external(index, f"{parent.name}.{name}") for name in parent.fields)


def _validate_subscription(context: MergeContext, field: FieldSources) -> None:
    for index, source in present(field.sources):
        parent = field.parents[index]
        on_type = parent is not None and any(use.part == source.part for use in parent.all_of("shareable"))
        if source.has("shareable") or on_type:
            message = "Fields on root level subscription object cannot be marked as shareable"
            context.report.error("INVALID_FIELD_SHARING", message, context.subgraphs[index].at(source))


def _validate_interface_keys(context: MergeContext, name: str, sources: TypeSources) -> bool:
    """A subgraph with a resolvable key on an interface has to know every implementation. Whether any has a key."""
    everywhere = sorted({t for s in context.subgraphs for t in s.runtime_types(name) if t != name})
    for index, source in present(sources):
        keys = [key for key in source.all_of("key") if key.flag("resolvable", default=True)]
        if source.is_interface_object or not keys:
            continue
        subgraph = context.subgraphs[index]
        missing = [t for t in everywhere if t not in subgraph.runtime_types(name)]
        if missing:
            message = (
                f'[{subgraph.name}] Interface type "{name}" has a resolvable key ({keys[0]}) in subgraph '
                f'"{subgraph.name}" '
                f'but that subgraph is missing some of the supergraph implementation types of "{name}". Subgraph '
                f'"{subgraph.name}" should define {_types(missing)} (and have {"it" if len(missing) == 1 else "them"} '
                f'implement "{name}").'
            )
            context.report.error("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", message, subgraph.at(source))
    return any(source.has("key") for source in some(sources))


def _validate_interface_objects(context: MergeContext, name: str, sources: TypeSources) -> None:
    implementations = {t for s in context.subgraphs for t in s.runtime_types(name) if t != name}
    for index, source in present(sources):
        subgraph = context.subgraphs[index]
        defined = [t for t in subgraph.types if t in implementations]
        if source.is_interface_object and defined:
            message = (
                f'[{subgraph.name}] Interface type "{name}" is defined as an @interfaceObject in subgraph '
                f'"{subgraph.name}" '
                f'so that subgraph should not define any of the implementation types of "{name}", but it defines '
                f"{_types(defined)}"
            )
            context.report.error("INTERFACE_OBJECT_USAGE_ERROR", message, subgraph.at(source))


def _types(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"type {quoted[0]}" if len(quoted) == 1 else f"types {', '.join(quoted[:-1])} and {quoted[-1]}"


_MERGERS: Mapping[Kind, Callable[[MergeContext, str, TypeSources], TypeDefinition | None]] = {
    Kind.SCALAR: _merge_scalar,
    Kind.OBJECT: _merge_object,
    Kind.INTERFACE: _merge_interface,
    Kind.UNION: _merge_union,
    Kind.INPUT: _merge_input,
}

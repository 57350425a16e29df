"""Merging one field, argument or input field across subgraphs, with the join metadata that says who resolves what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql.language import print_ast

from gateway.composition.context import split_field_value
from gateway.composition.field_set import fields_text
from gateway.composition.join import Plain, applied
from gateway.composition.merge_applications import merge_applications
from gateway.composition.merge_context import MergeContext, argument_sources, present, some
from gateway.composition.merge_override import Overrides
from gateway.composition.merge_values import merge_default, merge_description, merge_types
from gateway.composition.model import Application, Field, InputValue, TypeDefinition
from gateway.composition.type_references import is_strict_subtype


@dataclass(frozen=True, slots=True)
class FieldSources:
    """One field as the subgraphs have it: `parents` is its type there, `abstracted` the subgraphs that have it through
    an interface object instead."""

    owner: str
    name: str
    sources: tuple[Field | None, ...]
    parents: tuple[TypeDefinition | None, ...]
    abstracted: Mapping[int, tuple[str, ...]]
    overrides: Overrides

    @property
    def coordinate(self) -> str:
        """`Type.field`."""
        return f"{self.owner}.{self.name}"


def merge_field(context: MergeContext, field: FieldSources) -> Field | None:
    """The merged field with its join metadata, or None when nobody resolves it (an error)."""
    having = present(field.sources)
    if all(context.is_external(index, field.coordinate) for index, _ in having) and not field.abstracted:
        names = context.names([index for index, _ in having])
        message = (
            f'Field "{field.coordinate}" is marked @external on all the subgraphs in which it is listed ({names}).'
        )
        context.report.error("EXTERNAL_MISSING_ON_BASE", message, context.at(field.sources))
        return None
    resolved = _without_external(context, field)
    base = resolved if some(resolved) else field.sources
    arguments = _merge_arguments(context, base, field.coordinate)
    merged_type, same = merge_types(context, base, field.coordinate, contravariant=False)
    merged = Field(
        name=field.name,
        type=merged_type,
        arguments=arguments,
        description=merge_description(context, base, f'Element "{field.coordinate}"', field.coordinate),
    )
    same = _check_external(context, field, merged, same=same) and same
    applications = (*_join_fields(context, field, same), *merge_applications(context, base, field.coordinate))
    return Field(
        name=field.name,
        type=merged_type,
        arguments=arguments,
        description=merged.description,
        applications=applications,
    )


def merge_input_field(
    context: MergeContext, owner: str, sources: Sequence[InputValue | None], parents: Sequence[TypeDefinition | None]
) -> InputValue:
    """The merged input field with its join metadata."""
    name = some(sources)[0].name
    coordinate = f"{owner}.{name}"
    merged_type, same = merge_types(context, sources, coordinate, contravariant=True)
    everywhere = all(source is not None for source, parent in zip(sources, parents, strict=True) if parent is not None)
    joins = [
        applied("join__field", {"graph": context.graph(index), "type": None if same else source.type})
        for index, source in present(sources)
        if not (same and everywhere)
    ]
    return InputValue(
        name=name,
        type=merged_type,
        default=merge_default(context, sources, coordinate),
        description=merge_description(context, sources, f'Element "{coordinate}"', coordinate),
        applications=(*joins, *merge_applications(context, sources, coordinate)),
    )


def merge_argument(context: MergeContext, sources: Sequence[InputValue | None], coordinate: str) -> InputValue:
    """The merged argument; its coordinate ends in `(name:)`."""
    merged_type, _ = merge_types(context, sources, coordinate, contravariant=True)
    return InputValue(
        name=some(sources)[0].name,
        type=merged_type,
        default=merge_default(context, sources, coordinate),
        description=merge_description(context, sources, f'Element "{coordinate}"', coordinate),
        applications=merge_applications(context, sources, coordinate),
    )


def is_kept_argument(
    context: MergeContext, owners: Sequence, sources: Sequence[InputValue | None], coordinate: str
) -> bool:
    """Whether an argument is in every subgraph; a required one that is not is an error, an optional one a hint."""
    missing = [i for i, owner in enumerate(owners) if owner is not None and sources[i] is None]
    if not missing:
        return True
    having = [index for index, _ in present(sources)]
    required = [index for index, source in present(sources) if source.is_required]
    if required:
        message = (
            f'Argument "{coordinate}" is required in some subgraphs but does not appear in all subgraphs: it '
            "is required in "
            f"{context.names(required)} but does not appear in {context.names(missing)}"
        )
        context.report.error("REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH", message, context.at(sources))
    else:
        message = (
            f'Optional argument "{coordinate}" will not be included in the supergraph as it does not appear in all '
            f"subgraphs: it is defined in {context.names(having)} but not in {context.names(missing)}."
        )
        context.report.hint("INCONSISTENT_ARGUMENT_PRESENCE", message, coordinate, context.at(sources))
    return False


def _merge_arguments(context: MergeContext, fields: Sequence[Field | None], coordinate: str) -> dict[str, InputValue]:
    names = dict.fromkeys(name for field in some(fields) for name in field.arguments)
    merged = {}
    for name in names:
        sources = argument_sources(fields, name)
        place = f"{coordinate}({name}:)"
        if any(source.has("fromContext") for source in some(sources)):
            _check_contextual(context, sources, place)
        elif is_kept_argument(context, fields, sources, place):
            merged[name] = merge_argument(context, sources, place)
    return merged


def _check_contextual(context: MergeContext, sources: Sequence[InputValue | None], coordinate: str) -> None:
    """A contextual argument leaves the supergraph; elsewhere it must not be required from the caller."""
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    for index, source in present(sources):
        if source.has("fromContext"):
            continue
        places = context.subgraphs[index].at(source)
        if source.is_required:
            message = (
                f'Argument "{coordinate}" is contextual in at least one subgraph but in "{coordinate}" it does '
                "not have "
                f"@fromContext, is not nullable and has no default value."
            )
            context.report.error(code, message, places)
        else:
            message = (
                f'Contextual argument "{coordinate}" will not be included in the supergraph since it is '
                "contextual in at "
                f"least one subgraph"
            )
            context.report.hint(code, message, coordinate, places)


def _without_external(context: MergeContext, field: FieldSources) -> tuple[Field | None, ...]:
    """The sources that resolve the field; an external one must not carry directives that are merged."""
    kept: list[Field | None] = list(field.sources)
    for index, source in present(field.sources):
        if not context.is_external(index, field.coordinate):
            continue
        kept[index] = None
        subgraph = context.subgraphs[index]
        for application in source.applications:
            if context.composed.name_of(subgraph, application) is not None:
                message = (
                    f"[{subgraph.name}] Cannot apply merged directive {application} to external field "
                    f'"{field.coordinate}"'
                )
                context.report.error("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", message, subgraph.at(application))
    return tuple(kept)


def _check_external(context: MergeContext, field: FieldSources, merged: Field, *, same: bool) -> bool:
    """Checks that external declarations fit the merged field; whether all have exactly its type.

    `same`: all who resolve the field agree on its type. Only where they do not may an external type be narrower.
    """
    exact = True
    for index, source in present(field.sources):
        if not context.is_external(index, field.coordinate):
            continue
        places = context.subgraphs[index].at(source)
        if source.type != merged.type:
            exact = False
            if same or not is_strict_subtype(source.type, merged.type, context.is_subtype):
                message = (
                    f'Type of field "{field.coordinate}" is incompatible across subgraphs (where marked '
                    "@external): it has "
                    f'type "{merged.type}" in the supergraph but type "{source.type}" in {context.names([index])}'
                )
                context.report.error("EXTERNAL_TYPE_MISMATCH", message, places)
        for name, argument in merged.arguments.items():
            _check_external_argument(context, field, index, argument, source.arguments.get(name))
    return exact


def _check_external_argument(
    context: MergeContext, field: FieldSources, index: int, merged: InputValue, source: InputValue | None
) -> None:
    coordinate = f"{field.coordinate}({merged.name}:)"
    where = context.names([index])
    places = context.subgraphs[index].at(source or field.sources[index])
    if source is None:
        message = (
            f'Field "{field.coordinate}" is missing argument "{coordinate}" in some subgraphs where it is '
            "marked @external: "
            f"the argument is not declared in {where}"
        )
        context.report.error("EXTERNAL_ARGUMENT_MISSING", message, places)
    elif source.type != merged.type and not is_strict_subtype(merged.type, source.type, context.is_subtype):
        message = (
            f'Type of argument "{coordinate}" is incompatible across subgraphs (where "{field.coordinate}" is marked '
            f'@external): it has type "{merged.type}" in the supergraph but type "{source.type}" in {where}'
        )
        context.report.error("EXTERNAL_ARGUMENT_TYPE_MISMATCH", message, places)
    elif (source.default and print_ast(source.default)) != (merged.default and print_ast(merged.default)):
        message = (
            f'Argument "{coordinate}" has incompatible defaults across subgraphs (where "{field.coordinate}" is marked '
            f"@external in {where})"
        )
        context.report.error("EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", message, places)


def _join_fields(context: MergeContext, field: FieldSources, same: bool) -> list[Application]:
    if not _needs_join(context, field, same):
        return []
    joins = []
    for index, source in present(field.sources):
        label = field.overrides.labels.get(index)
        if index in field.overrides.unused and label is None:
            continue
        override = source.all_of("override")
        arguments: dict[str, Plain] = {
            "graph": context.graph(index),
            "requires": _fields(source, "requires"),
            "provides": _fields(source, "provides"),
            "override": override[0].text("from") if override else None,
            "type": None if same else source.type,
            "external": True if context.is_external(index, field.coordinate) else None,
            "usedOverridden": True if index in field.overrides.used else None,
            "overrideLabel": label,
            "contextArguments": _context_arguments(context, index, source) or None,
        }
        joins.append(applied("join__field", arguments))
    return joins


def _needs_join(context: MergeContext, field: FieldSources, same: bool) -> bool:
    """Whether plain presence of the field in all its type's subgraphs does not say everything."""
    if not same or field.overrides.used or field.overrides.labels:
        return True
    for index, source in enumerate(field.sources):
        if source is None or index in field.overrides.unused:
            if field.parents[index] is not None:
                return True
        elif (
            context.is_external(index, field.coordinate)
            or source.has("requires")
            or source.has("provides")
            or any(argument.has("fromContext") for argument in source.arguments.values())
        ):
            return True
    return False


def _fields(source: Field, directive: str) -> str | None:
    uses = source.all_of(directive)
    return fields_text(uses[0].arguments.get("fields")) if uses else None


def _context_arguments(context: MergeContext, index: int, source: Field) -> list[Plain]:
    subgraph = context.subgraphs[index]
    found: list[Plain] = []
    for argument in source.arguments.values():
        if argument.has("fromContext"):
            name, selection = split_field_value(argument)
            found.append(
                {
                    "context": f"{subgraph.name}__{name}",
                    "name": argument.name,
                    "type": argument.type,
                    "selection": selection,
                }
            )
    return found

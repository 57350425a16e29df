"""Merging enums: the values common to all subgraphs for inputs, every value for outputs, equal values for both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.composition.join import applied
from gateway.composition.merge_applications import merge_applications
from gateway.composition.merge_context import MergeContext, present, some
from gateway.composition.merge_types import base_type, is_inaccessible
from gateway.composition.merge_values import merge_description
from gateway.composition.model import Element, Kind, TypeDefinition
from gateway.composition.type_references import named_type

INPUT, OUTPUT = "input", "output"


def enum_positions(types: Iterable[TypeDefinition], directive_inputs: Iterable[str]) -> dict[str, dict[str, str]]:
    """For each type name, an example coordinate of its use as input and as output in the merged types."""
    positions: dict[str, dict[str, str]] = {}
    for owner in types:
        for field in owner.fields.values():
            positions.setdefault(named_type(field.type), {}).setdefault(OUTPUT, f"{owner.name}.{field.name}")
            for argument in field.arguments.values():
                place = f"{owner.name}.{field.name}({argument.name}:)"
                positions.setdefault(named_type(argument.type), {}).setdefault(INPUT, place)
        for item in owner.inputs.values():
            positions.setdefault(named_type(item.type), {}).setdefault(INPUT, f"{owner.name}.{item.name}")
    for name in directive_inputs:
        positions.setdefault(name, {}).setdefault(INPUT, "a directive")
    return positions


def merge_enum(
    context: MergeContext, name: str, sources: Sequence[TypeDefinition | None], used: Mapping[str, str]
) -> TypeDefinition:
    """The merged enum; `used` says in which positions the supergraph has it."""
    if not used:
        message = (
            f'Enum type "{name}" is defined but unused. It will be included in the supergraph with all the '
            "values appearing "
            f'in any subgraph ("as if" it was only used as an output type).'
        )
        context.report.hint("UNUSED_ENUM_TYPE", message, name, context.at(sources))
    values: dict[str, Element] = {}
    for value in dict.fromkeys(value for source in some(sources) for value in source.values):
        merged = _merge_value(context, name, value, sources)
        if _is_kept(context, name, value, sources, used, hidden=is_inaccessible(context, merged)):
            values[value] = merged
    if not values:
        message = (
            f'None of the values of enum type "{name}" are defined consistently in all the subgraphs defining '
            "that type. As "
            f"only values common to all subgraphs are merged, this would result in an empty type."
        )
        context.report.error("EMPTY_MERGED_ENUM_TYPE", message, context.at(sources))
    return replace(base_type(context, name, Kind.ENUM, sources), values=values)


def _merge_value(context: MergeContext, name: str, value: str, sources: Sequence[TypeDefinition | None]) -> Element:
    coordinate = f"{name}.{value}"
    values = tuple(None if source is None else source.values.get(value) for source in sources)
    joins = [applied("join__enumValue", {"graph": context.graph(index)}) for index, _ in present(values)]
    return Element(
        name=value,
        description=merge_description(context, values, f'Enum value "{coordinate}"', coordinate),
        applications=(*joins, *merge_applications(context, values, coordinate)),
    )


def _is_kept(
    context: MergeContext,
    name: str,
    value: str,
    sources: Sequence[TypeDefinition | None],
    used: Mapping[str, str],
    *,
    hidden: bool,
) -> bool:
    """Whether a value survives, by the positions its enum is used in; reports what is inconsistent."""
    missing = [index for index, source in present(sources) if value not in source.values]
    if not missing:
        return True
    having = [index for index, source in present(sources) if value in source.values]
    where = f"{context.names(having)} but not in {context.names(missing)}"
    coordinate = f"{name}.{value}"
    if INPUT not in used:
        message = (
            f'Value "{value}" of enum type "{name}" has been added to the supergraph but is only defined in a '
            "subset of the "
            f'subgraphs defining "{name}": "{value}" is defined in {where}.'
        )
        context.report.hint("INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", message, coordinate, context.at(sources))
        return True
    if hidden:
        return True
    if OUTPUT not in used:
        message = (
            f'Value "{value}" of enum type "{name}" will not be part of the supergraph as it is not defined in all the '
            f'subgraphs defining "{name}": "{value}" is defined in {where}.'
        )
        context.report.hint("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", message, coordinate, context.at(sources))
        return False
    message = (
        f'Enum type "{name}" is used as both input type (for example, as type of "{used[INPUT]}") and output type (for '
        f'example, as type of "{used[OUTPUT]}"), but value "{value}" is not defined in all the subgraphs defining '
        f'"{name}": "{value}" is defined in {where}'
    )
    context.report.error("ENUM_VALUE_MISMATCH", message, context.at(sources))
    return False

"""Field sharing: a field resolved by several subgraphs must be @shareable in each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.composition.location import Location
from gateway.composition.merge_context import MergeContext
from gateway.composition.merge_fields import FieldSources
from gateway.composition.model import Field
from gateway.composition.report import listed


@dataclass(frozen=True, slots=True)
class _Resolver:
    """A subgraph that resolves the field, perhaps through an interface object's field."""

    subgraph: str
    through: str
    shareable: bool
    places: tuple[Location, ...]

    def __str__(self) -> str:
        return f'"{self.subgraph}"{self.through}'


def validate_sharing(context: MergeContext, field: FieldSources) -> None:
    """Reports INVALID_FIELD_SHARING when several subgraphs resolve the field and one of them does not share it."""
    resolvers = [r for index, source in enumerate(field.sources) for r in _resolvers(context, field, index, source)]
    unshared = [resolver for resolver in resolvers if not resolver.shareable]
    if len(resolvers) < 2 or not unshared:
        return
    where = "all of them" if len(unshared) == len(resolvers) else _sentence(unshared)
    message = (
        f'Non-shareable field "{field.coordinate}" is resolved from multiple subgraphs: it is resolved from '
        f"{_sentence(resolvers)} and defined as non-shareable in {where}{_misspelt(context, field)}"
    )
    context.report.error("INVALID_FIELD_SHARING", message, tuple(p for r in resolvers for p in r.places))


def _resolvers(context: MergeContext, field: FieldSources, index: int, source: Field | None) -> list[_Resolver]:
    usage, subgraph = context.usages[index], context.subgraphs[index]
    if source is not None:
        if index in field.overrides.overridden or usage.is_fully_external(field.coordinate):
            return []
        return [_Resolver(subgraph.name, "", field.coordinate in usage.shareable, subgraph.at(source))]
    found = []
    for interface in field.abstracted.get(index, ()):
        coordinate = f"{interface}.{field.name}"
        if not usage.is_fully_external(coordinate):
            through = f' (through @interfaceObject field "{coordinate}")'
            places = subgraph.at(subgraph.field(interface, field.name))
            found.append(_Resolver(subgraph.name, through, coordinate in usage.shareable, places))
    return found


def _sentence(resolvers: Sequence[_Resolver]) -> str:
    if len(resolvers) == 1:
        return f"subgraph {resolvers[0]}"
    plain = [str(r) for r in resolvers]
    if not any(r.through for r in resolvers):
        return listed([r.subgraph for r in resolvers])
    return f"subgraphs {', '.join(plain[:-1])} and {plain[-1]}"


def _misspelt(context: MergeContext, field: FieldSources) -> str:
    index = next(iter(field.overrides.unknown), None)
    if index is None:
        return ""
    return (
        f' (please note that "{field.coordinate}" has an @override directive in "{context.subgraphs[index].name}" that '
        f"targets an unknown subgraph so this could be due to misspelling the @override(from:) argument)"
    )

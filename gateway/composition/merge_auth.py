"""Access requirements across types: interfaces take their implementations', and interface objects give theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from gateway.composition.join import applied
from gateway.composition.merge_applications import conjunction
from gateway.composition.merge_context import MergeContext
from gateway.composition.model import Application, Element, Kind, TypeDefinition
from gateway.composition.specifications import AUTH

ElementT = TypeVar("ElementT", bound=Element)

ARGUMENTS = {"requiresScopes": "scopes", "policy": "policies"}
"""The argument in which an access directive states its requirement in disjunctive normal form."""


def with_propagated_auth(context: MergeContext, types: Mapping[str, TypeDefinition]) -> dict[str, TypeDefinition]:
    """The types with access requirements spread, so that no way around an interface escapes them: all must hold."""
    if not any(directive in context.composed.federation for directive in AUTH):
        return dict(types)
    downward = {name: _from_interface_objects(context, types, owner) for name, owner in types.items()}
    return {
        name: _from_implementations(context, downward, owner) if owner.kind is Kind.INTERFACE else owner
        for name, owner in downward.items()
    }


def auth_uses(context: MergeContext, element: Element, directive: str) -> list[Application]:
    """The uses of an access directive on a merged element."""
    name = context.composed.federation.get(directive)
    return [use for use in element.applications if use.name == name]


def _from_interface_objects(
    context: MergeContext, types: Mapping[str, TypeDefinition], owner: TypeDefinition
) -> TypeDefinition:
    fields = dict(owner.fields)
    for interface in (types[name] for name in owner.interfaces if name in types):
        for name, field in fields.items():
            if _is_of_interface_object(context, interface.name, name) and name in interface.fields:
                coordinate = f"{owner.name}.{name}"
                fields[name] = _joined(context, field, [interface.fields[name]], coordinate)
    return replace(owner, fields=fields) if fields != owner.fields else owner


def _is_of_interface_object(context: MergeContext, interface: str, field: str) -> bool:
    stand_ins = (subgraph.type(interface) for subgraph in context.subgraphs)
    return any(t is not None and t.is_interface_object and field in t.fields for t in stand_ins)


def _from_implementations(
    context: MergeContext, types: Mapping[str, TypeDefinition], interface: TypeDefinition
) -> TypeDefinition:
    implementations = [t for t in types.values() if t.kind is Kind.OBJECT and interface.name in t.interfaces]
    fields = {}
    for name, field in interface.fields.items():
        others = [t.fields[name] for t in implementations if name in t.fields]
        fields[name] = _joined(context, field, others, f"{interface.name}.{name}")
    return replace(_joined(context, interface, implementations, interface.name), fields=fields)


def _joined(context: MergeContext, element: ElementT, others: Iterable[Element], coordinate: str) -> ElementT:
    """The element with its own and the others' requirements, all of which must hold."""
    sources = [element, *others]
    for directive in AUTH:
        uses = [use for source in sources for use in auth_uses(context, source, directive)]
        if not uses:
            continue
        merged = _merged(context, directive, uses, coordinate)
        kept = tuple(use for use in element.applications if use.name != merged.name)
        element = replace(element, applications=(*kept, merged))
    return element


def _merged(context: MergeContext, directive: str, uses: list[Application], coordinate: str) -> Application:
    first = uses[0]
    if all(str(use) == str(first) for use in uses):
        return first
    argument = ARGUMENTS[directive]
    message = (
        f'Directive @{first.name} is applied to "{coordinate}" in multiple subgraphs with different arguments. '
        f'Merging strategies used by arguments: {{ "{argument}": DNF_CONJUNCTION }}'
    )
    context.report.hint("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", message, coordinate)
    return applied(first.name, {argument: conjunction([use.arguments.get(argument) for use in uses])})

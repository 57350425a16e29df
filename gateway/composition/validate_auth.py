"""Checks that a field whose inputs the gateway fetches (@requires, @fromContext) is guarded at least as they are."""

from collections.abc import Iterator, Mapping

from graphql.language import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.composition.context import contexts_of, contextual_arguments, parse_selection
from gateway.composition.field_set import fields_text, parse_field_set
from gateway.composition.merge_applications import clauses_of
from gateway.composition.merge_auth import ARGUMENTS, auth_uses
from gateway.composition.merge_context import MergeContext
from gateway.composition.model import Element, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.specifications import AUTH
from gateway.composition.type_references import named_type

Types = Mapping[str, TypeDefinition]


def validate_auth(context: MergeContext, types: Types) -> None:
    """Reports each field that reads guarded data without stating the guard itself."""
    if not any(directive in context.composed.federation for directive in AUTH):
        return
    for subgraph in context.subgraphs:
        for owner in subgraph.of_kind(Kind.OBJECT):
            for field in owner.fields.values():
                _validate_requires(context, types, subgraph, owner, field)
        _validate_contexts(context, types, subgraph)


def _validate_requires(
    context: MergeContext, types: Types, subgraph: Subgraph, owner: TypeDefinition, field: Field
) -> None:
    guards = _guards(types, owner.name, field.name)
    for use in field.all_of("requires"):
        selections = parse_field_set(fields_text(use.arguments.get("fields")) or "__typename")
        for coordinate, needed in _selected(types, owner.name, selections):
            if not _is_covered(context, guards, needed):
                text = f'field "{coordinate}" data from @requires selection set.'
                _report(context, subgraph, f"{owner.name}.{field.name}", text, field)
                break


def _validate_contexts(context: MergeContext, types: Types, subgraph: Subgraph) -> None:
    contexts = contexts_of(subgraph)
    for use in contextual_arguments(subgraph):
        guards = _guards(types, use.owner.name, use.field.name)
        selections = parse_selection(use.selection or "")
        coordinate = f"{use.owner.name}.{use.field.name}"
        for owner in contexts.get(use.context or "", ()):
            if owner.name in types and not _is_covered(context, guards, [types[owner.name]]):
                text = f"data in context {subgraph.name}__{use.context} from @fromContext selection set."
                _report(context, subgraph, coordinate, text, use.argument)
            for selected, needed in _selected(types, owner.name, selections) if selections else ():
                if not _is_covered(context, guards, needed):
                    text = f'field "{selected}" data from @fromContext selection set.'
                    _report(context, subgraph, coordinate, text, use.argument)
                    break


def _report(context: MergeContext, subgraph: Subgraph, coordinate: str, text: str, element: Element) -> None:
    message = (
        f'[{subgraph.name}] Field "{coordinate}" does not specify necessary @authenticated, @requiresScopes '
        "and/or @policy "
        f"auth requirements to access the transitive {text}"
    )
    context.report.error("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", message, subgraph.at(element))


def _guards(types: Types, owner: str, field: str) -> list[Element]:
    """The merged elements whose requirements a caller of the field meets."""
    merged = types.get(owner)
    return [merged, *filter(None, [merged.fields.get(field)])] if merged is not None else []


def _selected(types: Types, owner: str, selections: SelectionSetNode) -> Iterator[tuple[str, list[Element]]]:
    """Each selected field of the supergraph with the elements that guard it: itself and the type it leads to."""
    merged = types.get(owner)
    for selection in selections.selections if merged else ():
        if isinstance(selection, InlineFragmentNode):
            name = selection.type_condition.name.value if selection.type_condition else owner
            if name in types and name != owner:
                yield name, [types[name]]
            yield from _selected(types, name, selection.selection_set)
        elif isinstance(selection, FieldNode) and merged is not None and selection.name.value in merged.fields:
            field = merged.fields[selection.name.value]
            target = types.get(named_type(field.type))
            yield f"{owner}.{field.name}", [field, *filter(None, [target])]
            if selection.selection_set:
                yield from _selected(types, named_type(field.type), selection.selection_set)


def _is_covered(context: MergeContext, guards: list[Element], needed: list[Element]) -> bool:
    """Whether whoever meets the guards' requirements also meets the needed ones."""
    return all(_implies(context, guards, needed, directive) for directive in AUTH)


def _implies(context: MergeContext, guards: list[Element], needed: list[Element], directive: str) -> bool:
    wanted = [use for element in needed for use in auth_uses(context, element, directive)]
    given = [use for element in guards for use in auth_uses(context, element, directive)]
    if directive not in ARGUMENTS:
        return bool(given) or not wanted
    argument = ARGUMENTS[directive]
    have = clauses_of([use.arguments.get(argument) for use in given])
    want = clauses_of([use.arguments.get(argument) for use in wanted])
    return all(any(clause >= other for other in want) for clause in have)

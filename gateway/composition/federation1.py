"""Turns Federation 1 subgraphs into what they mean in Federation 2: real externals, no extensions, shared fields."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from graphql import GraphQLSyntaxError
from graphql.language import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.composition.field_set import fields_text, parse_field_set, print_field_set, selected_fields
from gateway.composition.join import applied, value
from gateway.composition.model import ROOT_NAMES, Application, Element, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.report import Report
from gateway.composition.type_references import named_type
from gateway.composition.usage import Usage, usage_of
from gateway.composition.validate_subgraph import validate_federation

ElementT = TypeVar("ElementT", bound=Element)

_SHAREABLE = replace(applied("shareable", {}), federation="shareable")


def upgrade(subgraphs: Sequence[Subgraph], report: Report) -> list[Subgraph]:
    """The subgraphs with Federation 1 ones rewritten; the others stay as they are."""
    _validate_extensions(subgraphs, report)
    _validate_interface_objects(subgraphs, report)
    cleaned = [
        _cleaned(subgraph, subgraphs, report) if subgraph.is_federation_1 else subgraph for subgraph in subgraphs
    ]
    cleaned = [_without_repeated_tags(subgraph, cleaned) for subgraph in cleaned]
    if not any(subgraph.is_federation_1 for subgraph in cleaned):
        return cleaned
    for subgraph in cleaned:
        if subgraph.is_federation_1:
            validate_federation(subgraph, report)
    known = [(subgraph, usage_of(subgraph)) for subgraph in cleaned]
    return [_shared(subgraph, known) if subgraph.is_federation_1 else subgraph for subgraph in cleaned]


def _validate_extensions(subgraphs: Sequence[Subgraph], report: Report) -> None:
    """An extension needs a definition somewhere."""
    defined = {t.name for subgraph in subgraphs for t in subgraph.types.values() if not t.is_extension}
    for subgraph in subgraphs:
        for owner in subgraph.types.values() if subgraph.is_federation_1 else ():
            if owner.is_extension and owner.name not in defined | ROOT_NAMES:
                message = (
                    f'[{subgraph.name}] Type "{owner.name}" is an extension type, but there is no type definition for '
                    f'"{owner.name}" in any subgraph.'
                )
                report.error("EXTENSION_WITH_NO_BASE", message, subgraph.at(owner))


def _validate_interface_objects(subgraphs: Sequence[Subgraph], report: Report) -> None:
    """A Federation 1 subgraph does not tell the types of an interface's objects by its keys."""
    for name, user in {t.name: s for s in subgraphs for t in s.types.values() if t.is_interface_object}.items():
        for subgraph in subgraphs:
            owner = subgraph.type(name)
            if subgraph.is_federation_1 and owner and owner.kind is Kind.INTERFACE and owner.has("key"):
                message = (
                    f'The @interfaceObject directive is used on type "{name}" in subgraph "{user.name}", which '
                    "requires other subgraphs to resolve its type name by an interface @key. A @key on an interface in "
                    f'a Federation 1 subgraph ("{subgraph.name}") does not do that: upgrade it to Federation 2.'
                )
                report.error("INTERFACE_OBJECT_USAGE_ERROR", message, subgraph.at(owner))


def _cleaned(subgraph: Subgraph, others: Sequence[Subgraph], report: Report) -> Subgraph:
    """Drops what Federation 1 accepted without meaning: see the steps."""
    stand_ins = _stand_ins(subgraph, others)
    without = _with_types(subgraph, lambda owner: _plain(owner, stand_ins))
    active = _with_types(without, lambda owner: _active(without, owner))
    usage = usage_of(active)
    used = _with_types(active, lambda owner: _without_unused(owner, usage))
    _validate_not_emptied(active, used, report)
    kept = {name: owner for name, owner in used.types.items() if owner.fields or not active.types[name].fields}
    return replace(used, types=kept)


def _with_types(subgraph: Subgraph, change: Callable[[TypeDefinition], TypeDefinition]) -> Subgraph:
    return replace(subgraph, types={name: change(owner) for name, owner in subgraph.types.items()})


def _without(element: ElementT, *directives: str) -> ElementT:
    return replace(element, applications=tuple(a for a in element.applications if a.federation not in directives))


def _stand_ins(subgraph: Subgraph, others: Sequence[Subgraph]) -> set[str]:
    """Key fields an extension marks @external although it resolves them: of its own keys, else of the owner's first."""
    found: set[str] = set()
    for owner in subgraph.of_kind(Kind.OBJECT):
        if not owner.is_extension:
            continue
        keys = owner.all_of("key") or _owners_first_key(subgraph, owner.name, others)
        for key in keys:
            own = (s for s in selected_fields(subgraph, owner.name, key) if s.owner.name == owner.name)
            found |= {selected.coordinate for selected in own}
    return found


def _owners_first_key(subgraph: Subgraph, name: str, others: Iterable[Subgraph]) -> tuple[Application, ...]:
    for other in others:
        definition = other.type(name) if other.name != subgraph.name else None
        if definition is not None and not definition.is_extension:
            return definition.all_of("key")[:1]
    return ()


def _plain(owner: TypeDefinition, stand_ins: set[str]) -> TypeDefinition:
    """Extensions become definitions; @external goes from types, interfaces and stand-in keys; interfaces lose keys."""
    uses = tuple(replace(a, on_extension=False, part=0) for a in owner.applications)
    dropped = ("external", "key") if owner.kind is Kind.INTERFACE else ("external",)
    definition = replace(owner, applications=uses, extensions=(False,) * len(owner.extensions))
    fields = {name: _plain_field(owner, field, stand_ins) for name, field in owner.fields.items()}
    return replace(_without(definition, *dropped), fields=fields)


def _plain_field(owner: TypeDefinition, field: Field, stand_ins: set[str]) -> Field:
    if owner.kind is Kind.INTERFACE:
        return _without(field, "external", "provides", "requires")
    if f"{owner.name}.{field.name}" in stand_ins:
        return _without(field, "external")
    return field


def _active(subgraph: Subgraph, owner: TypeDefinition) -> TypeDefinition:
    """@provides and @requires keep only the external fields they select: others had no effect."""
    fields = {}
    for name, field in owner.fields.items():
        uses = []
        for use in field.applications:
            if use.federation in ("provides", "requires"):
                target = owner.name if use.federation == "requires" else named_type(field.type)
                text = _active_fields(subgraph, target, use)
                uses += [replace(use, arguments={"fields": value(text)})] if text else []
            else:
                uses.append(use)
        fields[name] = replace(field, applications=tuple(uses))
    return replace(owner, fields=fields)


def _active_fields(subgraph: Subgraph, target: str, use: Application) -> str:
    text = fields_text(use.arguments.get("fields"))
    if text is None or subgraph.type(target) is None:
        return ""
    try:
        selections = parse_field_set(text)
    except (GraphQLSyntaxError, ValueError):
        return text  # what is wrong with it is said once everything is upgraded
    kept = _external_selections(subgraph, target, selections)
    return "" if kept is None else print_field_set(kept)


def _external_selections(subgraph: Subgraph, owner: str, selections: SelectionSetNode) -> SelectionSetNode | None:
    """The selections that lead to an external field; all that is below an external field counts as such."""
    kept: list[FieldNode | InlineFragmentNode] = []
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else owner
            inner = _external_selections(subgraph, condition, selection.selection_set)
            if inner is not None:
                kept.append(InlineFragmentNode(type_condition=selection.type_condition, selection_set=inner))
        elif isinstance(selection, FieldNode):
            field = subgraph.field(owner, selection.name.value)
            if field is None or _is_external(subgraph, owner, field) or _lacks_selections(subgraph, field, selection):
                kept.append(selection)
            elif selection.selection_set:
                inner = _external_selections(subgraph, named_type(field.type), selection.selection_set)
                if inner is not None:
                    kept.append(FieldNode(name=selection.name, arguments=selection.arguments, selection_set=inner))
    return SelectionSetNode(selections=tuple(kept)) if kept else None


def _lacks_selections(subgraph: Subgraph, field: Field, node: FieldNode) -> bool:
    target = subgraph.type(named_type(field.type))
    return node.selection_set is None and target is not None and target.is_composite


def _is_external(subgraph: Subgraph, owner: str, field: Field) -> bool:
    if field.has("external"):
        return True
    fields = (subgraph.field(name, field.name) for name in subgraph.runtime_types(owner) if name != owner)
    return any(other is not None and other.has("external") for other in fields)


def _without_unused(owner: TypeDefinition, usage: Usage) -> TypeDefinition:
    if owner.kind is not Kind.OBJECT:
        return owner
    kept = {
        name: field
        for name, field in owner.fields.items()
        if not field.has("external") or f"{owner.name}.{name}" in usage.used
    }
    return replace(owner, fields=kept)


def _without_repeated_tags(subgraph: Subgraph, others: Sequence[Subgraph]) -> Subgraph:
    """A tag on an external field goes when the field has the same tag where it is resolved."""
    if not subgraph.is_federation_1:
        return subgraph
    return _with_types(subgraph, lambda owner: _untagged(owner, [s for s in others if s.name != subgraph.name]))


def _untagged(owner: TypeDefinition, others: Sequence[Subgraph]) -> TypeDefinition:
    fields = dict(owner.fields)
    for name, field in owner.fields.items():
        if field.has("external") and field.has("tag"):
            elsewhere = [f for s in others if (f := s.field(owner.name, name)) is not None and not f.has("external")]
            tags = {use.text("name") for f in elsewhere for use in f.all_of("tag")}
            kept = tuple(a for a in field.applications if a.federation != "tag" or a.text("name") not in tags)
            fields[name] = replace(field, applications=kept)
    return replace(owner, fields=fields)


def _validate_not_emptied(before: Subgraph, after: Subgraph, report: Report) -> None:
    used = {named_type(f.type) for t in after.types.values() for f in t.fields.values()}
    for name, owner in after.types.items():
        if before.types[name].fields and not owner.fields and name in used:
            message = (
                f'[{after.name}] Type "{name}" contains only external fields and all those fields are all '
                "unused (they do "
                f"not appear in any @key, @provides or @requires)."
            )
            report.error("TYPE_WITH_ONLY_UNUSED_EXTERNAL", message, after.at(owner))


@dataclass(frozen=True, slots=True)
class _Others:
    """The other subgraphs, and what is known of their fields."""

    known: tuple[tuple[Subgraph, Usage], ...]

    def have(self, name: str) -> bool:
        return any(subgraph.type(name) is not None for subgraph, _ in self.known)

    def resolve(self, owner: str, field: str) -> bool:
        coordinate = f"{owner}.{field}"
        return any(s.field(owner, field) is not None and not u.is_fully_external(coordinate) for s, u in self.known)


def _shared(subgraph: Subgraph, known: Sequence[tuple[Subgraph, Usage]]) -> Subgraph:
    """Marks shareable what Federation 1 let several subgraphs resolve: value types, and fields others resolve too."""
    usage = next(u for s, u in known if s.name == subgraph.name)
    others = _Others(tuple((s, u) for s, u in known if s.name != subgraph.name))
    return _with_types(subgraph, lambda owner: _shared_type(owner, usage, others))


def _shared_type(owner: TypeDefinition, usage: Usage, others: _Others) -> TypeDefinition:
    if owner.kind is not Kind.OBJECT or owner.name == "Subscription":
        return owner
    if not owner.has("key") and owner.name not in ROOT_NAMES:
        return (
            replace(owner, fields={n: _mark(f) for n, f in owner.fields.items()}) if others.have(owner.name) else owner
        )
    fields = {}
    for name, field in owner.fields.items():
        already = f"{owner.name}.{name}" in usage.shareable
        fields[name] = _mark(field) if not already and others.resolve(owner.name, name) else field
    return replace(owner, fields=fields)


def _mark(field: Field) -> Field:
    return replace(field, applications=(*field.applications, _SHAREABLE))

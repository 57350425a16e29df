"""Gives implementation types the fields that only an @interfaceObject subgraph resolves for their interface."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.composition.join import applied
from gateway.composition.merge_context import MergeContext
from gateway.composition.merge_fields import FieldSources
from gateway.composition.merge_override import Overrides
from gateway.composition.merge_sharing import validate_sharing
from gateway.composition.merge_types import abstracting
from gateway.composition.model import Field, Kind, TypeDefinition


def with_interface_object_fields(
    context: MergeContext, types: Mapping[str, TypeDefinition]
) -> dict[str, TypeDefinition]:
    """The types, each implementation with the interface-object fields it lacks; they name no graph of their own."""
    added: dict[str, dict[str, Field]] = {}
    for interface in (t for t in types.values() if t.kind is Kind.INTERFACE):
        fields = _fields_of_objects(context, interface)
        for owner in types.values():
            if owner.kind is Kind.OBJECT and interface.name in owner.interfaces:
                missing = {name: field for name, field in fields.items() if name not in owner.fields}
                added.setdefault(owner.name, {}).update(missing)
    for name, fields in added.items():
        for field in fields:
            _validate_sharing(context, name, field)
    return {
        name: replace(owner, fields={**owner.fields, **added[name]}) if added.get(name) else owner
        for name, owner in types.items()
    }


def _validate_sharing(context: MergeContext, owner: str, field: str) -> None:
    """Several interface objects may give one field to a type: they share it as subgraphs do."""
    nothing = (None,) * len(context.subgraphs)
    found = FieldSources(owner, field, nothing, nothing, abstracting(context, owner, field, nothing), Overrides())
    validate_sharing(context, found)


def _fields_of_objects(context: MergeContext, interface: TypeDefinition) -> dict[str, Field]:
    """The interface's fields that some interface object resolves, as an implementation inherits them."""
    stand_ins = [t for s in context.subgraphs if (t := s.type(interface.name)) is not None and t.is_interface_object]
    names = {name for stand_in in stand_ins for name in stand_in.fields}
    fields = {}
    for name, field in interface.fields.items():
        if name in names:
            kept = tuple(use for use in field.applications if use.name != "join__field")
            fields[name] = replace(field, applications=(applied("join__field", {}), *kept))
    return fields

"""Two API schemas in; the changes of root types, types, fields, members and values between them out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
)

from gateway.composition.changes import Change, both, breaking, dangerous, missing, safe
from gateway.composition.diff_inputs import (
    argument_changes,
    deprecation_changes,
    description_changes,
    input_field_changes,
    is_safe_for_readers,
)

Changes = Iterator[Change]
Composite = GraphQLObjectType | GraphQLInterfaceType
_KINDS: Mapping[type[GraphQLNamedType], str] = {
    GraphQLScalarType: "a scalar",
    GraphQLObjectType: "an object",
    GraphQLInterfaceType: "an interface",
    GraphQLUnionType: "a union",
    GraphQLEnumType: "an enum",
    GraphQLInputObjectType: "an input object",
}


def type_changes(old: GraphQLSchema, new: GraphQLSchema) -> Changes:
    """Every change of the types that clients see, by the rules of the GraphQL specification's type system."""
    yield from _root_changes(old, new)
    before, after = _own_types(old), _own_types(new)
    for name in missing(before, after):
        yield breaking("TYPE_REMOVED", name, "The type was removed.")
    for name in missing(after, before):
        yield safe("TYPE_ADDED", name, f"{_KINDS[type(after[name])].capitalize()} type was added.")
    for name, was, now in both(before, after):
        yield from _same_name(name, was, now)


def _own_types(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    return {
        name: item
        for name, item in schema.type_map.items()
        if not is_introspection_type(item) and not is_specified_scalar_type(item)
    }


def _root_changes(old: GraphQLSchema, new: GraphQLSchema) -> Changes:
    for operation in ("query", "mutation", "subscription"):
        was, now = (getattr(schema, f"{operation}_type") for schema in (old, new))
        if was is None and now is not None:
            yield safe("ROOT_ADDED", now.name, f"Operations of type {operation} are served now.")
        elif was is not None and now is None:
            yield breaking("ROOT_REMOVED", was.name, f"Operations of type {operation} are no longer served.")
        elif was and now and was.name != now.name:
            yield breaking("ROOT_RENAMED", was.name, f"The root type for {operation} is called {now.name} now.")


def _same_name(name: str, old: GraphQLNamedType, new: GraphQLNamedType) -> Changes:
    yield from description_changes(name, old.description, new.description)
    if type(old) is not type(new):
        yield breaking("TYPE_KIND_CHANGED", name, f"was {_KINDS[type(old)]} and is {_KINDS[type(new)]} now.")
        return
    yield from _BY_KIND[type(old)](name, old, new)


def _composite(name: str, old: Composite, new: Composite) -> Changes:
    was, now = ({interface.name for interface in item.interfaces} for item in (old, new))
    for interface in missing(was, now):
        yield breaking("IMPLEMENTATION_REMOVED", name, f"no longer implements {interface}.")
    for interface in missing(now, was):
        yield dangerous("IMPLEMENTATION_ADDED", name, f"implements {interface} now: selections on it may meet {name}.")
    for field in missing(old.fields, new.fields):
        note = " (it was deprecated)" if old.fields[field].deprecation_reason is not None else ""
        yield breaking("FIELD_REMOVED", f"{name}.{field}", f"The field was removed{note}.")
    for field in missing(new.fields, old.fields):
        yield safe("FIELD_ADDED", f"{name}.{field}", "A field was added.")
    for field, before, after in both(old.fields, new.fields):
        yield from _field(f"{name}.{field}", before, after)


def _field(coordinate: str, old: GraphQLField, new: GraphQLField) -> Changes:
    if str(old.type) != str(new.type):
        kind = safe if is_safe_for_readers(old.type, new.type) else breaking
        yield kind("FIELD_TYPE_CHANGED", coordinate, f"changed its type from {old.type} to {new.type}.")
    yield from argument_changes(coordinate, old.args, new.args)
    yield from deprecation_changes(coordinate, old.deprecation_reason, new.deprecation_reason)
    yield from description_changes(coordinate, old.description, new.description)


def _union(name: str, old: GraphQLUnionType, new: GraphQLUnionType) -> Changes:
    was, now = ({member.name for member in item.types} for item in (old, new))
    for member in missing(was, now):
        yield breaking("UNION_MEMBER_REMOVED", name, f"{member} is no longer a member.")
    for member in missing(now, was):
        yield dangerous("UNION_MEMBER_ADDED", name, f"{member} is a member now: clients may meet it.")


def _enum(name: str, old: GraphQLEnumType, new: GraphQLEnumType) -> Changes:
    for value in missing(old.values, new.values):
        yield breaking("ENUM_VALUE_REMOVED", f"{name}.{value}", "The value was removed.")
    for value in missing(new.values, old.values):
        yield dangerous("ENUM_VALUE_ADDED", f"{name}.{value}", "A value was added: clients may meet it.")
    for value, before, after in both(old.values, new.values):
        coordinate = f"{name}.{value}"
        yield from deprecation_changes(coordinate, before.deprecation_reason, after.deprecation_reason)
        yield from description_changes(coordinate, before.description, after.description)


def _input(name: str, old: GraphQLInputObjectType, new: GraphQLInputObjectType) -> Changes:
    yield from input_field_changes(name, old.fields, new.fields)
    if new.is_one_of and not old.is_one_of:
        yield breaking("ONE_OF_ADDED", name, "takes exactly one of its fields now.")
    elif old.is_one_of and not new.is_one_of:
        yield safe("ONE_OF_REMOVED", name, "may take several of its fields now.")


def _scalar(name: str, old: GraphQLScalarType, new: GraphQLScalarType) -> Changes:
    if old.specified_by_url != new.specified_by_url:
        message = (
            f"is specified by {new.specified_by_url or 'nothing'} now, was by {old.specified_by_url or 'nothing'}."
        )
        yield dangerous("SCALAR_SPECIFICATION_CHANGED", name, message)


_BY_KIND: Mapping[type[GraphQLNamedType], Callable[[str, Any, Any], Changes]] = {
    GraphQLScalarType: _scalar,
    GraphQLObjectType: _composite,
    GraphQLInterfaceType: _composite,
    GraphQLUnionType: _union,
    GraphQLEnumType: _enum,
    GraphQLInputObjectType: _input,
}

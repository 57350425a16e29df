"""What the arguments of a field read: a filter, an ordering or a cursor on a field is a reading of that field.

In: a field node with its definition. Out: the coordinates of every argument, input field and enum value it uses. A
variable of which nothing is known may hold any value of its type, so all of them count; one that is known to be left
out (`Undefined`) counts as its argument left out, and so does a part of one (`filter.nino`, `order=NINO`). Never
decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    EnumValueNode,
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
    get_named_type,
)

ANY_VALUE = object()


@dataclass(frozen=True, slots=True)
class InputReads:
    """Reads arguments against the values of variables, where these are known."""

    variables: Mapping[str, Any] | None = None

    def of_field(self, type_name: str, node: FieldNode, definition: GraphQLField) -> Iterator[str]:
        """The input coordinates this field uses on that type: given arguments, and defaults of those not given."""
        given = self._given((argument.name.value, argument.value) for argument in node.arguments or ())
        for name, argument in definition.args.items():
            if name in given or has_default(argument):
                yield f"{type_name}.{node.name.value}({name}:)"
                yield from self._parts(argument.type, given.get(name, default_of(argument)))

    def _given(self, stated: Iterable[tuple[str, object]]) -> Mapping[str, object]:
        """What is stated by name, without what is a variable left out (specification 6.4.1)."""
        known = self.variables or {}
        return {
            name: value
            for name, value in stated
            if not (isinstance(value, VariableNode) and known.get(value.name.value) is Undefined)
        }

    def _parts(self, kind: GraphQLInputType | GraphQLNamedType, value: object) -> Iterator[str]:
        """The input fields and enum values that a value (syntax, a variable's value, or `ANY_VALUE`) uses."""
        path = ""
        if isinstance(value, VariableNode):
            path = value.name.value
            value = (self.variables or {}).get(path, ANY_VALUE)
        named = get_named_type(kind)
        if value is ANY_VALUE:
            yield from self._every_part(named, frozenset(), path)
        elif isinstance(value, ListValueNode | list | tuple):
            for item in value.values if isinstance(value, ListValueNode) else value:
                yield from self._parts(named, item)
        elif isinstance(named, GraphQLEnumType):
            yield from _enum_value(named, value)
        elif isinstance(named, GraphQLInputObjectType):
            yield from self._fields(named, value)

    def _every_part(self, named: GraphQLNamedType, seen: frozenset[str], path: str) -> Iterator[str]:
        """The parts that any value of this type uses, but for those known to be left out of the variable at `path`."""
        if isinstance(named, GraphQLEnumType):
            yield from (f"{named.name}.{value}" for value in named.values if not self._left_out(f"{path}={value}"))
        elif isinstance(named, GraphQLInputObjectType) and named.name not in seen:
            # A type inside itself is looked into again where less of it was left out than above.
            within = seen if self._is_known(path) else seen | {named.name}
            for name, member in named.fields.items():
                if not self._left_out(f"{path}.{name}"):
                    yield f"{named.name}.{name}"
                    yield from self._every_part(get_named_type(member.type), within, f"{path}.{name}")

    def _is_known(self, path: str) -> bool:
        """Whether anything is known of the parts below this path, which there are finitely many of."""
        return any(known.startswith(f"{path}.") for known in self.variables or {})

    def _left_out(self, path: str) -> bool:
        return (self.variables or {}).get(path) is Undefined

    def _fields(self, named: GraphQLInputObjectType, value: object) -> Iterator[str]:
        members = _members(value)
        if members is None:
            return
        given = self._given(members.items())
        for name, member in named.fields.items():
            if name in given or has_default(member):
                yield f"{named.name}.{name}"
                yield from self._parts(member.type, given.get(name, default_of(member)))


def _members(value: object) -> Mapping[str, Any] | None:
    """The members of an object value; None for null."""
    if isinstance(value, ObjectValueNode):
        return {member.name.value: member.value for member in value.fields}
    return value if isinstance(value, Mapping) else None


def _enum_value(named: GraphQLEnumType, value: object) -> Iterator[str]:
    name = value.value if isinstance(value, EnumValueNode) else value
    if isinstance(name, str):
        yield f"{named.name}.{name}"


def has_default(definition: GraphQLArgument | GraphQLInputField) -> bool:
    """Whether the element has a value where none is given, in either way a schema can state one."""
    return definition.default is not None or definition.default_value is not Undefined


def default_of(definition: GraphQLArgument | GraphQLInputField) -> object:
    """The default as it is written or given; any value where the schema holds only its internal form."""
    default = definition.default
    if default is None:
        return ANY_VALUE
    return default.value if default.literal is None else default.literal

"""Supergraph SDL in; the few facts about types that running a plan needs out. Knows inaccessible types too, which
the API schema does not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphql import (
    DocumentNode,
    InterfaceTypeDefinitionNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
)

CompositeDefinition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


@dataclass(frozen=True, slots=True)
class SchemaIndex:
    """Which types are objects, what every abstract type may be at run time, and which fields are never null."""

    objects: frozenset[str]
    possible_types: Mapping[str, frozenset[str]]
    non_null_fields: frozenset[tuple[str, str]]

    def matches(self, type_name: str, condition: str) -> bool:
        """Whether a value of `type_name` satisfies a fragment's type condition.

        `type_name` may be an interface's name: an `@interfaceObject` subgraph answers with it.
        """
        return type_name == condition or type_name in self.possible_types.get(condition, ())

    def is_abstract(self, type_name: str) -> bool:
        """Whether the name is that of an interface or a union."""
        return type_name in self.possible_types


def index_from_document(document: DocumentNode) -> SchemaIndex:
    """Read a (super)graph's type definitions; directives are ignored."""
    objects: set[str] = set()
    possible: dict[str, set[str]] = {}
    non_null: set[tuple[str, str]] = set()
    for definition in document.definitions:
        if isinstance(definition, UnionTypeDefinitionNode):
            possible[definition.name.value] = {member.name.value for member in definition.types or ()}
        elif isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            name = definition.name.value
            _register(definition, objects, possible)
            non_null |= {(name, field) for field in _non_null_fields(definition)}
    frozen = {name: frozenset(members) for name, members in possible.items()}
    return SchemaIndex(frozenset(objects), MappingProxyType(frozen), frozenset(non_null))


def _register(definition: CompositeDefinition, objects: set[str], possible: dict[str, set[str]]) -> None:
    name = definition.name.value
    if isinstance(definition, ObjectTypeDefinitionNode):
        objects.add(name)
    else:
        possible.setdefault(name, set())
    for interface in definition.interfaces or ():
        # An interface that implements another one counts too: an interface object may answer with its name.
        possible.setdefault(interface.name.value, set()).add(name)


def _non_null_fields(definition: CompositeDefinition) -> Iterator[str]:
    return (field.name.value for field in definition.fields or () if isinstance(field.type, NonNullTypeNode))

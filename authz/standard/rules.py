"""The access rules of any supergraph by concrete coordinate: what its document states, propagated here, not trusted to
the composer that made it.

A field needs what it, its type, the type it leads to, the interfaces it stands for and the fields it is computed from
need. In: the document and its whole schema (inaccessible elements included). Out: frozen `StandardRules`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from authz.errors import InvalidRules
from authz.standard.requirement import NOTHING, Requirement, together
from authz.standard.selections import possible_types, selected_coordinates
from authz.standard.stated import Reading, Stated, stated_in

Requirements: TypeAlias = Mapping[str, Requirement]
NONE: Requirements = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StandardRules:
    """Every requirement of a supergraph, propagated; falsy when there is none.

    `fields` by `Type.field` of each object type, `Type.__typename` included; what is not in it is open. `inputs` by the
    name of an enum or scalar: what giving one of its values needs. `members` of fields that lead to an interface or
    union: the object types that all have rules of their own.
    """

    fields: Requirements = field(default_factory=lambda: NONE)
    inputs: Requirements = field(default_factory=lambda: NONE)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.fields or self.inputs)

    @property
    def scopes(self) -> frozenset[str]:
        """Every scope that matters somewhere."""
        return frozenset(name for each in self._all() for sets in each.scopes for names in sets for name in names)

    @property
    def policies(self) -> frozenset[str]:
        """Every policy that matters somewhere."""
        return frozenset(name for each in self._all() for sets in each.policies for names in sets for name in names)

    @property
    def asks_for_policies(self) -> bool:
        """Whether any rule is a `@policy`, even one that names none."""
        return any(each.policies for each in self._all())

    def _all(self) -> Iterator[Requirement]:
        yield from self.fields.values()
        yield from self.inputs.values()


def standard_rules(document: DocumentNode, schema: GraphQLSchema) -> StandardRules:
    """The rules of a supergraph document over its whole schema.

    Raises:
        InvalidRules: a rule that makes no sense or stands where none can, or a `@requires` or `@fromContext` that reads
            what the schema does not have.
    """
    stated = stated_in(document)
    if not stated:
        return StandardRules()
    graph = _graph(schema, stated)
    fields = _with_readings(dict(graph.own_requirements()), dict(graph.readings()))
    inputs = {name: stated.types[name] for name in graph.inputs() if name in stated.types}
    return StandardRules(
        fields=MappingProxyType({name: found for name, found in sorted(fields.items()) if found}),
        inputs=MappingProxyType(dict(sorted(inputs.items()))),
        members=MappingProxyType(dict(graph.guarded_members())),
    )


@dataclass(frozen=True, slots=True)
class _Graph:
    """What a document states, over its schema: its object types, the object types each type can be, and the interfaces
    and unions above each object type."""

    schema: GraphQLSchema
    stated: Stated
    objects: Mapping[str, GraphQLObjectType]
    members: Mapping[str, tuple[str, ...]]
    above: Mapping[str, list[str]]

    def inputs(self) -> Iterator[str]:
        """The enums and scalars."""
        kinds = self.schema.type_map.items()
        return (name for name, kind in kinds if isinstance(kind, GraphQLEnumType | GraphQLScalarType))

    def possible(self, name: str) -> tuple[str, ...]:
        return self.members.get(name, (name,))

    def of_type(self, name: str) -> Requirement:
        """What any value of this type needs: for an object, also what its interfaces and unions ask for on their own
        account."""
        if name in self.members:
            return self.own_account(name)
        return together([self._stated_type(name), *map(self.own_account, self.above.get(name, ()))])

    def own_account(self, name: str) -> Requirement:
        """What an interface or union asks for beyond its types together.

        Composers state on an interface what its types need, all together: that is theirs and is asked of each type
        alone. The rest can only have been meant for every one of them.
        """
        stated = self.stated.types.get(name)
        return stated.beyond(together(map(self._stated_type, self.possible(name)))) if stated else NOTHING

    def _stated_type(self, name: str) -> Requirement:
        return self.stated.types.get(name, NOTHING)

    def _own_account_of_field(self, interface: str, name: str) -> Requirement:
        """As `own_account`; the field of an interface object has a rule of its own, whatever its types say."""
        coordinate = f"{interface}.{name}"
        stated = self.stated.fields.get(coordinate)
        if not stated or coordinate in self.stated.interface_objects:
            return stated or NOTHING
        concrete = (self.stated.fields.get(f"{each}.{name}", NOTHING) for each in self.possible(interface))
        return stated.beyond(together(concrete))

    def own_requirements(self) -> Iterator[tuple[str, Requirement]]:
        """Each object's field with the requirements of the field, its type, its interfaces and the type it leads to."""
        of_type = {name: self.of_type(name) for name in self.schema.type_map}
        for owner, kind in self.objects.items():
            yield f"{owner}.__typename", of_type[owner]
            interfaces = [each.name for each in kind.interfaces]
            for name, definition in kind.fields.items():
                coordinate = f"{owner}.{name}"
                own = self.stated.fields.get(coordinate, NOTHING)
                above = (self._own_account_of_field(each, name) for each in interfaces)
                leads_to = of_type[get_named_type(definition.type).name]
                yield coordinate, together([of_type[owner], own, leads_to, *above])

    def readings(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Each concrete coordinate that is computed from others, with these."""
        found: dict[str, set[str]] = {}
        for reading in self.stated.readings:
            for owner in self.objects.keys() & self.possible(reading.owner):
                found.setdefault(f"{owner}.{reading.field}", set()).update(self._read_by(reading, owner))
        return ((coordinate, frozenset(read)) for coordinate, read in found.items())

    def _read_by(self, reading: Reading, owner: str) -> Iterator[str]:
        if reading.context is None:
            yield from selected_coordinates(self.schema, owner, reading.selection)
            return
        setting = self.stated.contexts.get(reading.context)
        if not setting:
            raise InvalidRules(f"{owner}.{reading.field} is given the context {reading.context}, which no type sets.")
        for name in setting:
            yield from selected_coordinates(self.schema, name, reading.selection)

    def guarded_members(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each object's field that leads to an abstract type whose every object type has a rule of its own."""
        for owner, kind in sorted(self.objects.items()):
            for name, definition in sorted(kind.fields.items()):
                members = self.members.get(get_named_type(definition.type).name)
                if members and all(map(self.of_type, members)):
                    yield f"{owner}.{name}", members


def _graph(schema: GraphQLSchema, stated: Stated) -> _Graph:
    kinds = {name: kind for name, kind in schema.type_map.items() if not name.startswith("__")}
    members = {name: possible_types(schema, name) for name, kind in kinds.items() if is_abstract_type(kind)}
    above: dict[str, list[str]] = {}
    for name, concrete in members.items():
        for each in concrete:
            above.setdefault(each, []).append(name)
    objects = {name: kind for name, kind in kinds.items() if isinstance(kind, GraphQLObjectType)}
    return _Graph(schema, stated, objects, members, above)


def _with_readings(own: dict[str, Requirement], readings: Mapping[str, Iterable[str]]) -> dict[str, Requirement]:
    """The requirements once every field also has those of the fields it is computed from, and those of theirs."""
    effective = dict(own)
    changed = True
    while changed:
        changed = False
        for coordinate, read in readings.items():
            found = together([effective[coordinate], *(effective.get(each, NOTHING) for each in read)])
            changed |= found != effective[coordinate]
            effective[coordinate] = found
    return effective

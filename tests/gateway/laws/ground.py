"""What the subgraphs' own SDLs say of one joint world: identities, nullability and possible types. Reads no join
metadata, so that the world does not repeat what composition or planning may have got wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
    parse,
)

from gateway.composition.context import contexts_of, contextual_arguments
from gateway.composition.model import Field, Subgraph, TypeDefinition
from gateway.composition.supergraph import Supergraph

Coordinate = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fed:
    """An argument fed from a context: what is selected, and the types of the objects that set it."""

    name: str
    selection: SelectionSetNode
    setters: frozenset[str]


@dataclass(frozen=True)
class Ground:
    """The subgraphs as read from their SDL, and what has to hold in every world that they share."""

    supergraph: Supergraph
    subgraphs: tuple[Subgraph, ...]
    _shapes: dict[Coordinate, tuple[bool, ...]] = field(default_factory=dict)
    _members: dict[Coordinate, tuple[str, ...]] = field(default_factory=dict)

    @property
    def full(self) -> GraphQLSchema:
        """Every type, inaccessible ones too."""
        return self.supergraph.full_schema

    def possible(self, name: str) -> frozenset[str]:
        """The object types that a named composite type may stand for."""
        type_ = self.full.type_map.get(name)
        if is_abstract_type(type_):
            return frozenset(item.name for item in self.full.get_possible_types(type_))
        return frozenset((name,)) if is_object_type(type_) else frozenset()

    def declarations(self, type_name: str, name: str) -> Iterator[tuple[Subgraph, Field]]:
        """Where a field of an object type is declared: on the type, or on an interface object that stands for it."""
        for subgraph in self.subgraphs:
            for owner in self._owners(subgraph, type_name):
                if found := owner.fields.get(name):
                    yield subgraph, found

    def nullable(self, type_name: str, name: str) -> tuple[bool, ...]:
        """By depth of list: whether every subgraph lets the value be null there."""
        coordinate = (type_name, name)
        if coordinate not in self._shapes:
            found = [nullable_levels(field.type) for _, field in self.declarations(type_name, name)]
            self._shapes[coordinate] = tuple(all(level) for level in zip(*found, strict=False))
        return self._shapes[coordinate]

    def members(self, type_name: str, name: str) -> tuple[str, ...]:
        """The types an object at the field may have: known to all who answer it, and visible, if there are any."""
        coordinate = (type_name, name)
        if coordinate not in self._members:
            fields = getattr(self.full.type_map[type_name], "fields", {})
            found = self.possible(get_named_type(fields[name].type).name)
            for subgraph, declared in self.declarations(type_name, name):
                here = self._runtime_types(subgraph, declared.type.strip("[]!"))
                found = found & here or found
            found = found & frozenset(self.supergraph.api_schema.type_map) or found
            self._members[coordinate] = tuple(sorted(found))
        return self._members[coordinate]

    def enum_values(self, type_: GraphQLEnumType) -> list[str]:
        """The values that clients may see and every subgraph knows, as far as there are any."""
        shown = self.supergraph.api_schema.type_map.get(type_.name, type_)
        values = set(getattr(shown, "values", ()))
        for subgraph in self.subgraphs:
            if declared := subgraph.type(type_.name):
                values = values & set(declared.values) or values
        return sorted(values)

    @cached_property
    def identifying(self) -> frozenset[Coordinate]:
        """The fields that keys are made of: never null, never failing, different for different objects."""
        return frozenset(self._inside("key"))

    @cached_property
    def required(self) -> frozenset[Coordinate]:
        """The fields that others require: they may be null, but do not fail."""
        return frozenset(self._inside("requires"))

    @cached_property
    def fed(self) -> dict[Coordinate, tuple[Fed, ...]]:
        """The arguments of fields that are fed from contexts."""
        found: dict[Coordinate, tuple[Fed, ...]] = {}
        for subgraph in self.subgraphs:
            setting = contexts_of(subgraph)
            for use in contextual_arguments(subgraph):
                setters = frozenset(name for owner in setting[use.context or ""] for name in self.possible(owner.name))
                text = (use.selection or "").strip()
                selection = field_set(text[1:-1] if text.startswith("{") else text)
                coordinate = (use.owner.name, use.field.name)
                found[coordinate] = (*found.get(coordinate, ()), Fed(use.argument.name, selection, setters))
        return found

    @cached_property
    def uniform(self) -> bool:
        """Whether all subgraphs agree where null is allowed, so that one null goes as far in each of them."""
        return all(
            len({nullable_levels(declared.type) for _, declared in self.declarations(name, field)}) < 2
            for name, type_ in self.full.type_map.items()
            if is_object_type(type_)
            for field in type_.fields
        )

    def overridden(self, subgraph: str, type_name: str, name: str) -> bool:
        """Whether another subgraph took the field over without a label."""
        uses = (use for _, declared in self.declarations(type_name, name) for use in declared.all_of("override"))
        return any(use.text("from") == subgraph and not use.text("label") for use in uses)

    def _owners(self, subgraph: Subgraph, type_name: str) -> Iterator[TypeDefinition]:
        for owner in subgraph.types.values():
            if owner.name == type_name or (owner.is_interface_object and type_name in self.possible(owner.name)):
                yield owner

    def _runtime_types(self, subgraph: Subgraph, name: str) -> frozenset[str]:
        """What the subgraph may answer as the type, interface objects replaced by what they may be."""
        return frozenset(other for item in subgraph.runtime_types(name) for other in self.possible(item))

    def _inside(self, directive: str) -> Iterator[Coordinate]:
        for subgraph in self.subgraphs:
            for owner in subgraph.types.values():
                elements = (owner,) if directive == "key" else tuple(owner.fields.values())
                for use in (use for element in elements for use in element.all_of(directive)):
                    yield from self._coordinates(owner.name, field_set(use.text("fields") or ""))

    def _coordinates(self, name: str, selections: SelectionSetNode) -> Iterator[Coordinate]:
        for item in selections.selections:
            if isinstance(item, InlineFragmentNode):
                condition = item.type_condition.name.value if item.type_condition else name
                yield from self._coordinates(condition, item.selection_set)
            elif isinstance(item, FieldNode):
                for owner in self.possible(name):
                    declared = getattr(self.full.type_map[owner], "fields", {}).get(item.name.value)
                    if declared:
                        yield owner, item.name.value
                        if item.selection_set and is_composite_type(inner := get_named_type(declared.type)):
                            yield from self._coordinates(inner.name, item.selection_set)


def nullable_levels(reference: str) -> tuple[bool, ...]:
    """Of a type reference such as `[Int!]`, from outside: whether null is allowed."""
    levels = []
    while reference:
        levels.append(not reference.endswith("!"))
        reference = reference.removesuffix("!")
        if not reference.startswith("["):
            break
        reference = reference[1:-1]
    return tuple(levels)


@lru_cache(maxsize=4096)
def field_set(text: str) -> SelectionSetNode:
    """A field set as a selection set."""
    definition = parse("{" + text + "}", no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set

"""The types of several subgraphs side by side: what implements what, what fields reach, what is a key."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import FieldNode, GraphQLError, SelectionSetNode, parse
from graphql.language import OperationDefinitionNode

from authz.directives import Element, SubgraphTags, TypeTags
from authz.errors import InvalidRules


@dataclass(frozen=True, slots=True)
class TaggedGraph:
    """`types[name]` holds every subgraph's version of a type, in the order of the subgraphs' names."""

    types: Mapping[str, tuple[TypeTags, ...]]

    def kind(self, name: str) -> str:
        """The kind of a type as graphql-core names it; `scalar` when no subgraph defines it.

        What one subgraph has as an `@interfaceObject` is the interface that another defines.
        """
        kinds = [version.kind for version in self.types.get(name, ())]
        return "interface" if "interface" in kinds else kinds[0] if kinds else "scalar"

    def of_kind(self, kind: str) -> Iterator[str]:
        """The names of all types of that kind."""
        return (name for name in self.types if self.kind(name) == kind)

    def elements(self, name: str) -> Iterator[Element]:
        """The elements of every version of a type; one that several subgraphs define comes several times."""
        return (element for version in self.types.get(name, ()) for element in version.elements)

    def inherits(self, name: str) -> bool:
        """Whether the type is a value type: `@open(inherit: true)` in one subgraph and labelled in none."""
        versions = self.types.get(name, ())
        return any(version.tags.inherit for version in versions) and not any(version.tags.label for version in versions)

    def hidden(self, name: str) -> bool:
        """Whether the type is `@inaccessible` in any subgraph."""
        return any(version.tags.inaccessible for version in self.types.get(name, ()))

    def implementers(self, interface: str) -> tuple[str, ...]:
        """The object types that implement the interface in any subgraph."""
        return tuple(
            sorted(name for name in self.of_kind("object") if any(interface in v.implements for v in self.types[name]))
        )

    def possible(self, name: str) -> tuple[str, ...]:
        """The object types a value of this type can be; empty for scalars and enums."""
        match self.kind(name):
            case "object":
                return (name,)
            case "interface":
                return self.implementers(name)
            case "union":
                return tuple(sorted({member for version in self.types[name] for member in version.members}))
        return ()

    def owners(self, version: TypeTags) -> tuple[str, ...]:
        """The object types whose fields these are: the type, or every type that implements the interface."""
        match self.kind(version.name):
            case "object":
                return (version.name,)
            case "interface":
                return self.implementers(version.name)
        return ()

    def records(self, type_name: str, seen: frozenset[str] = frozenset()) -> frozenset[str]:
        """The record types a field of this type reaches: itself, or what a connection or another value type holds."""
        found: set[str] = set()
        for name in self.possible(type_name):
            if not self.inherits(name):
                found.add(name)
            elif name not in seen:
                for inner in {element.type_name for element in self.elements(name)}:
                    found |= self.records(inner, seen | {name})
        return frozenset(found)

    def keys(self) -> frozenset[str]:
        """The coordinates of every `@key` field set, nested ones too. Raises InvalidRules if one does not parse."""
        return frozenset(
            coordinate
            for name, versions in self.types.items()
            for version in versions
            for key in version.keys
            for coordinate in self._selected(name, _selection(name, key))
        )

    def _selected(self, type_name: str, selection: SelectionSetNode) -> Iterator[str]:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                yield f"{type_name}.{node.name.value}"
                if node.selection_set:
                    inner = {
                        element.type_name for element in self.elements(type_name) if element.name == node.name.value
                    }
                    for name in sorted(inner):
                        yield from self._selected(name, node.selection_set)


def tagged_graph(subgraphs: Iterable[SubgraphTags]) -> TaggedGraph:
    """The graph these subgraphs make together."""
    types: dict[str, tuple[TypeTags, ...]] = {}
    for subgraph in subgraphs:
        for name, version in subgraph.types.items():
            types[name] = (*types.get(name, ()), version)
    return TaggedGraph(types)


def _selection(name: str, key: str) -> SelectionSetNode:
    try:
        definition = parse(f"{{ {key} }}", no_location=True).definitions[0]
    except GraphQLError as error:
        raise InvalidRules(f"The @key of {name} does not parse: {error.message}") from error
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set

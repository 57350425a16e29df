"""Completes one subgraph's document with the definitions its linked specifications bring but it does not repeat."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from graphql.language import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    Visitor,
    parse,
    visit,
)

from gateway.composition.link import APOLLO, CONNECT, CORE, LINK, Feature, Links, feature_from_url
from gateway.composition.model import BUILT_IN_SCALARS, MACHINERY_FIELDS, MACHINERY_TYPES
from gateway.composition.specifications import (
    CONNECT_TYPES_SDL,
    CORE_SDL,
    KNOWN,
    LINK_SDL,
    available,
    federation_1_directives,
    federation_directives,
)

_LINK_TYPES_SDL = " enum Purpose { SECURITY EXECUTION } scalar Import"

NodeT = TypeVar("NodeT", bound=Node)

_BASES: Mapping[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
}


def complete(document: DocumentNode, links: Links) -> DocumentNode:
    """The document as a self-contained schema: every extension has a base, every known directive a definition."""
    own = [_without_machinery(n) for n in _with_bases(document) if not _is_machinery(n)]
    types = {n.name.value for n in own if isinstance(n, TypeDefinitionNode)}
    directives = {n.name.value for n in own if isinstance(n, DirectiveDefinitionNode)}
    added: dict[str, DefinitionNode] = {}
    for definition in specification_definitions(links):
        is_directive = isinstance(definition, DirectiveDefinitionNode)
        name = definition.name.value  # type: ignore[attr-defined]  (only named definitions are made)
        if name not in (directives if is_directive else types):
            added.setdefault(f"@{name}" if is_directive else name, definition)
    return DocumentNode(definitions=(*own, *added.values()))


def specification_definitions(links: Links) -> Iterator[DefinitionNode]:
    """The directives and types of every known specification linked, named as the schema names them."""
    link = links.feature(LINK) or links.feature(CORE) or feature_from_url(f"{APOLLO}link/v1.0")
    sdl = CORE_SDL if links.directive == "core" else LINK_SDL
    yield from _localised(sdl + _LINK_TYPES_SDL, _bare(link))
    yield from _federation_1_definitions(federation_1_directives(links))
    for feature in links.features:
        if feature.identity in KNOWN - {LINK, CORE}:
            yield from feature_definitions(feature)


def feature_definitions(feature: Feature) -> Iterator[DefinitionNode]:
    """The directives and types one specification brings, named as the schema that links it names them."""
    bare = _bare(feature)
    yield from _available(bare)
    if feature.identity == CONNECT:
        yield from _localised(CONNECT_TYPES_SDL, bare)


def _bare(feature: Feature) -> Feature:
    """The feature without what does not change its definitions, so that those are made once for many schemas."""
    return replace(feature, node=None, purpose=None)


@lru_cache(maxsize=256)
def _available(feature: Feature) -> tuple[DefinitionNode, ...]:
    nodes = available(feature).values()
    return tuple(_qualified(nodes, feature, feature.local_directive, feature.local_type))


@lru_cache(maxsize=256)
def _localised(sdl: str, feature: Feature) -> tuple[DefinitionNode, ...]:
    nodes = parse(sdl, no_location=True).definitions
    return tuple(_qualified(nodes, feature, feature.local_directive, feature.local_type))


@lru_cache(maxsize=8)
def _federation_1_definitions(names: frozenset[str]) -> tuple[DefinitionNode, ...]:
    feature = feature_from_url(f"{APOLLO}federation/v1.0")
    nodes = [federation_directives()[name] for name in sorted(names)]
    return tuple(_qualified(nodes, feature, lambda name: name, lambda name: f"_{name}"))


def _qualified(
    nodes: Any, feature: Feature, directive_name: Callable[[str], str], type_name: Callable[[str], str]
) -> Iterator[DefinitionNode]:
    """Renamed copies of the nodes, and a scalar for each type of the federation specification they mention."""
    renamer = _Renamer(type_name)
    for node in nodes:
        copy = visit(node, renamer)
        if isinstance(copy, DirectiveDefinitionNode):
            copy = _replace(copy, name=NameNode(value=directive_name(copy.name.value)))
        else:
            copy = _replace(copy, name=NameNode(value=type_name(copy.name.value)))
        yield copy
    if feature.identity not in (CONNECT, LINK, CORE):
        yield from (ScalarTypeDefinitionNode(name=NameNode(value=name)) for name in sorted(renamer.mentioned))


class _Renamer(Visitor):
    """Renames the types a definition mentions, built-in scalars apart."""

    def __init__(self, type_name: Callable[[str], str]) -> None:
        super().__init__()
        self.type_name = type_name
        self.mentioned: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> NamedTypeNode | None:
        if node.name.value in BUILT_IN_SCALARS:
            return None
        name = self.type_name(node.name.value)
        self.mentioned.add(name)
        return NamedTypeNode(name=NameNode(value=name))


def _with_bases(document: DocumentNode) -> Iterator[DefinitionNode]:
    """The definitions, the first extension of each type that is only extended turned into its definition."""
    defined = {n.name.value for n in document.definitions if isinstance(n, TypeDefinitionNode)}
    for node in document.definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            yield _BASES[type(node)](**{key: getattr(node, key) for key in node.keys})
        else:
            yield node


def _is_machinery(node: DefinitionNode) -> bool:
    return isinstance(node, TypeDefinitionNode | TypeExtensionNode) and node.name.value in MACHINERY_TYPES - {
        "_FieldSet"
    }


def _without_machinery(node: DefinitionNode) -> DefinitionNode:
    if not isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
        return node
    kept = tuple(f for f in node.fields or () if f.name.value not in MACHINERY_FIELDS)
    return node if len(kept) == len(node.fields or ()) else _replace(node, fields=kept)


def _replace(node: NodeT, **changes: Any) -> NodeT:
    """A copy of a node with some attributes changed."""
    values: dict[str, Any] = {key: getattr(node, key, None) for key in node.keys}
    return type(node)(**(values | changes))

"""A supergraph document in; its whole schema and its API schema (nothing inaccessible) out, both without machinery."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ListTypeNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    build_ast_schema,
)

from gateway.composition.supergraph_features import Features
from gateway.composition.supergraph_model import InvalidSupergraph

KEPT_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
_EXECUTABLE = frozenset(
    {"QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT", "FRAGMENT_DEFINITION"}
)
# The parts of a definition that can go one by one; a definition that had such parts and lost them all goes too.
_PARTS = ("fields", "values", "types")

Keep = Callable[[Any], bool]


def full_schema_from_document(document: DocumentNode, features: Features) -> GraphQLSchema:
    """The schema with everything `@inaccessible` still in it: what keys and `@requires` are written against."""
    return _build(_stripped(node, lambda _: True) for node in _api_definitions(document, features))


def api_schema_from_document(document: DocumentNode, features: Features) -> GraphQLSchema:
    """The schema clients see: `@inaccessible` elements and whatever mentions them are gone."""
    definitions = list(_api_definitions(document, features))
    gone: set[str] = set()
    while removed := _vanishing(definitions, _keeper(features.inaccessible, gone), gone):
        gone |= removed
    keep = _keeper(features.inaccessible, gone)
    return _build(_stripped(node, keep) for node in definitions if _name(node) not in gone)


def _api_definitions(document: DocumentNode, features: Features) -> Iterator[DefinitionNode]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode) or (
            isinstance(node, TypeDefinitionNode | DirectiveDefinitionNode)
            and not features.is_machinery(node.name.value)
            and _is_executable(node)
        ):
            yield node


def _is_executable(node: TypeDefinitionNode | DirectiveDefinitionNode) -> bool:
    """Directive definitions stay only where operations can use them."""
    if not isinstance(node, DirectiveDefinitionNode):
        return True
    return any(location.value in _EXECUTABLE for location in node.locations)


def _keeper(inaccessible: str, gone: set[str]) -> Keep:
    def keep(node: Any) -> bool:
        if any(directive.name.value == inaccessible for directive in getattr(node, "directives", None) or ()):
            return False
        type_node = node if isinstance(node, NamedTypeNode) else getattr(node, "type", None)
        return type_node is None or _named(type_node) not in gone

    return keep


def _vanishing(definitions: Iterable[DefinitionNode], keep: Keep, gone: set[str]) -> set[str]:
    """The types that are inaccessible, or that have nothing accessible left in them."""
    types = (node for node in definitions if isinstance(node, TypeDefinitionNode))
    return {
        node.name.value for node in types if node.name.value not in gone and (not keep(node) or _emptied(node, keep))
    }


def _emptied(node: Node, keep: Keep) -> bool:
    parts = [part for name in _PARTS for part in getattr(node, name, None) or ()]
    return bool(parts) and not any(keep(part) for part in parts)


def _stripped(node: Any, keep: Keep) -> Any:
    """The definition without what `keep` refuses and without the directives of the machinery."""
    changes: dict[str, Any] = {}
    for name in (*_PARTS, "arguments", "interfaces", "operation_types"):
        if parts := getattr(node, name, None):
            changes[name] = tuple(_stripped(part, keep) for part in parts if keep(part))
    if directives := getattr(node, "directives", None):
        changes["directives"] = tuple(item for item in directives if item.name.value in KEPT_DIRECTIVES)
    return dataclasses.replace(node, **changes) if changes else node


def _build(definitions: Iterable[DefinitionNode]) -> GraphQLSchema:
    nodes: Sequence[DefinitionNode] = tuple(definitions)
    try:
        return build_ast_schema(DocumentNode(definitions=nodes), assume_valid=True, assume_valid_sdl=True)
    except (TypeError, GraphQLError, KeyError) as error:
        raise InvalidSupergraph(f"the supergraph's types do not make a schema: {error}") from error


def _name(node: DefinitionNode) -> str:
    name = getattr(node, "name", None)
    return name.value if name else ""


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""

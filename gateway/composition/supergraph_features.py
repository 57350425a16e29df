"""A supergraph document in; the specifications it links (`@link`, or `@core` before it) and their local names out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from gateway.composition.supergraph_model import InvalidSupergraph

# Specifications this gateway serves; anything else that says it matters `for: SECURITY | EXECUTION` is refused.
KNOWN = frozenset(
    {"authenticated", "cacheTag", "connect", "context", "core", "cost", "federation", "inaccessible"}
    | {"join", "link", "listSize", "policy", "requiresScopes", "tag"}
)
JOIN_VERSIONS = frozenset({"0.1", "0.2", "0.3", "0.4", "0.5"})


@dataclass(frozen=True, slots=True)
class Feature:
    """A linked specification: `renames` maps an element's own name to the name the document imports it under."""

    name: str
    version: str
    alias: str
    renames: tuple[tuple[str, str], ...] = ()

    def directive(self, element: str) -> str:
        """The name of the specification's directive `element` here, without the `@`."""
        imported = dict(self.renames).get(f"@{element}")
        if imported:
            return imported.removeprefix("@")
        return self.alias if element == self.name else f"{self.alias}__{element}"


@dataclass(frozen=True, slots=True)
class Features:
    """All linked specifications of a supergraph document, by specification name."""

    by_name: Mapping[str, Feature]

    @property
    def join(self) -> Feature:
        """The join specification, which every supergraph links."""
        return self.by_name["join"]

    @property
    def inaccessible(self) -> str:
        """The name of `@inaccessible` in this document."""
        return self.by_name.get("inaccessible", Feature("inaccessible", "0.2", "inaccessible")).directive(
            "inaccessible"
        )

    def is_machinery(self, name: str) -> bool:
        """Whether a type or directive of this name belongs to a linked specification and not to the API."""
        prefixes = {"link", "core", *(feature.alias for feature in self.by_name.values())}
        return name.split("__", 1)[0] in prefixes and "__" in name


def features_from_document(document: DocumentNode) -> Features:
    """The specifications that the document links.

    Raises:
        InvalidSupergraph: no join specification, a join version that is not known, or an unknown specification that
            must be understood.
    """
    features = {feature.name: feature for feature in _linked(document)}
    join = features.get("join")
    if join is None:
        raise InvalidSupergraph("the document links no join specification, so it is not a supergraph")
    if join.version not in JOIN_VERSIONS:
        raise InvalidSupergraph(f"join v{join.version} is not known; known are v{', v'.join(sorted(JOIN_VERSIONS))}")
    return Features(features)


def arguments_of(directive: ConstDirectiveNode) -> dict[str, Any]:
    """A directive application's arguments as plain values."""
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


def _linked(document: DocumentNode) -> Iterator[Feature]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for directive in definition.directives or ():
                arguments = arguments_of(directive)
                url = arguments.get("url") or arguments.get("feature")
                if isinstance(url, str):
                    yield _feature(url, arguments)


def _feature(url: str, arguments: Mapping[str, Any]) -> Feature:
    parts = url.rstrip("/").split("/")
    named = len(parts) > 1 and parts[-1].startswith("v")
    name, version = (parts[-2], parts[-1].removeprefix("v")) if named else (parts[-1], "")
    if name not in KNOWN and arguments.get("for") in ("SECURITY", "EXECUTION"):
        raise InvalidSupergraph(f"the supergraph needs {url} for {arguments['for']}, which this gateway does not know")
    return Feature(name, version, arguments.get("as") or name, tuple(_renames(arguments.get("import") or ())))


def _renames(imports: Any) -> Iterator[tuple[str, str]]:
    for item in imports:
        if isinstance(item, Mapping):
            yield item["name"], item.get("as") or item["name"]
        else:
            yield item, item

"""The specifications composition knows, as SDL: which directives each defines, since when, how they compose."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from graphql.language import DirectiveDefinitionNode, parse

from gateway.composition.link import APOLLO, CACHE_TAG, CONNECT, CORE, FEDERATION, LINK, Feature, Links, Version

LATEST: Version = (2, 14)
"""The newest federation version known."""

_FEDERATION_SDL = """
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @provides(fields: FieldSet!) on FIELD_DEFINITION
directive @external(reason: String) on OBJECT | FIELD_DEFINITION
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA
directive @extends on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @composeDirective(name: String) repeatable on SCHEMA
directive @interfaceObject on OBJECT
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @fromContext(field: ContextFieldValue) on ARGUMENT_DEFINITION
directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
directive @cacheTag(format: String!) repeatable on OBJECT | FIELD_DEFINITION
"""  # noqa: E501  (one definition a line, as the specifications write them)

_EARLIER: Mapping[str, tuple[Version, str]] = {
    "override": ((2, 7), "directive @override(from: String!) on FIELD_DEFINITION"),
    "shareable": ((2, 2), "directive @shareable on OBJECT | FIELD_DEFINITION"),
    "tag": (
        (2, 3),
        "directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION "
        "| ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION",
    ),
}
"""The directives that once were defined otherwise: until which version, and how."""

_CONNECT_SDL = """
directive @connect(source: String, id: String, http: ConnectHTTP, batch: ConnectBatch, errors: ConnectorErrors, selection: JSONSelection!, entity: Boolean = false, isSuccess: JSONSelection) repeatable on FIELD_DEFINITION | OBJECT
directive @source(name: String!, http: SourceHTTP!, errors: ConnectorErrors, isSuccess: JSONSelection) repeatable on SCHEMA
"""  # noqa: E501  (one definition a line, as the specifications write them)

LINK_SDL = "directive @link(url: String, as: String, for: Purpose, import: [Import]) repeatable on SCHEMA"
CORE_SDL = "directive @core(feature: String!, as: String, for: Purpose) repeatable on SCHEMA"

CONNECT_TYPES_SDL = """
scalar URLPathTemplate
scalar JSONSelection
input ConnectorErrors { message: JSONSelection extensions: JSONSelection }
input HTTPHeaderMapping { name: String! from: String value: String }
input ConnectBatch { maxSize: Int }
input SourceHTTP { baseURL: String! headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection }
input ConnectHTTP {
  GET: URLPathTemplate POST: URLPathTemplate PUT: URLPathTemplate PATCH: URLPathTemplate DELETE: URLPathTemplate
  body: JSONSelection headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection
}
"""

_SINCE: Mapping[str, Version] = {
    "composeDirective": (2, 1),
    "interfaceObject": (2, 3),
    "authenticated": (2, 5),
    "requiresScopes": (2, 5),
    "policy": (2, 6),
    "context": (2, 8),
    "fromContext": (2, 8),
    "cost": (2, 9),
    "listSize": (2, 9),
    "cacheTag": (2, 12),
}
FEDERATION_1 = frozenset({"key", "requires", "provides", "external", "extends", "tag"})
"""The directives a Federation 1 schema has without linking anything."""

_ADOPTED_BY_FEDERATION_1 = frozenset({"override", "inaccessible"})

FEDERATION_TYPES: Mapping[str, Version] = {
    "FieldSet": (2, 0),
    "Scope": (2, 5),
    "Policy": (2, 6),
    "ContextFieldValue": (2, 8),
}

CONNECT_NEEDS: Mapping[Version, Version] = {(0, 1): (2, 10), (0, 2): (2, 11), (0, 3): (2, 12), (0, 4): (2, 13)}
"""The federation version that each version of the connect specification needs."""


@dataclass(frozen=True, slots=True)
class ComposedSpecification:
    """A federation directive that lives on in the supergraph under a specification of its own."""

    feature: str
    version: Version
    purpose: str | None
    types: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """The specification's URL without the version."""
        return APOLLO + self.feature


COMPOSED: Mapping[str, ComposedSpecification] = {
    "tag": ComposedSpecification("tag", (0, 3), None),
    "inaccessible": ComposedSpecification("inaccessible", (0, 2), "SECURITY"),
    "authenticated": ComposedSpecification("authenticated", (0, 1), "SECURITY"),
    "requiresScopes": ComposedSpecification("requiresScopes", (0, 1), "SECURITY", ("Scope",)),
    "policy": ComposedSpecification("policy", (0, 1), "SECURITY", ("Policy",)),
    "cost": ComposedSpecification("cost", (0, 1), None),
    "listSize": ComposedSpecification("cost", (0, 1), None),
    "context": ComposedSpecification("context", (0, 1), "SECURITY", ("ContextFieldValue",)),
    "fromContext": ComposedSpecification("context", (0, 1), "SECURITY", ("ContextFieldValue",)),
}

FEDERATION_LIKE = frozenset({FEDERATION, CACHE_TAG, *(s.identity for s in COMPOSED.values())})
"""The specifications whose directives mean what federation's directives of the same name mean."""
KNOWN = FEDERATION_LIKE | {LINK, CORE, CONNECT}
AUTH = ("authenticated", "requiresScopes", "policy")


@cache
def federation_directives() -> Mapping[str, DirectiveDefinitionNode]:
    """The federation directives by name, their own types unqualified (`FieldSet`)."""
    return _directives(_FEDERATION_SDL)


@cache
def _earlier_directives() -> Mapping[str, tuple[Version, DirectiveDefinitionNode]]:
    return {name: (until, _directives(sdl)[name]) for name, (until, sdl) in _EARLIER.items()}


@cache
def connect_directives() -> Mapping[str, DirectiveDefinitionNode]:
    """The connect directives by name, their own types unqualified."""
    return _directives(_CONNECT_SDL)


def federation_name(links: Links, local: str) -> str | None:
    """The federation directive that a schema calls `local`, or None; a Federation 1 schema uses the plain names."""
    source = links.source_of(local)
    if source is not None:
        feature, name = source
        return name if feature.identity in FEDERATION_LIKE and name in federation_directives() else None
    return local if local in federation_1_directives(links) else None


def federation_1_directives(links: Links) -> frozenset[str]:
    """The federation directives of a Federation 1 schema: its own, and the later ones it defines itself."""
    if links.federation is not None:
        return frozenset()
    return FEDERATION_1 | (links.defined & _ADOPTED_BY_FEDERATION_1)


def available(feature: Feature) -> Mapping[str, DirectiveDefinitionNode]:
    """The directives a linked specification brings at its version, by their name there."""
    if feature.identity == FEDERATION:
        version = feature.version or (2, 0)
        if version > LATEST:
            return {}
        known = {name: node for name, node in federation_directives().items() if _SINCE.get(name, (2, 0)) <= version}
        return known | {name: node for name, (until, node) in _earlier_directives().items() if version < until}
    if feature.identity == CONNECT:
        return connect_directives()
    named = {name for name, spec in COMPOSED.items() if spec.identity == feature.identity}
    return {name: node for name, node in federation_directives().items() if name in named}


def _directives(sdl: str) -> Mapping[str, DirectiveDefinitionNode]:
    nodes = parse(sdl, no_location=True).definitions
    return {node.name.value: node for node in nodes if isinstance(node, DirectiveDefinitionNode)}

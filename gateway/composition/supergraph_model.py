"""The supergraph as planning reads it, in frozen values: what each subgraph knows of each type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from graphql import GraphQLSchema

from schema.errors import CodedError

TypeKind = Literal["OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "SCALAR"]


class InvalidSupergraph(CodedError):
    """The document is no supergraph this gateway can serve."""

    code = "INVALID_SUPERGRAPH"
    status = 500
    advice = "compose it again with `leds compose`, or with a composer that writes the join specification v0.1 to v0.5"


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph: its name, its value in the `join__Graph` enum and where it answers (may be empty)."""

    name: str
    graph: str
    url: str


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key` of a type in one subgraph; `resolvable: false` keys are known there but cannot be jumped to."""

    fields: str
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that the gateway fills in: with what `selection` selects where `context` is set (join v0.5)."""

    name: str
    type: str
    context: str
    selection: str

    def __str__(self) -> str:
        return f"{self.name}: {self.type} from {self.context} {self.selection.strip()}"


@dataclass(frozen=True, slots=True)
class SubgraphField:
    """A field as one subgraph declares it. `type` is the subgraph's own type reference, e.g. `[Product!]`.

    `overridden` (`usedOverridden`): another subgraph resolves the field, a key or `@requires` here still names it.
    """

    name: str
    type: str
    external: bool = False
    overridden: bool = False
    requires: str | None = None
    provides: str | None = None
    override: str | None = None
    override_label: str | None = None
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class SubgraphType:
    """A type as one subgraph declares it; an `@interfaceObject` is an OBJECT here, an interface in the supergraph."""

    name: str
    kind: TypeKind
    fields: Mapping[str, SubgraphField] = field(default_factory=lambda: MappingProxyType({}))
    keys: tuple[Key, ...] = ()
    interface_object: bool = False
    interfaces: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Supergraph:
    """A supergraph. `version` is the sha-256 of `sdl`; two supergraphs are the same when their versions are.

    `api_schema` is what clients see; `full_schema` also holds what is `@inaccessible`, which keys and `@requires`
    may name. `types`: type name → subgraph name → what that subgraph declares, in the order of `join__Graph`.
    `contexts`: the name of each context (`subgraph__name`) → the types it is set on.
    """

    sdl: str
    version: str
    api_schema: GraphQLSchema
    full_schema: GraphQLSchema
    subgraphs: Mapping[str, Subgraph]
    types: Mapping[str, Mapping[str, SubgraphType]]
    contexts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Supergraph) and other.version == self.version

    def __hash__(self) -> int:
        return hash(self.version)

"""An archive of three real subgraphs behind HTTP that keep what they were asked, and its supergraph with rules put in
afterwards, as a composer that propagates nothing would have left them."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Any

import httpx
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    is_abstract_type,
    parse,
    print_ast,
    visit,
)

from authz.keys import StaticKeys
from authz.standard.holder import holders
from authz.standard.policies import GraphPolicies
from authz.tokens import Trust
from gateway.composition.compose import SubgraphDefinition, compose
from gateway.general import GeneralSettings, general_gateway
from gateway.reload import ReloadOutcome
from gateway.standard import Access
from tests.authz.issuing import AUDIENCE, ISSUER, NOW, jwks, token
from tests.gateway.kit import served
from tests.gateway.shop import LittleSubgraph

FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@external", "@requires", "@shareable"])\n'
)
ARCHIVE = """
interface Record { id: ID! title: String author: Member }
type OpenRecord implements Record @key(fields: "id") { id: ID! title: String author: Member pages: Int }
type SealedRecord implements Record @key(fields: "id") { id: ID! title: String author: Member seal: Seal }
enum Seal { RED BLACK }
scalar Stamp
union Hit = Member | OpenRecord | SealedRecord
type Member @key(fields: "id") { id: ID! name: String email: String! born: String stamp: Stamp wrote: [Record!] }
input Filter { seal: Seal text: String inner: Filter }
type Query {
  records: [Record!]!
  record(id: ID!): Record
  search(text: String, seal: Seal, filter: Filter, stamp: Stamp): [Hit]
  sealedBy(seal: Seal = RED): [Hit]
  member(id: ID!): Member
  members: [Member!]
}
type Mutation { rename(id: ID!, name: String!): Member seal(id: ID!): SealedRecord }
"""
RISKS = """
type Member @key(fields: "id") { id: ID! born: String @external risk: Int @requires(fields: "born") notes: [Note!] }
type Note { text: String private: String }
type Query { latest: Note }
"""
BANDS = """
type Member @key(fields: "id") { id: ID! risk: Int @external band: String @requires(fields: "risk") colour: String }
"""
SDLS = {"archive": ARCHIVE, "risks": RISKS, "bands": BANDS}
MACHINERY = """
directive @key(fields: String!) repeatable on OBJECT
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
scalar _Any
union _Entity = %s
extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
"""
ENTITIES = {"archive": "OpenRecord | SealedRecord | Member", "risks": "Member", "bands": "Member"}


@cache
def composed() -> str:
    """The archive's supergraph without rules."""
    parts = [SubgraphDefinition(name, f"http://127.0.0.1:1/{name}", FEDERATION + sdl) for name, sdl in SDLS.items()]
    return compose(parts).supergraph_sdl


def guarded(rules: Mapping[str, str], links: str = "") -> str:
    """The archive's supergraph with these rules and links."""
    return with_rules(composed(), rules) + links


def with_rules(sdl: str, rules: Mapping[str, str]) -> str:
    """A supergraph with these directives on these coordinates (`Type`, `Type.field`) and nowhere else."""
    found: set[str] = set()

    def with_rule(node: Any, coordinate: str) -> Any:
        if coordinate not in rules:
            return node
        found.add(coordinate)
        carrier = parse(f"type T {rules[coordinate]} {{ a: Int }}").definitions[0]
        assert isinstance(carrier, ObjectTypeDefinitionNode)
        return replace(node, directives=(*(node.directives or ()), *(carrier.directives or ())))

    def with_its_rules(node: Any) -> Any:
        name = getattr(getattr(node, "name", None), "value", "")
        if getattr(node, "fields", None):
            node = replace(node, fields=tuple(with_rule(part, f"{name}.{part.name.value}") for part in node.fields))
        return with_rule(node, name)

    changed = DocumentNode(definitions=tuple(map(with_its_rules, parse(sdl, no_location=True).definitions)))
    assert found == set(rules)
    return print_ast(changed)


def subgraph(name: str) -> LittleSubgraph:
    """One of the three, with fresh data."""
    sdl = SDLS[name] if "type Query" in SDLS[name] else SDLS[name] + "type Query { nothing: Int }"
    schema = build_schema(sdl + MACHINERY % ENTITIES[name])
    records = {
        "o1": {"__typename": "OpenRecord", "id": "o1", "title": "Open 1", "pages": 10, "author": {"id": "m1"}},
        "s1": {"__typename": "SealedRecord", "id": "s1", "title": "Sealed 1", "seal": "RED", "author": {"id": "m1"}},
    }
    member = {"__typename": "Member", "id": "m1", "name": "Ada", "email": "ada@x", "born": "1990", "stamp": "st"}
    member["wrote"] = list(records.values())  # type: ignore[assignment]
    for record in records.values():
        record["author"] = member

    def rename(info: Any, id: str, name: str) -> Any:
        return {**member, "name": name}

    root: dict[str, Any] = {
        "records": lambda info: list(records.values()),
        "record": lambda info, id: records.get(id),
        "search": lambda info, **_: [member, *records.values()],
        "sealedBy": lambda info, seal: [records["s1"]],
        "member": lambda info, id: member,
        "members": lambda info: [member],
        "rename": rename,
        "seal": lambda info, id: records["s1"],
        "latest": lambda info: {"text": "late", "private": "hidden"},
    }
    return LittleSubgraph(schema, root, lambda sent: _entity(name, sent, records | {"m1": member}))


def _entity(name: str, sent: dict[str, Any], known: Mapping[str, Any]) -> Any:
    if name == "risks":
        return {**sent, "risk": len(sent.get("born") or ""), "notes": [{"text": "t", "private": "p"}]}
    if name == "bands":
        return {**sent, "band": f"band {sent.get('risk')}", "colour": "blue"}
    return known[sent["id"]]


class _Coordinates(Visitor):
    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.schema, self.types, self.found = schema, TypeInfo(schema), set[str]()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.types.get_parent_type()
        assert parent is not None
        possible = self.schema.get_possible_types(parent) if is_abstract_type(parent) else (parent,)
        if not node.name.value.startswith("_"):
            self.found.update(f"{kind.name}.{node.name.value}" for kind in possible)


def asked_of(known: LittleSubgraph) -> set[str]:
    """Every concrete coordinate that a subgraph was asked for, or was sent in a representation."""
    read = _Coordinates(known.schema)
    for body in known.bodies:
        visit(parse(body["query"]), TypeInfoVisitor(read.types, read))
    return read.found | set(_sent(known))


def _sent(known: LittleSubgraph) -> Iterator[str]:
    for body in known.bodies:
        for value in (body.get("variables") or {}).values():
            for item in value if isinstance(value, list) else ():
                if isinstance(item, dict) and "__typename" in item:
                    yield from (f"{item['__typename']}.{name}" for name in item if name != "__typename")


class Archive:
    """A running gateway over running subgraphs, whose rules can be changed while it runs."""

    def __init__(self, sdl: str, subgraphs: Mapping[str, LittleSubgraph], settings: GeneralSettings) -> None:
        self.subgraphs = subgraphs
        self.sdl = sdl
        self._gateway = general_gateway(lambda: self.sdl, settings)
        self.app, self.client = self._gateway.app, httpx.AsyncClient()

    async def guard(self, rules: Mapping[str, str], links: str = "") -> ReloadOutcome:
        """Serve the archive with these rules, and forget what was asked so far."""
        return await self.serve(guarded(rules, links))

    async def serve(self, sdl: str) -> ReloadOutcome:
        """Serve this supergraph, and forget what was asked so far."""
        self.sdl = sdl
        self.forget()
        return await self._gateway.reloader.reload()

    def forget(self) -> None:
        """Forget what was asked so far."""
        for known in self.subgraphs.values():
            known.bodies.clear()

    async def send(self, query: str, scope: str | None = None, **members: Any) -> httpx.Response:
        """The response to a query by the holder of a token with this scope; None: by nobody."""
        headers = {} if scope is None else {"authorization": f"Bearer {token(scope=scope)}"}
        return await self.client.post("/graphql", json={"query": query, **members}, headers=headers)

    def asked(self) -> set[str]:
        """Every coordinate that any subgraph was asked for or sent."""
        return {name for known in self.subgraphs.values() for name in asked_of(known)}

    def requests(self) -> int:
        """How many requests reached a subgraph."""
        return sum(len(known.bodies) for known in self.subgraphs.values())


def access(policies: str | None = None, keys: Any = None) -> Access:
    """Whose tokens count: those of the tests' issuer at noon; and these Cedar policies."""
    read = partial(GraphPolicies, {"a.cedar": policies}) if policies is not None else None
    return Access(holders(Trust(ISSUER, AUDIENCE), keys or StaticKeys(jwks())), read, lambda: NOW)


@asynccontextmanager
async def running(
    allowed: Access,
    sdl: str = "",
    subgraphs: Mapping[str, LittleSubgraph] | None = None,
    lowering: Callable[[str], bool] = lambda _version: True,
) -> AsyncIterator[Archive]:
    """A gateway over fresh subgraphs, all behind HTTP: those of the archive, without rules so far, by default.
    Rules may be lowered at will, unless `lowering` says otherwise."""
    known = subgraphs or {name: subgraph(name) for name in SDLS}
    async with AsyncExitStack() as stack:
        urls = {}
        for name, each in known.items():
            urls[name] = f"{(await stack.enter_async_context(served(each))).base_url}/graphql"
        archive = Archive(
            sdl or composed(), known, GeneralSettings(urls=urls, access=allowed, lowering_approved=lowering)
        )
        archive.client = await stack.enter_async_context(served(archive.app))
        yield archive

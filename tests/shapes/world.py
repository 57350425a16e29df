"""The world of the shared access shapes: their schema over three subgraphs that keep what they are asked, their rules
composed here or put into a supergraph that nobody propagated them in, and a gateway over it in each mode."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from graphql import OperationDefinitionNode, OperationType, build_schema, execute_sync, parse

from authz.keys import StaticKeys
from authz.standard.holder import holders
from authz.tokens import Trust
from gateway.app import AppOptions, create_app
from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.execution.executor import Executor
from gateway.execution.transport import AsgiTransport
from gateway.general import GeneralSettings, general_graph
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.standard import Access
from gateway.streams.limits import StreamLimits
from tests.authz.issuing import AUDIENCE, ISSUER, jwks, token
from tests.end_to_end.gateway import running_gateway
from tests.gateway.archive import asked_of, with_rules
from tests.gateway.execution.corpus import shared_folder
from tests.gateway.kit import served
from tests.gateway.shop import LittleSubgraph
from tests.gateway.streams.kit import disconnected, listening, start

FOLDER = shared_folder()
RULE = re.compile(r"@(?:authenticated|requiresScopes\(scopes: \[\[.*?\]\]\))")
FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@external", "@requires", "@authenticated", "@requiresScopes"])\n'
)
PII = '@requiresScopes(scopes: [["pii"]])'
RISKS = (
    'type Person @key(fields: "id") {{ id: ID! nino: String! @external riskScore: Int @requires(fields: "nino") {} }}'
)
BANDS = (
    'type Person @key(fields: "id") {{ id: ID! riskScore: Int @external band: String @requires(fields: "riskScore") '
    "{} }}"
)
MACHINERY = """
directive @key(fields: String!) on OBJECT
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
scalar _Any
union _Entity = Person
extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
"""
EMPTY = "type Query { nothing: Int }"
ADDRESS = "http://127.0.0.1:1/{}"
LIMITS = StreamLimits(init_seconds=60, recheck_seconds=0.1, slow_seconds=60, keep_alive_seconds=60)


@cache
def table() -> dict[str, Any]:
    """The shared table: its schema, and its shapes by id."""
    assert FOLDER is not None
    read = json.loads((FOLDER / "access_shapes.json").read_text("utf-8"))
    return {"sdl": read["sdl"], "shapes": {row["id"]: row for row in read["shapes"]}}


@cache
def people() -> str:
    """The table's schema as the subgraph of people: computed fields live elsewhere, the directives are linked."""
    text = re.sub(r"^directive .*$", "", table()["sdl"], flags=re.MULTILINE)
    text = re.sub(r"riskScore: Int|band: String", "", text)
    return text.replace("type Person implements Node {", 'type Person implements Node @key(fields: "id") {')


def stated() -> dict[str, str]:
    """The table's rules by coordinate."""
    found: dict[str, str] = {}
    definitions: tuple[Any, ...] = parse(people()).definitions
    for node in definitions:
        for part, name in ((node, ""), *((part, part.name.value) for part in getattr(node, "fields", None) or ())):
            if text := " ".join(_rules_of(part)):
                found[f"{node.name.value}.{name}" if name else node.name.value] = text
    return found


def _rules_of(node: Any) -> Iterator[str]:
    for each in node.directives or ():
        if each.name.value in ("authenticated", "requiresScopes"):
            yield f"@{each.name.value}" + (f"(scopes: {_value(each)})" if each.arguments else "")


def _value(directive: Any) -> str:
    rows = directive.arguments[0].value.values
    return json.dumps([[item.value for item in row.values] for row in rows])


def composed(sdl: str, rule: str = PII) -> str:
    """People, risks and bands composed; `rule` stands on what is computed from a protected field."""
    texts = {"people": sdl, "risks": RISKS.format(rule), "bands": BANDS.format(rule)}
    return compose(
        [SubgraphDefinition(name, ADDRESS.format(name), FEDERATION + text) for name, text in texts.items()]
    ).supergraph_sdl


@cache
def unpropagated() -> str:
    """The supergraph without a rule."""
    return composed(RULE.sub("", people()), "")


@cache
def supergraph(composer: str) -> str:
    """The supergraph `composed here`, or `composed elsewhere`: rules as they are stated, and nothing made of them."""
    return composed(people()) if composer == "composed here" else with_rules(unpropagated(), stated())


OFFICER = {"id": "f1", "name": "Officer", "collar": "COLLAR"}
PUBLIC = {"__typename": "PublicRecord", "id": "p1", "title": "public", "author": OFFICER}
SOURCE = {"__typename": "SourceRecord", "id": "s1", "title": "TITLE OF A SOURCE", "author": OFFICER, "handler": OFFICER}
CRIME = {"__typename": "CrimeReport", "id": "c1", "summary": "SUMMARY OF A CRIME"}
INTEL = {"__typename": "IntelReport", "id": "i1", "summary": "SUMMARY OF INTELLIGENCE"}
VEHICLE = {"__typename": "Vehicle", "id": "v1", "vrm": "AB12CDE", "name": "car"}
PERSON = {
    "__typename": "Person",
    **{"id": "1", "name": "Ann", "dob": "1990", "nino": "QQ123456C", "grading": "A"},
    "sealedNote": "SEALED NOTE",
    "records": [PUBLIC],
}
# The id of a record under the name of another type leads to the record, which says what it is.
POSING = "UHVibGljUmVjb3JkOnMx"
NODES = {each["id"]: each for each in (PUBLIC, SOURCE, VEHICLE, PERSON)} | {POSING: SOURCE}
SECRETS = ("TITLE OF A SOURCE", "QQ123456C", "1990", "SUMMARY OF", "SEALED NOTE", "COLLAR")
"""What stands in fields with rules, and nowhere else."""


def _root() -> dict[str, Any]:
    connection = {"nodes": [PERSON], "edges": [{"cursor": "c", "node": PERSON}], "totalCount": 1}
    return {
        "me": lambda info: OFFICER,
        "person": lambda info, id: PERSON,
        "people": lambda info, **_: connection,
        "search": lambda info, text: [PERSON, VEHICLE, SOURCE],
        "records": lambda info: [PUBLIC, SOURCE],
        "reports": lambda info: [CRIME, INTEL],
        "node": lambda info, id: NODES.get(id),
        "sources": lambda info: [SOURCE],
        "addNote": lambda info, **_: PERSON,
        "sealRecord": lambda info, **_: SOURCE,
    }


@dataclass
class Streaming(LittleSubgraph):
    """A subgraph whose `recordAdded` tells of two records and completes, and whose `personChanged` stays quiet."""

    open: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def holding(self, number: int) -> None:
        """Wait until so many streams are open."""
        async with asyncio.timeout(60):
            while self.open != number:
                await self.changed.wait()

    def _count(self, change: int) -> None:
        self.open += change
        self.changed.set()
        self.changed = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        request = json.loads(body)
        if operation_of(request) is OperationType.SUBSCRIPTION:
            self.bodies.append(request)
            await self._stream(request, receive, send)
            return
        await answer(send, json.dumps(self.answer(request)).encode())

    async def _stream(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        self._count(1)
        await start(send, 200, b"text/event-stream")
        try:
            if "personChanged" in request["query"]:
                await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
                self.opened.set()
                await disconnected(receive)
                return
            for record in (PUBLIC, SOURCE):
                await send({"type": "http.response.body", "body": self._event(request, record), "more_body": True})
            await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})
        finally:
            self._count(-1)

    def _event(self, request: dict[str, Any], record: Mapping[str, Any]) -> bytes:
        result = execute_sync(
            self.schema,
            parse(request["query"]),
            root_value={"recordAdded": record},
            type_resolver=lambda value, info, kind: value["__typename"],
        )
        return b"event: next\ndata: %b\n\n" % json.dumps({"data": result.data}).encode()


def operation_of(request: Mapping[str, Any]) -> OperationType:
    """The kind of the operation a subgraph was sent."""
    (operation,) = (node for node in parse(request["query"]).definitions if isinstance(node, OperationDefinitionNode))
    return operation.operation


async def answer(send: Any, body: bytes) -> None:
    """One JSON answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def subgraphs() -> dict[str, LittleSubgraph]:
    """The three subgraphs, fresh."""
    return {
        "people": Streaming(build_schema(RULE.sub("", people()) + MACHINERY), _root(), lambda sent: PERSON),
        "risks": LittleSubgraph(
            build_schema(RISKS.format("") + EMPTY + MACHINERY),
            {},
            lambda sent: {**sent, "riskScore": len(sent["nino"])},
        ),
        "bands": LittleSubgraph(
            build_schema(BANDS.format("") + EMPTY + MACHINERY), {}, lambda sent: {**sent, "band": "low"}
        ),
    }


@dataclass
class World:
    """A running gateway: where, over which subgraphs, and what may be done to it where it runs in this process."""

    mode: str
    composer: str
    client: httpx.AsyncClient
    subgraphs: Mapping[str, LittleSubgraph]
    served: Served | None = None
    clock: "Clock | None" = None

    @property
    def address(self) -> str:
        """Where the gateway listens."""
        return self.client.base_url.netloc.decode()

    @property
    def people(self) -> Streaming:
        """The subgraph that streams."""
        known = self.subgraphs["people"]
        assert isinstance(known, Streaming)
        return known

    def forget(self) -> None:
        """Forget what was asked so far."""
        for known in self.subgraphs.values():
            known.bodies.clear()

    def asked(self) -> set[str]:
        """Every concrete coordinate that any subgraph was asked for or sent."""
        return {name for known in self.subgraphs.values() for name in asked_of(known)}

    def sent(self) -> str:
        """Everything that any subgraph was sent."""
        return json.dumps([known.bodies for known in self.subgraphs.values()])

    def requests(self) -> int:
        """How many requests reached a subgraph."""
        return sum(len(known.bodies) for known in self.subgraphs.values())


@dataclass
class Clock:
    """The time for token checks, and how far it was moved."""

    moved: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.moved


def bearer(claims: Mapping[str, Any], **changes: Any) -> dict[str, str]:
    """The headers of a shape's caller: a token with the scope it has, or none where it has no claims."""
    if not claims:
        return {}
    now = int(time.time())
    named = {"sub": claims.get("sub"), "scope": claims.get("scope", "")}
    valid: dict[str, Any] = {"iat": now - 1, "nbf": now - 1, "exp": now + 900}
    return {"authorization": f"Bearer {token(**(valid | named | changes))}"}


def embedded_graph(sdl: str, known: Mapping[str, LittleSubgraph], clock: Clock) -> Graph:
    """The general gateway's graph, its subgraphs in this process."""
    access = Access(holders(Trust(ISSUER, AUDIENCE), StaticKeys(jwks())), None, clock)
    graph = general_graph(sdl, GeneralSettings(access=access))
    transports = {name: AsgiTransport(each, name=name) for name, each in known.items()}
    return replace(graph, executor=Executor(supergraph_from_sdl(sdl), transports))


@asynccontextmanager
async def embedded(composer: str, home: Path, sdl: str = "") -> AsyncIterator[World]:
    """A gateway and its subgraphs in this process, over this supergraph if one is given; clients come over a socket."""
    known, clock, metrics = subgraphs(), Clock(), Metrics()
    running = Served(embedded_graph(sdl or supergraph(composer), known, clock))
    app = create_app(Pipeline(running, metrics), metrics, AppOptions(streams=LIMITS))
    async with (
        listening(app) as address,
        httpx.AsyncClient(base_url=f"http://{address}", trust_env=False, timeout=20) as client,
    ):
        yield World("embedded", composer, client, known, running, clock)


@asynccontextmanager
async def deployed(composer: str, home: Path) -> AsyncIterator[World]:
    """`leds gateway` as a process of its own, its subgraphs behind sockets."""
    known, sdl = subgraphs(), supergraph(composer)
    async with AsyncExitStack() as stack:
        for name, each in known.items():
            client = await stack.enter_async_context(served(each))
            sdl = sdl.replace(ADDRESS.format(name), f"{client.base_url}/graphql")
        (home / "supergraph.graphql").write_text(sdl)
        (home / "keys.json").write_text(json.dumps(jwks()))
        given = ("--issuer", ISSUER, "--audience", AUDIENCE, "--jwks", str(home / "keys.json"))
        gateway = await stack.enter_async_context(
            running_gateway(home, "--supergraph", str(home / "supergraph.graphql"), *given)
        )
        yield World("deployed", composer, gateway.client, known)


MODES = {"embedded": embedded, "deployed": deployed}

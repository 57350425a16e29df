"""Pipelines over the shop: the general posture, and a governed one whose edges a test can set."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import httpx
import uvicorn
from graphql import DocumentNode, print_schema
from starlette.types import ASGIApp

from authz.audit.recorder import AuditedAnswer, AuditedRequest
from authz.context import RequestContext
from authz.decision import Clearance, Decision
from authz.errors import ContextIncomplete, TokenMissing
from authz.principal import Principal
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.documents.request import HttpRequest
from gateway.documents.store import DocumentStore
from gateway.execution.executor import Executor
from gateway.execution.transport import AsgiTransport, Transport
from gateway.general import GENERAL
from gateway.graph import Graph, Served
from gateway.http_response import HttpResponse
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline, Surroundings
from gateway.planning.planner import Planner
from gateway.stages import Caller, Recorded, Stages, Unrestricted
from tests.gateway.shop import SUPERGRAPH, products_subgraph, reviews_subgraph

SHOP = supergraph_from_sdl(SUPERGRAPH)
PLANNER = Planner(SHOP)
API_SDL = print_schema(SHOP.api_schema)
POST = {"content-type": "application/json"}


def caller(name: str) -> Caller:
    """A caller with this subject; the correlation id carries the name too."""
    principal = Principal(name, name, "police", "police_territorial", "AGR", ("officer",), "MOBILE", "SYS")
    stated = RequestContext(
        "s", f"correlation-{name}", "SYS", "2026-01-01T00:00:00Z", "1", "t", "p", "j", "a", "b", "c"
    )
    return Caller(principal, stated)


@dataclass(frozen=True)
class Entry:
    """What the ledger of a test gives back."""

    entry_id: str
    index: int
    log: str = "test/log"
    leaf: str = "00"


@dataclass
class Edges:
    """The edges of a governed posture: who is let in, what is denied to whom, what was recorded."""

    denied: Mapping[str, Mapping[str, Decision]] = field(default_factory=dict)
    intended: list[AuditedRequest] = field(default_factory=list)
    recorded: list[tuple[AuditedRequest, AuditedAnswer]] = field(default_factory=list)
    signed: list[tuple[str, str]] = field(default_factory=list)
    enforced: list[tuple[str | None, str]] = field(default_factory=list)
    ledger_fails: Exception | None = None
    written: asyncio.Event = field(default_factory=asyncio.Event)

    def stages(self) -> Stages:
        return replace(
            GENERAL,
            authenticate=self.authenticate,
            context=self.context,
            decide=lambda known, now: Clearance(known.principal.subject if known else ""),
            enforce=self.enforce,
            intend=self.intend,
            record=self.record,
            sign=self.sign,
            world="SYNTHETIC",
            governed=True,
        )

    async def authenticate(self, headers: Mapping[str, str]) -> Principal:
        if "authorization" not in headers:
            raise TokenMissing("No token.")
        return caller(headers["authorization"]).principal

    def context(self, headers: Mapping[str, str], principal: Principal) -> RequestContext:
        if headers.get("x-leds-purpose") == "":
            raise ContextIncomplete("No purpose.", details={"missing": ["X-Leds-Purpose"]})
        return caller(principal.subject).context

    def enforce(
        self, document: DocumentNode, name: str | None, clearance: Clearance, left_out: frozenset[str]
    ) -> Unrestricted:
        self.enforced.append((name, clearance.key))
        return Unrestricted(document, MappingProxyType(self.denied.get(clearance.key, {})))

    async def intend(self, request: AuditedRequest) -> Entry:
        if self.ledger_fails:
            raise self.ledger_fails
        self.intended.append(request)
        return Entry(f"I{len(self.intended)}", len(self.intended) - 1)

    async def record(self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Entry:
        if self.ledger_fails:
            raise self.ledger_fails
        self.recorded.append((request, answer))
        self.written.set()
        return Entry(intent.entry_id if intent else f"E{len(self.recorded)}", len(self.recorded) - 1)

    def sign(self, known: Caller | None, clearance: Clearance):
        assert known
        subject = known.principal.subject

        def headers(subgraph: str, body: bytes) -> dict[str, str]:
            self.signed.append((subgraph, subject))
            return {"x-grant": subject}

        return headers


def shop_transports() -> dict[str, Transport]:
    return {"products": AsgiTransport(products_subgraph()), "reviews": AsgiTransport(reviews_subgraph())}


def pipeline(
    stages: Stages = GENERAL,
    transports: Mapping[str, Transport] | None = None,
    *,
    planner: Any = PLANNER,
    metrics: Metrics | None = None,
) -> Pipeline:
    """A pipeline over the shop."""
    executor = Executor(SHOP, shop_transports() if transports is None else transports)
    graph = Graph(SHOP.version, API_SDL, DocumentStore(SHOP.api_schema), planner, executor, stages)
    return Pipeline(Served(graph), metrics or Metrics(), Surroundings(new_id=lambda: "id-1"))


async def ask(line: Pipeline, query: str, headers: Mapping[str, str] | None = None, **members: Any) -> HttpResponse:
    """POST one query."""
    body = json.dumps({"query": query, **members}).encode()
    return await line.answer(HttpRequest("POST", {**POST, **(headers or {})}, "", body))


def told(response: HttpResponse) -> dict[str, Any]:
    """The response's JSON."""
    return json.loads(response.body)


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real server on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="auto"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    address = server.servers[0].sockets[0].getsockname()
    try:
        async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", trust_env=False) as client:
            yield client
    finally:
        await server.shutdown()

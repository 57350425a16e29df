"""A market whose prices change: a subgraph that streams them, one that names the products, and clients of streams."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from graphql import build_schema, execute_sync, parse, print_schema
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidState

from gateway.app import AppOptions, create_app
from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.documents.store import DocumentStore
from gateway.execution.executor import Executor
from gateway.execution.transport import AsgiTransport, Transport
from gateway.general import GENERAL
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.planning.planner import Planner
from gateway.stages import Stages
from gateway.streams.limits import StreamLimits

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
PRICES_SDL = """
type Query { price(sku: ID!): Int }
type Subscription { priceChanged(sku: ID!): Product }
type Product KEY { sku: ID! price: Int }
"""
NAMES_SDL = """
type Query { product(sku: ID!): Product }
type Mutation { rename(sku: ID!, name: String!): Product }
type Product KEY { sku: ID! name: String }
"""
KEY = '@key(fields: "sku")'
ENTITIES = "scalar _Any union _Entity = Product extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
DEFINITIONS = [
    SubgraphDefinition("prices", "http://127.0.0.1:1/prices", LINK + PRICES_SDL.replace("KEY", KEY)),
    SubgraphDefinition("names", "http://127.0.0.1:1/names", LINK + NAMES_SDL.replace("KEY", KEY)),
]
MARKET = supergraph_from_sdl(compose(DEFINITIONS).supergraph_sdl)
WATCH = "subscription ($sku: ID!) { priceChanged(sku: $sku) { sku price name } }"
FAST = StreamLimits(init_seconds=60, recheck_seconds=0.05, slow_seconds=60, keep_alive_seconds=60)


@dataclass
class Names:
    """The subgraph of names. `asked` counts its requests."""

    names: dict[str, str] = field(default_factory=lambda: {"1": "Lantern", "2": "Compass"})
    asked: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        request = json.loads((await receive())["body"])
        root = {
            "_entities": lambda info, representations: [self._product(each["sku"]) for each in representations],
            "product": lambda info, sku: self._product(sku),
            "rename": self._rename,
        }
        schema = build_schema(NAMES_SDL.replace("KEY", "") + ENTITIES)
        result = execute_sync(
            schema,
            parse(request["query"]),
            root_value=root,
            variable_values=request.get("variables"),
            type_resolver=lambda value, info, kind: "Product",
        )
        await reply(send, 200, json.dumps({"data": result.data}).encode(), b"application/json")

    def _product(self, sku: str) -> dict[str, Any]:
        return {"__typename": "Product", "sku": sku, "name": self.names.get(sku)}

    def _rename(self, info: Any, sku: str, name: str) -> dict[str, Any]:
        self.names[sku] = name
        return self._product(sku)


@dataclass
class Prices:
    """The subgraph of prices. Whatever is put in `changes` is sent to every stream: a product, or bytes as they are.

    `open` counts its streams; `opened` is set with the first one.
    """

    refusal: int = 200
    headers: list[dict[str, str]] = field(default_factory=list)
    open: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    streams: list[asyncio.Queue[Any]] = field(default_factory=list)

    def change(self, change: Any) -> None:
        for stream in self.streams:
            stream.put_nowait(change)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = json.loads((await receive())["body"])
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        if self.refusal != 200:
            await reply(send, self.refusal, b'{"errors":[{"message":"no"}]}', b"application/json")
            return
        stream: asyncio.Queue[Any] = asyncio.Queue()
        self.streams.append(stream)
        self.open += 1
        gone = asyncio.ensure_future(disconnected(receive))
        streaming = asyncio.ensure_future(self._stream(request, stream, send))
        try:
            await asyncio.wait({gone, streaming}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, streaming):
                task.cancel()
            await asyncio.gather(gone, streaming, return_exceptions=True)
            self.streams.remove(stream)
            self.open -= 1
            self.closed.set()

    async def _stream(self, request: dict[str, Any], stream: asyncio.Queue[Any], send: Send) -> None:
        await start(send, 200, b"text/event-stream")
        self.opened.set()
        while (change := await stream.get()) is not None:
            data = change if isinstance(change, bytes) else self._event(request, change)
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n", "more_body": False})

    def _event(self, request: dict[str, Any], change: dict[str, Any]) -> bytes:
        schema = build_schema(PRICES_SDL.replace("KEY", "") + ENTITIES)
        result = execute_sync(
            schema,
            parse(request["query"]),
            root_value={"priceChanged": {"__typename": "Product", **change}},
            variable_values=request.get("variables"),
        )
        return b"event: next\ndata: %b\n\n" % json.dumps({"data": result.data}).encode()


async def start(send: Send, status: int, media_type: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", media_type)]})


async def reply(send: Send, status: int, body: bytes, media_type: bytes) -> None:
    await start(send, status, media_type)
    await send({"type": "http.response.body", "body": body})


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass
class Market:
    """A gateway over the market."""

    prices: Prices
    names: Names
    served: Served
    app: Starlette

    def graph(self, stages: Stages) -> Graph:
        return graph(stages, {"prices": AsgiTransport(self.prices), "names": AsgiTransport(self.names)})


def graph(stages: Stages, transports: Mapping[str, Transport]) -> Graph:
    store = DocumentStore(MARKET.api_schema)
    executor = Executor(MARKET, transports)
    return Graph(MARKET.version, print_schema(MARKET.api_schema), store, Planner(MARKET), executor, stages)


def market(
    stages: Stages = GENERAL, limits: StreamLimits = FAST, transports: Mapping[str, Transport] | None = None
) -> Market:
    """A market whose subgraphs are in this process, or where `transports` lead."""
    prices, names = Prices(), Names()
    inside = {"prices": AsgiTransport(prices), "names": AsgiTransport(names)}
    served = Served(graph(stages, inside if transports is None else transports))
    metrics = Metrics()
    return Market(prices, names, served, create_app(Pipeline(served, metrics), metrics, AppOptions(streams=limits)))


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """The application behind a real server; its address without the scheme."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    host, port = server.servers[0].sockets[0].getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        server.force_exit = True
        await server.shutdown()


class Socket:
    """A client of graphql-transport-ws that says whatever a test wants."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            return json.loads(await self.connection.recv())

    async def init(self, **headers: str) -> None:
        await self.say(type="connection_init", payload=headers)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, id_: str, query: str = WATCH, **variables: Any) -> None:
        payload = {"query": query, "variables": variables or {"sku": "1"}}
        await self.say(type="subscribe", id=id_, payload=payload)

    async def closed(self) -> tuple[int, str]:
        async with asyncio.timeout(60):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


@asynccontextmanager
async def socket(address: str, *subprotocols: str) -> AsyncIterator[Socket]:
    """A socket to a gateway, closed afterwards; of graphql-transport-ws where no subprotocols are offered."""
    offered = subprotocols or ("graphql-transport-ws",)
    connection = await connect(f"ws://{address}/graphql", subprotocols=[*offered], proxy=None, close_timeout=1)  # type: ignore[list-item]
    try:
        yield Socket(connection)
    finally:
        with contextlib.suppress(OSError, InvalidState):
            await connection.close()

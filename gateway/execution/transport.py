"""Where subgraph requests leave the process, or do not: over HTTP, or into an ASGI application in this one. Same
bytes, same headers."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from gateway.execution.exchange import AsgiApp, AsgiMessage, TransportError, asgi_scope
from gateway.execution.http_client import (
    SIGNED_BY,
    HttpClient,
    HttpClientError,
    MalformedReply,
    ReplyTooLarge,
    origin_of,
)
from gateway.execution.stream_transport import STREAM_HEADERS, events_in_process, events_over_http
from gateway.frames import frames_of

BASE_HEADERS = {
    "content-type": "application/json",
    "accept": "application/graphql-response+json, application/json;q=0.9",
}
MAX_REPLY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SubgraphReply:
    """A complete reply of a subgraph, not looked at yet; of its headers (names in lower case) those that sign it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Transport(Protocol):
    """One subgraph as the executor sees it."""

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """POST one GraphQL request. `repeatable` allows a second try on a connection found closed. Raises
        TransportError."""
        ...

    def events(self, body: bytes, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """POST one subscription; yield ACCEPTED (no bytes), then its responses until it is complete. Closing the
        generator ends it. Raises TransportError."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class HttpTransport:
    """A subgraph at an http:// or https:// address, over kept-alive connections."""

    def __init__(self, url: str, *, max_reply: int = MAX_REPLY_BYTES, client: HttpClient | None = None) -> None:
        parts = urlsplit(url)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._client = client or HttpClient(url, max_body=max_reply)
        self._origin = origin_of(url)
        self._max_reply = max_reply

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """See Transport."""
        try:
            reply = await self._client.post(self._target, body, {**BASE_HEADERS, **headers}, repeatable=repeatable)
        except ReplyTooLarge as error:
            raise TransportError("oversized", "sent a reply larger than allowed") from error
        except MalformedReply as error:
            raise TransportError("malformed", "sent something that is not HTTP") from error
        except (HttpClientError, OSError, UnicodeError) as error:
            raise TransportError("unreachable", "could not be reached") from error
        return SubgraphReply(reply.status, reply.body, reply.headers)

    def events(self, body: bytes, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """See Transport. Each subscription has a connection of its own."""
        return events_over_http(self._origin, self._target, body, headers, self._max_reply)

    async def close(self) -> None:
        """See Transport."""
        await self._client.close()


class AsgiTransport:
    """A subgraph in this process: the same request as over HTTP, without the socket."""

    def __init__(
        self, app: AsgiApp, *, name: str = "", path: str = "/graphql", max_reply: int = MAX_REPLY_BYTES
    ) -> None:
        self._app = app
        self._name = name
        self._log = structlog.get_logger("gateway")
        self._path = path
        self._max_reply = max_reply

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """See Transport. An exception of the application is no reply: where it came from is logged, its text goes
        nowhere."""
        exchange = _AsgiExchange(body, self._max_reply)
        try:
            await self._app(asgi_scope(self._path, body, {**BASE_HEADERS, **headers}), exchange.receive, exchange.send)
        except Exception as error:
            if not exchange.oversized:
                kind, frames = type(error).__name__, frames_of(error)
                self._log.critical("subgraph_crashed", subgraph=self._name, kind=kind, frames=frames)
                raise TransportError("crashed", "failed while answering") from error
        if exchange.oversized:
            raise TransportError("oversized", "sent a reply larger than allowed")
        if exchange.status is None or not exchange.complete:
            raise TransportError("malformed", "did not finish its reply")
        return SubgraphReply(exchange.status, b"".join(exchange.parts), exchange.headers)

    def events(self, body: bytes, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """See Transport."""
        scope = asgi_scope(self._path, body, {**STREAM_HEADERS, **headers})
        return events_in_process(self._app, scope, body, self._max_reply)

    async def close(self) -> None:
        """Nothing is held."""


class _AsgiExchange:
    """One request and its reply as ASGI messages."""

    def __init__(self, body: bytes, max_reply: int) -> None:
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.parts: list[bytes] = []
        self.complete = False
        self._body: bytes | None = body
        self._room = max_reply

    @property
    def oversized(self) -> bool:
        """Whether more was sent than may be kept."""
        return self._room < 0

    async def receive(self) -> AsgiMessage:
        if self._body is None:
            # A caller that has not gone away: the application learns of the end by being cancelled.
            await asyncio.get_running_loop().create_future()
        message = {"type": "http.request", "body": self._body, "more_body": False}
        self._body = None
        return message

    async def send(self, message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = ((name.lower(), value) for name, value in message.get("headers", ()))
            self.headers = {name.decode(): value.decode("latin-1") for name, value in named if name in SIGNED_BY}
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._room -= len(part)
            if self.oversized:
                raise OSError("the reply is larger than allowed")
            self.parts.append(bytes(part))
            self.complete = not message.get("more_body", False)

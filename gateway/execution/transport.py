"""Where subgraph requests leave the process, or do not: over HTTP, or into an ASGI application in this one. Same
bytes, same headers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog

from gateway.execution.http_client import HttpClient, HttpClientError, MalformedReply, ReplyTooLarge
from gateway.frames import frames_of

AsgiMessage = MutableMapping[str, Any]
AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[AsgiMessage]], Callable[[AsgiMessage], Awaitable[None]]],
    Awaitable[None],
]
BASE_HEADERS = {
    "content-type": "application/json",
    "accept": "application/graphql-response+json, application/json;q=0.9",
}
MAX_REPLY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SubgraphReply:
    """A complete reply of a subgraph, not looked at yet."""

    status: int
    body: bytes


class TransportError(Exception):
    """No usable reply. `status` is one word for metrics, the text completes "'<subgraph>' …"."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Transport(Protocol):
    """One subgraph as the executor sees it."""

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """POST one GraphQL request. `repeatable` allows a second try on a connection found closed. Raises
        TransportError."""
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

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """See Transport."""
        try:
            status, reply = await self._client.post(
                self._target, body, {**BASE_HEADERS, **headers}, repeatable=repeatable
            )
        except ReplyTooLarge as error:
            raise TransportError("oversized", "sent a reply larger than allowed") from error
        except MalformedReply as error:
            raise TransportError("malformed", "sent something that is not HTTP") from error
        except (HttpClientError, OSError, UnicodeError) as error:
            raise TransportError("unreachable", "could not be reached") from error
        return SubgraphReply(status, reply)

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
            await self._app(self._scope(body, {**BASE_HEADERS, **headers}), exchange.receive, exchange.send)
        except Exception as error:
            if not exchange.oversized:
                kind, frames = type(error).__name__, frames_of(error)
                self._log.critical("subgraph_crashed", subgraph=self._name, kind=kind, frames=frames)
                raise TransportError("crashed", "failed while answering") from error
        if exchange.oversized:
            raise TransportError("oversized", "sent a reply larger than allowed")
        if exchange.status is None or not exchange.complete:
            raise TransportError("malformed", "did not finish its reply")
        return SubgraphReply(exchange.status, b"".join(exchange.parts))

    async def close(self) -> None:
        """Nothing is held."""

    def _scope(self, body: bytes, headers: Mapping[str, str]) -> MutableMapping[str, Any]:
        named = {"host": "subgraph.internal", "content-length": str(len(body))} | dict(headers)
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()],
            "client": ("127.0.0.1", 0),
            "server": ("subgraph.internal", 80),
            "state": {},
        }


class _AsgiExchange:
    """One request and its reply as ASGI messages."""

    def __init__(self, body: bytes, max_reply: int) -> None:
        self.status: int | None = None
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
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._room -= len(part)
            if self.oversized:
                raise OSError("the reply is larger than allowed")
            self.parts.append(bytes(part))
            self.complete = not message.get("more_body", False)

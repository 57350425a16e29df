"""A small HTTP/1.1 client for POSTs to one origin over kept-alive connections: bytes in, status and bytes out.

No redirects, no cookies, no compression, no proxies: a subgraph needs none, and what is absent cannot be abused.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools

MAX_HEAD_BYTES = 64 * 1024
MAX_IDLE_CONNECTIONS = 64
MAX_IDLE_SECONDS = 30.0
SIGNED_BY = (b"content-digest", b"signature-input", b"signature")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class HttpClientError(Exception):
    """The exchange failed; nothing of the reply may be used."""


class ReplyTooLarge(HttpClientError):
    """The reply's body is larger than allowed."""


class MalformedReply(HttpClientError):
    """What came is not an HTTP/1.1 response."""


class ConnectionClosed(HttpClientError):
    """The connection ended before the reply was complete. `untouched`: before its first byte."""

    def __init__(self, untouched: bool) -> None:
        super().__init__("the connection was closed before the reply was complete")
        self.untouched = untouched


class HttpReply(NamedTuple):
    """A whole reply; of its headers (names in lower case) those that sign it."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where to connect, and the Host header to send."""

    host: str
    port: int
    authority: str
    tls: ssl.SSLContext | None


def origin_of(url: str, tls: ssl.SSLContext | None = None) -> Origin:
    """Read the origin of an http:// or https:// URL. Raises ValueError for any other, and for one with
    credentials."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(
            f"not a subgraph address: {parts.scheme}://{parts.hostname or ''} (http or https, without credentials)"
        )
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = (tls or ssl.create_default_context()) if secure else None
    return Origin(parts.hostname, port, parts.netloc, context)


class HttpClient:
    """Sends POSTs to one origin. Not shared between event loops."""

    def __init__(self, url: str, *, max_body: int, tls: ssl.SSLContext | None = None) -> None:
        self._origin = origin_of(url, tls)
        self._max_body = max_body
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()

    async def post(
        self, target: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False
    ) -> HttpReply:
        """POST and read the whole reply.

        Only a repeatable request goes over a connection used before, and only it is sent once more (over a new one)
        when that connection turns out closed before the reply's first byte (RFC 9110, 9.2.2).
        Raises HttpClientError or OSError. When cancelled, the connection is torn down.
        """
        message = request_bytes(target, self._origin.authority, body, headers)
        known = self._take_idle() if repeatable else None
        if known is not None:
            with contextlib.suppress(_Stale):
                return await self._exchange(known, message, reused=True)
        return await self._exchange(await self._connect(), message, reused=False)

    async def close(self) -> None:
        """Tear down every connection."""
        for connection in (*self._idle, *self._busy):
            connection.abort()
        self._idle.clear()

    async def _connect(self) -> "_Connection":
        origin = self._origin
        server_name = origin.host if origin.tls else None
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(self._max_body), origin.host, origin.port, ssl=origin.tls, server_hostname=server_name
        )
        return connection

    async def _exchange(self, connection: "_Connection", message: bytes, *, reused: bool) -> HttpReply:
        self._busy.add(connection)
        try:
            reply = await connection.exchange(message)
        except ConnectionClosed as error:
            if reused and error.untouched:
                raise _Stale from error
            raise
        except BaseException:
            connection.abort()
            raise
        finally:
            self._busy.discard(connection)
        self._give_back(connection)
        return reply

    def _take_idle(self) -> "_Connection | None":
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.idle_since < MAX_IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    def _give_back(self, connection: "_Connection") -> None:
        if connection.usable and len(self._idle) < MAX_IDLE_CONNECTIONS:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.abort()


class _Stale(Exception):
    """A kept connection was closed by the other side before it could be used again."""


def request_bytes(target: str, authority: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The request as it goes over the wire. Raises HttpClientError for a header that would break its line."""
    lines = [f"POST {target} HTTP/1.1", f"host: {authority}"]
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise HttpClientError(f"header {name!r} cannot be sent")
        lines.append(f"{name.lower()}: {value}")
    lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    """One connection with at most one exchange. The parser calls the `on_*` methods."""

    def __init__(self, max_body: int) -> None:
        self.usable = True
        self.idle_since = 0.0
        self._max_body = max_body
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[HttpReply] | None = None
        self._idle_bytes = 0
        self._start_message()
        self._touched = False

    async def exchange(self, message: bytes) -> HttpReply:
        """Send one request and wait for its reply."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionClosed(untouched=True)
        self._waiter = asyncio.get_running_loop().create_future()
        self._touched = False
        self._idle_bytes = 0
        self._start_message()
        self._transport.write(message)
        return await self._waiter

    def abort(self) -> None:
        """Close at once; never to be used again."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            # Nobody asked: whatever this is, it must not become the next request's reply.
            self.abort()
            return
        self._touched = True
        size = self._size
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._complete:
                self._fail(MalformedReply("not an HTTP/1.1 response"))
                return
            self._trailing = True
        # A head, trailers or a chunk's extensions: bytes that bring the body no further.
        self._idle_bytes = self._idle_bytes + len(data) if self._size == size else 0
        if self._idle_bytes > MAX_HEAD_BYTES and not self._complete:
            self._fail(MalformedReply("the reply's head does not end"))
            return
        if self._complete:
            self._finish()

    def eof_received(self) -> bool:
        if self._waiter is not None and self._until_close and not self._complete:
            self._complete = True
            self.usable = False
            self._finish()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        if self._waiter is not None and exc is None and self._until_close:
            self._finish()
        self._fail(ConnectionClosed(untouched=not self._touched))

    # httptools

    def on_message_begin(self) -> None:
        if self._complete:
            # Bytes after the reply: it stands, but the connection is not trusted again.
            self._trailing = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._trailing:
            return
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._framed = True
        elif name.lower() in SIGNED_BY:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._trailing:
            return
        self._status = self._parser.get_status_code()
        self._until_close = not self._framed and self._status >= 200 and self._status not in (204, 304)

    def on_body(self, part: bytes) -> None:
        if self._trailing or self._failed():
            return
        self._size += len(part)
        if self._size > self._max_body:
            self._fail(ReplyTooLarge(f"more than {self._max_body} bytes"))
        else:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._trailing or self._failed():
            return
        if 100 <= self._status < 200:
            # An interim response (RFC 9110, 15.2): the reply is still to come.
            self._start_message()
            return
        self._complete = True
        self._keep_alive = self._parser.should_keep_alive()

    def _failed(self) -> bool:
        return self._waiter is None

    def _start_message(self) -> None:
        self._parts: list[bytes] = []
        self._headers: dict[str, str] = {}
        self._size = 0
        self._status = 0
        self._framed = self._until_close = False
        self._complete = self._trailing = self._keep_alive = False

    def _finish(self) -> None:
        waiter, self._waiter = self._waiter, None
        if not self._keep_alive or self._trailing:
            self.abort()
        if waiter is not None and not waiter.done():
            waiter.set_result(HttpReply(self._status, b"".join(self._parts), self._headers))

    def _fail(self, error: HttpClientError) -> None:
        waiter, self._waiter = self._waiter, None
        self.abort()
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)

"""Opening a subscription at a subgraph, over HTTP or in this process: a signed request in, its events out.

The reply is an event stream that is read only as fast as its events are taken; leaving the stream closes it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping

import httptools

from gateway.execution.event_stream import MEDIA_TYPE, EventReader, MalformedStream
from gateway.execution.exchange import AsgiApp, AsgiMessage, AsgiScope, TransportError
from gateway.execution.http_client import HttpClientError, Origin, request_bytes

ACCEPTED = b""
"""What a stream yields first, once the subgraph has accepted the subscription."""
SECONDS_OF_SILENCE = 45.0
SECONDS_TO_OPEN = 15.0
READ_AT_ONCE = 64 * 1024
PARTS_HELD = 16
MAX_HEAD_BYTES = 64 * 1024
STREAM_HEADERS = {"content-type": "application/json", "accept": f"{MEDIA_TYPE}, application/json;q=0.5"}


async def events_over_http(
    origin: Origin, target: str, body: bytes, headers: Mapping[str, str], largest: int
) -> AsyncGenerator[bytes, None]:
    """The events of one subscription at another process. Raises TransportError."""
    response = _Response()
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(SECONDS_TO_OPEN):
            reader, writer = await asyncio.open_connection(
                origin.host, origin.port, ssl=origin.tls, server_hostname=origin.host if origin.tls else None
            )
            writer.write(request_bytes(target, origin.authority, body, {**STREAM_HEADERS, **headers}))
            await writer.drain()
        events = EventReader(largest)
        async with contextlib.aclosing(_parts(reader, response)) as parts:
            async for part in parts:
                if part is ACCEPTED:
                    yield ACCEPTED
                for event in events.feed(part):
                    yield event
                if events.complete:
                    return
        if not events.complete:
            raise TransportError("cut", "ended its stream without saying that it is complete")
    except TimeoutError as error:
        raise TransportError("timeout", "fell silent") from error
    except (MalformedStream, httptools.HttpParserError) as error:
        raise TransportError("malformed", "sent something that is not an event stream") from error
    except (HttpClientError, OSError, UnicodeError) as error:
        raise TransportError("unreachable", "could not be reached") from error
    finally:
        if writer is not None:
            writer.transport.abort()


async def _parts(reader: asyncio.StreamReader, response: "_Response") -> AsyncGenerator[bytes, None]:
    """The body's bytes as they come, once the head says that they are an event stream."""
    parser = httptools.HttpResponseParser(response)
    while not response.ended:
        async with asyncio.timeout(SECONDS_OF_SILENCE):
            data = await reader.read(READ_AT_ONCE)
        if not data:
            return
        parser.feed_data(data)
        if not response.head_read:
            response.head_bytes += len(data)
            if response.head_bytes > MAX_HEAD_BYTES:
                raise MalformedStream("the head does not end")
            continue
        if response.status == 0:
            response.status = parser.get_status_code()
            require_stream(response.status, response.media_type)
            yield ACCEPTED
        parts, response.body = response.body, []
        for part in parts:
            yield part


class _Response:
    """What the parser says of one reply."""

    def __init__(self) -> None:
        self.status = 0
        self.media_type = ""
        self.head_read = self.ended = False
        self.head_bytes = 0
        self.body: list[bytes] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self.media_type = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.head_read = True

    def on_body(self, part: bytes) -> None:
        self.body.append(part)

    def on_message_complete(self) -> None:
        self.ended = True


def require_stream(status: int, media_type: str) -> None:
    """Raise TransportError unless the reply is an event stream."""
    if status != 200 or media_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise TransportError("refused", f"refused the subscription ({status})")


async def events_in_process(app: AsgiApp, scope: AsgiScope, body: bytes, largest: int) -> AsyncGenerator[bytes, None]:
    """The events of one subscription at an application of this process. Raises TransportError."""
    exchange = _AsgiStream(body)
    task = asyncio.ensure_future(exchange.run(app, scope))
    events = EventReader(largest)
    try:
        while (part := await exchange.parts.get()) is not None:
            if part is ACCEPTED:
                yield ACCEPTED
            for event in events.feed(part):
                yield event
            if events.complete:
                return
        if exchange.refused is not None:
            raise exchange.refused
        if not events.complete:
            raise TransportError("cut", "ended its stream without saying that it is complete")
    except MalformedStream as error:
        raise TransportError("malformed", "sent something that is not an event stream") from error
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class _AsgiStream:
    """One request and its endless reply as ASGI messages; no more than PARTS_HELD parts wait."""

    def __init__(self, body: bytes) -> None:
        self.parts: asyncio.Queue[bytes | None] = asyncio.Queue(PARTS_HELD)
        self.refused: TransportError | None = None
        self._body: bytes | None = body

    async def run(self, app: AsgiApp, scope: AsgiScope) -> None:
        try:
            await app(scope, self.receive, self.send)
        except TransportError as error:
            self.refused = error
        except Exception:
            self.refused = TransportError("crashed", "failed while answering")
        await self.parts.put(None)

    async def receive(self) -> AsgiMessage:
        if self._body is None:
            # Its caller goes away by cancelling it.
            await asyncio.get_running_loop().create_future()
        message = {"type": "http.request", "body": self._body, "more_body": False}
        self._body = None
        return message

    async def send(self, message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            require_stream(message["status"], headers.get(b"content-type", b"").decode("latin-1"))
            await self.parts.put(ACCEPTED)
        elif message.get("body"):
            await self.parts.put(bytes(message["body"]))

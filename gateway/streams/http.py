"""Streams over HTTP: GraphQL over SSE (distinct connections) and multipart (`subscriptionSpec=1.0`), one request each.

In: a request whose Accept header asks for a stream. Out: the stream, or a plain response where nothing is streamed.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

import msgspec
from starlette.types import Message, Receive, Send

from gateway.documents.request import HttpRequest
from gateway.execution.event_stream import COMPLETE, KEEP_ALIVE, MEDIA_TYPE, NEXT, event_bytes
from gateway.http_response import HttpResponse
from gateway.streams.subscription import Answered, Ended, Event, Opened, Subscriptions

MULTIPART = "multipart/mixed"
SPECIFICATION = "subscriptionspec=1.0"
Answer = Answered | Opened | Event | Ended


@dataclass(frozen=True, slots=True)
class EventStream:
    """Server-sent events: `next` for each response, `complete` at the end; refusals are plain responses."""

    media_type: str = MEDIA_TYPE
    opening: bytes = KEEP_ALIVE
    keep_alive: bytes = KEEP_ALIVE

    def single(self, response: HttpResponse) -> bool:
        """Whether a response that is not part of a stream goes out as it is."""
        return response.status != 200

    def event(self, body: bytes) -> bytes:
        """One response of the stream."""
        return event_bytes(NEXT, body)

    def ended(self, body: bytes) -> bytes:
        """Why the stream ends early; `body` holds only errors."""
        return event_bytes(NEXT, body)

    def complete(self) -> bytes:
        """Nothing more comes."""
        return event_bytes(COMPLETE)


@dataclass(frozen=True, slots=True)
class Multipart:
    """Parts of multipart/mixed; each ends with the next delimiter, so that clients can read it at once."""

    media_type: str = f'{MULTIPART};boundary="graphql";subscriptionSpec=1.0'
    opening: bytes = b"\r\n--graphql"
    keep_alive: bytes = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"

    def single(self, response: HttpResponse) -> bool:
        """Whether a response that is not part of a stream goes out as it is."""
        return True

    def event(self, body: bytes) -> bytes:
        """One response of the stream."""
        return b'\r\nContent-Type: application/json\r\n\r\n{"payload":%b}\r\n--graphql' % body

    def ended(self, body: bytes) -> bytes:
        """Why the stream ends early; `body` holds only errors."""
        errors = msgspec.json.encode(msgspec.json.decode(body).get("errors", []))
        return b'\r\nContent-Type: application/json\r\n\r\n{"payload":null,"errors":%b}\r\n--graphql' % errors

    def complete(self) -> bytes:
        """Nothing more comes."""
        return b"--\r\n"


Format = EventStream | Multipart


def format_of(accept: str) -> Format | None:
    """The stream that an Accept header asks for, None for a plain response."""
    ranges = [[piece.strip().lower().replace('"', "") for piece in part.split(";")] for part in accept.split(",")]
    for media_range, *parameters in ranges:
        if media_range == MEDIA_TYPE:
            return EventStream()
        if media_range == MULTIPART and SPECIFICATION in parameters:
            return Multipart()
    return None


class HttpStreams:
    """Answers requests that ask for a stream."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions
        self._limits = subscriptions.limits

    async def answer(self, asked: HttpRequest, written: Format, receive: Receive, send: Send) -> HttpResponse | None:
        """Stream the answer; or the plain response that it is, of which nothing is sent yet. None: there is nothing
        more to send. The client's going away ends what is under way."""
        streaming = asyncio.ensure_future(self._streamed(asked, written, send))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((streaming, gone), return_when=asyncio.FIRST_COMPLETED)
            return streaming.result() if streaming.done() else None
        finally:
            for task in (streaming, gone):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                    await task

    async def _streamed(self, asked: HttpRequest, written: Format, send: Send) -> HttpResponse | None:
        http = replace(asked, headers={**asked.headers, "accept": "application/json"})
        async with aclosing(self._subscriptions.run(http)) as answers:
            first = await anext(answers)
            if isinstance(first, Answered) and written.single(first.response):
                return first.response
            await self._send(send, {"type": "http.response.start", "status": 200, "headers": _headers(written)})
            try:
                await self._part(send, written.opening)
                async with aclosing(_with_pauses(first, answers, self._limits.keep_alive_seconds)) as found:
                    async for answer in found:
                        await self._part(send, _part_of(answer, written))
            except asyncio.CancelledError:
                await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})
                raise
            await self._part(send, written.complete(), last=True)
        return None

    async def _part(self, send: Send, body: bytes, *, last: bool = False) -> None:
        if body:
            await self._send(send, {"type": "http.response.body", "body": body, "more_body": not last})

    async def _send(self, send: Send, message: Message) -> None:
        """Send, and give up on a client that does not take it in time: nothing is kept for it."""
        async with asyncio.timeout(self._limits.slow_seconds):
            await send(message)


def _part_of(answer: Answer | None, written: Format) -> bytes:
    match answer:
        case None:
            return written.keep_alive
        case Answered(response) | Event(response):
            return written.event(response.body)
        case Ended(response):
            return written.ended(response.body)
    return b""


async def _with_pauses(
    first: Answer, answers: AsyncGenerator[Answer, None], seconds: float
) -> AsyncGenerator[Answer | None, None]:
    """The answers, and None whenever none has come for so many seconds."""
    yield first
    while True:
        coming = asyncio.ensure_future(_next(answers))
        try:
            while not (await asyncio.wait({coming}, timeout=seconds))[0]:
                yield None
            answer = coming.result()
        finally:
            if not coming.done():
                coming.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await coming
        if answer is None:
            return
        yield answer


async def _next(answers: AsyncGenerator[Answer, None]) -> Answer | None:
    return await anext(answers, None)


def _headers(written: Format) -> list[tuple[bytes, bytes]]:
    named = {"content-type": written.media_type, "cache-control": "no-store", "x-accel-buffering": "no"}
    return [(name.encode(), value.encode()) for name, value in named.items()]


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""One subscription: a request in; responses out, each decided, planned, checked and recorded as a request of its own.

Nothing is held between events but the operation and its source: a caller who may no longer have what they subscribed
to is told so within `recheck_seconds`, event or not.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from authz.standard.holder import TokenHolder
from gateway.documents.request import HttpRequest
from gateway.execution.exchange import TransportError
from gateway.execution.program import Program
from gateway.execution.stream_transport import ACCEPTED
from gateway.http_response import HttpResponse
from gateway.pipeline import Pipeline, Prepared, Trail
from gateway.streams.errors import GraphReplaced, SourceLost, SubscriptionRevoked
from gateway.streams.limits import Held, StreamLimits


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked is answered once: a query, a mutation, a refusal, or a subscription of which nothing is left."""

    response: HttpResponse


@dataclass(frozen=True, slots=True)
class Opened:
    """The subscription is accepted where its events come from: from now on none is missed."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, answered. It may leave now."""

    response: HttpResponse


@dataclass(frozen=True, slots=True)
class Ended:
    """The last word of a stream that did not complete: why, as the response a request would get."""

    response: HttpResponse


@dataclass(frozen=True, slots=True)
class _Opened:
    """A subscription as it was opened: what of it was allowed, over which schema, and how its events are answered."""

    http: HttpRequest
    ready: Prepared
    graph_version: str

    @property
    def program(self) -> Program:
        return self.ready.program


class Subscriptions:
    """Opens subscriptions over whatever graph is served."""

    def __init__(self, pipeline: Pipeline, limits: StreamLimits | None = None) -> None:
        self.limits = limits or StreamLimits()
        self._pipeline = pipeline
        self._held = Held(self.limits)

    async def admit(self, headers: Mapping[str, str]) -> HttpResponse | None:
        """See who asks before they ask for anything; the refusal, recorded, or None."""
        with self._pipeline.served.current as version:
            trail = self._pipeline.trail(version)
            trail.entered = True
            try:
                await trail.stages.authenticate(headers)
            except Exception as error:
                return await self._pipeline.refused(error, trail)
        return None

    async def run(self, http: HttpRequest) -> AsyncGenerator[Answered | Opened | Event | Ended, None]:
        """One `Answered`; or `Opened`, an `Event` each time, and an `Ended` last unless the source completes. Never
        raises.

        Closing the generator cancels what is under way at the subgraphs.
        """
        with self._pipeline.served.current as version:
            trail = self._pipeline.trail(version)
            try:
                opened = await self._opened(http, trail)
            except Exception as error:
                yield Answered(await self._pipeline.refused(error, trail))
                return
        if opened is None:
            yield Answered(await self._pipeline.answer(http))
        elif not opened.program.levels:
            yield Answered(await self._refused_whole(opened, trail))
        else:
            async with aclosing(self._held_open(opened, trail)) as events:
                async for event in events:
                    yield event

    async def _opened(self, http: HttpRequest, trail: Trail) -> _Opened | None:
        """The subscription; None for an operation that is answered once."""
        ready = await self._pipeline.prepared(http, trail)
        if not ready.program.is_subscription:
            return None
        await self._pipeline.counted(ready, trail)
        return _Opened(http, ready, trail.graph.version)

    async def _refused_whole(self, opened: _Opened, trail: Trail) -> HttpResponse:
        """Nothing is left to subscribe to: the answer says so of every field."""
        try:
            result = await self._pipeline.executed(opened.program, opened.ready.request, trail)
            return await self._pipeline.released(result, trail)
        except Exception as error:
            return await self._pipeline.refused(error, trail)

    async def _held_open(self, opened: _Opened, trail: Trail) -> AsyncGenerator[Opened | Event | Ended, None]:
        try:
            with self._held.one(identity_of(trail)):
                # Who listens to what is known before anything is asked of a subgraph.
                await self._pipeline.intend(trail)
                async with aclosing(self._events(opened, trail)) as events:
                    async for event in events:
                        yield event
        except Exception as error:
            yield Ended(await self._pipeline.refused(error, trail))

    async def _events(self, opened: _Opened, trail: Trail) -> AsyncGenerator[Opened | Event, None]:
        outgoing, transport = trail.graph.executor.opening(opened.program, opened.ready.request)
        if transport is None:
            raise SourceLost(f"'{outgoing.subgraph}' has no address.")
        headers = opened.ready.request.sign(outgoing.subgraph, outgoing.body)
        try:
            async with aclosing(transport.events(outgoing.body, headers)) as source:
                async for event in self._watched(source, opened):
                    if event is ACCEPTED:
                        yield Opened()
                        continue
                    yield Event(await self._delivered(opened, event, trail))
                    trail.part += 1
        except TransportError as error:
            raise SourceLost(f"'{outgoing.subgraph}' {error.reason}.") from error

    async def _watched(self, source: AsyncGenerator[bytes, None], opened: _Opened) -> AsyncGenerator[bytes, None]:
        """The source's events; while it is quiet, a look every `recheck_seconds` whether the caller still may."""
        while True:
            coming = asyncio.ensure_future(_next(source))
            try:
                while not (await asyncio.wait({coming}, timeout=self.limits.recheck_seconds))[0]:
                    await self._still_allowed(opened)
                event = coming.result()
            finally:
                if not coming.done():
                    coming.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await coming
            if event is None:
                return
            yield event

    async def _delivered(self, opened: _Opened, event: bytes, stream: Trail) -> HttpResponse:
        """One event answered as a request made now; looked at once more before it leaves."""
        with self._pipeline.served.current as version:
            trail = self._pipeline.trail(version)
            trail.intent, trail.part = stream.intent, stream.part
            request = await self._prepared_again(opened, trail)
            result = await self._pipeline.executed(opened.program, replace(request.request, event=event), trail)
            await self._still_allowed(opened)
            return await self._pipeline.released(result, trail)

    async def _still_allowed(self, opened: _Opened) -> None:
        with self._pipeline.served.current as version:
            await self._prepared_again(opened, self._pipeline.trail(version))

    async def _prepared_again(self, opened: _Opened, trail: Trail) -> Prepared:
        """The operation prepared anew. Raises GraphReplaced, SubscriptionRevoked, or what refuses a request now."""
        if trail.graph.version != opened.graph_version:
            raise GraphReplaced("Another schema is served now.")
        now, before = await self._pipeline.prepared(opened.http, trail), opened.ready
        if now.allowed != before.allowed or now.request.denials != before.request.denials:
            raise SubscriptionRevoked("What you may be shown has changed.")
        return now


async def _next(source: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(source, None)


def identity_of(trail: Trail) -> Hashable | None:
    """Whose subscription it is; None where nobody is asked who they are."""
    if trail.principal is not None:
        return trail.principal.organisation, trail.principal.subject
    if isinstance(trail.caller, TokenHolder):
        return trail.caller.issuer, trail.caller.subject
    return None

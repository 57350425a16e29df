"""A way to a subgraph whose every reply and event must be signed by it for the request it answers; others are no reply.

In: any transport and the keys shared with its subgraph. Out: what the subgraph said, or a TransportError and an alarm.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

import structlog

from authz.errors import ReplyUntrusted
from authz.replies import END, Asked, verified_event, verify_reply
from authz.rings import Ring
from gateway.execution.exchange import TransportError
from gateway.execution.stream_transport import ACCEPTED
from gateway.execution.transport import SubgraphReply, Transport


class SignedTransport:
    """A transport that releases nothing its subgraph has not signed; `clock` in Unix seconds."""

    def __init__(self, transport: Transport, subgraph: str, ring: Ring, clock: Callable[[], float]) -> None:
        self._transport = transport
        self._subgraph = subgraph
        self._ring = ring
        self._clock = clock
        self._log = structlog.get_logger("gateway")

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """See Transport."""
        reply = await self._transport.send(body, headers, repeatable=repeatable)
        try:
            verify_reply(self._asked(headers), reply.status, reply.body, reply.headers, self._clock())
        except ReplyUntrusted as error:
            raise self._alarmed(error, reply.status) from error
        return reply

    async def events(self, body: bytes, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """See Transport. A stream is complete only when its subgraph has signed that it is."""
        asked, number = self._asked(headers), 0
        async with aclosing(self._transport.events(body, headers)) as events:
            async for event in events:
                if event is ACCEPTED:
                    yield ACCEPTED
                    continue
                try:
                    response = verified_event(asked, number, event, self._clock())
                except ReplyUntrusted as error:
                    raise self._alarmed(error, 200) from error
                if response == END:
                    return
                number += 1
                yield response
        raise self._alarmed(ReplyUntrusted("The stream's end is not signed."), 200)

    async def close(self) -> None:
        """See Transport."""
        await self._transport.close()

    def _asked(self, headers: Mapping[str, str]) -> Asked:
        return Asked(self._subgraph, self._ring, headers["signature"])

    def _alarmed(self, error: ReplyUntrusted, status: int) -> TransportError:
        self._log.error("subgraph_reply_untrusted", subgraph=self._subgraph, status=status, reason=error.message)
        return TransportError("untrusted", "did not sign its reply to this request")

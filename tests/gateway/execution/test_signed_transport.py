"""A way to a subgraph that releases nothing its subgraph did not sign for this very request, and raises an alarm."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest
import structlog

from authz.replies import END, sign_event, sign_reply
from authz.rings import GrantKey, KeyRing
from gateway.execution.exchange import TransportError
from gateway.execution.signed_transport import SignedTransport
from gateway.execution.stream_transport import ACCEPTED
from gateway.execution.transport import SubgraphReply, Transport

NOW = 1_700_000_000.0
RING = KeyRing((GrantKey("k", bytes(range(32))),))
OTHER = KeyRing((GrantKey("k", bytes(32)),))
BODY = b'{"data":{"a":1}}'
ASKED, ASKED_BEFORE = {"signature": "leds=:b25l:"}, {"signature": "leds=:dHdv:"}

Tamper = Callable[[SubgraphReply], SubgraphReply]


def signed(headers: Mapping[str, str], ring: KeyRing = RING) -> SubgraphReply:
    return SubgraphReply(200, BODY, sign_reply(ring, "vehicle", headers["signature"], 200, BODY, NOW))


def event(number: int, body: bytes = BODY, headers: Mapping[str, str] = ASKED, ring: KeyRing = RING) -> bytes:
    return sign_event(ring, "vehicle", headers["signature"], number, body, NOW) + b"\n" + body


@dataclass
class Between(Transport):
    """A subgraph that signs, and somebody between it and the gateway."""

    tamper: Tamper = lambda reply: reply
    stream: list[bytes] = field(default_factory=list)
    closed: int = 0

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        return self.tamper(signed(headers))

    async def events(self, body: bytes, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        try:
            yield ACCEPTED
            for each in self.stream:
                yield each
        finally:
            self.closed += 1

    async def close(self) -> None:
        self.closed += 1


def over(between: Between) -> SignedTransport:
    return SignedTransport(between, "vehicle", RING, lambda: NOW)


async def test_the_reply_of_the_subgraph_itself_arrives():
    assert await over(Between()).send(b"{}", ASKED) == signed(ASKED)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda reply: replace(reply, body=b'{"data":{"a":2}}'),
        lambda reply: replace(reply, status=500),
        lambda reply: replace(reply, headers={}),
        lambda reply: signed(ASKED_BEFORE),
        lambda reply: signed(ASKED, OTHER),
    ],
    ids=["altered", "another status", "unsigned", "replayed from another request", "wrong key"],
)
async def test_another_reply_is_none_and_raises_an_alarm(tamper: Tamper):
    with structlog.testing.capture_logs() as logs, pytest.raises(TransportError) as refused:
        await over(Between(tamper)).send(b"{}", ASKED)
    assert refused.value.status == "untrusted"
    assert [(line["event"], line["log_level"], line["subgraph"]) for line in logs] == [
        ("subgraph_reply_untrusted", "error", "vehicle")
    ]
    assert "data" not in str(logs)


async def heard(stream: list[bytes]) -> tuple[list[bytes], str]:
    """What was released of a stream, and how it ended."""
    between, found = Between(stream=stream), []
    try:
        async for each in over(between).events(b"{}", ASKED):
            found.append(each)
    except TransportError as error:
        return found, error.status
    finally:
        assert between.closed == 1
    return found, "complete"


async def test_the_events_of_the_subgraph_itself_arrive_and_their_end():
    stream = [event(0), event(1), event(2, END)]
    assert await heard(stream) == ([ACCEPTED, BODY, BODY], "complete")


@pytest.mark.parametrize(
    "stream",
    [
        [event(0)],
        [event(0), event(0)],
        [event(0), event(2)],
        [event(0), BODY],
        [event(0), event(1, headers=ASKED_BEFORE)],
        [event(0), event(1, ring=OTHER)],
        [event(0), event(1) + b" "],
    ],
    ids=["cut off", "said again", "one left out", "unsigned", "of another stream", "wrong key", "altered"],
)
async def test_a_stream_ends_at_what_its_subgraph_did_not_sign(stream: list[bytes]):
    with structlog.testing.capture_logs() as logs:
        assert await heard(stream) == ([ACCEPTED, BODY], "untrusted")
    assert [line["event"] for line in logs] == ["subgraph_reply_untrusted"]


async def test_closing_a_stream_closes_the_one_behind_it():
    between = Between(stream=[event(0)])
    events = over(between).events(b"{}", ASKED)
    assert await anext(events) is ACCEPTED
    async with asyncio.timeout(60):
        await events.aclose()
    assert between.closed == 1

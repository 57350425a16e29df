"""The shapes of subscriptions and sockets: every event judged, expiry ends them, nothing runs before anybody is known,
and one socket or identity holds no more than it may."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.gateway.streams.kit import Socket, socket
from tests.shapes.asking import NEEDS_TABLE, ask, denied, send
from tests.shapes.transports import STREAMS
from tests.shapes.world import World, bearer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_TABLE]
OVER_STREAMS = pytest.mark.parametrize("transport", STREAMS)
OFFICER = {"sub": "pc1", "scope": ""}
QUIET = 'subscription { personChanged(id:"1") { name } }'
HELD = 20
SUBSCRIBES = int(os.environ.get("LEDS_SUBSCRIBES", "300"))


@contextmanager
def expiring(world: World) -> Iterator[dict[str, str]]:
    """The headers of a caller whose token expires while the block runs: the clock moves here, or the time passes."""
    if world.clock is None:
        yield bearer(OFFICER, exp=int(time.time()) + 2)
        return
    try:
        yield bearer(OFFICER)
    finally:
        world.clock.moved = 0.0


@OVER_STREAMS
async def test_az49_each_event_is_judged(world: World, transport: str):
    told = await ask(world, transport, "AZ49")
    assert [response.get("data") for response in told.responses] == [
        {"recordAdded": {"id": "p1", "title": "public"}},
        None,
    ]
    assert set(denied(told).values()) <= {"SourceRecord.id", "SourceRecord.title"}
    assert told.errors
    assert not world.asked() & {"SourceRecord.id", "SourceRecord.title"}


@OVER_STREAMS
async def test_az49_a_caller_who_may_gets_each_event(world: World, transport: str):
    told = await ask(world, transport, "AZ49", claims=OFFICER | {"scope": "source:read"})
    assert [response["data"]["recordAdded"]["id"] for response in told.responses] == ["p1", "s1"]
    assert told.errors == []


@OVER_STREAMS
async def test_az49_the_stream_ends_when_the_token_does(world: World, transport: str):
    world.people.opened.clear()
    with expiring(world) as headers:
        streaming = asyncio.ensure_future(send(world, transport, headers, QUIET))
        async with asyncio.timeout(60):
            await world.people.opened.wait()
            if world.clock is not None:
                world.clock.moved = 1_000.0
            told = await streaming
    assert told.codes == ["TOKEN_EXPIRED"]


async def test_ht02_nothing_runs_before_it_is_known_who_asks(world: World):
    async with socket(world.address) as client:
        await client.subscribe("1", "{ records { id } }")
        assert (await client.closed())[0] == 4401
    assert world.requests() == 0


async def test_ht02_the_legacy_protocol_is_not_spoken(world: World):
    async with socket(world.address, "graphql-ws") as client:
        assert (await client.closed())[0] == 4400
    assert world.requests() == 0


async def hold(client: Socket, times: int) -> list[str]:
    """Subscribe so many times; the codes of the refusals, once as many as must be refused are."""
    codes = []
    for number in range(times):
        await client.subscribe(str(number), QUIET)
        if number >= HELD:
            message = await client.hear()
            assert (message["type"], message["id"]) == ("error", str(number))
            codes.append(message["payload"][0]["extensions"]["code"])
    return codes


async def test_ht03_one_socket_and_one_identity_hold_so_many_and_no_more(world: World):
    headers = {"Authorization": bearer(OFFICER | {"sub": "ht03"})["authorization"]}
    async with socket(world.address) as one, socket(world.address) as other:
        for each in (one, other):
            await each.init(**headers)
        assert set(await hold(one, SUBSCRIBES)) == {"TOO_MANY_SUBSCRIPTIONS"}
        await world.people.holding(HELD)
        await other.subscribe("again", QUIET)
        assert (await other.hear())["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        assert world.people.open == HELD
    await world.people.holding(0)


MALFORMED = {
    "an empty subscription": (b'{"query":"subscription { }"}', "application/json"),
    "a subscription of nothing known": (b'{"query":"subscription { __typename @defer }"}', "application/json"),
    "half a form": (
        b"--x\r\nContent-Disposition: form-data; name=operations\r\n\r\n{",
        "multipart/form-data; boundary=x",
    ),
    "no form at all": (b"", "multipart/form-data"),
}
ACCEPTS = (
    "application/json",
    "text/event-stream",
    "multipart/mixed;subscriptionSpec=1.0",
    "multipart/mixed;deferSpec=",
)


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("case", MALFORMED)
async def test_ht09_nobody_asking_for_nothing_is_refused_and_the_process_goes_on(world: World, case: str, accept: str):
    body, media_type = MALFORMED[case]
    headers = {"content-type": media_type, "accept": accept}
    response = await world.client.post("/graphql", content=body, headers=headers)
    assert response.status_code in (200, 400, 406, 415)
    assert b'"errors"' in response.content
    assert world.requests() == 0
    assert (await send(world, "POST", {}, '{person(id:"1"){name}}')).data == {"person": {"name": "Ann"}}

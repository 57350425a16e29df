"""Counting what was asked lately, in one process and in all of a gateway's."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from authz.bulk.tally import Counted, Tally, TallyWindow
from authz.bulk.tally_shared import SharedTally
from authz.errors import TallyUnavailable
from tests.end_to_end.valkey import valkey_server

Act = Callable[[Tally, Tally], Awaitable[None]]


def members(name: str, most: int = 2) -> Callable[[str], Counted]:
    return lambda member: Counted(name, member, most, 60)


async def distinct(one: Tally, other: Tally) -> None:
    counted = members("distinct")
    asked = [(one, "a"), (other, "a"), (other, "b"), (one, "c"), (other, "d"), (one, "b")]
    assert [(await tally.count([counted(name)], 0.0))[0] for tally, name in asked] == [1, 1, 2, 3, 3, 2]


async def every_time(one: Tally, other: Tally) -> None:
    counted = Counted("times", None, 2, 60)
    assert [(await tally.count([counted], 0.0))[0] for tally in (one, other, one, other)] == [1, 2, 3, 3]


async def several_at_once(one: Tally, other: Tally) -> None:
    both = [members("several")("a"), members("several")("b"), Counted("more", None, 5, 60)]
    assert await one.count(both, 0.0) == (1, 2, 1)
    assert await other.count(both, 0.0) == (2, 2, 2)


async def at_the_same_time(one: Tally, other: Tally) -> None:
    counted = members("race", most=5)
    found = await asyncio.gather(*((one, other)[place % 2].count([counted(str(place))], 0.0) for place in range(40)))
    assert sorted(count for (count,) in found) == [1, 2, 3, 4, 5, *([6] * 35)]


CASES = {act.__name__: act for act in (distinct, every_time, several_at_once, at_the_same_time)}


@pytest.mark.parametrize("act", CASES)
async def test_a_process_counts_what_it_was_asked(act: str):
    tally = TallyWindow()
    await CASES[act](tally, tally)


@pytest.mark.parametrize("act", CASES)
async def test_processes_count_together(act: str):
    with valkey_server() as (url, _server):
        one, other = SharedTally(url), SharedTally(url)
        try:
            await CASES[act](one, other)
        finally:
            await one.close()
            await other.close()


async def test_what_is_over_is_forgotten_and_counted_anew():
    tally, counted = TallyWindow(), members("again", most=1)
    assert await tally.count([counted("a"), counted("b")], 0.0) == (1, 2)
    assert await tally.count([counted("b")], 59.0) == (2,)
    assert await tally.count([counted("b")], 60.0) == (1,)


async def test_what_is_shared_expires_by_itself():
    with valkey_server() as (url, _server):
        tally = SharedTally(url)
        await tally.count([members("expiring")("a"), Counted("counting", None, 5, 60)], 0.0)
        names = [name async for name in tally._client.scan_iter("leds:tally:*")]
        assert len(names) == 2
        assert all([0 < await tally._client.ttl(name) <= 60 for name in names])
        await tally.close()


async def test_a_full_process_forgets_the_oldest_first():
    tally = TallyWindow(capacity=2)
    for name in ("one", "two", "three"):
        await tally.count([members(name, most=1)("a")], 0.0)
    assert await tally.count([members("three", most=1)("b"), members("one", most=1)("b")], 0.0) == (2, 1)


async def test_a_store_that_does_not_answer_refuses():
    with valkey_server() as (url, server):
        tally = SharedTally(url)
        assert await tally.count([members("up")("a")], 0.0) == (1,)
        await tally.check()
        server.terminate()
        server.wait(10)
        with pytest.raises(TallyUnavailable):
            await tally.count([members("up")("b")], 0.0)
        with pytest.raises(TallyUnavailable):
            await tally.check()
        await tally.close()

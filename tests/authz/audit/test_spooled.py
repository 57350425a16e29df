"""A ledger with its spool: the order of leaves through an outage, the attempts to end it, and the alarm."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger
from authz.audit.reading import count_leaves, read_leaves
from authz.audit.spool import Spool, SpoolFile
from authz.audit.spooled import Recovery, SpooledLedger
from tests.authz.audit.samples import KEYS, ORIGIN, SEALING, audit_id, database_of, sample, store_in, ticking_clock
from tests.authz.audit.whole import assert_whole

NEVER = Recovery(first=3600)
AT_ONCE = Recovery(first=0.01, most=0.05)


@asynccontextmanager
async def opened(folder: Path, recovery: Recovery, now: list[float] | None = None) -> AsyncIterator[SpooledLedger]:
    ledger = await Ledger.open(store_in(folder, 0.02), KEYS, ORIGIN, ticking_clock())
    spool = await Spool.open(SpoolFile(folder / "ledger.spool"), SEALING, ORIGIN)
    both = await SpooledLedger.open(
        ledger, spool, recovery, (lambda: now[0]) if now else asyncio.get_running_loop().time
    )
    try:
        yield both
    finally:
        await both.close()
        await spool.close()
        await ledger.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database_of(folder), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def order(folder: Path) -> list[str]:
    return [kept.leaf.audit_id for kept in read_leaves(database_of(folder), 0, 1000)]


async def emptied(both: SpooledLedger) -> None:
    for _ in range(6000):
        if not both.spooled and not both.unavailable:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the spool does not drain")


async def test_what_was_spooled_stands_before_what_comes_after_the_outage(tmp_path: Path):
    async with opened(tmp_path, NEVER) as both:
        await both.append(sample(1))
        with locked(tmp_path):
            with pytest.raises(AuditUnavailable):
                await both.append(sample(2))
            for number in (3, 4):
                await both.spool(sample(number))
            with pytest.raises(AuditUnavailable):
                await both.append(sample(5))
            assert (both.spooled, both.unavailable) == (2, True)
        await both.append(sample(6))
        assert (both.spooled, both.unavailable) == (0, False)
    assert order(tmp_path) == [audit_id(number) for number in (1, 3, 4, 6)]
    assert assert_whole(tmp_path) == 4


async def test_the_spool_drains_by_itself_once_the_ledger_can_be_written(tmp_path: Path):
    async with opened(tmp_path, AT_ONCE) as both:
        with locked(tmp_path):
            await both.spool(sample(1))
            await asyncio.sleep(0.2)
            assert both.spooled == 1
        await emptied(both)
        # And again, after an outage that ended.
        with locked(tmp_path):
            await both.spool(sample(2))
        await emptied(both)
    assert order(tmp_path) == [audit_id(1), audit_id(2)]


async def test_many_who_wait_for_the_ledger_share_one_attempt(tmp_path: Path):
    async with opened(tmp_path, NEVER) as both:
        with locked(tmp_path):
            await both.spool(sample(0))
            outcomes = await asyncio.gather(
                *(both.append(sample(number)) for number in range(1, 50)), return_exceptions=True
            )
            assert {type(outcome) for outcome in outcomes} == {AuditUnavailable}
            assert len({id(outcome) for outcome in outcomes}) == 49
        receipts = await asyncio.gather(*(both.append(sample(number)) for number in range(1, 50)))
    assert len({receipt.index for receipt in receipts}) == 49
    assert assert_whole(tmp_path) == 50


async def test_what_an_earlier_process_left_is_in_the_ledger_before_anything_else(tmp_path: Path):
    async with opened(tmp_path, NEVER) as both:
        with locked(tmp_path):
            await both.spool(sample(1))
    assert count_leaves(database_of(tmp_path)) == 0
    async with opened(tmp_path, NEVER) as both:
        assert both.spooled == 0
        await both.append(sample(2))
    assert order(tmp_path) == [audit_id(1), audit_id(2)]


async def test_a_ledger_that_cannot_take_what_was_left_does_not_open(tmp_path: Path):
    async with opened(tmp_path, NEVER) as both:
        with locked(tmp_path):
            await both.spool(sample(1))
    ledger = await Ledger.open(store_in(tmp_path, 0.02), KEYS, ORIGIN, ticking_clock())
    spool = await Spool.open(SpoolFile(tmp_path / "ledger.spool"), SEALING, ORIGIN)
    with locked(tmp_path), pytest.raises(AuditUnavailable):
        await SpooledLedger.open(ledger, spool)
    assert spool.waiting == 1
    await spool.close()
    await ledger.close()


async def test_the_alarm_is_given_once_again_each_minute_and_taken_back_with_what_was_drained(tmp_path: Path):
    now = [100.0]
    with capture_logs() as logs:
        async with opened(tmp_path, NEVER, now) as both:
            with locked(tmp_path):
                for seconds in (0, 1, 58, 1, 59, 1):
                    now[0] += seconds
                    with pytest.raises(AuditUnavailable):
                        await both.append(sample(1))
                    if not both.spooled:
                        await both.spool(sample(2))
            await both.append(sample(3))
            await both.append(sample(4))
    said = [(line["event"], line["log_level"], line.get("spooled", line.get("drained"))) for line in logs]
    assert said == [
        ("ledger_unavailable", "critical", 0),
        ("ledger_unavailable", "critical", 1),
        ("ledger_unavailable", "critical", 1),
        ("ledger_recovered", "warning", 1),
    ]


async def test_an_outage_in_which_nothing_was_spooled_ends_with_the_first_leaf(tmp_path: Path):
    with capture_logs() as logs:
        async with opened(tmp_path, NEVER) as both:
            with locked(tmp_path), pytest.raises(AuditUnavailable):
                await both.append(sample(1))
            assert both.unavailable
            await both.append(sample(2))
            assert not both.unavailable
    assert [line["event"] for line in logs] == ["ledger_unavailable", "ledger_recovered"]


async def test_the_alarm_ends_by_itself_once_the_ledger_can_be_written(tmp_path: Path):
    async with opened(tmp_path, AT_ONCE) as both:
        with locked(tmp_path), pytest.raises(AuditUnavailable):
            await both.append(sample(1))
        await emptied(both)
    assert count_leaves(database_of(tmp_path)) == 0

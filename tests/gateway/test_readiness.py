"""Readiness: what fails is named with its code, asked for at most once a second, and never asked twice at a time."""

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.readiness import SECONDS_REMEMBERED, Check, Readiness, Reason
from schema.errors import CodedError

LEDGER_LOCKED = Reason("ledger", "LEDGER_LOCKED")


class LedgerLocked(CodedError):
    code = "LEDGER_LOCKED"


class Ledger:
    """Something to depend on, which counts how often it is asked."""

    def __init__(self) -> None:
        self.fails: type[Exception] | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        await self.free.wait()
        if self.fails:
            raise self.fails("It is so.")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def later(self) -> None:
        self.now += SECONDS_REMEMBERED


def readiness(clock: Clock, seconds_to_wait: float = 60, **checks: Check) -> Readiness:
    return Readiness(lambda: checks, clock, seconds_to_wait)


async def test_what_fails_is_named_with_its_code_until_it_works_again():
    ledger, other, clock = Ledger(), Ledger(), Clock()
    ready = readiness(clock, ledger=ledger.check, vehicle=other.check)
    assert await ready() == ()
    ledger.fails = LedgerLocked
    clock.later()
    assert await ready() == (LEDGER_LOCKED,)
    other.fails = LedgerLocked
    clock.later()
    assert await ready() == (LEDGER_LOCKED, Reason("vehicle", "LEDGER_LOCKED"))
    ledger.fails = other.fails = None
    clock.later()
    assert await ready() == ()


async def test_however_many_ask_a_check_runs_once_a_second():
    ledger, clock = Ledger(), Clock()
    ready = readiness(clock, ledger=ledger.check)
    await asyncio.gather(*(ready() for _ in range(50)))
    assert ledger.asked == 1
    clock.later()
    await asyncio.gather(*(ready() for _ in range(50)))
    assert ledger.asked == 2


async def test_a_check_that_hangs_is_a_reason_and_is_not_begun_again():
    ledger, clock = Ledger(), Clock()
    ready = readiness(clock, 0.01, ledger=ledger.check)
    ledger.free.clear()
    for _ in range(3):
        assert await ready() == (Reason("ledger", "CHECK_UNANSWERED"),)
        clock.later()
    assert ledger.asked == 1
    ledger.free.set()
    await asyncio.sleep(0)
    assert await ready() == ()


async def test_a_fault_of_ours_is_a_reason_too():
    ledger = Ledger()
    ledger.fails = ZeroDivisionError
    assert await readiness(Clock(), ledger=ledger.check)() == (Reason("ledger", "INTERNAL_ERROR"),)


async def test_what_changes_is_logged_once():
    ledger, clock = Ledger(), Clock()
    ready = readiness(clock, ledger=ledger.check)
    with capture_logs() as logs:
        for fails in (None, LedgerLocked, LedgerLocked, LedgerLocked, None, None):
            ledger.fails = fails
            await ready()
            clock.later()
    assert [line["event"] for line in logs] == ["not_ready", "ready_again"]
    assert logs[0]["reasons"] == ["ledger: LEDGER_LOCKED"]


@pytest.mark.parametrize("count", [0, 3])
async def test_without_anything_to_depend_on_a_service_is_ready(count: int):
    checks = {f"part {number}": Ledger().check for number in range(count)}
    assert await Readiness(lambda: checks)() == ()

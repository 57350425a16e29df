"""What the spool promises: durable before it answers, in the ledger once and for good whatever comes between."""

import asyncio
import os
import resource
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from authz.audit.errors import AuditUnavailable, DuplicateEntry, LedgerInUse, SpoolDamaged
from authz.audit.framing import framed
from authz.audit.leaf import Refusal, Stage
from authz.audit.ledger import Draft, Ledger, Receipt
from authz.audit.reading import read_leaf
from authz.audit.rows import LeafRow
from authz.audit.sealing import place_of
from authz.audit.spool import Spool, SpoolFile, SpoolStep
from authz.decision import Form
from tests.authz.audit.samples import (
    KEYS,
    ORIGIN,
    SEALING,
    STATEMENTS,
    database_of,
    intent_of,
    sample,
    store_in,
    ticking_clock,
)
from tests.authz.audit.whole import assert_whole, receipts_kept


def spool_of(folder: Path) -> Path:
    return folder / "ledger.spool"


async def opened(folder: Path, limit: int = 1 << 20, reached: Callable[[SpoolStep], None] = lambda _: None) -> Spool:
    return await Spool.open(SpoolFile(spool_of(folder), limit, reached), SEALING, ORIGIN)


async def ledger_in(folder: Path) -> Ledger:
    return await Ledger.open(store_in(folder, 0.02), KEYS, ORIGIN, ticking_clock())


async def drained(folder: Path) -> None:
    """The spool emptied into the ledger, both closed again."""
    ledger, spool = await ledger_in(folder), await opened(folder)
    await spool.drain(ledger.append_row)
    assert (spool.waiting, spool_of(folder).stat().st_size) == (0, 0)
    await spool.close()
    await ledger.close()


async def filled(folder: Path, count: int) -> list[Receipt]:
    """The receipts of so many leaves, one write each."""
    spool = await opened(folder)
    receipts = [await spool.append(sample(number)) for number in range(count)]
    await spool.close()
    return receipts


def in_ledger(folder: Path) -> set[tuple[str, str]]:
    return {(audit_id, digest) for _, audit_id, digest in receipts_kept(folder)}


def of(receipts: list[Receipt]) -> set[tuple[str, str]]:
    return {(receipt.entry_id, receipt.leaf) for receipt in receipts}


async def test_a_receipt_names_the_leaf_that_the_ledger_will_hold(tmp_path: Path):
    receipts = await filled(tmp_path, 3)
    assert [(receipt.log, receipt.index) for receipt in receipts] == [(f"{ORIGIN}/spool", n) for n in range(3)]
    await drained(tmp_path)
    assert in_ledger(tmp_path) == of(receipts)
    assert assert_whole(tmp_path) == 3
    kept = [read_leaf(database_of(tmp_path), number) for number in range(3)]
    assert [leaf and leaf.leaf.audit_id for leaf in kept] == [receipt.entry_id for receipt in receipts], "in order"
    assert all(leaf and leaf.leaf.spooled for leaf in kept)


async def test_what_is_silent_is_sealed_before_it_touches_the_disk_and_opens_in_the_ledger(tmp_path: Path):
    silent = (Refusal("IntelReport.text", Form.SILENT, "PND.INT", ("P06",)),)
    spool = await opened(tmp_path)
    receipt = await spool.append(Draft(sample(1).leaf, STATEMENTS, silent, sample(1).subjects))
    await spool.close()
    assert b"IntelReport" not in spool_of(tmp_path).read_bytes()
    await drained(tmp_path)
    kept = read_leaf(database_of(tmp_path), 0)
    assert kept is not None
    assert kept.sealed is not None
    assert SEALING.open(kept.sealed, place_of(ORIGIN, receipt.entry_id)) == silent


async def test_the_spool_is_readable_by_its_owner_only(tmp_path: Path):
    await filled(tmp_path, 1)
    assert stat.S_IMODE(spool_of(tmp_path).stat().st_mode) == 0o600


async def test_leaves_that_come_at_once_share_a_write(tmp_path: Path):
    steps: list[SpoolStep] = []
    spool = await opened(tmp_path, reached=steps.append)
    receipts = await asyncio.gather(*(spool.append(sample(number)) for number in range(200)))
    await spool.close()
    assert sorted(receipt.index for receipt in receipts) == list(range(200))
    assert steps.count(SpoolStep.SYNCED) < 20
    await drained(tmp_path)
    assert in_ledger(tmp_path) == of(receipts)


async def test_a_caller_who_goes_away_leaves_their_leaf(tmp_path: Path):
    spool = await opened(tmp_path)
    cancelled = asyncio.create_task(spool.append(sample(1)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    await spool.append(sample(2))
    assert spool.waiting == 2
    await spool.close()


async def test_a_second_process_is_refused_by_name(tmp_path: Path):
    spool = await opened(tmp_path)
    with pytest.raises(LedgerInUse, match="spool"):
        await opened(tmp_path)
    await spool.close()
    await (await opened(tmp_path)).close()


async def test_a_spool_that_would_grow_over_its_limit_refuses_and_keeps_what_it_has(tmp_path: Path):
    spool = await opened(tmp_path, limit=10_000)
    receipts = [await spool.append(sample(1))]
    with pytest.raises(AuditUnavailable) as refused:
        await spool.append(sample(2, subjects=50))
    assert refused.value.code == "AUDIT_UNAVAILABLE"
    receipts.append(await spool.append(sample(3)))
    await spool.close()
    await drained(tmp_path)
    assert in_ledger(tmp_path) == of(receipts)


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """No file of this process may grow over `size` bytes: writes are cut short there, then refused."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_write_that_the_disk_cuts_short_is_taken_back(tmp_path: Path):
    spool = await opened(tmp_path)
    receipts = [await spool.append(sample(1))]
    with files_at_most(spool_of(tmp_path).stat().st_size + 6_000):
        for number in (2, 3):
            with pytest.raises(AuditUnavailable):
                await spool.append(sample(number, subjects=50))
    receipts.append(await spool.append(sample(4)))
    await spool.close()
    await drained(tmp_path)
    assert in_ledger(tmp_path) == of(receipts)


async def test_a_write_cut_at_any_byte_by_a_crash_costs_nothing_that_was_acknowledged(tmp_path: Path):
    receipts = await filled(tmp_path, 2)
    whole = spool_of(tmp_path).read_bytes()
    await filled(tmp_path, 1)
    torn = spool_of(tmp_path).read_bytes()[len(whole) :]
    for cut in range(0, len(torn) - 1, 7):
        spool_of(tmp_path).write_bytes(whole + torn[:cut])
        spool = await opened(tmp_path)
        assert spool.waiting == 2
        assert spool_of(tmp_path).read_bytes() == whole
        await spool.close()
    await drained(tmp_path)
    assert in_ledger(tmp_path) == of(receipts)


async def test_a_damaged_spool_is_refused_named_and_left_as_it_is(tmp_path: Path):
    await filled(tmp_path, 3)
    damaged = bytearray(spool_of(tmp_path).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    spool_of(tmp_path).write_bytes(damaged)
    with pytest.raises(SpoolDamaged, match="Record 1 of the spool") as refused:
        await opened(tmp_path)
    assert (refused.value.code, refused.value.status) == ("AUDIT_SPOOL_DAMAGED", 503)
    assert spool_of(tmp_path).read_bytes() == damaged


async def test_a_frame_that_holds_no_leaf_is_refused(tmp_path: Path):
    spool_of(tmp_path).write_bytes(framed(b'[{"canonical":"e30=","seed":"","slots":[]}]'))
    with pytest.raises(SpoolDamaged, match="no leaves"):
        await opened(tmp_path)


@pytest.mark.parametrize("fault", ["folder missing", "a folder in its place"])
async def test_a_spool_that_cannot_be_used_is_refused_at_start(tmp_path: Path, fault: str):
    folder = tmp_path / "state"
    if fault == "a folder in its place":
        spool_of(folder).mkdir(parents=True)
    with pytest.raises(AuditUnavailable):
        await opened(folder)


async def test_what_the_ledger_refuses_stays_and_is_drained_later(tmp_path: Path):
    ledger, spool = await ledger_in(tmp_path), await opened(tmp_path)
    receipts = [await spool.append(sample(number)) for number in range(4)]
    with closing(sqlite3.connect(database_of(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditUnavailable):
            await spool.drain(ledger.append_row)
    assert spool.waiting == 4
    await spool.drain(ledger.append_row)
    assert (spool.waiting, spool.drained) == (0, 4)
    await spool.close()
    await ledger.close()
    assert in_ledger(tmp_path) == of(receipts)
    assert assert_whole(tmp_path) == 4


async def test_leaves_that_come_while_it_is_drained_are_drained_too_or_kept(tmp_path: Path):
    ledger, spool = await ledger_in(tmp_path), await opened(tmp_path)
    receipts = [await spool.append(sample(number)) for number in range(20)]

    async def come(number: int) -> Receipt:
        await asyncio.sleep(number / 2000)
        return await spool.append(sample(100 + number))

    coming = [asyncio.create_task(come(number)) for number in range(20)]
    await spool.drain(ledger.append_row)
    receipts += await asyncio.gather(*coming)
    await spool.close()
    await ledger.close()
    await drained(tmp_path)
    assert in_ledger(tmp_path) == of(receipts)
    assert assert_whole(tmp_path) == 40


async def test_a_leaf_that_is_in_the_ledger_already_is_not_counted_twice(tmp_path: Path):
    await filled(tmp_path, 3)
    kept = spool_of(tmp_path).read_bytes()
    await drained(tmp_path)
    spool_of(tmp_path).write_bytes(kept)
    await drained(tmp_path)
    assert assert_whole(tmp_path) == 3


async def test_only_a_duplicate_is_passed_over(tmp_path: Path):
    spool = await opened(tmp_path)
    for number in range(3):
        await spool.append(sample(number))
    seen: list[LeafRow] = []

    async def append(row: LeafRow) -> None:
        seen.append(row)
        if len(seen) == 1:
            raise DuplicateEntry("known")
        raise AuditUnavailable("down")

    with pytest.raises(AuditUnavailable):
        await spool.drain(append)
    assert spool.waiting == 2
    await spool.close()


@pytest.mark.parametrize("step", SpoolStep)
def test_a_process_killed_at_any_step_loses_nothing_and_counts_nothing_twice(tmp_path: Path, step: SpoolStep):
    """In a child process, because the step kills it."""
    receipts = tmp_path / "receipts"
    child = os.fork()
    if child == 0:
        asyncio.run(spooled_until_killed(tmp_path, step, receipts))
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the step was never reached"
    asyncio.run(drained(tmp_path))
    acknowledged = {tuple(line.split()) for line in receipts.read_text().splitlines()}
    assert len(acknowledged) >= 3
    assert acknowledged <= in_ledger(tmp_path)
    assert assert_whole(tmp_path) == len({name for name, _ in in_ledger(tmp_path)}) <= len(acknowledged) + 1


async def spooled_until_killed(folder: Path, step: SpoolStep, receipts: Path) -> None:
    """Appends and drains until the step is reached for the fourth time (of an emptying, the first)."""
    reached = 0

    def kill(now: SpoolStep) -> None:
        nonlocal reached
        reached += now is step
        if reached == (1 if step in (SpoolStep.DRAINED, SpoolStep.EMPTIED) else 4):
            os.kill(os.getpid(), signal.SIGKILL)

    ledger, spool = await ledger_in(folder), await opened(folder, reached=kill)
    with receipts.open("w") as file:
        for number in range(6):
            receipt = await spool.append(sample(number))
            file.write(f"{receipt.entry_id} {receipt.leaf}\n")
            file.flush()
    await spool.drain(ledger.append_row)


async def test_intent_and_outcome_of_one_request_stand_side_by_side(tmp_path: Path):
    spool = await opened(tmp_path)
    intent = await spool.append(intent_of(1))
    outcome = await spool.append(sample(1))
    await spool.close()
    await drained(tmp_path)
    assert intent.entry_id == outcome.entry_id
    kept = [read_leaf(database_of(tmp_path), number) for number in range(2)]
    assert [leaf and leaf.leaf.stage for leaf in kept] == [Stage.INTENT, Stage.OUTCOME]

"""What the writer promises: durable before it answers, one tree whatever comes at once, no second writer."""

import asyncio
import sqlite3
from pathlib import Path

import msgspec
import pytest

from authz.audit.checkpoint import parse_checkpoint
from authz.audit.errors import AuditUnavailable, DuplicateEntry, InvalidEntry, LedgerInconsistent, LedgerInUse
from authz.audit.leaf import Refusal
from authz.audit.ledger import Draft, Ledger, LedgerKeys, LedgerLimits, Receipt
from authz.audit.reading import count_leaves, read_leaf
from authz.audit.rows import Commit
from authz.audit.sealing import place_of
from authz.audit.store_sqlite import SqliteLog
from authz.decision import Form
from tests.authz.audit.samples import (
    KEY,
    KEYS,
    ORIGIN,
    OTHER_KEY,
    SEALING,
    STATEMENTS,
    database_of,
    intent_of,
    outcome_of,
    outside_of,
    sample,
    store_in,
    ticking_clock,
)
from tests.authz.audit.whole import assert_whole, receipts_kept


async def opened(folder: Path, **limits: int) -> Ledger:
    return await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock(), LedgerLimits(**limits))


async def test_an_empty_ledger_is_whole(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.close()
    assert assert_whole(tmp_path) == 0


async def test_an_appended_leaf_can_be_read_while_the_writer_still_runs(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    receipt = await ledger.append(sample(1))
    assert count_leaves(database_of(tmp_path)) == 1
    assert (receipt.entry_id, receipt.log, receipt.index) == (sample(1).leaf.audit_id, ORIGIN, 0)
    assert receipts_kept(tmp_path) == {(0, receipt.entry_id, receipt.leaf)}
    await ledger.close()


async def test_a_thousand_concurrent_appends_make_one_tree(tmp_path: Path) -> None:
    commits: list[object] = []
    ledger = await Ledger.open(store_in(tmp_path), KEYS, ORIGIN, ticking_clock(), None, commits.append)
    receipts = await asyncio.gather(*(ledger.append(sample(n)) for n in range(1000)))
    await ledger.close()
    assert assert_whole(tmp_path) == 1000
    assert {(receipt.index, receipt.entry_id, receipt.leaf) for receipt in receipts} == receipts_kept(tmp_path)
    assert len(commits) < 500, "concurrent appends must share commits"


async def test_a_full_queue_makes_callers_wait_and_drops_nothing(tmp_path: Path) -> None:
    ledger = await opened(tmp_path, queue=2)
    receipts = await asyncio.gather(*(ledger.append(sample(n)) for n in range(40)))
    await ledger.close()
    assert len({receipt.index for receipt in receipts}) == 40
    assert assert_whole(tmp_path) == 40


async def test_a_reopened_ledger_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for number in range(3):
        ledger = await opened(tmp_path)
        assert (await ledger.append(sample(number))).index == number
        await ledger.close()
    assert assert_whole(tmp_path) == 3


async def test_a_ledger_goes_on_over_the_edge_of_a_complete_subtree(tmp_path: Path) -> None:
    for count in (255, 1, 1, 300):
        ledger = await opened(tmp_path, batch=7)
        start = ledger.size
        await asyncio.gather(*(ledger.append(sample(start + n)) for n in range(count)))
        await ledger.close()
    assert assert_whole(tmp_path) == 557


async def test_closing_commits_what_waits_and_refuses_what_comes_later(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    under_way = [asyncio.create_task(ledger.append(sample(n))) for n in range(5)]
    await asyncio.sleep(0)
    await ledger.close()
    assert [isinstance(await task, Receipt) for task in under_way] == [True] * 5
    with pytest.raises(AuditUnavailable):
        await ledger.append(sample(9))


class PlacedFirst(SqliteLog):
    """A log that commits nothing more before the last checkpoint lies outside."""

    def __init__(self, folder: Path) -> None:
        super().__init__(database_of(folder), outside_of(folder))
        self._placed = asyncio.Event()

    async def place(self, note: str) -> None:
        await super().place(note)
        self._placed.set()

    async def commit(self, commit: Commit) -> None:
        await asyncio.wait_for(self._placed.wait(), 60)
        self._placed.clear()
        await super().commit(commit)


async def test_closing_places_the_checkpoint_over_every_batch_that_waited(tmp_path: Path) -> None:
    ledger = await Ledger.open(PlacedFirst(tmp_path), KEYS, ORIGIN, ticking_clock(), LedgerLimits(batch=1))
    under_way = [asyncio.create_task(ledger.append(sample(n))) for n in range(8)]
    await asyncio.sleep(0)
    await ledger.close()
    assert len(await asyncio.gather(*under_way)) == 8
    assert parse_checkpoint(outside_of(tmp_path).read_text()).checkpoint.size == 8


async def test_a_cancelled_caller_leaves_its_leaf_and_the_ledger_working(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    cancelled = asyncio.create_task(ledger.append(sample(1)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    await ledger.append(sample(2))
    await ledger.close()
    assert assert_whole(tmp_path) == 2


async def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    with pytest.raises(LedgerInUse) as refused:
        await opened(tmp_path)
    assert refused.value.code == "AUDIT_LEDGER_IN_USE"
    assert refused.value.advice
    await ledger.append(sample(1))
    await ledger.close()


async def test_a_stage_that_is_there_already_fails_alone(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(1))
    outcomes = await asyncio.gather(*(ledger.append(sample(n)) for n in (2, 1, 3)), return_exceptions=True)
    await ledger.close()
    assert [type(outcome) for outcome in outcomes] == [Receipt, DuplicateEntry, Receipt]
    assert assert_whole(tmp_path) == 3


async def test_an_intent_and_the_outcomes_of_a_stream_stand_side_by_side(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    intent = await ledger.append(intent_of(1))
    receipts = [await ledger.append(outcome_of(intent, part=part)) for part in range(3)]
    await ledger.close()
    assert {receipt.entry_id for receipt in receipts} == {intent.entry_id}
    assert assert_whole(tmp_path) == 4


async def test_text_that_is_not_unicode_never_reaches_the_ledger(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    broken = msgspec.structs.replace(STATEMENTS, originator_line="\ud800")
    with pytest.raises(InvalidEntry):
        await ledger.append(Draft(sample(1).leaf, broken, ()))
    await ledger.append(sample(2))
    await ledger.close()
    assert assert_whole(tmp_path) == 1


async def test_the_newest_checkpoint_lies_outside_the_database_once_the_ledger_is_closed(tmp_path: Path) -> None:
    for number in range(3):
        ledger = await opened(tmp_path)
        await ledger.append(sample(number))
        await ledger.close()
        placed = parse_checkpoint(outside_of(tmp_path).read_text())
        assert placed.checkpoint.size == number + 1
        assert placed.signed_by(KEY.public_key(), ORIGIN)


async def test_ledger_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(1))
    kept = (
        database_of(tmp_path),
        outside_of(tmp_path),
        tmp_path / "ledger.sqlite.lock",
        tmp_path / "ledger.sqlite-wal",
    )
    modes = await asyncio.to_thread(lambda: {path.stat().st_mode & 0o077 for path in kept})
    await ledger.close()
    assert modes == {0}


async def test_another_ledger_key_cannot_continue_a_ledger(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with pytest.raises(LedgerInconsistent, match="key"):
        await Ledger.open(store_in(tmp_path), LedgerKeys(OTHER_KEY, SEALING), ORIGIN, ticking_clock())


async def test_another_ledger_name_cannot_continue_a_ledger(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with pytest.raises(LedgerInconsistent, match="key"):
        await Ledger.open(store_in(tmp_path), KEYS, "leds.test/other", ticking_clock())


async def test_a_ledger_of_the_older_format_is_not_continued(tmp_path: Path) -> None:
    sqlite3.connect(database_of(tmp_path)).execute("CREATE TABLE ledger_entry (position INTEGER)").connection.close()
    with pytest.raises(LedgerInconsistent, match="older format") as refused:
        await opened(tmp_path)
    assert "Move" in refused.value.advice


async def test_two_outcomes_that_differ_in_what_was_silent_have_parts_of_one_size(tmp_path: Path) -> None:
    silent = tuple(Refusal(f"IntelReport.field{n}", Form.SILENT, "PND.INT", ("P06",)) for n in range(5))
    ledger = await opened(tmp_path)
    for number, said in enumerate(((), silent)):
        await ledger.append(Draft(sample(number).leaf, STATEMENTS, said, sample(number).subjects))
    await ledger.close()
    loud, quiet = (read_leaf(database_of(tmp_path), number) for number in range(2))
    assert loud is not None
    assert quiet is not None
    assert loud.sealed is not None
    assert quiet.sealed is not None
    assert [kept.leaf.parts and kept.leaf.parts.slots for kept in (loud, quiet)] == [4, 4]
    assert len(loud.sealed.data) == len(quiet.sealed.data)
    assert SEALING.open(quiet.sealed, place_of(ORIGIN, quiet.leaf.audit_id)) == silent
    with pytest.raises(InvalidEntry):
        SEALING.open(quiet.sealed, place_of(ORIGIN, loud.leaf.audit_id))

"""When the ledger cannot be written callers are told AUDIT_UNAVAILABLE; afterwards the ledger is whole and goes on."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger, LedgerLimits
from authz.audit.store_sqlite import SqliteLog
from tests.authz.audit.samples import KEYS, ORIGIN, database_of, outside_of, sample, store_in, ticking_clock
from tests.authz.audit.whole import assert_whole, count, receipts_kept

SHORT_WAIT = 0.02


async def opened(folder: Path, pages: int | None = None) -> Ledger:
    return await Ledger.open(store_in(folder, SHORT_WAIT, pages), KEYS, ORIGIN, ticking_clock(), LedgerLimits(batch=8))


async def assert_unavailable(ledger: Ledger, number: int) -> None:
    with pytest.raises(AuditUnavailable) as refused:
        await ledger.append(sample(number))
    assert (refused.value.code, refused.value.status) == ("AUDIT_UNAVAILABLE", 503)
    assert refused.value.advice
    assert "/" not in str(refused.value.formatted()), "no path reaches the client"


async def assert_goes_on(ledger: Ledger, folder: Path, number: int) -> None:
    receipt = await ledger.append(sample(number))
    await ledger.close()
    assert assert_whole(folder) == receipt.index + 1
    assert (receipt.index, receipt.entry_id, receipt.leaf) in receipts_kept(folder)


async def test_a_database_locked_by_somebody_else_refuses_and_recovers(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(1))
    with closing(sqlite3.connect(database_of(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await assert_unavailable(ledger, 2)
    await assert_goes_on(ledger, tmp_path, 3)


async def test_a_database_locked_at_start_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(database_of(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AuditUnavailable):
            await opened(tmp_path)
    await assert_goes_on(await opened(tmp_path), tmp_path, 1)


async def test_a_full_disk_refuses_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    ledger = await opened(tmp_path, pages=120)
    outcomes = await asyncio.gather(*(ledger.append(sample(n, 20)) for n in range(300)), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    await ledger.close()
    assert {type(failure) for failure in failures} == {AuditUnavailable}
    assert 0 < count(tmp_path) == len(outcomes) - len(failures)
    await assert_goes_on(await opened(tmp_path), tmp_path, 500)


FOLDER_FAULTS: dict[str, Callable[[Path], None]] = {
    "folder missing": lambda folder: folder.rmdir(),
    "database is a folder": lambda folder: (folder / "ledger.sqlite").mkdir(),
    "checkpoint file is a folder": lambda folder: outside_of(folder).mkdir(),
    "lock is a folder": lambda folder: (folder / "ledger.sqlite.lock").mkdir(),
    "database is no database": lambda folder: void((folder / "ledger.sqlite").write_bytes(b"not a database" * 100)),
}


def void(_: object) -> None:
    """Makes a writing call a statement."""


@pytest.mark.parametrize("fault", FOLDER_FAULTS.values(), ids=FOLDER_FAULTS)
async def test_files_that_cannot_be_used_are_refused_at_start(tmp_path: Path, fault: Callable[[Path], None]) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    fault(folder)
    with pytest.raises(AuditUnavailable):
        await opened(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
async def test_a_read_only_folder_is_refused_at_start(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o500)
    with pytest.raises(AuditUnavailable):
        await opened(tmp_path)
    os.chmod(tmp_path, 0o700)


async def test_while_no_checkpoint_can_be_placed_nothing_more_is_acknowledged(tmp_path: Path) -> None:
    outside = tmp_path / "checkpoints" / "ledger.checkpoint"
    outside.parent.mkdir()
    ledger = await Ledger.open(SqliteLog(database_of(tmp_path), outside), KEYS, ORIGIN, ticking_clock())
    await ledger.append(sample(1))
    outside.parent.rename(tmp_path / "away")
    acknowledged = 0
    async with asyncio.timeout(60):
        while True:
            try:
                await ledger.append(sample(2 + acknowledged))
            except AuditUnavailable:
                break
            acknowledged += 1
    (tmp_path / "away").rename(outside.parent)
    receipt = await ledger.append(sample(1000))
    await ledger.close()
    outside.rename(outside_of(tmp_path))
    assert assert_whole(tmp_path) == receipt.index + 1


def holding(database: Path) -> closing[sqlite3.Connection]:
    """The write lock of a database, as somebody else's."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return closing(other)


def written_in(folder: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of change of the files in a folder."""
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())]


async def assert_not_writable(ledger: Ledger) -> None:
    with pytest.raises(AuditUnavailable):
        await ledger.check()


async def test_a_check_writes_nothing_and_fails_while_the_database_is_locked(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(1))
    await ledger.close()
    ledger = await opened(tmp_path)
    before = written_in(tmp_path)
    await ledger.check()
    assert written_in(tmp_path) == before
    with holding(database_of(tmp_path)):
        await assert_not_writable(ledger)
    await ledger.check()
    await assert_goes_on(ledger, tmp_path, 2)
    await assert_not_writable(ledger)


async def test_a_database_that_is_gone_is_noticed_and_nothing_is_released(tmp_path: Path) -> None:
    """Its file is still open: what is written there would be lost with the process."""
    ledger = await opened(tmp_path)
    await ledger.append(sample(1))
    away = database_of(tmp_path).rename(tmp_path / "away")
    await assert_not_writable(ledger)
    await assert_unavailable(ledger, 2)
    database_of(tmp_path).write_bytes(b"")
    await assert_not_writable(ledger)
    await assert_unavailable(ledger, 3)
    away.rename(database_of(tmp_path))
    await ledger.check()
    await assert_goes_on(ledger, tmp_path, 4)


async def test_a_disk_without_room_is_noticed_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await opened(tmp_path)
    with monkeypatch.context() as filled:
        filled.setattr("authz.audit.store_sqlite.ROOM", 2**70)
        await assert_not_writable(ledger)
    await assert_goes_on(ledger, tmp_path, 1)


async def test_a_database_that_may_not_grow_is_noticed(tmp_path: Path) -> None:
    ledger = await opened(tmp_path, pages=120)
    await ledger.check()
    await asyncio.gather(*(ledger.append(sample(n, 20)) for n in range(300)), return_exceptions=True)
    await assert_not_writable(ledger)
    await ledger.close()


async def test_after_a_failure_a_check_tries_the_checkpoint_file_too(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    in_its_place = tmp_path / "ledger.checkpoint.new"
    with holding(database_of(tmp_path)):
        await assert_unavailable(ledger, 1)
    in_its_place.mkdir()
    await assert_not_writable(ledger)
    in_its_place.rmdir()
    await ledger.check()
    await assert_goes_on(ledger, tmp_path, 2)


async def test_one_failure_reaches_every_waiting_caller(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    with closing(sqlite3.connect(database_of(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(*(ledger.append(sample(n)) for n in range(30)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [AuditUnavailable] * 30
    assert len({id(outcome) for outcome in outcomes}) == 30
    await assert_goes_on(ledger, tmp_path, 40)


async def test_the_writer_does_not_build_on_a_ledger_changed_under_it(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(1))
    with closing(sqlite3.connect(database_of(tmp_path))) as other, other:
        other.execute("INSERT INTO ledger_hash VALUES (1, zeroblob(32))")
    await assert_unavailable(ledger, 2)
    await assert_unavailable(ledger, 3)
    await ledger.close()

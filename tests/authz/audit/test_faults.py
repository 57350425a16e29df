"""When the ledger cannot be written callers are told AUDIT_UNAVAILABLE; afterwards the ledger is whole and goes on."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger, LedgerFiles, LedgerLimits
from authz.audit.store import count_rows
from authz.audit.verify import verify_files
from tests.authz.audit.samples import KEY, ORIGIN, files_in, sample_entry, ticking_clock

SHORT_WAIT = LedgerLimits(busy_timeout=0.02)


async def opened(files: LedgerFiles) -> Ledger:
    return await Ledger.open(files, KEY, ORIGIN, ticking_clock(), SHORT_WAIT)


async def assert_unavailable(ledger: Ledger, number: int) -> None:
    with pytest.raises(AuditUnavailable) as refused:
        await ledger.append(sample_entry(number))
    assert (refused.value.code, refused.value.status) == ("AUDIT_UNAVAILABLE", 503)
    assert refused.value.advice
    assert "/" not in str(refused.value.formatted()), "no path reaches the client"


async def assert_goes_on(ledger: Ledger, files: LedgerFiles, number: int) -> None:
    receipt = await ledger.append(sample_entry(number))
    await ledger.close()
    verdict = verify_files(files.database, files.head, KEY.public_key())
    assert verdict.ok, verdict.first
    assert verdict.hash == receipt.hash


async def test_a_database_locked_by_somebody_else_refuses_and_recovers(tmp_path: Path) -> None:
    ledger = await opened(files_in(tmp_path))
    await ledger.append(sample_entry(1))
    with closing(sqlite3.connect(files_in(tmp_path).database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await assert_unavailable(ledger, 2)
    await assert_goes_on(ledger, files_in(tmp_path), 3)


async def test_a_database_locked_at_start_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(files_in(tmp_path).database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AuditUnavailable):
            await opened(files_in(tmp_path))
    await assert_goes_on(await opened(files_in(tmp_path)), files_in(tmp_path), 1)


async def test_a_full_disk_refuses_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    ledger = await Ledger.open(files, KEY, ORIGIN, ticking_clock(), LedgerLimits(batch=8, pages=40))
    outcomes = await asyncio.gather(*(ledger.append(sample_entry(n, 20)) for n in range(200)), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    await ledger.close()
    assert {type(failure) for failure in failures} == {AuditUnavailable}
    assert 0 < count_rows(files.database) == len(outcomes) - len(failures)
    await assert_goes_on(await opened(files), files, 500)


FOLDER_FAULTS: dict[str, Callable[[Path], None]] = {
    "folder missing": lambda folder: folder.rmdir(),
    "database is a folder": lambda folder: (folder / "ledger.sqlite").mkdir(),
    "head file is a folder": lambda folder: (folder / "ledger.head").mkdir(),
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
        await opened(files_in(folder))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
async def test_a_read_only_folder_is_refused_at_start(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o500)
    with pytest.raises(AuditUnavailable):
        await opened(files_in(tmp_path))
    os.chmod(tmp_path, 0o700)


async def test_a_head_file_that_cannot_be_replaced_releases_nothing_and_leaves_a_whole_ledger(tmp_path: Path) -> None:
    files = LedgerFiles(tmp_path / "ledger.sqlite", tmp_path / "heads" / "ledger.head")
    files.head.parent.mkdir()
    ledger = await opened(files)
    await ledger.append(sample_entry(1))
    files.head.parent.rename(tmp_path / "away")
    await assert_unavailable(ledger, 2)
    await assert_unavailable(ledger, 3)
    (tmp_path / "away").rename(files.head.parent)
    await assert_goes_on(ledger, files, 4)
    assert count_rows(files.database) == 3, (
        "the second entry was durable, though never acknowledged; the third never was"
    )


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
    files = files_in(tmp_path)
    ledger = await opened(files)
    await ledger.append(sample_entry(1))
    before = written_in(tmp_path)
    await ledger.check()
    assert written_in(tmp_path) == before
    with holding(files.database):
        await assert_not_writable(ledger)
    await ledger.check()
    await assert_goes_on(ledger, files, 2)
    await assert_not_writable(ledger)


async def test_a_database_that_is_gone_is_noticed_and_nothing_is_released(tmp_path: Path) -> None:
    """Its file is still open: what is written there would be lost with the process."""
    files = files_in(tmp_path)
    ledger = await opened(files)
    await ledger.append(sample_entry(1))
    away = files.database.rename(tmp_path / "away.sqlite")
    await assert_not_writable(ledger)
    await assert_unavailable(ledger, 2)
    files.database.write_bytes(b"")
    await assert_not_writable(ledger)
    await assert_unavailable(ledger, 3)
    away.rename(files.database)
    await ledger.check()
    await assert_goes_on(ledger, files, 4)


async def test_a_disk_without_room_is_noticed_before_it_is_full(tmp_path: Path) -> None:
    enough = LedgerLimits(busy_timeout=0.02, room=2**70)
    ledger = await Ledger.open(files_in(tmp_path), KEY, ORIGIN, ticking_clock(), enough)
    await assert_not_writable(ledger)
    await assert_goes_on(ledger, files_in(tmp_path), 1)


async def test_a_database_that_may_not_grow_is_noticed(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    ledger = await Ledger.open(files, KEY, ORIGIN, ticking_clock(), LedgerLimits(batch=8, pages=40))
    await ledger.check()
    await asyncio.gather(*(ledger.append(sample_entry(n, 20)) for n in range(200)), return_exceptions=True)
    await assert_not_writable(ledger)
    await ledger.close()


async def test_after_a_failure_a_check_tries_the_head_file_too(tmp_path: Path) -> None:
    files = LedgerFiles(tmp_path / "ledger.sqlite", tmp_path / "heads" / "ledger.head")
    files.head.parent.mkdir()
    ledger = await opened(files)
    (files.head.parent / "ledger.head.new").mkdir()
    await assert_unavailable(ledger, 1)
    await assert_not_writable(ledger)
    (files.head.parent / "ledger.head.new").rmdir()
    await ledger.check()
    await assert_goes_on(ledger, files, 2)


async def test_one_failure_reaches_every_waiting_caller(tmp_path: Path) -> None:
    ledger = await opened(files_in(tmp_path))
    with closing(sqlite3.connect(files_in(tmp_path).database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(*(ledger.append(sample_entry(n)) for n in range(30)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [AuditUnavailable] * 30
    assert len({id(outcome) for outcome in outcomes}) == 30
    await assert_goes_on(ledger, files_in(tmp_path), 40)


async def test_the_writer_does_not_build_on_a_ledger_changed_under_it(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    ledger = await opened(files)
    await ledger.append(sample_entry(1))
    with closing(sqlite3.connect(files.database)) as other, other:
        other.execute("INSERT INTO ledger_entry SELECT 1, 'X', previous, hash, canonical FROM ledger_entry")
    await assert_unavailable(ledger, 2)
    await assert_unavailable(ledger, 3)
    await ledger.close()
    assert not verify_files(files.database, files.head, KEY.public_key()).ok

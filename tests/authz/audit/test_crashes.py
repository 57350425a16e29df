"""kill -9 in the middle of writing: what was acknowledged is there, what is there verifies, and writing goes on."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from authz.audit.errors import LedgerInconsistent
from authz.audit.ledger import Ledger
from authz.audit.store import LedgerStore, read_rows
from authz.audit.verify import verify_files
from tests.authz.audit.samples import KEY, ORIGIN, files_in, sample_entry, ticking_clock

REPOSITORY = Path(__file__).parents[3]
ROUNDS = 6


def receipts_of_a_killed_writer(folder: Path, first: int, wanted: int) -> list[tuple[int, str, str]]:
    """Start a writer, read `wanted` receipts, kill it without warning, read what it still had said."""
    command = [sys.executable, "-m", "tests.authz.audit.crashing_writer", str(folder), str(first)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(wanted)]
        writer.kill()
        lines += writer.stdout.read().split("\n")
    return [(int(index), audit_id, digest) for index, audit_id, digest in map(str.split, filter(whole, lines))]


def whole(line: str) -> bool:
    return len(line.split()) == 3 and len(line.split()[2]) == 64


def test_every_acknowledged_entry_survives_kill_9_again_and_again(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    acknowledged: list[tuple[int, str, str]] = []
    for round_number in range(ROUNDS):
        acknowledged += receipts_of_a_killed_writer(tmp_path, round_number * 100_000, 20 + round_number * 13)
        verdict = verify_files(files.database, files.head, KEY.public_key())
        assert verdict.ok, verdict.first
        stored = {(row.position, row.audit_id, row.hash.hex()) for row in read_rows(files.database, 0, 1_000_000)}
        assert set(acknowledged) <= stored
    assert len(acknowledged) >= ROUNDS * 20


async def written(folder: Path, count: int) -> None:
    ledger = await Ledger.open(files_in(folder), KEY, ORIGIN, ticking_clock())
    for number in range(count):
        await ledger.append(sample_entry(number))
    await ledger.close()


def heads_of(folder: Path) -> tuple[str, ...]:
    files = files_in(folder)
    store = LedgerStore.open(files.database, files.head)
    stored = store.stored()
    store.close()
    assert stored is not None
    return stored.heads


async def test_a_crash_between_database_and_head_file_is_made_good_at_start(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    files = files_in(tmp_path)
    newest, before = heads_of(tmp_path)
    files.head.write_text(before)
    ledger = await Ledger.open(files, KEY, ORIGIN, ticking_clock())
    assert files.head.read_text() == newest
    assert (await ledger.append(sample_entry(3))).index == 3
    await ledger.close()
    assert verify_files(files.database, files.head, KEY.public_key()).ok


async def test_a_crash_before_the_first_head_file_is_made_good_at_start(tmp_path: Path) -> None:
    await written(tmp_path, 0)
    files_in(tmp_path).head.unlink()
    await written(tmp_path, 1)
    assert verify_files(files_in(tmp_path).database, files_in(tmp_path).head, KEY.public_key()).ok


async def assert_refused(folder: Path, reason: str) -> None:
    files = files_in(folder)
    before = files.head.read_bytes() if files.head.exists() else None
    rows = read_rows(files.database, 0, 100)
    with pytest.raises(LedgerInconsistent, match=reason) as refused:
        await Ledger.open(files, KEY, ORIGIN, ticking_clock())
    assert refused.value.advice
    assert (files.head.read_bytes() if files.head.exists() else None) == before
    assert read_rows(files.database, 0, 100) == rows


async def test_the_writer_refuses_to_go_on_without_its_database(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    files_in(tmp_path).database.unlink()
    with pytest.raises(LedgerInconsistent, match="database is gone"):
        await Ledger.open(files_in(tmp_path), KEY, ORIGIN, ticking_clock())


async def test_the_writer_refuses_to_go_on_without_its_head_file(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    files_in(tmp_path).head.unlink()
    await assert_refused(tmp_path, "head file is gone")


@pytest.mark.parametrize(
    "change", ["DELETE FROM ledger_entry WHERE position = 2", "UPDATE ledger_entry SET hash = zeroblob(32)"]
)
async def test_the_writer_refuses_a_last_entry_that_is_not_the_signed_one(tmp_path: Path, change: str) -> None:
    await written(tmp_path, 3)
    with closing(sqlite3.connect(files_in(tmp_path).database)) as other, other:
        other.execute(change)
    await assert_refused(tmp_path, "not the one its head was signed over")


async def test_the_writer_refuses_a_database_older_than_the_head_file(tmp_path: Path) -> None:
    await written(tmp_path, 2)
    old = files_in(tmp_path).database.read_bytes()
    await written_more(tmp_path)
    files_in(tmp_path).database.write_bytes(old)
    await assert_refused(tmp_path, "does not belong")


async def written_more(folder: Path) -> None:
    ledger = await Ledger.open(files_in(folder), KEY, ORIGIN, ticking_clock())
    await ledger.append(sample_entry(50))
    await ledger.close()


async def test_the_writer_refuses_a_head_file_that_is_further_behind_than_a_crash_leaves_it(tmp_path: Path) -> None:
    await written(tmp_path, 1)
    old = files_in(tmp_path).head.read_text()
    await written_more(tmp_path)
    ledger = await Ledger.open(files_in(tmp_path), KEY, ORIGIN, ticking_clock())
    await ledger.append(sample_entry(51))
    await ledger.close()
    files_in(tmp_path).head.write_text(old)
    await assert_refused(tmp_path, "does not belong")


async def test_the_writer_refuses_a_head_file_that_is_no_head(tmp_path: Path) -> None:
    await written(tmp_path, 1)
    files_in(tmp_path).head.write_text("nothing")
    await assert_refused(tmp_path, "cannot be read")

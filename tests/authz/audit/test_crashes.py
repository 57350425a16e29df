"""kill -9 in the middle of writing: what was acknowledged is there, what is there is whole, and writing goes on."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from authz.audit.errors import LedgerInconsistent
from authz.audit.ledger import Ledger, Step
from tests.authz.audit.samples import KEYS, ORIGIN, database_of, outside_of, sample, store_in, ticking_clock
from tests.authz.audit.whole import assert_whole, receipts_kept

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


def test_every_acknowledged_leaf_survives_kill_9_again_and_again(tmp_path: Path) -> None:
    acknowledged: list[tuple[int, str, str]] = []
    for round_number in range(ROUNDS):
        acknowledged += receipts_of_a_killed_writer(tmp_path, round_number * 100_000, 20 + round_number * 13)
        asyncio.run(written(tmp_path, 0))
        assert_whole(tmp_path)
        assert set(acknowledged) <= receipts_kept(tmp_path)
    assert len(acknowledged) >= ROUNDS * 20


@pytest.mark.parametrize("step", Step)
def test_a_writer_killed_at_any_step_leaves_a_whole_ledger_with_all_it_acknowledged(tmp_path: Path, step: Step) -> None:
    """In a child process, because the step kills it."""
    receipts = tmp_path / "receipts"
    child = os.fork()
    if child == 0:
        asyncio.run(written_until_killed(tmp_path, step, receipts))
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the step was never reached"
    asyncio.run(written(tmp_path, 1, first=900))
    lines = receipts.read_text().split("\n")[:-1]
    assert lines != []
    acknowledged = {(int(index), name, digest) for index, name, digest in map(str.split, lines)}
    assert acknowledged <= receipts_kept(tmp_path)
    assert assert_whole(tmp_path) == len(receipts_kept(tmp_path))


async def written_until_killed(folder: Path, step: Step, receipts: Path) -> None:
    """Appends until the step is reached for the third time."""
    reached = 0

    def kill(now: Step) -> None:
        nonlocal reached
        reached += now is step
        if reached == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock(), None, kill)
    with receipts.open("w") as file:
        for number in range(50):
            receipt = await ledger.append(sample(number))
            file.write(f"{receipt.index} {receipt.entry_id} {receipt.leaf}\n")
            file.flush()
            await asyncio.sleep(0.01)


async def written(folder: Path, count: int, first: int = 0) -> None:
    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())
    for number in range(first, first + count):
        await ledger.append(sample(number))
    await ledger.close()


async def test_a_checkpoint_file_that_a_crash_left_behind_is_brought_up_to_date(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    old = outside_of(tmp_path).read_text()
    await written(tmp_path, 5, first=3)
    newest = outside_of(tmp_path).read_text()
    outside_of(tmp_path).write_text(old)
    await written(tmp_path, 0)
    assert outside_of(tmp_path).read_text() == newest
    assert assert_whole(tmp_path) == 8


async def test_a_crash_before_the_first_checkpoint_file_is_made_good_at_start(tmp_path: Path) -> None:
    await written(tmp_path, 0)
    outside_of(tmp_path).unlink()
    await written(tmp_path, 1)
    assert assert_whole(tmp_path) == 1


async def assert_refused(folder: Path, reason: str) -> None:
    before = outside_of(folder).read_bytes() if outside_of(folder).exists() else None
    with pytest.raises(LedgerInconsistent, match=reason) as refused:
        await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())
    assert refused.value.advice
    assert (outside_of(folder).read_bytes() if outside_of(folder).exists() else None) == before


async def test_the_writer_refuses_to_go_on_without_its_database(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    database_of(tmp_path).unlink()
    await assert_refused(tmp_path, "database is gone")


async def test_the_writer_refuses_to_go_on_without_its_checkpoint_file(tmp_path: Path) -> None:
    await written(tmp_path, 3)
    outside_of(tmp_path).unlink()
    await assert_refused(tmp_path, "checkpoint file is gone")


SIGNED_OVER = "its checkpoint was signed over"
CHANGES = {
    "a leaf cut off": (
        SIGNED_OVER,
        "DELETE FROM ledger_leaf WHERE position = 2",
        "DELETE FROM ledger_hash WHERE position = 2",
    ),
    "a hash changed": (SIGNED_OVER, "UPDATE ledger_hash SET hash = zeroblob(32) WHERE position = 1"),
    "a hash gone": ("missing", "DELETE FROM ledger_hash WHERE position = 1"),
    "a hash behind the checkpoint": (SIGNED_OVER, "INSERT INTO ledger_hash VALUES (3, zeroblob(32))"),
    "no checkpoint": ("no checkpoint", "DELETE FROM ledger_checkpoint"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_the_writer_refuses_to_build_on_anything_unsigned(tmp_path: Path, change: tuple[str, ...]) -> None:
    reason, *statements = change
    await written(tmp_path, 3)
    with closing(sqlite3.connect(database_of(tmp_path))) as other, other:
        for statement in statements:
            other.execute(statement)
    await assert_refused(tmp_path, reason)


async def test_the_writer_refuses_a_database_older_than_the_checkpoint_file(tmp_path: Path) -> None:
    await written(tmp_path, 2)
    old = database_of(tmp_path).read_bytes()
    await written(tmp_path, 1, first=50)
    database_of(tmp_path).write_bytes(old)
    await assert_refused(tmp_path, "covers 3 leaves")


async def test_the_writer_refuses_a_checkpoint_file_of_another_history(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    await written(tmp_path, 3)
    await written(tmp_path / "other", 2, first=70)
    outside_of(tmp_path).write_text(outside_of(tmp_path / "other").read_text())
    await assert_refused(tmp_path, "does not belong")


async def test_the_writer_refuses_a_checkpoint_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    await written(tmp_path, 1)
    outside_of(tmp_path).write_text("nothing")
    await assert_refused(tmp_path, "cannot be read")

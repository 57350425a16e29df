"""The kit itself: what a power cut takes and what it leaves, for programs whose fate can be told beforehand."""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.faults.power_cut import Faults, PowerCut, Unrecorded, said

Run = Callable[..., PowerCut]

SYNC_FOLDER = "folder = os.open('.', os.O_RDONLY); os.fsync(folder)"
WAIT = "print('done', flush=True); signal.pause()"


@pytest.fixture
def run(tmp_path: Path, power_cut_library: Path) -> Run:
    """Starts a Python program in an empty folder."""
    (tmp_path / "disk").mkdir()

    def start(*lines: str, **settings: Any) -> PowerCut:
        program = "\n".join(("import os, signal, sqlite3", f"os.chdir({str(tmp_path / 'disk')!r})", *lines))
        return PowerCut(power_cut_library, tmp_path / "disk", [sys.executable, "-c", program], **settings)

    return start


def left(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


A_FILE = ("file = os.open('a', os.O_WRONLY | os.O_CREAT)", "os.write(file, b'first')")
KEPT: dict[str, tuple[tuple[str, ...], dict[str, bytes]]] = {
    "a file that was never synced": (A_FILE, {}),
    "content that was synced under a name that was not": ((*A_FILE, "os.fsync(file)"), {}),
    "a name that was synced over content that was not": ((*A_FILE, SYNC_FOLDER), {"a": b""}),
    "a file and its name": ((*A_FILE, "os.fsync(file)", SYNC_FOLDER), {"a": b"first"}),
    "what was written after the fsync": (
        (*A_FILE, "os.fdatasync(file)", SYNC_FOLDER, "os.write(file, b' second')"),
        {"a": b"first"},
    ),
    "a truncation": ((*A_FILE, "os.fsync(file)", SYNC_FOLDER, "os.ftruncate(file, 1)"), {"a": b"first"}),
    "a truncation by opening": (
        (*A_FILE, "os.fsync(file)", SYNC_FOLDER, "open('a', 'w').write('x')"),
        {"a": b"first"},
    ),
    "a truncation that was synced": (
        (*A_FILE, "os.ftruncate(file, 1)", "os.posix_fallocate(file, 0, 3)", "os.fsync(file)", SYNC_FOLDER),
        {"a": b"f\0\0"},
    ),
    "a rename": ((*A_FILE, "os.fsync(file)", SYNC_FOLDER, "os.rename('a', 'b')"), {"a": b"first"}),
    "a rename that was synced": ((*A_FILE, "os.fsync(file)", "os.rename('a', 'b')", SYNC_FOLDER), {"b": b"first"}),
    "a removal": ((*A_FILE, "os.fsync(file)", SYNC_FOLDER, "os.unlink('a')"), {"a": b"first"}),
    "a removal that was synced": ((*A_FILE, "os.fsync(file)", "os.unlink('a')", SYNC_FOLDER), {}),
    "a second name": (
        (*A_FILE, "os.fsync(file)", "os.link('a', 'b')", SYNC_FOLDER, "os.rename('b', 'c')"),
        {"a": b"first", "b": b"first"},
    ),
    "a file in a folder that was not synced": (
        ("os.mkdir('f')", "os.chdir('f')", *A_FILE, "os.fsync(file)", "os.chdir('..')", SYNC_FOLDER),
        {},
    ),
    "a file in a folder": (
        ("os.mkdir('f')", SYNC_FOLDER, "os.chdir('f')", *A_FILE, "os.fsync(file)", SYNC_FOLDER),
        {"f/a": b"first"},
    ),
    "writes at offsets, of many parts and appended": (
        (
            "file = os.open('a', os.O_RDWR | os.O_CREAT)",
            "os.pwrite(file, b'four', 2)",
            "os.pwritev(file, [b'a', b'b'], 0)",
            "os.writev(os.open('a', os.O_WRONLY | os.O_APPEND), [b'+', b'end'])",
            "os.fsync(os.dup(file))",
            SYNC_FOLDER,
        ),
        {"a": b"abfour+end"},
    ),
}


@pytest.mark.parametrize("what", KEPT)
def test_a_power_cut_leaves_what_was_synced(run: Run, tmp_path: Path, what: str) -> None:
    lines, expected = KEPT[what]
    with run(*lines, WAIT) as power:
        assert power.output.readline() == "done\n"
        power.cut()
    assert left(tmp_path / "disk") == expected


def test_what_a_process_said_is_known_at_every_moment(run: Run) -> None:
    with run(*A_FILE, r"os.write(1, b'written\n')", "os.fsync(file)", SYNC_FOLDER, r"os.write(1, b'kept\n')") as power:
        recording = power.end()
    moments = [(heard, disk.after_a_cut().get("a")) for heard, disk in recording.moments()]
    assert moments == [("written\n", None), ("written\n", None), ("written\nkept\n", b"first")]


def test_some_sectors_of_what_was_not_synced_may_be_kept(run: Run) -> None:
    with run(
        "file = os.open('a', os.O_WRONLY | os.O_CREAT)",
        "os.write(file, b'a' * 2048)",
        "os.fsync(file)",
        SYNC_FOLDER,
        "os.pwrite(file, b'b' * 1024, 500)",
    ) as power:
        disk = power.end().end()
    outcomes = {disk.after_a_cut(Random(seed))["a"] for seed in range(200)}
    a, b = b"a", b"b"
    assert outcomes == {
        a * 500 + first * 12 + second * 512 + third * 500 + a * 524
        for first in (a, b)
        for second in (a, b)
        for third in (a, b)
    }


def test_a_name_that_was_not_synced_may_be_kept_without_its_content(run: Run) -> None:
    with run(*A_FILE) as power:
        disk = power.end().end()
    outcomes = {disk.after_a_cut(Random(seed)).get("a", b"-") for seed in range(100)}
    assert outcomes == {b"-", b"", b"\0" * 5, b"first"}


def test_a_lying_fsync_answers_and_keeps_nothing(run: Run, tmp_path: Path) -> None:
    with run(*A_FILE, "os.fsync(file)", SYNC_FOLDER, WAIT, faults=Faults(sync="lying")) as power:
        assert power.output.readline() == "done\n"
        power.cut()
    assert left(tmp_path / "disk") == {}


RETRY = (
    *A_FILE,
    SYNC_FOLDER,
    "try: os.fsync(file)",
    "except OSError as error: print(error.errno, flush=True)",
    "os.write(file, b' second')",
    "os.fsync(file)",
)


def test_what_a_failed_fsync_was_about_is_lost_although_the_next_one_succeeds(run: Run) -> None:
    with run(*RETRY, faults=Faults(sync=2)) as power:
        recording = power.end()
    assert said(recording.operations) == "5\n"
    assert recording.end().seen() == {"a": b"first second"}
    assert recording.end().after_a_cut() == {"a": b"\0\0\0\0\0 second"}


def test_a_full_disk_takes_what_fits_then_refuses_then_has_room_again(run: Run) -> None:
    with run(
        "file = os.open('a', os.O_WRONLY | os.O_CREAT)",
        "def attempt(text):",
        "    try: print(os.write(file, text), flush=True)",
        "    except OSError as error: print(error.strerror, flush=True)",
        "for text in b'1234', b'5678', b'78', b'78', b'78': attempt(text)",
        "os.pwrite(file, b'x', 0)",
        faults=Faults(room=(6, 2)),
    ) as power:
        recording = power.end()
    assert said(recording.operations).splitlines() == ["4", "2", *["No space left on device"] * 2, "2"]
    assert recording.end().seen() == {"a": b"x2345678"}


@pytest.mark.parametrize(("next_one", "kept"), [("os.stat('a')", b""), ("os.fsync(os.open('a', os.O_RDWR))", b"first")])
def test_what_a_killed_process_left_unsynced_is_lost_with_the_power_unless_the_next_one_syncs_it(
    run: Run, next_one: str, kept: bytes
) -> None:
    created, written = A_FILE
    with run(created, SYNC_FOLDER, written, "os.fsync(file)", faults=Faults(last=3)) as power:
        killed = power.end().end()
    with run(next_one, before=killed) as power:
        disk = power.end().end()
    assert disk.seen() == {"a": b"first"}
    assert disk.after_a_cut() == {"a": kept}


def test_a_change_that_was_not_followed_is_noticed(run: Run) -> None:
    with (
        run(*A_FILE, "import mmap", "os.close(file)", "mmap.mmap(os.open('a', os.O_RDWR), 5)[:] = b'other'") as power,
        pytest.raises(Unrecorded, match=r"\['a'\]"),
    ):
        power.end()


def test_the_folder_is_a_disk_of_its_own(run: Run, tmp_path: Path) -> None:
    with run(
        *A_FILE, "try: os.rename('a', '../b')", "except OSError as error: print(error.strerror, flush=True)"
    ) as power:
        assert said(power.end().operations) == "Invalid cross-device link\n"


@pytest.mark.parametrize(("synchronous", "rows"), [("OFF", 0), ("NORMAL", 0), ("FULL", 1)])
def test_sqlite_keeps_a_committed_transaction_only_when_it_syncs(
    run: Run, tmp_path: Path, synchronous: str, rows: int
) -> None:
    with run(
        "database = sqlite3.connect('d.sqlite', isolation_level=None)",
        "database.execute('PRAGMA journal_mode = WAL')",
        "database.execute('PRAGMA synchronous = FULL')",
        "database.execute('CREATE TABLE t (n INTEGER)')",
        f"database.execute('PRAGMA synchronous = {synchronous}')",
        "database.execute('INSERT INTO t VALUES (1)')",
        WAIT,
    ) as power:
        assert power.output.readline() == "done\n"
        power.cut()
    assert rows_in(tmp_path / "disk" / "d.sqlite") == rows


def rows_in(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT count(*) FROM t").fetchone()[0]

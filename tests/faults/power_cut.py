"""Runs a command so that the power can be cut under it: a folder and a command in, the folder as the disk keeps it out.

Knows nothing of the files: any process that is linked to the C library can be run, whatever it writes.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO, Self

from tests.faults.disk import Disk, Files
from tests.faults.journal import Kind, Operation, operations_in

SOURCE = Path(__file__).with_name("power_cut.c")
REPOSITORY = Path(__file__).parents[2]
SHARED_MEMORY = "-shm"
DEADLINE = 120


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong. `sync`: "honest", "lying" or the number of the one fsync that fails with EIO.

    `room` is (bytes, refusals): the files may grow by so many bytes, then so many writes are refused with ENOSPC, then
    there is room again. `last` is the number of the operation after which the process dies as by kill -9.
    """

    sync: str | int = "honest"
    room: tuple[int, int] | None = None
    last: int | None = None

    def environment(self) -> dict[str, str]:
        """The variables of `power_cut.c`."""
        room = {"POWER_CUT_ROOM": "{} {}".format(*self.room)} if self.room else {}
        last = {"POWER_CUT_AFTER": str(self.last)} if self.last else {}
        return {"POWER_CUT_SYNC": str(self.sync), **room, **last}


class Unrecorded(AssertionError):
    """The folder is not what the journal says: it was changed by a call that `power_cut.c` does not know."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The folder as it was, and what was done to it since."""

    before: Disk
    operations: tuple[Operation, ...]

    def moments(self) -> Iterator[tuple[str, Disk]]:
        """What was said and the (one, moved on) disk, right before each fsync and at the end.

        These stand for every moment: between two fsyncs the disk keeps the same, and what was said only grows.
        """
        disk = deepcopy(self.before)
        for number, operation in enumerate(self.operations):
            if operation.kind in {Kind.SYNC, Kind.FAILED_SYNC}:
                yield said(self.operations[:number]), disk
            disk.apply(operation)
        yield said(self.operations), disk

    def end(self) -> Disk:
        """The disk after the last operation."""
        disk = deepcopy(self.before)
        for operation in self.operations:
            disk.apply(operation)
        return disk


def said(operations: Sequence[Operation]) -> str:
    """What the process had put out on its standard output by the end of `operations`."""
    return b"".join(operation.content for operation in operations if operation.kind is Kind.SAID).decode()


class PowerCut:
    """A command whose files below `folder` are followed until `end`, `stop` or `cut`; leaving the block kills it."""

    def __init__(
        self,
        library: Path,
        folder: Path,
        command: Sequence[str | Path],
        faults: Faults | None = None,
        before: Disk | None = None,
    ) -> None:
        """Start `command`. What `folder` holds is durable, unless an earlier command left it: then `before` tells."""
        self._folder = folder.resolve()
        self._journal = self._folder.with_name(f"{self._folder.name}.journal")
        self._journal.write_bytes(b"")
        self._before = before or Disk(self._folder, SHARED_MEMORY)
        settings = {
            "LD_PRELOAD": str(library),
            "POWER_CUT_FOLDER": str(self._folder),
            "POWER_CUT_JOURNAL": str(self._journal),
            "POWER_CUT_VOLATILE": SHARED_MEMORY,
            **(faults or Faults()).environment(),
        }
        self._process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self.output.close()

    @property
    def output(self) -> IO[str]:
        """What the command says."""
        assert self._process.stdout is not None
        return self._process.stdout

    def end(self) -> Recording:
        """Let the command end, and take down what it did. Raises Unrecorded."""
        self.output.read()
        self._process.wait(DEADLINE)
        return self._recording()

    def stop(self) -> Recording:
        """Kill the command without warning, and take down what it did. Raises Unrecorded."""
        with self._journal.open("ab") as journal:
            # No operation is then done and not recorded.
            fcntl.lockf(journal, fcntl.LOCK_EX)
            self._process.kill()
            self._process.wait(DEADLINE)
        return self._recording()

    def cut(self, chance: Random | None = None) -> Recording:
        """The same, and the power goes: the folder holds what was synced, with `chance` also some of what was not."""
        recording = self.stop()
        restore(self._folder, recording.end().after_a_cut(chance))
        return recording

    def _recording(self) -> Recording:
        recording = Recording(self._before, tuple(operations_in(self._journal.read_bytes())))
        recorded, found = recording.end().seen(), Disk(self._folder, SHARED_MEMORY).seen()
        if recorded != found:
            paths = {path for path in recorded.keys() | found.keys() if recorded.get(path, b"") != found.get(path, b"")}
            raise Unrecorded(f"changed by calls that were not followed: {sorted(paths)}")
        return recording


def restore(folder: Path, files: Files) -> None:
    """Make `folder` hold `files` and nothing else."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    for path, content in sorted(files.items()):
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)


def library_in(folder: Path) -> Path:
    """Compile `power_cut.c` into `folder`. Raises CalledProcessError."""
    library = folder / "power_cut.so"
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-U_FORTIFY_SOURCE"]
    subprocess.run(["cc", *flags, "-o", library, SOURCE, "-lpthread"], check=True)
    return library


def reason_not_to_run() -> str | None:
    """Why power cuts cannot be simulated here, or None."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return "power cuts are simulated with a library for 64-bit Linux"
    return None if shutil.which("cc") else "power cuts are simulated with a library that needs a C compiler, cc"

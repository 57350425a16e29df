"""The newest checkpoint in a file beside the database: a database restored alone to an earlier state is found out."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from authz.audit.errors import AuditUnavailable

T = TypeVar("T")
# A disk with less room than this, in bytes, counts as full before it is.
ROOM = 1024 * 1024


class Outside(Protocol):
    """Where a log's newest checkpoint is kept outside its database. Raises AuditUnavailable when it cannot be used."""

    async def read(self) -> str | None:
        """The checkpoint that was placed last, None where none ever was."""
        ...

    async def place(self, note: str) -> None:
        """Replace it; durable when this returns, and never half of it."""
        ...

    async def check(self) -> None:
        """Make sure that a checkpoint could be placed just now; none is."""
        ...

    async def close(self) -> None:
        """Give back what was held."""
        ...


class CheckpointFile:
    """See Outside. A file that only its owner may read, replaced atomically, on a thread that no commit waits for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: ThreadPoolExecutor | None = None

    async def read(self) -> str | None:
        """See Outside."""
        return await self._run(self._read)

    async def place(self, note: str) -> None:
        """See Outside."""
        await self._run(lambda: self._place(note))

    async def check(self) -> None:
        """See Outside. There is room for a file of its size many times over."""
        await self._run(lambda: require_room(self._path.parent))

    async def close(self) -> None:
        """See Outside."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-checkpoint")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _read(self) -> str | None:
        try:
            return self._path.read_text() if self._path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise AuditUnavailable("The ledger's checkpoint file cannot be read.") from error

    def _place(self, note: str) -> None:
        try:
            _replace_file(self._path, note.encode())
        except OSError as error:
            raise AuditUnavailable("The ledger's checkpoint file cannot be written.") from error


def require_room(folder: Path) -> None:
    """Raise AuditUnavailable when the disk of `folder` has less room than counts as full."""
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        raise AuditUnavailable("The folder of the disclosure ledger cannot be used.") from error
    if disk.f_bavail * disk.f_frsize < ROOM:
        raise AuditUnavailable("The disk of the disclosure ledger is full.")


def fsync_directory(path: Path) -> None:
    """Make names that were made or replaced in a directory durable. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace_file(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    # A file object: a single write to a nearly full disk takes what fits and raises nothing.
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    fsync_directory(path.parent)

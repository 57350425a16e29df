"""Leaves kept in a file, each durable when its call returns, until the ledger that they were made for can take them.

A leaf is finished here, salts and seals included: what the receipt names is the leaf that the ledger will hold.
"""

import asyncio
import fcntl
import os
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

import msgspec
from msgspec.structs import replace

from authz.audit.errors import AuditUnavailable, DuplicateEntry, InvalidEntry, LedgerInUse, SpoolDamaged
from authz.audit.framing import framed, read_frames
from authz.audit.leaf import leaf_from_bytes
from authz.audit.ledger import Draft, Receipt, row_of_draft
from authz.audit.parts import Slot
from authz.audit.rows import LeafRow, row_of
from authz.audit.sealing import SealingKey

T = TypeVar("T")
MOST_BYTES = 64 * 1024 * 1024
_AT_ONCE = 256


class SpoolStep(StrEnum):
    """The steps of a write and of a drain in their order: where a crash can come between."""

    WRITTEN = "WRITTEN"
    SYNCED = "SYNCED"
    APPENDED = "APPENDED"
    DRAINED = "DRAINED"
    EMPTIED = "EMPTIED"


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """Where the spool is, how many bytes it may have, and who is told of each step."""

    path: Path
    limit: int = MOST_BYTES
    reached: Callable[[SpoolStep], None] = lambda _: None


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finished leaf as it is written: its bytes, and what its parts are behind."""

    canonical: bytes
    seed: bytes
    slots: tuple[Slot, ...]


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(tuple[Kept, ...], strict=True).decode


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: LeafRow
    receipt: asyncio.Future[Receipt]


class Spool:
    """One file with one writer, beside the ledger of one origin. Open it with `Spool.open`, end it with `close`."""

    def __init__(self, file: SpoolFile, sealing: SealingKey, origin: str) -> None:
        self.log = f"{origin}/spool"
        self._file, self._sealing, self._origin = file, sealing, origin
        self._descriptor = -1
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        self._turn = asyncio.Lock()
        self._rows: deque[LeafRow] = deque()
        self.drained = 0
        self._size = self._count = 0
        self._settled = True
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, file: SpoolFile, sealing: SealingKey, origin: str) -> Self:
        """Open or create (mode 0600) the spool of the log named `origin`; a write that a crash cut short is taken out.

        Raises LedgerInUse when another process has it, SpoolDamaged when it holds anything else, AuditUnavailable.
        """
        spool = cls(file, sealing, origin)
        try:
            await spool._run(spool._open)
        except BaseException:
            await spool.close()
            raise
        return spool

    @property
    def waiting(self) -> int:
        """How many leaves are durable here and not yet in the ledger."""
        return len(self._rows)

    async def append(self, draft: Draft) -> Receipt:
        """Keep a draft and return once it is durable; calls at one time share one write. Its leaf says that it was
        spooled, the receipt counts from the spool's last emptying.

        Raises AuditUnavailable when it cannot be kept, or the spool would grow over its limit.
        """
        spooled = Draft(replace(draft.leaf, spooled=True), draft.statements, draft.silent, draft.subjects)
        row = row_of_draft(spooled, self._sealing, self._origin)
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(row, receipt))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting(), name="spool")
        return await receipt

    async def drain(self, append: Callable[[LeafRow], Awaitable[object]]) -> None:
        """Hand every leaf to `append` in order, then empty the file durably; `drained` counts them. One call at a time.

        What `append` raises ends it: the leaves that are not in the ledger stay. One that is there already
        (DuplicateEntry) reached it before a crash, or before its answer was lost.
        """
        while self._rows:
            now = list(islice(self._rows, _AT_ONCE))
            for ended in await asyncio.gather(*map(append, now), return_exceptions=True):
                if isinstance(ended, BaseException) and not isinstance(ended, DuplicateEntry):
                    raise ended
                self._rows.popleft()
                self.drained += 1
                self._file.reached(SpoolStep.APPENDED)
        async with self._turn:
            if self._size and not self._rows:
                self._file.reached(SpoolStep.DRAINED)
                # What stays in the file is known to the ledger: handed over once more after a start, it is there.
                with suppress(AuditUnavailable):
                    await self._run(lambda: self._cut(0))
                    self._count = 0
                    self._file.reached(SpoolStep.EMPTIED)

    async def close(self) -> None:
        """Finish what is being written and give the file up; what waits in it stays."""
        if self._writing is not None:
            await self._writing
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._thread.shutdown()

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            async with self._turn:
                await self._write_batch(batch)

    async def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._run(lambda: self._write([waiting.row for waiting in batch]))
        except Exception as error:
            for waiting in batch:
                failure = AuditUnavailable("The spool of the disclosure ledger cannot be written.")
                failure.__cause__ = error
                if not waiting.receipt.done():
                    waiting.receipt.set_exception(failure)
            return
        for number, waiting in enumerate(batch, self._count):
            self._rows.append(waiting.row)
            if not waiting.receipt.done():
                kept = Receipt(waiting.row.audit_id, self.log, number, waiting.row.hash.hex())
                waiting.receipt.set_result(kept)
        self._count += len(batch)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except OSError as error:
            raise AuditUnavailable("The spool of the disclosure ledger cannot be written.") from error

    def _open(self) -> None:
        path = self._file.path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LedgerInUse("Another process is writing this spool.") from error
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        found = read_frames(path.read_bytes())
        self._rows.extend(row for number, payload in enumerate(found.payloads) for row in _rows(number, payload))
        self._count = len(self._rows)
        self._cut(found.size)

    def _write(self, rows: Sequence[LeafRow]) -> None:
        if not self._settled:
            self._cut(self._size)
        frame = framed(_encode([Kept(row.canonical, row.seed, row.slots) for row in rows]))
        if self._size + len(frame) > self._file.limit:
            raise AuditUnavailable("The spool of the disclosure ledger is full.")
        self._settled = False
        _write_all(self._descriptor, frame, self._size)
        self._file.reached(SpoolStep.WRITTEN)
        os.fsync(self._descriptor)
        self._settled = True
        self._size += len(frame)
        self._file.reached(SpoolStep.SYNCED)

    def _cut(self, size: int) -> None:
        """Leave the first `size` bytes, durably: also what a write that failed may have left behind them goes."""
        self._settled, self._size = False, size
        os.ftruncate(self._descriptor, size)
        os.fsync(self._descriptor)
        self._settled = True


def _rows(number: int, payload: bytes) -> list[LeafRow]:
    try:
        kept = _decode(payload)
        return [row_of(leaf_from_bytes(each.canonical), each.canonical, each.seed, each.slots) for each in kept]
    except (msgspec.MsgspecError, UnicodeDecodeError, InvalidEntry) as error:
        raise SpoolDamaged(f"Record {number} of the spool holds no leaves.") from error


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written

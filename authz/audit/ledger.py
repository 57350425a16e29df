"""Entries in, receipts out once they are durable: concurrent appends share one commit, each with a signed head.

The order of one commit: rows and signed head in one database transaction, then the head file, then the receipts.
Whoever holds a receipt may release; whoever gets an error may not (the entry may still have been recorded).
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.chain import Head, SignedHead, genesis, link, sign_head
from authz.audit.entry import Entry, canonical_bytes
from authz.audit.errors import AuditUnavailable, DuplicateEntry
from authz.audit.recovery import Start, start_from
from authz.audit.store import LedgerStore, Row
from authz.audit.timestamp import utc_timestamp


@dataclass(frozen=True, slots=True)
class LedgerFiles:
    """Where a ledger lives: the database, and outside it the newest signed head."""

    database: Path
    head: Path


@dataclass(frozen=True, slots=True)
class LedgerLimits:
    """`queue` entries may be under way (more wait for a place), `batch` share a commit; `busy_timeout` is in seconds.

    `pages` caps the database's size in SQLite pages; None leaves it to the disk. A disk with less than `room` bytes
    left counts as full before it is.
    """

    queue: int = 4096
    batch: int = 512
    busy_timeout: float = 2.0
    pages: int | None = None
    room: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof for the caller that its entry is durable: the entry's id, its position and its hash in hexadecimal."""

    entry_id: str
    index: int
    hash: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    audit_id: str
    canonical: bytes
    receipt: asyncio.Future[Receipt]


class Ledger:
    """The one writer of a ledger, within one event loop. Open it with `Ledger.open`, end it with `close`."""

    def __init__(self, writer: "LedgerWriter", limits: LedgerLimits) -> None:
        self._writer = writer
        self._limits = limits
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._places = asyncio.Semaphore(limits.queue)
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        files: LedgerFiles,
        key: Ed25519PrivateKey,
        origin: str,
        clock: Callable[[], datetime],
        limits: LedgerLimits | None = None,
    ) -> Self:
        """Open or create the ledger named `origin`, and bring its head file up to date after a crash.

        Raises LedgerInUse, LedgerInconsistent when the files disagree with what was signed, AuditUnavailable.
        """
        limits = limits or LedgerLimits()
        ledger = cls(LedgerWriter(files, key, origin, clock, limits), limits)
        try:
            await asyncio.get_running_loop().run_in_executor(ledger._thread, ledger._writer.open)
        except BaseException:
            ledger._thread.shutdown()
            raise
        ledger._task = asyncio.create_task(ledger._commit_waiting(), name="ledger")
        return ledger

    @property
    def head(self) -> Head:
        """How far the ledger is durable."""
        return self._writer.head

    async def append(self, entry: Entry) -> Receipt:
        """Record `entry` and return once it is durable.

        Raises AuditUnavailable when it cannot be: the caller then releases nothing. Waits, and never drops, when
        more entries are under way than the queue holds. Raises InvalidEntry for what has no canonical form.
        """
        canonical = canonical_bytes(entry)
        async with self._places:
            if self._closing:
                raise AuditUnavailable("The disclosure ledger is closed.")
            receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
            self._waiting.append(_Waiting(entry.audit_id, canonical, receipt))
            self._wake.set()
            return await receipt

    async def check(self) -> None:
        """Make sure that entries could be written just now; none is. Raises AuditUnavailable."""
        if self._closing:
            raise AuditUnavailable("The disclosure ledger is closed.")
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.check)

    async def close(self) -> None:
        """Commit what waits, then close the files."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
            self._task = None
            await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
            self._thread.shutdown()

    async def _commit_waiting(self) -> None:
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limits.batch], self._waiting[self._limits.batch :]
                await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        entries = [(waiting.audit_id, waiting.canonical) for waiting in batch]
        try:
            receipts = await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.commit, entries)
        except DuplicateEntry as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            for waiting in batch:
                await self._commit([waiting])
        except Exception as error:
            _fail(batch, error)
        else:
            for waiting, receipt in zip(batch, receipts, strict=True):
                if not waiting.receipt.done():
                    waiting.receipt.set_result(receipt)


class LedgerWriter:
    """Commits batches on one thread. After a failure it looks at the files again before it goes on."""

    def __init__(
        self,
        files: LedgerFiles,
        key: Ed25519PrivateKey,
        origin: str,
        clock: Callable[[], datetime],
        limits: LedgerLimits,
    ) -> None:
        self._files = files
        self._key = key
        self._origin = origin
        self._clock = clock
        self._limits = limits
        self._store: LedgerStore | None = None
        self._settled = False
        self.head = Head(origin, 0, 0, genesis(origin).hex(), "")

    def open(self) -> None:
        """Take the lock and settle on what is stored."""
        self._store = LedgerStore.open(
            self._files.database, self._files.head, self._limits.busy_timeout, self._limits.pages
        )
        try:
            self._settle(self._store)
        except BaseException:
            self.close()
            raise

    def commit(self, entries: Sequence[tuple[str, bytes]]) -> list[Receipt]:
        """Chain, sign and store `entries`; the receipts are in their order."""
        store = self._opened()
        if not self._settled:
            self._settle(store)
        rows = chain(self.head, entries)
        signed = self._sign(self.head.number + 1, self.head.count + len(rows), rows[-1].hash.hex())
        self._settled = False
        store.commit(rows, signed.head.number, str(signed))
        store.place_head(str(signed))
        self._settled = True
        self.head = signed.head
        return [Receipt(row.audit_id, row.position, row.hash.hex()) for row in rows]

    def check(self) -> None:
        """See `Ledger.check`. After a failure it also settles, and writes the head file again as a commit would."""
        store = self._opened()
        store.check(self._limits.room)
        if not self._settled:
            self._settle(store, rewrite=True)

    def close(self) -> None:
        """Close the files and give up the lock."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _settle(self, store: LedgerStore, *, rewrite: bool = False) -> None:
        start = start_from(store.stored(), self._origin, self._key.public_key())
        if isinstance(start, Start):
            signed = start.head
        else:
            signed = self._sign(0, 0, genesis(self._origin).hex())
            store.create(str(signed))
        if rewrite or not isinstance(start, Start) or start.place_head:
            store.place_head(str(signed))
        self.head = signed.head
        self._settled = True

    def _sign(self, number: int, count: int, digest: str) -> SignedHead:
        return sign_head(Head(self._origin, number, count, digest, utc_timestamp(self._clock())), self._key)

    def _opened(self) -> LedgerStore:
        if self._store is None:
            raise AuditUnavailable("The disclosure ledger is closed.")
        return self._store


def chain(head: Head, entries: Sequence[tuple[str, bytes]]) -> list[Row]:
    """The rows of `entries` (id, canonical bytes) behind `head`."""
    rows: list[Row] = []
    previous = bytes.fromhex(head.hash)
    for position, (audit_id, canonical) in enumerate(entries, head.count):
        digest = link(previous, canonical)
        rows.append(Row(position, audit_id, previous, digest, canonical))
        previous = digest
    return rows


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.receipt.done():
            waiting.receipt.set_exception(_failure_of(error))


def _failure_of(error: Exception) -> Exception:
    """What a caller is told: an exception of its own, as each adds its own traceback; the cause is for the operator."""
    if isinstance(error, DuplicateEntry):
        failure: Exception = DuplicateEntry(error.message)
    else:
        failure = AuditUnavailable("The disclosure ledger cannot be written.")
    failure.__cause__ = error
    return failure

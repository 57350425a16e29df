"""Drafts in, receipts out once they are durable: concurrent appends share one commit under one signed checkpoint.

The order of one commit: leaves, parts and checkpoint in one transaction, then the receipts; the checkpoint outside the
database follows. Whoever holds a receipt may go on; whoever gets an error may not (the leaf may still be there).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from authz.audit.checkpoint import Checkpoint, sign_checkpoint
from authz.audit.errors import AuditUnavailable, DuplicateEntry, InvalidEntry
from authz.audit.leaf import Leaf, Refusal, canonical_bytes
from authz.audit.merkle import EMPTY_ROOT, Frontier
from authz.audit.parts import About, Statements, Subject, committed, random_bytes_for
from authz.audit.recovery import start_from
from authz.audit.rows import Commit, LeafRow, row_of
from authz.audit.sealing import SealingKey, place_of
from authz.audit.store import LogStore
from authz.audit.timestamp import utc_timestamp


@dataclass(frozen=True, slots=True)
class LedgerLimits:
    """`queue` leaves may be under way (more wait for a place), `batch` share a commit."""

    queue: int = 4096
    batch: int = 512


class Step(StrEnum):
    """The steps of a commit in their order: where a crash can come between."""

    TAKEN = "TAKEN"
    SIGNED = "SIGNED"
    STORED = "STORED"
    ANSWERED = "ANSWERED"
    PLACED = "PLACED"


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """`signing` signs checkpoints; `sealing` closes what only an inspector may read, in a log that has outcomes."""

    signing: Ed25519PrivateKey
    sealing: SealingKey | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A leaf to be appended with its parts. `silent` is sealed into an outcome's first part; None for other leaves."""

    leaf: Leaf
    statements: Statements | About | None = None
    silent: tuple[Refusal, ...] | None = None
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof for the caller that its leaf is durable: the audit id, the log, the position and the leaf's hash in
    hexadecimal."""

    entry_id: str
    log: str
    index: int
    leaf: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: LeafRow
    receipt: asyncio.Future[Receipt]


class Ledger:
    """The one writer of a log, within one event loop. Open it with `Ledger.open`, end it with `close`."""

    def __init__(
        self,
        store: LogStore,
        keys: LedgerKeys,
        origin: str,
        clock: Callable[[], datetime],
        limits: LedgerLimits,
        reached: Callable[[Step], None],
    ) -> None:
        self._store, self._keys, self.origin = store, keys, origin
        self._clock, self._limits, self._reached = clock, limits, reached
        self._frontier = Frontier.empty()
        self._note = ""
        self._settled = False
        self._unplaced = False
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(limits.queue)
        self._waiting: list[_Waiting] = []
        self._wake, self._signed = asyncio.Event(), asyncio.Event()
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls,
        store: LogStore,
        keys: LedgerKeys,
        origin: str,
        clock: Callable[[], datetime],
        limits: LedgerLimits | None = None,
        reached: Callable[[Step], None] = lambda _: None,
    ) -> Self:
        """Open or create the log named `origin` (no space, no `+`), and bring its checkpoint file up to date after a
        crash. `reached` is told of each step of a commit.

        Raises LedgerInUse, LedgerInconsistent when what is stored is not what was signed, AuditUnavailable.
        """
        ledger = cls(store, keys, origin, clock, limits or LedgerLimits(), reached)
        try:
            await ledger._settle()
        except BaseException:
            await store.close()
            raise
        ledger._tasks = [
            asyncio.create_task(ledger._commit_waiting(), name="ledger"),
            asyncio.create_task(ledger._place_signed(), name="ledger-checkpoint"),
        ]
        return ledger

    @property
    def size(self) -> int:
        """How many leaves are durable."""
        return self._frontier.size

    @property
    def checkpoint(self) -> str:
        """The newest checkpoint, as a signed note."""
        return self._note

    async def append(self, draft: Draft) -> Receipt:
        """Record a draft and return once it is durable.

        Raises AuditUnavailable when it cannot be: the caller then releases nothing. Waits, and never drops, when more
        leaves are under way than the queue holds. Raises InvalidEntry for what has no canonical form.
        """
        return await self.append_row(row_of_draft(draft, self._keys.sealing, self.origin))

    async def append_row(self, row: LeafRow) -> Receipt:
        """Record a leaf that was made for this log before, as it is; else like `append`.

        Raises DuplicateEntry when it is there already.
        """
        async with self._places:
            if self._closing:
                raise AuditUnavailable("The disclosure ledger is closed.")
            receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
            self._waiting.append(_Waiting(row, receipt))
            self._wake.set()
            return await receipt

    async def others(self) -> Sequence[str]:
        """See LogStore. Raises AuditUnavailable."""
        return await self._store.others()

    async def check(self) -> None:
        """Make sure that a leaf could be written just now; none is. After a failure it settles first. Raises
        AuditUnavailable."""
        if self._closing:
            raise AuditUnavailable("The disclosure ledger is closed.")
        await self._store.check()
        async with self._turn:
            if not self._settled:
                await self._settle()

    async def close(self) -> None:
        """Commit what waits, place the newest checkpoint, then close the store."""
        self._closing = True
        self._wake.set()
        if self._tasks:
            committing, placing = self._tasks
            await committing
            self._signed.set()
            await placing
            self._tasks = []
            await self._store.close()

    async def _settle(self) -> None:
        """Open the store and find where to go on; also after an error, when nothing is known of what it holds."""
        await self._store.open()
        start = start_from(await self._store.stored(), self.origin, self._keys.signing.public_key())
        if start is None:
            self._frontier, self._note = Frontier.empty(), self._sign(0, EMPTY_ROOT)
            await self._store.create(self.origin, self._note)
        else:
            self._frontier, self._note = start.frontier, start.note
        # Even where the file outside holds it already: the writer before may have died between renaming and syncing it.
        await self._store.place(self._note)
        self._settled, self._unplaced = True, False

    async def _commit_waiting(self) -> None:
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limits.batch], self._waiting[self._limits.batch :]
                await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            async with self._turn:
                receipts = await self._committed([waiting.row for waiting in batch])
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
            self._reached(Step.ANSWERED)

    async def _committed(self, rows: Sequence[LeafRow]) -> list[Receipt]:
        """Store and sign the rows; the receipts are in their order."""
        if not self._settled:
            await self._settle()
        if self._unplaced:
            await self._store.place(self._note)
            self._unplaced = False
        self._reached(Step.TAKEN)
        position = self._frontier.size
        frontier, nodes = self._frontier.extended(row.hash for row in rows)
        note = self._sign(frontier.size, frontier.root())
        self._reached(Step.SIGNED)
        self._settled = False
        await self._store.commit(Commit(position, tuple(rows), nodes, note))
        self._settled = True
        self._frontier, self._note = frontier, note
        self._signed.set()
        self._reached(Step.STORED)
        return [Receipt(row.audit_id, self.origin, number, row.hash.hex()) for number, row in enumerate(rows, position)]

    async def _place_signed(self) -> None:
        """Keep the newest checkpoint outside the database; what comes meanwhile waits for one more turn."""
        placed = self._note
        while not (self._tasks and self._tasks[0].done() and self._note == placed):
            await self._signed.wait()
            self._signed.clear()
            note = self._note
            if note == placed:
                continue
            try:
                await self._store.place(note)
            except AuditUnavailable:
                # The leaves are durable; nothing more is until this checkpoint lies outside the database.
                self._unplaced = True
            else:
                self._reached(Step.PLACED)
            placed = note

    def _sign(self, size: int, root: bytes) -> str:
        time = f"time {utc_timestamp(self._clock())}"
        return sign_checkpoint(Checkpoint(self.origin, size, root, (time,)), self._keys.signing, self.origin)


def row_of_draft(draft: Draft, sealing: SealingKey | None, origin: str) -> LeafRow:
    """The row of a draft in the log of this name: parts behind fresh salts, what is silent sealed.

    Raises InvalidEntry, also for an outcome where there is nothing to seal it with.
    """
    parts: list[tuple[str | None, bytes]] = []
    if draft.statements is not None:
        parts.append((None, canonical_bytes(draft.statements)))
    if draft.silent is not None:
        if sealing is None:
            raise InvalidEntry("A log without a sealing key takes no outcomes.")
        place = place_of(origin, draft.leaf.audit_id)
        parts.append((None, canonical_bytes(sealing.seal(draft.silent, place, os.urandom))))
    parts += [(subject.key_hash, canonical_bytes(subject)) for subject in draft.subjects]
    kept = committed(parts, os.urandom(random_bytes_for(len(parts))))
    leaf = replace(draft.leaf, parts=kept.parts)
    return row_of(leaf, canonical_bytes(leaf), kept.seed, kept.slots)


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

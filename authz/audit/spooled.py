"""A ledger with its spool: drafts go to the ledger, and those that may to the spool while it cannot be written. The
ledger takes nothing before it has what waits in the spool; meanwhile the alarm is given.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import structlog

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Draft, Ledger, Receipt
from authz.audit.spool import Spool


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds: between attempts to drain, at first and at most, and between alarms."""

    first: float = 0.1
    most: float = 3.0
    alarm: float = 60.0


class SpooledLedger:
    """The ledger and its spool, within one event loop. Open it with `SpooledLedger.open`; it closes neither."""

    def __init__(self, ledger: Ledger, spool: Spool, recovery: Recovery, monotonic: Callable[[], float]) -> None:
        self.ledger = ledger
        self._spool, self._recovery, self._monotonic = spool, recovery, monotonic
        self._told = 0
        self._alarmed: float | None = None
        self._attempt: asyncio.Task[bool] | None = None
        self._recovering: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("ledger")

    @classmethod
    async def open(
        cls,
        ledger: Ledger,
        spool: Spool,
        recovery: Recovery | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Self:
        """The two together, once the ledger has what an earlier process left in the spool. Raises AuditUnavailable."""
        both = cls(ledger, spool, recovery or Recovery(), monotonic)
        await both._catch_up()
        return both

    @property
    def spooled(self) -> int:
        """How many leaves are durable in the spool only."""
        return self._spool.waiting

    @property
    def unavailable(self) -> bool:
        """Whether the ledger could not be written when it was last tried."""
        return self._alarmed is not None

    @property
    def spool_log(self) -> str:
        """What receipts of the spool name as their log."""
        return self._spool.log

    async def append(self, draft: Draft) -> Receipt:
        """See Ledger. What waits in the spool goes before."""
        if self._spool.waiting:
            await self._catch_up()
        try:
            receipt = await self.ledger.append(draft)
        except AuditUnavailable:
            self._failed()
            raise
        if not self._spool.waiting:
            self._recovered()
        return receipt

    async def spool(self, draft: Draft) -> Receipt:
        """Keep a draft in the spool and return once it is durable there. Raises AuditUnavailable."""
        receipt = await self._spool.append(draft)
        self._keep_trying()
        return receipt

    async def check(self) -> None:
        """See Ledger."""
        await self.ledger.check()

    async def close(self) -> None:
        """Stop trying; what waits in the spool stays there for the next start."""
        tasks = [task for task in (self._recovering, self._attempt) if task is not None]
        if self._recovering is not None:
            self._recovering.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _keep_trying(self) -> None:
        if self._recovering is None or self._recovering.done():
            self._recovering = asyncio.create_task(self._recover(), name="ledger-recovery")

    async def _recover(self) -> None:
        pause = self._recovery.first
        while self._spool.waiting or self.unavailable:
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._recovery.most)
            with contextlib.suppress(AuditUnavailable):
                await self._catch_up()

    async def _catch_up(self) -> None:
        """One attempt to drain, which all share who wait for it. Raises AuditUnavailable."""
        if self._attempt is None or self._attempt.done():
            self._attempt = asyncio.create_task(self._drain(), name="ledger-drain")
        if not await asyncio.shield(self._attempt):
            raise AuditUnavailable("The disclosure ledger cannot be written.")

    async def _drain(self) -> bool:
        try:
            await self._spool.drain(self.ledger.append_row)
            await self.ledger.check()
        except AuditUnavailable:
            self._failed()
            return False
        self._recovered()
        return True

    def _failed(self) -> None:
        now = self._monotonic()
        if self._alarmed is None or now - self._alarmed >= self._recovery.alarm:
            self._alarmed = now
            self._log.critical("ledger_unavailable", spooled=self._spool.waiting)
        self._keep_trying()

    def _recovered(self) -> None:
        drained = self._spool.drained - self._told
        if self._alarmed is not None or drained:
            self._log.warning("ledger_recovered", drained=drained)
        self._alarmed, self._told = None, self._spool.drained

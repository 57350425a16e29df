"""What other logs held, written into this one from time to time: so that none of them can be cut or rewritten alone."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Draft, Ledger

SECONDS = 60.0
"""So often other logs are looked at."""


class CrossReferences:
    """Checkpoints of the other logs of a ledger, put into one log as WITNESS leaves whenever they have changed."""

    def __init__(self, ledger: Ledger, witness: Callable[[Sequence[str]], Draft]) -> None:
        self._ledger, self._witness = ledger, witness
        self._last: Sequence[str] = ()

    async def once(self) -> bool:
        """Whether the others had grown; it is durable then. Raises AuditUnavailable."""
        found = tuple(await self._ledger.others())
        if not found or found == self._last:
            return False
        await self._ledger.append(self._witness(found))
        self._last = found
        return True

    async def run(self, seconds: float = SECONDS) -> None:
        """Again and again until cancelled. While the ledger cannot be written that is told elsewhere."""
        while True:
            with contextlib.suppress(AuditUnavailable):
                await self.once()
            await asyncio.sleep(seconds)

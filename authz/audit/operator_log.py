"""The log of those who read a ledger, or take something out of it, by the command line (`docs/ledger-format.md`,
*Operators' log*): what they did in, a durable EVENT leaf out. A log of its own, because a log has one writer.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from authz.audit.errors import LedgerInUse
from authz.audit.leaf import Event, EventType, Leaf, Recipient, Stage
from authz.audit.ledger import Draft, Ledger, LedgerKeys, Receipt
from authz.audit.parts import About
from authz.audit.reading import checkpoints_beside
from authz.audit.recorder import new_leaf
from authz.audit.store_sqlite import SqliteLog
from authz.audit.ulid import RANDOM_BYTES

ORIGIN = "leds-graph/operator"
FILE, CHECKPOINT = "operator.sqlite", "operator.checkpoint"
WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class OperatorEvent:
    """What somebody did: its type and name, the id of what it was done to, what was said (people are named here only)
    and, of an export, who receives it."""

    type: EventType
    name: str
    about: str | None
    said: Mapping[str, str]
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class OperatorLog:
    """The operators' log beside the `database` of one of the ledger's logs."""

    database: Path
    keys: LedgerKeys
    clock: Callable[[], datetime]
    randomness: Callable[[int], bytes] = os.urandom
    world: str | None = "SYNTHETIC"
    wait: float = WAIT_SECONDS

    async def record(self, event: OperatorEvent) -> Receipt:
        """Append the event, behind the newest checkpoints of the other logs; durable when this returns.

        Waits up to `wait` seconds for whoever else is writing. Raises LedgerInUse, LedgerInconsistent,
        AuditUnavailable.
        """
        ledger = await self._opened()
        try:
            others = checkpoints_beside(self.database.parent, ORIGIN)
            await ledger.append(Draft(self._leaf(Stage.WITNESS, witnessed=others)))
            leaf = self._leaf(
                Stage.EVENT,
                event_type=event.type,
                event=Event(event.name, event.about),
                recipient=event.recipient,
            )
            return await ledger.append(Draft(leaf, About(dict(event.said))))
        finally:
            await ledger.close()

    async def _opened(self) -> Ledger:
        folder = self.database.parent
        until = time.monotonic() + self.wait
        while True:
            try:
                store = SqliteLog(folder / FILE, folder / CHECKPOINT)
                return await Ledger.open(store, self.keys, ORIGIN, self.clock)
            except LedgerInUse:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_LOOK_SECONDS)

    def _leaf(self, stage: Stage, **said: Any) -> Leaf:
        return new_leaf(stage, self.clock(), self.randomness(RANDOM_BYTES), self.world, **said)

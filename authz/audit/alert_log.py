"""The log of what owners and supervisors are told (`docs/ledger-format.md`, *Alerts' logs*): alerts in, a durable EVENT
leaf for each out. Apart from the log of requests: whoever reads that one need not learn what was silent.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.alerts import Alert
from authz.audit.errors import LedgerUnreadable
from authz.audit.leaf import Event, EventType, Leaf, Stage
from authz.audit.ledger import Draft, Ledger, LedgerKeys
from authz.audit.parts import About
from authz.audit.reading import LogFile, checkpoints_beside, logs_in
from authz.audit.recorder import new_leaf
from authz.audit.store_sqlite import SqliteLog
from authz.audit.ulid import RANDOM_BYTES

ORIGIN = "leds-graph/alerts"
_STEM = "alerts"


class AlertLog:
    """See AlertSink. The one writer of its log; open it with `AlertLog.open`, end it with `close`."""

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes],
        world: str | None = "SYNTHETIC",
    ) -> None:
        self._ledger, self._folder = ledger, folder
        self._clock, self._randomness = clock, randomness
        self._world = world

    @classmethod
    async def open(
        cls,
        folder: Path,
        name: str,
        key: Ed25519PrivateKey,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> Self:
        """Open or create the log of the process with this name (empty: the one that needs none) in `folder`.

        Raises LedgerInUse, LedgerInconsistent, AuditUnavailable.
        """
        stem = f"{_STEM}-{name}" if name else _STEM
        store = SqliteLog(folder / f"{stem}.sqlite", folder / f"{stem}.checkpoint")
        origin = f"{ORIGIN}/{name}" if name else ORIGIN
        return cls(await Ledger.open(store, LedgerKeys(key), origin, clock), folder, clock, randomness)

    async def record(self, alerts: Sequence[Alert]) -> None:
        """Append these, behind the newest checkpoints of the other logs; they are durable when this returns.

        Raises AuditUnavailable: some may be there all the same, and are there twice once they are told again.
        """
        drafts = [*await asyncio.to_thread(self._witness), *(self._draft(alert) for alert in alerts)]
        await asyncio.gather(*(self._ledger.append(draft) for draft in drafts))

    async def close(self) -> None:
        """Commit what waits, then give up being the writer."""
        await self._ledger.close()

    def _witness(self) -> list[Draft]:
        # A log that cannot be read must not keep an alert from being told: verification names it.
        with suppress(LedgerUnreadable):
            others = checkpoints_beside(self._folder, self._ledger.origin)
            return [Draft(self._leaf(Stage.WITNESS, witnessed=others))] if others else []
        return []

    def _draft(self, alert: Alert) -> Draft:
        event = Event(alert.type, alert.policy)
        return Draft(self._leaf(Stage.EVENT, event_type=EventType.ALERT, event=event), About(_said(alert)))

    def _leaf(self, stage: Stage, **said: Any) -> Leaf:
        return new_leaf(stage, self._clock(), self._randomness(RANDOM_BYTES), self._world, **said)


def is_alert_log(origin: str) -> bool:
    """Whether the log of this name is one of alerts."""
    return origin == ORIGIN or origin.startswith(f"{ORIGIN}/")


def alert_logs(folder: Path) -> tuple[LogFile, ...]:
    """The logs of alerts in a folder, by name."""
    return tuple(log for log in logs_in(folder) if is_alert_log(log.origin))


def _said(alert: Alert) -> dict[str, str]:
    said = {
        "owner": alert.owner,
        "subjectType": alert.subject_type,
        "subject": alert.subject,
        "user": alert.user,
        "organisation": alert.organisation,
        "at": alert.at.isoformat(),
    }
    return said if alert.rule is None else said | {"rule": alert.rule}

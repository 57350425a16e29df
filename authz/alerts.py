"""What owners and supervisors are told of looks at single records, off the request path. Kept, never sent.

Subjects are keyed hashes, the same as in the disclosure ledger; values and raw identifiers never stand here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

SILENT_HIT, MISUSE = "SILENT_HIT", "MISUSE"  # list alert_types


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to be told: `owner` is an organisation, a force or a unit, `rule` a misuse rule where there is one."""

    type: str
    policy: str
    owner: str
    subject_type: str
    subject: str
    user: str
    organisation: str
    at: datetime
    rule: str | None = None


class AlertSink(Protocol):
    """Where alerts go."""

    async def record(self, alerts: Sequence[Alert]) -> None:
        """Keep these; they are durable when this returns. Raises AuditUnavailable."""
        ...

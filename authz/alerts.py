"""What owners and supervisors are told of looks at single records, off the request path. Appended durably, never sent.

Subjects are keyed hashes, the same as in the disclosure ledger; values and raw identifiers never stand here.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

FILE = "alerts.jsonl"
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
        """Keep these; they are durable when this returns. Raises OSError."""
        ...


class AlertFile:
    """A file with one alert on each line (JSON), in the order in which they were recorded."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()

    async def record(self, alerts: Sequence[Alert]) -> None:
        """Append these and wait until they are on disk. Raises OSError."""
        text = "".join(json.dumps(asdict(alert) | {"at": alert.at.isoformat()}) + "\n" for alert in alerts)
        async with self._lock:
            await asyncio.to_thread(self._append, text.encode())

    def _append(self, data: bytes) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, data)
            os.fsync(file)
        finally:
            os.close(file)

"""A ledger's path in, its newest entries out as values to print, and more as they come. Never verifies or writes."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from authz.audit.entry import Entry, entry_from_bytes
from authz.audit.errors import InvalidEntry, LedgerUnreadable
from authz.audit.store import Row, count_rows, read_rows

_PAGE = 500
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class TailedEntry:
    """One entry as stored: its position, its hash in hexadecimal and what it says."""

    position: int
    hash: str
    entry: Entry

    def summary(self) -> dict[str, str]:
        """The entry for people, a label and a text per line."""
        entry, reason = self.entry, self.entry.reason
        shown = Counter(subject.type for subject in entry.subjects)
        lines = {
            "entry": f"{self.position} · {entry.audit_id} · {entry.world}",
            "when": entry.occurred_at,
            "event": f"{entry.event_type} · {entry.outcome}" + (f" · {entry.refused_by}" if entry.refused_by else ""),
            "who": entry.originator_line,
            "for": entry.on_behalf_of or "",
            "why": f"{reason.code} {reason.text} · {reason.purpose} · {reason.justification}" if reason else "",
            "operation": entry.operation.name or "",
            "shown": ", ".join(f"{count} {name}" for name, count in sorted(shown.items())),
            "datasets": ", ".join(sorted({form.dataset for subject in entry.subjects for form in subject.forms})),
            "refused": ", ".join(f"{refusal.coordinate} {refusal.form}" for refusal in entry.refusals),
        }
        return {label: text for label, text in lines.items() if text}

    def to_json(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return {"position": self.position, "hash": self.hash, "entry": msgspec.to_builtins(self.entry)}


def poll_pause() -> None:
    """How long a follower waits before it looks again."""
    time.sleep(_POLL_SECONDS)


def tail_entries(
    path: Path, limit: int = 20, follow: bool = False, pause: Callable[[], object] = poll_pause
) -> Iterator[TailedEntry]:
    """The last `limit` entries, oldest first; with `follow`, then each new one, with `pause()` between looks.

    Raises LedgerUnreadable when there is no ledger at `path` or a row is no entry.
    """
    position = max(count_rows(path) - limit, 0)
    while True:
        rows = read_rows(path, position, _PAGE)
        for row in rows:
            yield _tailed(row)
            position = row.position + 1
        if rows:
            continue
        if not follow:
            return
        pause()


def _tailed(row: Row) -> TailedEntry:
    try:
        return TailedEntry(row.position, row.hash.hex(), entry_from_bytes(row.canonical))
    except InvalidEntry as error:
        raise LedgerUnreadable(
            f"Entry {row.position} of the ledger is no entry.", advice="Run `leds audit verify`."
        ) from error

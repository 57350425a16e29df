"""A ledger's path in, its newest leaves out as values to print, and more as they come. Never verifies or writes."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from authz.audit.leaf import Stage
from authz.audit.reading import Kept, count_leaves, read_leaf, read_leaves

_PAGE = 500
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Tailed:
    """One leaf as kept, with the leaf that holds who asked and why: its intent, or itself."""

    kept: Kept
    request: Kept

    def summary(self) -> dict[str, str]:
        """The leaf for people, a label and a text per line."""
        leaf, said = self.kept.leaf, self.request.statements
        request = self.request.leaf.request
        shown = Counter(subject.type for subject in self.kept.subjects)
        why = [request.reason, request.purpose] if request else []
        happened = (leaf.event.name, leaf.event.about) if leaf.event else ()
        lines = {
            "leaf": " · ".join([str(self.kept.position), leaf.audit_id, leaf.stage, leaf.world or ""]).strip(" ·"),
            "when": leaf.occurred_at,
            "event": " · ".join(text for text in (leaf.event_type, leaf.outcome, leaf.refused_by, *happened) if text),
            "who": said.originator_line if said else "",
            "for": (said.on_behalf_of or "") if said else "",
            "why": " · ".join(text for text in [*why, said.justification if said else None] if text),
            "operation": (request.operation.name or "") if request else "",
            "shown": ", ".join(f"{count} {name}" for name, count in sorted(shown.items())),
            "datasets": ", ".join(sorted({form.dataset for each in self.kept.subjects for form in each.forms})),
            "recipient": leaf.recipient.organisation if leaf.recipient else "",
            "said": ", ".join(f"{name} {text}" for name, text in sorted(self.kept.about.items())),
            "refused": ", ".join(f"{refusal.coordinate} {refusal.form}" for refusal in leaf.refusals),
        }
        return {label: text for label, text in lines.items() if text}

    def to_json(self) -> dict[str, Any]:
        """The leaf and its parts as plain JSON values."""
        parts = [msgspec.to_builtins(part) for part in self.kept.parts]
        return {"position": self.kept.position, "leaf": msgspec.to_builtins(self.kept.leaf), "parts": parts}


def poll_pause() -> None:
    """How long a follower waits before it looks again."""
    time.sleep(_POLL_SECONDS)


def tail_leaves(
    path: Path, limit: int = 20, follow: bool = False, pause: Callable[[], object] = poll_pause
) -> Iterator[Tailed]:
    """The last `limit` leaves, oldest first; with `follow`, then each new one, with `pause()` between looks.

    Raises LedgerUnreadable when there is no ledger at `path` or a row is no leaf.
    """
    position = max(count_leaves(path) - limit, 0)
    while True:
        leaves = read_leaves(path, position, _PAGE)
        for kept in leaves:
            yield _tailed(path, kept)
            position = kept.position + 1
        if leaves:
            continue
        if not follow:
            return
        pause()


def _tailed(path: Path, kept: Kept) -> Tailed:
    intent = kept.leaf.intent
    if kept.leaf.stage is not Stage.OUTCOME or intent is None:
        return Tailed(kept, kept)
    return Tailed(kept, read_leaf(path, intent) or kept)

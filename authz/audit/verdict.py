"""What the verifier hands on: the verdict over one ledger, its faults and what each finding means. Does no I/O."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Finding(StrEnum):
    """What can be wrong with a ledger (each is explained in `docs/ledger-format.md`)."""

    UNREADABLE = "UNREADABLE"
    EDITED = "EDITED"
    DELETED = "DELETED"
    REORDERED = "REORDERED"
    INSERTED = "INSERTED"
    RECOMPUTED = "RECOMPUTED"
    MALFORMED = "MALFORMED"
    TAIL_CUT = "TAIL_CUT"
    HEAD_FORGED = "HEAD_FORGED"
    HEAD_MISSING = "HEAD_MISSING"
    HEAD_FILE_MISSING = "HEAD_FILE_MISSING"
    HEAD_ROLLED_BACK = "HEAD_ROLLED_BACK"
    FORKED = "FORKED"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what was found, the position of the first entry it makes doubtful (None: only heads), and why."""

    finding: Finding
    position: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict: how many `entries` and signed `heads` are stored; the first `proven` entries are beyond doubt.

    `faults` begins with the first bad entry's; faults of heads come after faults of entries. `hash` is the newest
    good head's.
    """

    entries: int
    heads: int
    proven: int
    origin: str | None
    hash: str | None
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not self.faults

    @property
    def first(self) -> Fault | None:
        """The first fault."""
        return self.faults[0] if self.faults else None

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {"ok": self.ok, "first": asdict(self.first) if self.first else None, **asdict(self)}

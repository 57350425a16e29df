"""What verification hands on: for each log the faults, the first bad leaf's first, and how far it is proven. No I/O."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Finding(StrEnum):
    """What can be wrong with a ledger (each is explained in `docs/ledger-format.md`)."""

    EDITED = "EDITED"
    DELETED = "DELETED"
    REORDERED = "REORDERED"
    INSERTED = "INSERTED"
    RECOMPUTED = "RECOMPUTED"
    MALFORMED = "MALFORMED"
    TAIL_CUT = "TAIL_CUT"
    FORKED = "FORKED"
    CHECKPOINT_FORGED = "CHECKPOINT_FORGED"
    CHECKPOINT_MISSING = "CHECKPOINT_MISSING"
    CHECKPOINT_FILE_MISSING = "CHECKPOINT_FILE_MISSING"
    ROLLED_BACK = "ROLLED_BACK"
    CLOCK = "CLOCK"
    EXPORT_FORGED = "EXPORT_FORGED"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what was found, the position of the first leaf it makes doubtful (None: no leaf), why, and of a fault
    of an export's line that line's number from 0."""

    finding: Finding
    position: int | None
    detail: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        place = f"leaf {self.position}: " if self.position is not None else place
        return f"{self.finding} {place}{self.detail}"


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """One log: how many `leaves` it holds, how many of the first are `proven` by a signed checkpoint and have no fault,
    the root (hexadecimal) of the newest checkpoint that fits, what is wrong and what is worth knowing."""

    origin: str
    leaves: int
    proven: int
    root: str | None
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Verdict:
    """All logs of what was verified, and the faults and notes that belong to none of them (an export's lines)."""

    logs: tuple[LogVerdict, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing was found anywhere."""
        return not self.faults and all(log.intact for log in self.logs)

    @property
    def first(self) -> Fault | None:
        """The first fault: of a line before those of leaves, and of the first log that has one."""
        return next(iter((*self.faults, *(fault for log in self.logs for fault in log.faults))), None)

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {"intact": self.intact, "first": asdict(self.first) if self.first else None, **asdict(self)}

    def __str__(self) -> str:
        lines = ["intact" if self.intact else "NOT INTACT", *_lines(self.faults, self.notes)]
        for log in self.logs:
            lines.append(f"{log.origin}: {log.leaves} leaves, {log.proven} proven, root {log.root or '-'}")
            lines += _lines(log.faults, log.notes)
        return "\n".join(lines)


def _lines(faults: Sequence[Fault], notes: Sequence[str]) -> list[str]:
    return [*(f"  {fault}" for fault in faults), *(f"  note: {note}" for note in notes)]


def in_order(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """`faults` by the leaf they name, the first leaf first; faults that name no leaf come last."""
    return tuple(sorted(faults, key=lambda fault: (fault.position is None, fault.position or 0)))

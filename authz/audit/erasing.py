"""What is to go from a log in; an ERASE event that names it, then the erasure, out. Hashes stay, so do all proofs.

The event is durable before anything is gone: after a crash something named may still be there, never the other way.
Why this is enough: `docs/decisions/0020-erasing-from-a-ledger.md`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from msgspec.structs import replace

from authz.audit.errors import PartNotErasable, RetentionRunning
from authz.audit.leaf import Event, EventType, Leaf, Stage, leaf_from_bytes
from authz.audit.ledger import Draft, Ledger, Receipt
from authz.audit.parts import About, Statements, part_from_bytes
from authz.audit.retention import droppable_from
from authz.audit.timestamp import utc_timestamp
from authz.audit.ulid import RANDOM_BYTES, ulid

DROPPED, ERASED = "ledger.retention", "ledger.erase"
_RETENTION = "RR14"
_RUN = re.compile(r"\d+-\d+")


@dataclass(frozen=True, slots=True)
class Run:
    """Leaves of one month that stand side by side, from position `first` to `last`."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class HeldMonth:
    """A month (`2026-11`) a log holds leaves of: where they stand (where months meet they may take turns), and their
    retention rules."""

    month: str
    runs: tuple[Run, ...]
    rules: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many leaves it has."""
        return sum(run.count for run in self.runs)


@dataclass(frozen=True, slots=True)
class Erased:
    """An ERASE event that a log holds: the bytes of its leaf, and of its part unless that was erased itself."""

    leaf: bytes
    about: bytes | None


class Erasure(Protocol):
    """A log's tables, for whoever may erase there. Every method raises AuditUnavailable when they cannot be used."""

    async def months(self, before: str) -> tuple[HeldMonth, ...]:
        """The months before that one that the log holds leaves of, oldest first."""
        ...

    async def erasures(self, month: str) -> tuple[Erased, ...]:
        """The ERASE events among the leaves of a month, in their order."""
        ...

    async def drop(self, month: str) -> None:
        """Remove a month's leaves and parts, all or nothing; their hashes stay."""
        ...

    async def part(self, position: int, slot: int) -> bytes | None:
        """A part's bytes, None where there is none or it was erased."""
        ...

    async def erase(self, position: int, slot: int) -> None:
        """Put a part's hash in the place of its bytes and salt."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """Who erases, and for what reason, as the events say; the time and `randomness(n)` for their ids."""

    by: str
    because: str
    clock: Callable[[], datetime]
    randomness: Callable[[int], bytes]
    world: str | None = "SYNTHETIC"


async def expired_months(erasure: Erasure, before: str, today: date) -> tuple[HeldMonth, ...]:
    """The months before `before` that a log holds, all of which have been kept long enough. Raises RetentionRunning."""
    held = await erasure.months(before)
    for month in held:
        due = droppable_from(month.month, month.rules)
        if due is None or due > today:
            rules = ", ".join(month.rules)
            raise RetentionRunning(
                f"{month.month} must be kept until {due} ({rules})." if due else f"{rules} names no end of retention.",
            )
    return held


async def drop_months(ledger: Ledger, erasure: Erasure, months: Sequence[HeldMonth], order: Order) -> None:
    """Drop months from the ledger's log, oldest first, each after events that name it. Raises AuditUnavailable."""
    for month in months:
        for erased in await erasure.erasures(month.month):
            # What was dropped before stays named when the leaf that named it goes.
            if _RUN.fullmatch(_about(leaf := leaf_from_bytes(erased.leaf))):
                await ledger.append(_again(leaf, erased.about, order))
        for run in month.runs:
            said = {"log": ledger.origin, "month": month.month, "count": str(run.count)}
            await ledger.append(_event(order, Event(DROPPED, f"{run.first}-{run.last}"), said))
        await erasure.drop(month.month)


async def erase_part(ledger: Ledger, erasure: Erasure, position: int, slot: int, order: Order) -> Receipt:
    """Erase what people wrote in one slot of a leaf, after an event that names it: its receipt.

    Raises PartNotErasable for a part that is not there, or is no such text; AuditUnavailable.
    """
    found = await erasure.part(position, slot)
    if found is None:
        raise PartNotErasable(f"Leaf {position} has no part in slot {slot}, or it was erased already.")
    if not isinstance(part_from_bytes(found), Statements | About):
        raise PartNotErasable("The part says whose record was shown, or what was silent: it goes with its month only.")
    receipt = await ledger.append(_event(order, Event(ERASED, f"{position}/{slot}"), {"log": ledger.origin}))
    await erasure.erase(position, slot)
    return receipt


def _event(order: Order, event: Event, said: Mapping[str, str]) -> Draft:
    leaf = Leaf(
        Stage.EVENT,
        _id(order),
        order.world,
        utc_timestamp(order.clock()),
        _RETENTION,
        event_type=EventType.ERASE,
        event=event,
    )
    return Draft(leaf, About({**said, "by": order.by, "because": order.because}))


def _again(leaf: Leaf, about: bytes | None, order: Order) -> Draft:
    renewed = replace(leaf, audit_id=_id(order), occurred_at=utc_timestamp(order.clock()), parts=None)
    part = part_from_bytes(about) if about else None
    return Draft(renewed, part if isinstance(part, About) else None)


def _about(leaf: Leaf) -> str:
    return (leaf.event.about if leaf.event else None) or ""


def _id(order: Order) -> str:
    return ulid(int(order.clock().timestamp() * 1000), order.randomness(RANDOM_BYTES))

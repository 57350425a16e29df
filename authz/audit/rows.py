"""What a log keeps: rows of leaves and parts as every store writes them, and what it finds when it opens. No I/O."""

from dataclasses import dataclass
from datetime import datetime

from authz.audit import merkle
from authz.audit.leaf import Leaf
from authz.audit.merkle import Node, NodeSource
from authz.audit.parts import Slot


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One leaf without its position: its hash, its bytes and parts, and what the bytes say that is searched by.

    `at` is in milliseconds since 1970, `month` is `2026-11`.
    """

    hash: bytes
    month: str
    at: int
    stage: str
    audit_id: str
    part: int
    event_type: str | None
    user_id: str | None
    organisation: str | None
    reason: str | None
    purpose: str | None
    document: str | None
    seed: bytes
    canonical: bytes
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """What becomes durable together: leaves from `position` on, nodes they complete, and the checkpoint over all."""

    position: int
    leaves: tuple[LeafRow, ...]
    nodes: tuple[Node, ...]
    note: str

    @property
    def size(self) -> int:
        """How many leaves the log holds then."""
        return self.position + len(self.leaves)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a log holds when it is opened: its name, leaves, newest checkpoint and the edge of its tree; beside it the
    checkpoint that lies outside the database."""

    origin: str
    leaves: int
    note: str | None
    edge: NodeSource
    outside: str | None


def row_of(leaf: Leaf, canonical: bytes, seed: bytes, slots: tuple[Slot, ...]) -> LeafRow:
    """The row of a leaf whose bytes are `canonical`."""
    request = leaf.request
    user = request.user if request else None
    return LeafRow(
        hash=merkle.leaf_hash(canonical),
        month=leaf.occurred_at[:7],
        at=milliseconds(leaf.occurred_at),
        stage=leaf.stage,
        audit_id=leaf.audit_id,
        part=leaf.part,
        event_type=leaf.event_type,
        user_id=user.id if user else None,
        organisation=user.organisation if user else None,
        reason=request.reason if request else None,
        purpose=request.purpose if request else None,
        document=request.operation.hash if request else None,
        seed=seed,
        canonical=canonical,
        slots=slots,
    )


def milliseconds(timestamp: str) -> int:
    """The milliseconds since 1970 of a time as the ledger writes it."""
    moment = datetime.fromisoformat(timestamp)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000

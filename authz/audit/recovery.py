"""Where a writer may go on: what a log holds in, the edge to build on out, or a refusal that says why. Does no I/O but
reading the edge.

A checkpoint is durable with its leaves before it reaches the file outside, so after a crash the file may be older, but
never newer and never of another history. Anything else was not done by this writer.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.audit.checkpoint import SignedCheckpoint, parse_checkpoint
from authz.audit.errors import LedgerInconsistent, ProofUnavailable
from authz.audit.merkle import Frontier, frontier_at
from authz.audit.rows import Stored


@dataclass(frozen=True, slots=True)
class Start:
    """The edge to build on and the checkpoint over it."""

    frontier: Frontier
    note: str


def start_from(stored: Stored | None, origin: str, key: Ed25519PublicKey) -> Start | None:
    """Where to go on, or None when there is no log yet. Raises LedgerInconsistent."""
    if stored is None:
        return None
    if stored.note is None and stored.origin:
        raise LedgerInconsistent("The ledger database holds no checkpoint.")
    if stored.note is None:
        raise LedgerInconsistent(
            "The ledger database is gone, its checkpoint file is not.",
            advice="Restore the database. To begin a new ledger on purpose, move the checkpoint file away.",
        )
    newest = _signed(stored.note, origin, key)
    if stored.origin != origin or newest.checkpoint.origin != origin:
        raise LedgerInconsistent("The ledger database belongs to another ledger.")
    if stored.leaves != newest.checkpoint.size:
        raise LedgerInconsistent("The ledger's leaves are not the ones its checkpoint was signed over.")
    frontier = _edge(stored, newest.checkpoint.size)
    if frontier.root() != newest.checkpoint.root:
        raise LedgerInconsistent("The ledger's tree is not the one its checkpoint was signed over.")
    _require_outside(stored, newest, origin, key)
    return Start(frontier, stored.note)


def _signed(text: str, origin: str, key: Ed25519PublicKey) -> SignedCheckpoint:
    try:
        signed = parse_checkpoint(text)
    except ValueError as error:
        raise LedgerInconsistent("A stored checkpoint cannot be read.") from error
    if not signed.signed_by(key, origin):
        raise LedgerInconsistent(
            "A stored checkpoint was not signed with this service's ledger key.",
            advice="Use the key this ledger was written with; if it is the right key, run `leds audit verify`.",
        )
    return signed


def _edge(stored: Stored, size: int) -> Frontier:
    try:
        return frontier_at(size, stored.edge)
    except ProofUnavailable as error:
        raise LedgerInconsistent("Hashes of the ledger's tree are missing.") from error


def _require_outside(stored: Stored, newest: SignedCheckpoint, origin: str, key: Ed25519PublicKey) -> None:
    if stored.outside is None and newest.checkpoint.size == 0:
        return
    if stored.outside is None:
        raise LedgerInconsistent("The ledger's checkpoint file is gone.")
    placed = _signed(stored.outside, origin, key).checkpoint
    if placed.size > newest.checkpoint.size:
        raise LedgerInconsistent(
            f"The checkpoint file covers {placed.size} leaves, the database holds {newest.checkpoint.size}.",
            advice="The database was restored to an earlier state, or lost writes: keep everything and run "
            "`leds audit verify`.",
        )
    if _edge(stored, placed.size).root() != placed.root:
        raise LedgerInconsistent("The ledger's checkpoint file does not belong to what the database holds.")

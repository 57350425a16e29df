"""One leaf of a log in, all that proves it out (`docs/ledger-format.md`, *Proofs*). Verifies only what it is given."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.audit.checkpoint import Checkpoint, SignedCheckpoint, parse_checkpoint
from authz.audit.errors import LedgerInconsistent, LedgerUnreadable, ProofUnavailable
from authz.audit.leaf import leaf_from_bytes
from authz.audit.merkle import consistency_proof, inclusion_proof, leaf_hash, root_at, root_of
from authz.audit.note import verifier_key
from authz.audit.parts import padding, slot_hash
from authz.audit.reading import LogFile, StoredTree, newest_in, opened

FORMAT = "leds-audit-proof/1"
_LEAF = "SELECT canonical, seed FROM ledger_leaf WHERE position = ?"
_PARTS = "SELECT slot, salt, canonical, hash FROM ledger_part WHERE position = ? ORDER BY slot"
# Of a request its outcome, as a receipt does, and of a stream's the newest; its intent where nothing came of it.
_BY_ID = (
    "SELECT position FROM ledger_leaf WHERE audit_id = ?"
    " ORDER BY CASE stage WHEN 'INTENT' THEN 1 ELSE 0 END, part DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """One part of a leaf, with what leads from it to the root over the leaf's parts."""

    slot: int
    salt: bytes
    canonical: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """An older checkpoint, and the proof that the newest tree begins with its."""

    note: str
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A leaf in the newest checkpoint of its log, signed by `key` (a verifier key)."""

    log: str
    key: str
    position: int
    canonical: bytes
    checkpoint: str
    inclusion: tuple[bytes, ...]
    consistency: Consistency | None
    openings: tuple[Opening, ...]

    def to_json(self) -> dict[str, Any]:
        """The proof as plain JSON values."""
        return {
            "format": FORMAT,
            "log": self.log,
            "key": self.key,
            "position": self.position,
            "canonical": self.canonical.decode(),
            "hash": leaf_hash(self.canonical).hex(),
            "checkpoint": self.checkpoint,
            "inclusion": _hexadecimal(self.inclusion),
            "consistency": self.consistency
            and {"note": self.consistency.note, "proof": _hexadecimal(self.consistency.proof)},
            "openings": [
                {
                    "slot": opening.slot,
                    "salt": opening.salt.hex(),
                    "canonical": opening.canonical.decode(),
                    "proof": _hexadecimal(opening.proof),
                }
                for opening in self.openings
            ],
        }


def locate(logs: Sequence[LogFile], audit_id: str) -> tuple[LogFile, int]:
    """The log and the position of a request's outcome, or of an event. Raises ProofUnavailable, LedgerUnreadable."""
    for log in logs:
        with opened(log.path) as connection:
            found = connection.execute(_BY_ID, (audit_id,)).fetchone()
        if found is not None:
            return log, found[0]
    raise ProofUnavailable(
        f"The ledger holds nothing of the id {audit_id!r}.",
        advice="Give the `entry` of an answer's `extensions.audit`, or a position; `leds audit search` finds others.",
    )


def prove(
    log: LogFile, key: Ed25519PublicKey, position: int, older: str | None = None, with_parts: bool = True
) -> Proof:
    """The leaf at `position`; that its log has grown from the checkpoint `older` (a note), and its parts opened.

    Raises ProofUnavailable when there is no such leaf, LedgerInconsistent when what is stored is not what was signed
    or `older` is of another history, LedgerUnreadable.
    """
    with opened(log.path) as connection:
        connection.execute("BEGIN")
        tree = StoredTree(connection)
        newest = _signed(newest_in(connection), log.origin, key)
        size = newest.checkpoint.size
        canonical, seed = _leaf(connection, position, size)
        if root_at(size, tree) != newest.checkpoint.root or list(tree.hashes(0, position, 1)) != [leaf_hash(canonical)]:
            raise LedgerInconsistent("What the ledger holds is not what its newest checkpoint was signed over.")
        return Proof(
            log.origin,
            verifier_key(log.origin, key),
            position,
            canonical,
            str(newest),
            inclusion_proof(position, size, tree),
            None if older is None else _consistency(_signed(older, log.origin, key), newest.checkpoint, tree),
            _openings(connection, position, canonical, seed) if with_parts else (),
        )


def _leaf(connection: sqlite3.Connection, position: int, size: int) -> tuple[bytes, bytes]:
    found = connection.execute(_LEAF, (position,)).fetchone() if position < size else None
    if found is None:
        raise ProofUnavailable(f"The ledger holds no leaf {position}; its newest checkpoint covers {size}.")
    return found


def _signed(text: str, origin: str, key: Ed25519PublicKey) -> SignedCheckpoint:
    try:
        signed = parse_checkpoint(text)
    except ValueError as error:
        raise LedgerUnreadable("That is no checkpoint.", advice="Give the text of a signed checkpoint.") from error
    if signed.checkpoint.origin != origin or not signed.signed_by(key, origin):
        raise LedgerInconsistent(f"The checkpoint is not one that the log {origin} was signed with.")
    return signed


def _consistency(older: SignedCheckpoint, newest: Checkpoint, tree: StoredTree) -> Consistency:
    size = older.checkpoint.size
    if size > newest.size:
        raise LedgerInconsistent(f"The checkpoint given covers {size} leaves, the ledger holds {newest.size}.")
    if root_at(size, tree) != older.checkpoint.root:
        raise LedgerInconsistent("The checkpoint given is of another history of this log.")
    return Consistency(str(older), consistency_proof(size, newest.size, tree))


def _openings(connection: sqlite3.Connection, position: int, canonical: bytes, seed: bytes) -> tuple[Opening, ...]:
    parts = leaf_from_bytes(canonical).parts
    if parts is None:
        return ()
    rows = connection.execute(_PARTS, (position,)).fetchall()
    hashes = [slot_hash(salt, said) if said is not None else erased for _, salt, said, erased in rows]
    hashes += [padding(seed, number) for number in range(len(rows), parts.slots)]
    if root_of(hashes).hex() != parts.root:
        raise LedgerInconsistent(f"The parts of leaf {position} are not the ones it commits to.")
    tree = _Slots(hashes)
    return tuple(
        Opening(slot, salt, said, inclusion_proof(slot, parts.slots, tree))
        for slot, salt, said, _ in rows
        if said is not None
    )


@dataclass(frozen=True, slots=True)
class _Slots:
    """A NodeSource over the slots of one leaf."""

    slots: Sequence[bytes]

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See NodeSource."""
        ends = range(start + 1, start + count + 1)
        return [
            root_of(self.slots[(end - 1) << level : end << level]) for end in ends if end << level <= len(self.slots)
        ]


def _hexadecimal(hashes: Sequence[bytes]) -> list[str]:
    return [digest.hex() for digest in hashes]

"""A ledger's files and the public key in, a verdict that names the first bad entry out. Writes nothing.

Everything is computed again from stored bytes. With the writer it shares the formats and the hash and nothing else: it
reads the files itself, so that a fault of the writer's storage code cannot hide here.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.audit.chain import genesis, link, parse_head
from authz.audit.entry import entry_from_bytes
from authz.audit.errors import InvalidEntry, PublicKeyUnreadable
from authz.audit.evidence import Evidence, evidence_of, judge_head_file, judge_witness
from authz.audit.verdict import Fault, Finding, Verification

_HEADS = "SELECT number, head FROM ledger_head ORDER BY number"
_HEAD = "SELECT head FROM ledger_head WHERE number = ?"
_ROWS = "SELECT position, audit_id, previous, hash, canonical FROM ledger_entry ORDER BY position"
_COUNT = "SELECT count(*) FROM ledger_entry"
_POSITION_OF = "SELECT position FROM ledger_entry WHERE hash = ? ORDER BY position"


@dataclass(frozen=True, slots=True)
class _Row:
    position: int
    audit_id: str
    previous: bytes
    hash: bytes
    canonical: bytes


def verify_ledger(path: Path, head_path: Path, public_key: Path) -> Verification:
    """Verify a ledger, running or copied, against its head file, with the public key in a PEM file.

    Raises PublicKeyUnreadable; everything that is wrong with the ledger is in the verdict.
    """
    try:
        key = serialization.load_pem_public_key(public_key.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise PublicKeyUnreadable("The public key of the ledger cannot be read.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise PublicKeyUnreadable("The public key is no Ed25519 key.")
    return verify_files(path, head_path, key)


def verify_files(
    path: Path, head_path: Path, public_key: Ed25519PublicKey, witnesses: Sequence[str] = ()
) -> Verification:
    """The same with the key itself, and against texts of heads that were kept elsewhere (`witnesses`)."""
    try:
        with closing(_open(path)) as connection:
            connection.execute("BEGIN")
            evidence = evidence_of(connection.execute(_HEADS).fetchall(), public_key)
            # Read after the snapshot of the database: an honest head file is then never more than one commit behind.
            head_file = _read_head_file(head_path)
            if head_file is not None and _written_since(path, head_file, evidence):
                head_file = str(evidence.heads[-1])
            return _examine(connection, evidence, head_file, public_key, witnesses)
    except (sqlite3.Error, OSError, TypeError) as error:
        fault = Fault(Finding.UNREADABLE, None, f"the ledger cannot be read: {error}")
        return Verification(0, 0, 0, None, None, (fault,))


def _open(path: Path) -> sqlite3.Connection:
    # Without a write-ahead log there is nothing to share with a writer, and a copy may lie on a read-only medium.
    log = path.with_name(path.name + "-wal")
    mode = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)


def _read_head_file(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return None


def _written_since(path: Path, head_file: str, evidence: Evidence) -> bool:
    """Whether the head file is ahead of the snapshot only because the writer went on while we read."""
    try:
        number = parse_head(head_file).head.number
    except ValueError:
        return False
    if not evidence.heads or number <= evidence.heads[-1].head.number:
        return False
    with closing(_open(path)) as connection:
        return connection.execute(_HEAD, (number,)).fetchone() == (head_file,)


def _examine(
    connection: sqlite3.Connection,
    evidence: Evidence,
    head_file: str | None,
    key: Ed25519PublicKey,
    witnesses: Sequence[str],
) -> Verification:
    entries = connection.execute(_COUNT).fetchone()[0]
    walk = _Walk(connection, evidence, entries, frozenset(_counts(witnesses)))
    faults = list(walk.faults()) if evidence.heads else []
    whole = not faults
    faults.extend(evidence.faults)
    file_faults, notes = judge_head_file(head_file, evidence, key)
    faults.extend(file_faults)
    if whole:
        faults.extend(fault for text in witnesses for fault in judge_witness(text, walk.hashes, evidence, key))
    newest = evidence.heads[-1].head if evidence.heads else None
    origin, digest = (newest.origin, newest.hash) if newest else (None, None)
    return Verification(entries, evidence.stored, walk.proven, origin, digest, tuple(faults), notes)


def _counts(witnesses: Sequence[str]) -> Iterator[int]:
    for text in witnesses:
        try:
            yield parse_head(text).head.count
        except ValueError:
            continue


class _Walk:
    """One pass over the rows: the chain from the first entry on, compared with each signed head on the way."""

    def __init__(
        self, connection: sqlite3.Connection, evidence: Evidence, entries: int, watched: frozenset[int]
    ) -> None:
        self._connection = connection
        self._evidence = evidence
        self._missing = 0 if evidence.faults else evidence.count - entries
        self._signed = {signed.head.count: signed.head.hash for signed in evidence.heads}
        self._watched = watched
        self.hashes: dict[int, str] = {}
        self.proven = 0

    def faults(self) -> Iterator[Fault]:
        """The first fault among the entries, if there is one."""
        running = genesis(self._evidence.heads[0].head.origin)
        count = 0
        fault = self._fault_at(count, running)
        for values in self._connection.execute(_ROWS):
            row = _Row(*values)
            # A row that does not follow names the bad entry better than the head that disagrees before it.
            fault = self._fault_of_row(count, row, running) or fault
            if fault is not None:
                break
            running = link(running, row.canonical)
            count += 1
            fault = self._fault_at(count, running)
        if fault := fault or self._fault_of_end(count):
            yield fault

    def _fault_at(self, count: int, running: bytes) -> Fault | None:
        if count in self._watched:
            self.hashes[count] = running.hex()
        if count not in self._signed:
            return None
        if self._signed[count] == running.hex():
            self.proven = count
            return None
        finding = Finding.INSERTED if self._missing < 0 else Finding.DELETED if self._missing else Finding.RECOMPUTED
        detail = f"entries {self.proven} to {count - 1} are not the ones that were signed"
        return Fault(finding, self.proven, detail)

    def _fault_of_row(self, position: int, row: _Row, running: bytes) -> Fault | None:
        if row.position != position:
            return Fault(Finding.DELETED, position, f"entry {position} is gone; the next one is {row.position}")
        if link(row.previous, row.canonical) != row.hash:
            return Fault(Finding.EDITED, position, f"entry {position} does not have the hash stored with it")
        if row.previous != running:
            return self._fault_of_order(position, row)
        try:
            entry = entry_from_bytes(row.canonical)
        except InvalidEntry as error:
            return Fault(Finding.MALFORMED, position, f"entry {position}: {error.message}")
        if entry.audit_id != row.audit_id:
            return Fault(Finding.EDITED, position, f"entry {position} is filed under another id than its own")
        return None

    def _fault_of_order(self, position: int, row: _Row) -> Fault:
        # The row is whole but does not follow the one before it. Where is the one that it follows?
        # Later: rows changed places. Earlier: rows were put in between. Nowhere: it was taken out or rewritten.
        follows = self._followed_by(row)
        if follows is not None and follows >= position:
            return Fault(Finding.REORDERED, position, f"entry {position} belongs after the one now at {follows}")
        if follows is not None:
            detail = f"entry {follows + 1} was put in: {position} followed {follows}"
            return Fault(Finding.INSERTED, follows + 1, detail)
        if self._missing > 0:
            return Fault(Finding.DELETED, position, f"the entry that stood at {position} is gone")
        return Fault(Finding.RECOMPUTED, position - 1, f"entry {position - 1} is not the one that {position} followed")

    def _followed_by(self, row: _Row) -> int | None:
        if row.previous == genesis(self._evidence.heads[0].head.origin):
            return -1
        found = self._connection.execute(_POSITION_OF, (row.previous,)).fetchone()
        return found[0] if found else None

    def _fault_of_end(self, count: int) -> Fault | None:
        signed = self._evidence.count
        if count < signed:
            return Fault(Finding.TAIL_CUT, count, f"{signed} entries were signed, {count} are there")
        if count > signed and not self._evidence.faults:
            return Fault(Finding.INSERTED, signed, f"no signed head covers the entries from {signed} on")
        return None

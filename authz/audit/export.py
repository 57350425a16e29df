"""A ledger's logs in, the lines of one text file out, chained and signed (`docs/ledger-format.md`, *Exports*).

Holds one page of leaves at a time, and reads each log as it was at one moment. Verifies nothing: what is wrong with the
ledger is in its export too.
"""

import base64
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.errors import LedgerUnreadable
from authz.audit.merkle import covering, subtree_root
from authz.audit.note import verifier_key
from authz.audit.parts import slot_hash
from authz.audit.reading import LogFile, StoredTree, count_leaves, opened
from authz.audit.rows import milliseconds
from authz.audit.timestamp import utc_timestamp

FORMAT = "leds-audit-export/2"
EVERY_TIME = (-(1 << 62), 1 << 62)
Report = Callable[[int, int], None]

_PAGE = 256
_ATTEMPTS = 20
_ASKED = "SELECT coalesce(min(position), 0), coalesce(max(position) + 1, 0) FROM ledger_leaf WHERE at >= ? AND at < ?"
_LEAVES = (
    "SELECT position, canonical, seed, hash FROM ledger_leaf LEFT JOIN ledger_hash USING (position)"
    " WHERE position >= ? AND position < ? ORDER BY position LIMIT ?"
)
_PARTS = (
    "SELECT position, slot, salt, canonical, hash FROM ledger_part WHERE position >= ? AND position <= ?"
    " ORDER BY position, slot"
)
_SIZE = "SELECT max(size) FROM ledger_checkpoint"
_CHECKPOINTS = "SELECT size, note FROM ledger_checkpoint ORDER BY size"
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a ledger: leaves from `start` and before `end` (aware times; None: no bound), with their parts
    opened or only as hashes."""

    start: datetime | None = None
    end: datetime | None = None
    parts: bool = True

    @property
    def bounds(self) -> tuple[int, int]:
        """The times in milliseconds since 1970."""
        earliest, latest = EVERY_TIME
        return (
            milliseconds(utc_timestamp(self.start)) if self.start else earliest,
            milliseconds(utc_timestamp(self.end)) if self.end else latest,
        )


class Export:
    """The lines of one export, given to `write` as they are made: `body`, then `trailer`."""

    def __init__(self, write: Callable[[bytes], object], key: Ed25519PrivateKey) -> None:
        self._write, self._key = write, key
        self._lines, self._chain, self._bytes = 0, b"", hashlib.sha256()
        self._signer = ""

    @property
    def digest(self) -> str:
        """The SHA-256 (hexadecimal) of all lines so far."""
        return self._bytes.hexdigest()

    def body(self, logs: Sequence[LogFile], asked: Asked, at: datetime, report: Report = lambda *_: None) -> None:
        """Everything but the trailer. `report` is told how many leaves of how many are done.

        Raises LedgerUnreadable, ProofUnavailable when hashes of leaves that are not asked for are missing.
        """
        self._signer = logs[0].origin
        self._line(
            "header",
            format=FORMAT,
            exportedAt=utc_timestamp(at),
            logs=[log.origin for log in logs],
            keys=[verifier_key(log.origin, self._key.public_key()) for log in logs],
            parts=asked.parts,
            **{"from": _time(asked.start), "to": _time(asked.end)},
        )
        with _at_one_moment(logs) as moment:
            total, before = sum(size for _, size in moment), 0
            for log, (connection, size) in zip(logs, moment, strict=True):
                self._log(log.origin, connection, size, asked, lambda done, before=before: report(before + done, total))
                before += size

    def trailer(self) -> None:
        """The line that closes the file."""
        digest = self.digest
        signature = self._key.sign(f"{FORMAT}\n{digest}\n{self._signer}\n".encode())
        signed = {"signature": base64.b64encode(signature).decode(), "origin": self._signer}
        self._line("trailer", lines=self._lines, sha256=digest, **signed)

    def _log(
        self, origin: str, connection: sqlite3.Connection, size: int, asked: Asked, done: Callable[[int], None]
    ) -> None:
        checkpoints = _Checkpoints(connection)
        position = 0
        for leaf in _leaves(connection, *connection.execute(_ASKED, asked.bounds).fetchone()):
            self._hole(origin, range(position, leaf.position), connection)
            self._covered(origin, checkpoints, leaf.position)
            self._leaf(origin, leaf, asked.parts)
            position = leaf.position + 1
            self._covered(origin, checkpoints, position)
            if position % _PAGE == 0:
                done(position)
        self._hole(origin, range(position, size), connection)
        self._covered(origin, checkpoints, max(position, size))
        done(size)

    def _hole(self, origin: str, hole: range, connection: sqlite3.Connection) -> None:
        """Leaves that are not there, by the hashes of the subtrees that they are made of."""
        tree = StoredTree(connection)
        for level, index in covering(hole.start, hole.stop):
            self._line("node", log=origin, level=level, index=index, hash=subtree_root(level, index, tree).hex())

    def _covered(self, origin: str, checkpoints: "_Checkpoints", size: int) -> None:
        """The checkpoint over all that stands before, if there is one."""
        note = checkpoints.over(size)
        if note is not None:
            self._line("checkpoint", log=origin, note=note)

    def _leaf(self, origin: str, leaf: "_Leaf", with_parts: bool) -> None:
        place = {"log": origin, "position": leaf.position}
        said = {"canonical": _text(leaf.canonical, leaf.position), "seed": leaf.seed.hex(), "hash": _hex(leaf.hash)}
        self._line("leaf", **place, **said)
        for slot, salt, canonical, erased in leaf.parts:
            if salt is None or canonical is None:
                kept = {"hash": _hex(erased)}
            elif with_parts:
                kept = {"salt": salt.hex(), "canonical": _text(canonical, leaf.position)}
            else:
                kept = {"hash": slot_hash(salt, canonical).hex()}
            self._line("part", **place, slot=slot, **kept)

    def _line(self, kind: str, **said: object) -> None:
        line = {"line": self._lines, "kind": kind, **said}
        self._chain = hashlib.sha256(self._chain + _encode(line)).digest()
        data = _encode(line | {"chain": self._chain.hex()}) + b"\n"
        self._lines += 1
        self._bytes.update(data)
        self._write(data)


@dataclass(frozen=True, slots=True)
class _Leaf:
    position: int
    canonical: bytes
    seed: bytes
    hash: bytes | None
    parts: list[tuple[int, bytes | None, bytes | None, bytes | None]]


class _Checkpoints:
    """The checkpoints of a log, smallest first."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = iter(connection.execute(_CHECKPOINTS))
        self._next: tuple[int, str] | None = next(self._rows, None)

    def over(self, size: int) -> str | None:
        """The note over `size` leaves, once; those over fewer are passed over, as what they cover cannot be told."""
        while self._next is not None and self._next[0] < size:
            self._next = next(self._rows, None)
        if self._next is None or self._next[0] != size:
            return None
        (_, note), self._next = self._next, next(self._rows, None)
        return note


def _leaves(connection: sqlite3.Connection, start: int, stop: int) -> Iterator[_Leaf]:
    while True:
        rows = connection.execute(_LEAVES, (start, stop, _PAGE)).fetchall()
        if not rows:
            return
        page = {position: _Leaf(position, *said, parts=[]) for position, *said in rows}
        start = rows[-1][0] + 1
        for position, *part in connection.execute(_PARTS, (rows[0][0], rows[-1][0])):
            if position in page:
                page[position].parts.append(tuple(part))
        yield from page.values()


@contextmanager
def _at_one_moment(logs: Sequence[LogFile]) -> Iterator[list[tuple[sqlite3.Connection, int]]]:
    """Each log as it was, and its size, at a moment at which none holds a checkpoint of more than another's leaves.

    Logs witness one another. The first, which is written most, is read last: then only growth of the others before that
    can have been witnessed, and where they grew everything is read again.
    """
    for attempt in range(_ATTEMPTS):
        with ExitStack() as stack:
            moment = [_begun(stack.enter_context(opened(log.path))) for log in reversed(logs)][::-1]
            grown = any(count_leaves(log.path) > size for log, (_, size) in zip(logs[1:], moment[1:], strict=True))
            if not grown or attempt == _ATTEMPTS - 1:
                yield moment
                return


def _begun(connection: sqlite3.Connection) -> tuple[sqlite3.Connection, int]:
    connection.execute("BEGIN")
    return connection, _size(connection)


def _size(connection: sqlite3.Connection) -> int:
    (size,) = connection.execute(_SIZE).fetchone()
    if size is None:
        raise LedgerUnreadable("The ledger holds no checkpoint.", advice="Run `leds audit verify`.")
    return size


def _text(canonical: bytes, position: int) -> str:
    try:
        return canonical.decode()
    except UnicodeDecodeError as error:
        raise LedgerUnreadable(f"Leaf {position} is no text.", advice="Run `leds audit verify`.") from error


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else utc_timestamp(moment)

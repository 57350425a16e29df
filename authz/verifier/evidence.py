"""What others hold of a ledger: checkpoints kept elsewhere or witnessed by other logs, and receipts.

Texts in, by log and position out. Kept in a temporary database, because receipts may be more than memory holds.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from authz.verifier.note import Checkpoint

_TABLES = (
    "CREATE TABLE checkpoint (origin TEXT, size INTEGER, root BLOB, source TEXT)",
    "CREATE TABLE receipt (origin TEXT, position INTEGER, leaf BLOB, entry TEXT)",
)
_CHECKPOINTS = "SELECT size, root, source FROM checkpoint WHERE origin = ? ORDER BY size, rowid"
_RECEIPTS = "SELECT position, leaf, entry FROM receipt WHERE origin = ? ORDER BY position, rowid"
_ORIGINS = "SELECT origin FROM checkpoint UNION SELECT origin FROM receipt ORDER BY origin"
_LARGEST = 2**63 - 1


class ReceiptUnreadable(ValueError):
    """A line that is no receipt."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """That a log once had this root (32 bytes) over so many leaves; `source` says who held it."""

    size: int
    root: bytes
    source: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a log once had a leaf of this hash (32 bytes) for the audit id `entry` at this position."""

    position: int
    leaf: bytes
    entry: str


class Evidence:
    """Checkpoints whose signatures were checked, and receipts."""

    def __init__(self) -> None:
        # An empty name is a temporary file of SQLite's own, removed when it is closed.
        self._connection = sqlite3.connect("", isolation_level=None)
        for statement in _TABLES:
            self._connection.execute(statement)

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()

    def add_checkpoint(self, checkpoint: Checkpoint, source: str) -> None:
        """Keep a checkpoint that a known key signed."""
        values = (checkpoint.origin, checkpoint.size, checkpoint.root, source)
        self._connection.execute("INSERT INTO checkpoint VALUES (?, ?, ?, ?)", values)

    def add_receipt(self, line: str) -> None:
        """Keep a receipt (`{entry, log, index, leaf}` as JSON). Raises ReceiptUnreadable."""
        try:
            receipt = json.loads(line)
            origin, position, entry = str(receipt["log"]), receipt["index"], str(receipt["entry"])
            leaf = bytes.fromhex(receipt["leaf"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ReceiptUnreadable("a line of the receipts is no receipt") from error
        if type(position) is not int or not 0 <= position <= _LARGEST:
            raise ReceiptUnreadable("a receipt whose index is no position")
        self._connection.execute("INSERT INTO receipt VALUES (?, ?, ?, ?)", (origin, position, leaf, entry))

    def origins(self) -> tuple[str, ...]:
        """The logs that anything is held of."""
        return tuple(origin for (origin,) in self._connection.execute(_ORIGINS))

    def checkpoints(self, origin: str) -> Iterator[Witnessed]:
        """What is held of a log, the smallest first."""
        return (Witnessed(*row) for row in self._connection.execute(_CHECKPOINTS, (origin,)))

    def receipts(self, origin: str) -> Iterator[Receipt]:
        """The receipts of a log by position."""
        return (Receipt(*row) for row in self._connection.execute(_RECEIPTS, (origin,)))

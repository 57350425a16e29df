"""A ledger's SQLite database in, its records out, running or copied, as it was at one moment. Writes nothing.

`docs/ledger-format.md`, *Files and tables*.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any

from authz.verifier.findings import Fault, Finding
from authz.verifier.records import Interrupted, LeafRow, Note, PartRow, Place, Record
from authz.verifier.tree import leaf_hash

_ORIGINS = "SELECT origin FROM ledger_log"
_HASHES = "SELECT position, hash FROM ledger_hash ORDER BY position"
_LEAVES = (
    "SELECT position, seed, canonical, month, at, stage, audit_id, part, event_type, user_id, organisation, reason,"
    " purpose, document FROM ledger_leaf ORDER BY position"
)
_PARTS = "SELECT position, slot, salt, canonical, hash, month, key_hash FROM ledger_part ORDER BY position, slot"
_NOTES = "SELECT size, note FROM ledger_checkpoint ORDER BY size"
_NOTE = "SELECT note FROM ledger_checkpoint WHERE size = ?"
_NEWEST = "SELECT max(size) FROM ledger_checkpoint"
_NODES = 'SELECT level, "index" FROM ledger_node ORDER BY level, "index"'
_NODE = 'SELECT hash FROM ledger_node WHERE level = ? AND "index" = ?'
_HASH_AT = "SELECT min(position) FROM ledger_hash WHERE hash = ?"
_LEAVES_AFTER = "SELECT position, canonical FROM ledger_leaf WHERE position > ? ORDER BY position"
_WITNESSES = "SELECT position, canonical FROM ledger_leaf WHERE stage = 'WITNESS' ORDER BY position"

# A checkpoint over n leaves stands before the place n.
_NOTE_FIRST, _PLACE = 0, 1


@contextmanager
def open_database(path: Path) -> Iterator["Database"]:
    """The database at `path` in one read transaction. Raises Interrupted."""
    with _mapped(), closing(connect(path)) as connection:
        connection.execute("BEGIN")
        yield Database(connection)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.Error."""
    # Without a write-ahead log there is nothing to share with a writer, and a copy may lie on a read-only medium.
    log = path.with_name(path.name + "-wal")
    mode = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    # Text that is no UTF-8 is a value like any other: it will not match, and is not to end the reading.
    connection.text_factory = lambda data: data.decode(errors="surrogateescape")
    return connection


def unguarded_state(path: Path) -> tuple[int, int] | None:
    """Size and time of a file that is read without SQLite's locks: when they change meanwhile, a writer has started and
    what was read is of no one moment. None where a write-ahead log keeps the moment, or nothing is there."""
    if path.with_name(path.name + "-wal").exists() or not path.exists():
        return None
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def note_stored(path: Path, size: int) -> str | None:
    """The checkpoint stored for that size now. Raises Interrupted."""
    with _mapped(), closing(connect(path)) as connection:
        found = connection.execute(_NOTE, (size,)).fetchone()
    return found[0] if found else None


class Database:
    """A Log in a SQLite database."""

    whole = True
    opened = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        origins = [origin for (origin,) in connection.execute(_ORIGINS)]
        if len(origins) != 1 or not isinstance(origins[0], str) or not origins[0].isprintable():
            raise Interrupted(Fault(Finding.UNREADABLE, None, "the database does not name one log"))
        self.origin: str = origins[0]

    def newest(self) -> int:
        """How many leaves the newest stored checkpoint says it covers. Raises Interrupted."""
        with _mapped():
            found = self._connection.execute(_NEWEST).fetchone()[0]
        return found if type(found) is int else 0

    def records(self) -> Iterator[Record]:
        """See Log."""
        tables = (
            self._keyed(_NOTES, _NOTE_FIRST, lambda row: row[1]),
            self._keyed(_HASHES, _PLACE, lambda row: row[1]),
            self._keyed(_LEAVES, _PLACE, lambda row: LeafRow(row[1], row[2], row[3:])),
            self._keyed(_PARTS, _PLACE, lambda row: PartRow(row[1], row[2], row[3], row[4], (row[5], row[6]))),
        )
        with _mapped():
            for (position, kind), found in groupby(merge(*tables, key=lambda item: item[0]), key=lambda item: item[0]):
                values = [value for _, value in found]
                if kind == _NOTE_FIRST:
                    yield from (Note(position, text) for text in values)
                else:
                    yield _place(position, values)

    def _keyed(self, statement: str, kind: int, read: Callable[[Any], Any]) -> Iterator[tuple[tuple[int, int], Any]]:
        for row in self._connection.execute(statement):
            if type(row[0]) is not int:
                raise Interrupted(Fault(Finding.UNREADABLE, None, "a row's position is no number"))
            yield (row[0], kind), read(row)

    def node(self, level: int, index: int) -> Any:
        """See Log."""
        with _mapped():
            found = self._connection.execute(_NODE, (level, index)).fetchone()
        return found[0] if found else None

    def nodes(self) -> Iterator[tuple[Any, Any]]:
        """See Log."""
        with _mapped():
            yield from self._connection.execute(_NODES)

    def hash_at(self, digest: bytes) -> int | None:
        """See Log."""
        with _mapped():
            return self._connection.execute(_HASH_AT, (digest,)).fetchone()[0]

    def leaf_at(self, digest: bytes, after: int) -> int | None:
        """See Log."""
        with _mapped():
            for position, canonical in self._connection.execute(_LEAVES_AFTER, (after,)):
                if isinstance(canonical, bytes) and leaf_hash(canonical) == digest:
                    return position
        return None

    def witnesses(self) -> Iterator[tuple[int, Any]]:
        """See Log."""
        with _mapped():
            yield from self._connection.execute(_WITNESSES)


def _place(position: int, values: list[Any]) -> Place:
    leaves = tuple(value for value in values if isinstance(value, LeafRow))
    parts = tuple(value for value in values if isinstance(value, PartRow))
    hashes = tuple(value for value in values if not isinstance(value, LeafRow | PartRow))
    return Place(position, hashes, leaves, parts)


@contextmanager
def _mapped() -> Iterator[None]:
    """Errors of the file become ours here, once."""
    try:
        yield
    except (sqlite3.Error, OSError, OverflowError, UnicodeDecodeError) as error:
        raise Interrupted(Fault(Finding.UNREADABLE, None, f"the ledger cannot be read: {error}")) from error

"""A log's database in, its leaves with their parts out, for people and programs. Never verifies or writes."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from authz.audit.errors import InvalidEntry, LedgerUnreadable
from authz.audit.leaf import Leaf, leaf_from_bytes
from authz.audit.parts import About, AnyPart, Sealed, Statements, Subject, part_from_bytes

_COUNT = "SELECT coalesce(max(position) + 1, 0) FROM ledger_hash"
_LEAVES = "SELECT position, canonical FROM ledger_leaf WHERE position >= ? ORDER BY position LIMIT ?"
_BETWEEN = "SELECT position, canonical FROM ledger_leaf WHERE at >= ? AND at < ? ORDER BY at, position"
_ONE = "SELECT position, canonical FROM ledger_leaf WHERE position = ?"
_ORIGIN = "SELECT origin FROM ledger_log"
_NEWEST = "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
_HASHES = "SELECT hash FROM ledger_hash WHERE position >= ? AND position < ? ORDER BY position"
_NODES = 'SELECT hash FROM ledger_node WHERE level = ? AND "index" >= ? AND "index" < ? ORDER BY "index"'
_PARTS = "SELECT canonical FROM ledger_part WHERE position = ? AND canonical IS NOT NULL ORDER BY slot"


@dataclass(frozen=True, slots=True)
class Kept:
    """One leaf as it is kept: its position, what it says and those of its parts that were not erased."""

    position: int
    leaf: Leaf
    parts: tuple[AnyPart, ...]

    @property
    def statements(self) -> Statements | None:
        """What people wrote, where this leaf holds it."""
        return next((part for part in self.parts if isinstance(part, Statements)), None)

    @property
    def about(self) -> Mapping[str, str]:
        """What an event says of people."""
        return next((part.said for part in self.parts if isinstance(part, About)), {})

    @property
    def sealed(self) -> Sealed | None:
        """What only an inspector may read."""
        return next((part for part in self.parts if isinstance(part, Sealed)), None)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Whose records were shown."""
        return tuple(part for part in self.parts if isinstance(part, Subject))


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log of a ledger: its name and its database."""

    origin: str
    path: Path


class StoredTree:
    """A NodeSource over an open database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See NodeSource."""
        found = (
            self._connection.execute(_HASHES, (start, start + count))
            if level == 0
            else self._connection.execute(_NODES, (level, start, start + count))
        )
        return [value for (value,) in found]


def logs_of(path: Path) -> tuple[LogFile, ...]:
    """The log at `path` and, by name, the others of the same ledger: those beside it. Raises LedgerUnreadable."""
    first = LogFile(_origin(path), path)
    return (first, *(log for log in logs_in(path.parent) if log.path != path))


def logs_in(folder: Path) -> tuple[LogFile, ...]:
    """Every log in a folder, by name."""
    found: list[LogFile] = []
    for path in folder.glob("*.sqlite"):
        # Beside the logs lie databases that are none.
        with suppress(LedgerUnreadable):
            found.append(LogFile(_origin(path), path))
    return tuple(sorted(found, key=lambda log: log.origin))


def checkpoints_beside(folder: Path, origin: str) -> tuple[str, ...]:
    """The newest checkpoint (a note) of each log in a folder but the one named `origin`, sorted by origin. Raises
    LedgerUnreadable."""
    return tuple(newest_checkpoint(log.path) for log in logs_in(folder) if log.origin != origin)


def newest_checkpoint(path: Path) -> str:
    """The note of the newest checkpoint in a log's database. Raises LedgerUnreadable."""
    with opened(path) as connection:
        return newest_in(connection)


def newest_in(connection: sqlite3.Connection) -> str:
    """As `newest_checkpoint`, over a database that is open."""
    return connection.execute(_NEWEST).fetchone()[0]


def count_leaves(path: Path) -> int:
    """How many leaves the log holds. Raises LedgerUnreadable."""
    with opened(path) as connection:
        return connection.execute(_COUNT).fetchone()[0]


def read_leaves(path: Path, start: int, limit: int) -> tuple[Kept, ...]:
    """Up to `limit` leaves from position `start`, without the writer's lock. Raises LedgerUnreadable."""
    with opened(path) as connection:
        return tuple(_kept(connection, rows) for rows in connection.execute(_LEAVES, (start, limit)).fetchall())


def leaves_between(path: Path, times: tuple[int, int]) -> Iterator[Kept]:
    """The leaves dated from the first of these times (milliseconds since 1970) and before the second, by time.

    Raises LedgerUnreadable.
    """
    with opened(path) as connection:
        for row in connection.execute(_BETWEEN, times):
            yield _kept(connection, row)


def read_leaf(path: Path, position: int) -> Kept | None:
    """The leaf at a position, None where it was dropped or never was. Raises LedgerUnreadable."""
    with opened(path) as connection:
        return kept_at(connection, position)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database of a log for reading. Raises LedgerUnreadable."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except (sqlite3.Error, TypeError) as error:
        raise LedgerUnreadable("The ledger database cannot be read.") from error


def _origin(path: Path) -> str:
    with opened(path) as connection:
        return connection.execute(_ORIGIN).fetchone()[0]


def kept_at(connection: sqlite3.Connection, position: int) -> Kept | None:
    """As `read_leaf`, over a database that is open."""
    row = connection.execute(_ONE, (position,)).fetchone()
    return None if row is None else _kept(connection, row)


def _kept(connection: sqlite3.Connection, row: Sequence[object]) -> Kept:
    position, canonical = row
    assert isinstance(position, int)
    assert isinstance(canonical, bytes)
    parts = connection.execute(_PARTS, (position,)).fetchall()
    try:
        return Kept(position, leaf_from_bytes(canonical), tuple(part_from_bytes(part) for (part,) in parts))
    except InvalidEntry as error:
        raise LedgerUnreadable(
            f"Leaf {position} of the ledger is no leaf.", advice="Run `leds audit verify`."
        ) from error

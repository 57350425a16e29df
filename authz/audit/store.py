"""The ledger's files: rows and signed heads in SQLite, the newest head in a file beside it, one writer at a time.

The only I/O of the writing side. A call that returns has been fsynced; one that raises has released nothing.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from authz.audit.errors import AuditUnavailable, DuplicateEntry, LedgerInUse, LedgerUnreadable

_SCHEMA = (
    "CREATE TABLE ledger_entry (position INTEGER PRIMARY KEY, audit_id TEXT NOT NULL UNIQUE,"
    " previous BLOB NOT NULL, hash BLOB NOT NULL, canonical BLOB NOT NULL) STRICT",
    "CREATE TABLE ledger_head (number INTEGER PRIMARY KEY, head TEXT NOT NULL) STRICT",
)
_INSERT_ROW = "INSERT INTO ledger_entry (position, audit_id, previous, hash, canonical) VALUES (?, ?, ?, ?, ?)"
_INSERT_HEAD = "INSERT INTO ledger_head (number, head) VALUES (?, ?)"
_SELECT_ROWS = "SELECT position, audit_id, previous, hash, canonical FROM ledger_entry"
_LAST_ROW = f"{_SELECT_ROWS} ORDER BY position DESC LIMIT 1"
_LAST_HEADS = "SELECT head FROM ledger_head ORDER BY number DESC LIMIT 2"
_ROWS_FROM = f"{_SELECT_ROWS} WHERE position >= ? ORDER BY position LIMIT ?"
_SYNCHRONOUS_FULL = 2
# An entry of this many bytes is tried and taken back; it stays in memory.
_TRIAL = 64 * 1024
_INSERT_TRIAL = f"INSERT INTO ledger_entry VALUES (-1, '', zeroblob(1), zeroblob(1), zeroblob({_TRIAL}))"
_COUNT = "SELECT coalesce(max(position) + 1, 0) FROM ledger_entry"
_HAS_LEDGER = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'ledger_entry'"


@dataclass(frozen=True, slots=True)
class Row:
    """One stored entry: its place, its id, the hash before it, its own hash (32 bytes each) and its canonical bytes."""

    position: int
    audit_id: str
    previous: bytes
    hash: bytes
    canonical: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What the files hold at a moment: the last row, the last two heads (newest first) and the head file's text."""

    last_row: Row | None
    heads: tuple[str, ...]
    head_file: str | None


class LedgerStore:
    """The writing side of the ledger's files; used from one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path, head_path: Path, lock: int) -> None:
        self._connection = connection
        self._path = path
        self._identity = _identity(path)
        self._head_path = head_path
        self._lock = lock

    @classmethod
    def open(cls, path: Path, head_path: Path, busy_timeout: float = 2.0, pages: int | None = None) -> Self:
        """Take the single-writer lock and open the database, creating the file (mode 0600) if there is none.

        Raises LedgerInUse when another writer holds the ledger, AuditUnavailable when the files cannot be written.
        """
        with _mapped():
            lock = _take_lock(path.with_name(path.name + ".lock"))
            try:
                return cls(_connect(path, busy_timeout, pages), path, head_path, lock)
            except BaseException:
                os.close(lock)
                raise

    def create(self, head: str) -> None:
        """Make the tables, with the first signed head in the same transaction."""
        with _mapped(), self._transaction():
            for statement in _SCHEMA:
                self._connection.execute(statement)
            self._connection.execute(_INSERT_HEAD, (0, head))

    def stored(self) -> Stored | None:
        """What the files hold now, or None while the database has no ledger and there is no head file."""
        with _mapped():
            head_file = self._head_path.read_text() if self._head_path.exists() else None
            if not self._connection.execute(_HAS_LEDGER).fetchone()[0]:
                return None if head_file is None else Stored(None, (), head_file)
            last = self._connection.execute(_LAST_ROW).fetchone()
            heads = tuple(text for (text,) in self._connection.execute(_LAST_HEADS))
            return Stored(Row(*last) if last else None, heads, head_file)

    def commit(self, rows: Sequence[Row], number: int, head: str) -> None:
        """Make `rows` and the head signed over them durable in one transaction.

        Raises DuplicateEntry when an id is already there, AuditUnavailable when it cannot be written.
        """
        values = [(row.position, row.audit_id, row.previous, row.hash, row.canonical) for row in rows]
        self._require_in_place()
        with _mapped(), self._transaction():
            self._connection.executemany(_INSERT_ROW, values)
            self._connection.execute(_INSERT_HEAD, (number, head))

    def place_head(self, head: str) -> None:
        """Replace the head file, atomically and durably."""
        with _mapped():
            _replace_file(self._head_path, head.encode())

    def check(self, room: int) -> None:
        """Make sure that entries could be written just now, without writing any: the files are where they were, their
        disks have `room` bytes left, and an entry can be put in and taken back. Raises AuditUnavailable."""
        self._require_in_place()
        with _mapped():
            for folder in {self._path.parent, self._head_path.parent}:
                disk = os.statvfs(folder)
                if disk.f_bavail * disk.f_frsize < room:
                    raise AuditUnavailable("The disk of the disclosure ledger is full.")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.execute(_INSERT_TRIAL)
            finally:
                self._connection.execute("ROLLBACK")

    def _require_in_place(self) -> None:
        """What is written to a file that was deleted or replaced is lost with this process."""
        with _mapped():
            if _identity(self._path) != self._identity:
                raise AuditUnavailable("The disclosure ledger's file was replaced.")

    def close(self) -> None:
        """Fold the write-ahead log into the database and give up the lock."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
        os.close(self._lock)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise


def read_rows(path: Path, start: int, limit: int) -> tuple[Row, ...]:
    """Up to `limit` rows from position `start`, without the writer's lock. Raises LedgerUnreadable."""
    with closing(_read_only(path)) as connection, _readable():
        return tuple(Row(*values) for values in connection.execute(_ROWS_FROM, (start, limit)))


def count_rows(path: Path) -> int:
    """How far the stored positions reach. Raises LedgerUnreadable."""
    with closing(_read_only(path)) as connection, _readable():
        return connection.execute(_COUNT).fetchone()[0]


def _read_only(path: Path) -> sqlite3.Connection:
    with _readable():
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, TypeError) as error:
        raise LedgerUnreadable("The ledger database cannot be read.") from error


@contextmanager
def _mapped() -> Iterator[None]:
    """Foreign errors become ours here, once."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if "audit_id" in str(error):
            raise DuplicateEntry("An audit entry with this id is already in the ledger.") from error
        raise AuditUnavailable("The disclosure ledger was changed by somebody else.") from error
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise AuditUnavailable("The disclosure ledger cannot be written.") from error


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _connect(path: Path, busy_timeout: float, pages: int | None) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _require_durable(connection)
        if pages is not None:
            connection.execute(f"PRAGMA max_page_count = {pages:d}")
    except BaseException:
        connection.close()
        raise
    return connection


def _require_durable(connection: sqlite3.Connection) -> None:
    """SQLite answers a setting it cannot keep (WAL on a network share) with the one it keeps instead: ask again."""
    journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (journal, synchronous) != ("wal", _SYNCHRONOUS_FULL):
        raise AuditUnavailable("The disclosure ledger's file system cannot keep commits durable.")


def _take_lock(path: Path) -> int:
    """A descriptor holding the lock; the kernel frees it when the process dies, however it dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise LedgerInUse("Another process is writing this ledger.") from error
    return descriptor


def _replace_file(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)
    _fsync_directory(path.parent)


def _fsync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""A log in an SQLite file (WAL, synchronous=FULL), its newest checkpoint in a file beside it, one writer at a time.

A call that returns has been fsynced; one that raises has released nothing.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from authz.audit.errors import AuditUnavailable, DuplicateEntry, LedgerInconsistent, LedgerInUse, LedgerUnreadable
from authz.audit.outside import CheckpointFile, fsync_directory, require_room
from authz.audit.reading import StoredTree, logs_of, newest_checkpoint
from authz.audit.rows import Commit, Stored

T = TypeVar("T")

SCHEMA = (
    "CREATE TABLE ledger_log (origin TEXT NOT NULL) STRICT",
    "CREATE TABLE ledger_leaf (position INTEGER PRIMARY KEY, month TEXT NOT NULL, at INTEGER NOT NULL,"
    " stage TEXT NOT NULL, audit_id TEXT NOT NULL, part INTEGER NOT NULL, event_type TEXT, user_id TEXT,"
    " organisation TEXT, reason TEXT, purpose TEXT, document TEXT, seed BLOB NOT NULL, canonical BLOB NOT NULL) STRICT",
    "CREATE UNIQUE INDEX ledger_leaf_audit_id ON ledger_leaf (audit_id, stage, part)",
    "CREATE INDEX ledger_leaf_at ON ledger_leaf (at)",
    "CREATE INDEX ledger_leaf_user ON ledger_leaf (user_id, at) WHERE user_id IS NOT NULL",
    "CREATE INDEX ledger_leaf_witness ON ledger_leaf (position) WHERE stage = 'WITNESS'",
    "CREATE TABLE ledger_hash (position INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT",
    'CREATE TABLE ledger_node (level INTEGER NOT NULL, "index" INTEGER NOT NULL, hash BLOB NOT NULL,'
    ' PRIMARY KEY (level, "index")) STRICT, WITHOUT ROWID',
    "CREATE TABLE ledger_part (position INTEGER NOT NULL, slot INTEGER NOT NULL, month TEXT NOT NULL, key_hash TEXT,"
    " salt BLOB, canonical BLOB, hash BLOB, PRIMARY KEY (position, slot)) STRICT, WITHOUT ROWID",
    "CREATE INDEX ledger_part_subject ON ledger_part (key_hash, position) WHERE key_hash IS NOT NULL",
    "CREATE TABLE ledger_checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
)
_INSERT_LEAF = f"INSERT INTO ledger_leaf VALUES ({', '.join('?' * 14)})"
_INSERT_HASH = "INSERT INTO ledger_hash VALUES (?, ?)"
_INSERT_NODE = "INSERT INTO ledger_node VALUES (?, ?, ?)"
_INSERT_PART = "INSERT INTO ledger_part (position, slot, month, key_hash, salt, canonical) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_CHECKPOINT = "INSERT INTO ledger_checkpoint VALUES (?, ?)"
_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
_COUNT = "SELECT coalesce(max(position) + 1, 0) FROM ledger_hash"
_LAST_LEAF = "SELECT coalesce(max(position) + 1, 0) FROM ledger_leaf"
_NEWEST = "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
_SYNCHRONOUS_FULL = 2
# A leaf of this many bytes is tried and taken back; it stays in memory.
_TRIAL = 64 * 1024
_INSERT_TRIAL = f"INSERT INTO ledger_checkpoint VALUES (-1, CAST(zeroblob({_TRIAL}) AS TEXT))"
# Subjects' hashes are random, so their index is written all over: keep its pages in memory (KiB), and move them from
# the write-ahead log (pages) rarely enough that most of them move once for many commits.
_CACHE_KIB = 64 * 1024
_MOVED_AFTER_PAGES = 8000


class SqliteLog:
    """See LogStore. All work is done on one thread of its own."""

    def __init__(self, path: Path, outside: Path, busy_timeout: float = 2.0, pages: int | None = None) -> None:
        """`path` is the database, `outside` the file of the newest checkpoint; `busy_timeout` is in seconds, `pages`
        caps the database's size in SQLite pages."""
        self._path, self._outside = path, CheckpointFile(outside)
        self._busy_timeout, self._pages = busy_timeout, pages
        self._thread: ThreadPoolExecutor | None = None
        self._lock: int | None = None
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)

    async def open(self) -> None:
        """See LogStore. The file is created (mode 0600) if there is none."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        await self._run(self._open)

    async def create(self, origin: str, note: str) -> None:
        """See LogStore."""
        await self._run(lambda: self._create(origin, note))

    async def stored(self) -> Stored | None:
        """See LogStore."""
        outside = await self._outside.read()
        return await self._run(lambda: self._stored(outside))

    async def commit(self, commit: Commit) -> None:
        """See LogStore."""
        await self._run(lambda: self._commit(commit))

    async def place(self, note: str) -> None:
        """See LogStore."""
        await self._outside.place(note)

    async def others(self) -> Sequence[str]:
        """See LogStore. They lie beside this one."""
        return await self._run(self._others)

    async def check(self) -> None:
        """See LogStore. The files are where they were, their disks have room, a leaf can be put in and taken back."""
        await self._run(self._check)
        await self._outside.check()

    async def close(self) -> None:
        """See LogStore. Folds the write-ahead log into the database."""
        if self._thread is None:
            return
        await self._run(self._close)
        await self._outside.close()
        self._thread.shutdown()
        self._thread = None

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> None:
        with _mapped():
            if self._lock is None:
                self._lock = _take_lock(self._path.with_name(self._path.name + ".lock"))
            if self._connection is None:
                _keep_log(self._path.with_name(self._path.name + "-wal"))
                self._connection = _connect(self._path, self._busy_timeout, self._pages)
                self._identity = _identity(self._path)
            self._require_in_place()
            if self._has_table("ledger_entry"):
                raise LedgerInconsistent(
                    "The ledger database is of an older format.",
                    advice="Move ledger.sqlite and ledger.head away and start again; the old ledger stays as it is.",
                )

    def _has_table(self, name: str) -> bool:
        return bool(self._opened().execute(_TABLES, (name,)).fetchone()[0])

    def _create(self, origin: str, note: str) -> None:
        with _mapped(), self._transaction() as connection:
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO ledger_log VALUES (?)", (origin,))
            connection.execute(_INSERT_CHECKPOINT, (0, note))

    def _stored(self, outside: str | None) -> Stored | None:
        with _mapped():
            if not self._has_table("ledger_log"):
                if outside is None:
                    return None
                return Stored("", 0, None, _Edge(self._opened()), outside)
            connection = self._opened()
            (origin,) = connection.execute("SELECT origin FROM ledger_log").fetchone()
            newest = connection.execute(_NEWEST).fetchone()
            hashes, leaves = (connection.execute(count).fetchone()[0] for count in (_COUNT, _LAST_LEAF))
            return Stored(origin, max(hashes, leaves), newest[0] if newest else None, _Edge(connection), outside)

    def _commit(self, commit: Commit) -> None:
        numbered = list(enumerate(commit.leaves, commit.position))
        self._require_in_place()
        with _mapped(), self._transaction() as connection:
            connection.executemany(
                _INSERT_LEAF,
                [
                    (
                        position,
                        leaf.month,
                        leaf.at,
                        leaf.stage,
                        leaf.audit_id,
                        leaf.part,
                        leaf.event_type,
                        leaf.user_id,
                        leaf.organisation,
                        leaf.reason,
                        leaf.purpose,
                        leaf.document,
                        leaf.seed,
                        leaf.canonical,
                    )
                    for position, leaf in numbered
                ],
            )
            connection.executemany(_INSERT_HASH, [(position, leaf.hash) for position, leaf in numbered])
            connection.executemany(_INSERT_NODE, [(node.level, node.index, node.hash) for node in commit.nodes])
            connection.executemany(
                _INSERT_PART,
                [
                    (position, number, leaf.month, slot.key_hash, slot.salt, slot.canonical)
                    for position, leaf in numbered
                    for number, slot in enumerate(leaf.slots)
                ],
            )
            connection.execute(_INSERT_CHECKPOINT, (commit.size, commit.note))

    def _others(self) -> Sequence[str]:
        try:
            _own, *others = logs_of(self._path)
            return [newest_checkpoint(log.path) for log in others]
        except LedgerUnreadable as error:
            raise AuditUnavailable("A log beside the disclosure ledger's cannot be read.") from error

    def _check(self) -> None:
        connection = self._opened()
        self._require_in_place()
        require_room(self._path.parent)
        with _mapped():
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute(_INSERT_TRIAL)
            finally:
                connection.execute("ROLLBACK")

    def _require_in_place(self) -> None:
        """What is written to a file that was deleted or replaced is lost with this process."""
        with _mapped():
            if _identity(self._path) != self._identity:
                raise AuditUnavailable("The disclosure ledger's file was replaced.")

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise AuditUnavailable("The disclosure ledger is closed.")
        return self._connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


class _Edge(StoredTree):
    """The tree as the writer reads it."""

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See NodeSource."""
        with _mapped():
            return super().hashes(level, start, count)


@contextmanager
def _mapped() -> Iterator[None]:
    """Foreign errors become ours here, once."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if "audit_id" in str(error):
            raise DuplicateEntry("This stage of this request is already in the ledger.") from error
        raise AuditUnavailable("The disclosure ledger was changed by somebody else.") from error
    except (sqlite3.Error, OSError) as error:
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
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_MOVED_AFTER_PAGES}")
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


def _keep_log(path: Path) -> None:
    """Write again, and sync, what a writer that died left in the write-ahead log at `path`.

    It may have died before it synced the log, or because it could not. The log then reads well as long as the system
    runs and is gone with the power. Another fsync alone does not help: Linux takes pages it could not write for clean.
    """
    if not path.exists():
        return
    with path.open("r+b") as log:
        content = log.read()
        log.seek(0)
        log.write(content)
        log.flush()
        os.fsync(log.fileno())
    fsync_directory(path.parent)

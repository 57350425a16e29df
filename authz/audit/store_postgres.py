"""A log in PostgreSQL beside other logs, its newest checkpoint outside, one writer at a time.

The writer's session holds an advisory lock on the log's name and commits through that session alone: when the session
is lost so is the lock, and what it had not committed never will be. A call that returns is durable, on the synchronous
standby too where there is one; one that raises has released nothing.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from authz.audit.checkpoint import parse_checkpoint
from authz.audit.connecting import closed, connected, mapped
from authz.audit.errors import AuditUnavailable
from authz.audit.merkle import TILE
from authz.audit.outside import Outside
from authz.audit.rows import Commit, Stored

_LOCK = "SELECT pg_advisory_lock(hashtextextended('leds ledger ' || $1, 0))"
# Says that the log grew from the size its writer knows, or nothing when it is another by now: the row is locked by it.
_GROW = (
    "WITH log AS (UPDATE ledger_log SET size = $3 WHERE log = $1 AND size = $2 RETURNING log)"
    " INSERT INTO ledger_checkpoint (log, size, note) SELECT log, $3, $4 FROM log"
)
_BEGIN = "INSERT INTO ledger_log (log, size) VALUES ($1, 0)"
_OTHERS = "SELECT DISTINCT ON (log) note FROM ledger_checkpoint WHERE log <> $1 ORDER BY log, size DESC"
_FIRST_CHECKPOINT = "INSERT INTO ledger_checkpoint (log, size, note) VALUES ($1, 0, $2)"
_STORED = (
    "SELECT log, greatest(size, (SELECT max(position) + 1 FROM ledger_hash WHERE log = $1),"
    " (SELECT max(position) + 1 FROM ledger_leaf WHERE log = $1)),"
    " (SELECT note FROM ledger_checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1)"
    " FROM ledger_log WHERE log = $1"
)
_CONFIRM = "UPDATE ledger_log SET size = size WHERE log = $1"
_HASHES = "SELECT position, hash FROM ledger_hash WHERE log = $1 AND position >= $2 AND position < $3"
_NODES = 'SELECT "index", hash FROM ledger_node WHERE log = $1 AND level = $4 AND "index" >= $2 AND "index" < $3'
_MONTH = "SELECT ledger_month($1)"
_NOW = "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')"
_LEAF_COLUMNS = (
    *("log", "position", "month", "at", "stage", "audit_id", "part", "event_type", "user_id", "organisation"),
    *("reason", "purpose", "document", "seed", "canonical"),
)
_HASH_COLUMNS = ("log", "position", "hash")
_NODE_COLUMNS = ("log", "level", "index", "hash")
_PART_COLUMNS = ("log", "position", "slot", "month", "key_hash", "salt", "canonical")
_LONGEST_TREE = 64


class PostgresLog:
    """See LogStore. Used within one event loop."""

    def __init__(self, url: str, log: str, outside: Outside, seconds: float = 5.0, lock_seconds: float = 2.0) -> None:
        """`url` is `postgresql://…` of the database, several hosts for one with standbys; a pooler between must keep
        sessions. No statement runs longer than `seconds`; `lock_seconds` are waited for another writer to end."""
        self._url, self._log, self._outside = url, log, outside
        self._seconds, self._lock_seconds = seconds, lock_seconds
        self._connection: asyncpg.Connection | None = None
        self._months: set[str] = set()
        self._warnings: list[str] = []

    async def open(self) -> None:
        """See LogStore. The session is kept when it still answers, for it still holds the lock."""
        self._months.clear()
        if self._connection is not None and await self._answers(self._connection):
            return
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
        connection = await connected(self._url, self._seconds)
        try:
            with mapped():
                await connection.execute(f"SET lock_timeout = {round(self._lock_seconds * 1000)}")
                await connection.execute(_LOCK, self._log)
        except BaseException:
            await closed(connection)
            raise
        connection.add_log_listener(self._heard)
        self._connection = connection

    async def create(self, origin: str, note: str) -> None:
        """See LogStore."""
        async with self._durably() as connection:
            await connection.execute(_BEGIN, origin)
            await connection.execute(_FIRST_CHECKPOINT, origin, note)

    async def stored(self) -> Stored | None:
        """See LogStore."""
        connection, outside = self._opened(), await self._outside.read()
        with mapped():
            for (month,) in await connection.fetch(_NOW):
                await self._make_month(month)
            found = await connection.fetchrow(_STORED, self._log)
            if found is None:
                return None if outside is None else Stored("", 0, None, _Edge({}), outside)
            origin, leaves, note = found
            # What was read may be durable here only, after a crash: the standby has it, or nothing is built on it.
            async with self._durably():
                await connection.execute(_CONFIRM, self._log)
            known = {**await self._edge(_size(outside)), **await self._edge(_size(note))}
            return Stored(origin, leaves, note, _Edge(known), outside)

    async def commit(self, commit: Commit) -> None:
        """See LogStore."""
        connection = self._opened()
        with mapped():
            for month in sorted({leaf.month for leaf in commit.leaves} - self._months):
                await self._make_month(month)
        async with self._durably():
            grown = await connection.execute(_GROW, self._log, commit.position, commit.size, commit.note)
            if grown != "INSERT 0 1":
                raise AuditUnavailable("The disclosure ledger was changed by somebody else.")
            await self._insert(connection, commit)

    async def place(self, note: str) -> None:
        """See LogStore."""
        await self._outside.place(note)

    async def others(self) -> Sequence[str]:
        """See LogStore. They are in the same tables."""
        connection = self._opened()
        with mapped():
            return [note for (note,) in await connection.fetch(_OTHERS, self._log)]

    async def check(self) -> None:
        """See LogStore. The session that holds the lock still answers, and a checkpoint could be placed."""
        connection = self._opened()
        if not await self._answers(connection):
            raise AuditUnavailable("The disclosure ledger's database does not answer.")
        await self._outside.check()

    async def close(self) -> None:
        """See LogStore."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.remove_log_listener(self._heard)
            await closed(connection)
        await self._outside.close()

    @asynccontextmanager
    async def _durably(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that is durable when the block has ended, wherever it must be."""
        connection = self._opened()
        self._warnings.clear()
        with mapped():
            async with connection.transaction():
                yield connection
        if self._warnings:
            # So the server says that nobody waited for the standby any more: durable here, but perhaps not there.
            raise AuditUnavailable(f"The disclosure ledger's database warned at a commit: {self._warnings[0]}.")

    async def _insert(self, connection: asyncpg.Connection, commit: Commit) -> None:
        log, copy = self._log, connection.copy_records_to_table
        numbered = list(enumerate(commit.leaves, commit.position))
        leaves = [
            (
                *(log, position, leaf.month, leaf.at, leaf.stage, leaf.audit_id, leaf.part, leaf.event_type),
                *(leaf.user_id, leaf.organisation, leaf.reason, leaf.purpose, leaf.document, leaf.seed, leaf.canonical),
            )
            for position, leaf in numbered
        ]
        parts = [
            (log, position, number, leaf.month, slot.key_hash, slot.salt, slot.canonical)
            for position, leaf in numbered
            for number, slot in enumerate(leaf.slots)
        ]
        await copy("ledger_leaf", columns=_LEAF_COLUMNS, records=leaves)
        await copy(
            "ledger_hash", columns=_HASH_COLUMNS, records=[(log, position, leaf.hash) for position, leaf in numbered]
        )
        if commit.nodes:
            nodes = [(log, node.level, node.index, node.hash) for node in commit.nodes]
            await copy("ledger_node", columns=_NODE_COLUMNS, records=nodes)
        if parts:
            await copy("ledger_part", columns=_PART_COLUMNS, records=parts)

    async def _make_month(self, month: str) -> None:
        """Make a month's partitions where there are none, and the next one's, so that no turn of a month waits."""
        for wanted in (month, _after(month)):
            await self._opened().execute(_MONTH, wanted)
        self._months.add(month)

    async def _edge(self, size: int) -> dict[tuple[int, int], bytes]:
        """The hashes of every level that is kept from which the edge of a tree of `size` leaves is computed."""
        found: dict[tuple[int, int], bytes] = {}
        for level in range(0, _LONGEST_TREE, TILE):
            end = size >> level
            if not end:
                break
            wanted = (self._log, end >> TILE << TILE, end)
            rows = self._opened().fetch(_NODES, *wanted, level) if level else self._opened().fetch(_HASHES, *wanted)
            found.update(((level, number), value) for number, value in await rows)
        return found

    async def _answers(self, connection: asyncpg.Connection) -> bool:
        if connection.is_closed():
            return False
        try:
            await connection.execute("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        return True

    def _opened(self) -> asyncpg.Connection:
        if self._connection is None:
            raise AuditUnavailable("The disclosure ledger is closed.")
        return self._connection

    def _heard(self, _connection: object, message: asyncpg.PostgresLogMessage) -> None:
        said = message.as_dict()
        if said.get("severity_en") == "WARNING":
            self._warnings.append(str(said.get("message")))


class _Edge:
    """A NodeSource of hashes that were read before, by level and number."""

    def __init__(self, known: dict[tuple[int, int], bytes]) -> None:
        self._known = known

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See NodeSource."""
        places = ((level, number) for number in range(start, start + count))
        return [self._known[place] for place in places if place in self._known]


def _size(note: str | None) -> int:
    """How many leaves a checkpoint covers; 0 for what is none, which the ledger refuses."""
    try:
        return parse_checkpoint(note or "").checkpoint.size
    except ValueError:
        return 0


def _after(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"

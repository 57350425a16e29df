"""Erasing from a log in an SQLite file: what goes is overwritten with zeros there and in the write-ahead log."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from authz.audit.erasing import Erased, HeldMonth, Run
from authz.audit.errors import AuditUnavailable
from authz.audit.parts import slot_hash

T = TypeVar("T")

_MONTHS = "SELECT DISTINCT month FROM ledger_leaf WHERE month < ? ORDER BY month"
_RUNS = (
    "SELECT min(position), max(position) FROM (SELECT position, position - row_number() OVER (ORDER BY position)"
    " AS run FROM ledger_leaf WHERE month = ?) GROUP BY run ORDER BY 1"
)
_RULES = (
    "SELECT DISTINCT json_extract(CAST(canonical AS TEXT), '$.retention') FROM ledger_leaf WHERE month = ? ORDER BY 1"
)
_ERASURES = (
    "SELECT leaf.canonical, part.canonical FROM ledger_leaf AS leaf LEFT JOIN ledger_part AS part"
    " ON part.position = leaf.position AND part.slot = 0"
    " WHERE leaf.month = ? AND leaf.event_type = 'ERASE' AND leaf.stage = 'EVENT' ORDER BY leaf.position"
)
_PART = "SELECT salt, canonical FROM ledger_part WHERE position = ? AND slot = ? AND canonical IS NOT NULL"
_ERASE = "UPDATE ledger_part SET salt = NULL, canonical = NULL, hash = ? WHERE position = ? AND slot = ?"
_DROP = ("DELETE FROM ledger_part WHERE month = ?", "DELETE FROM ledger_leaf WHERE month = ?")


class SqliteErasure:
    """See Erasure. Whoever uses it holds the log's lock, as its writer."""

    def __init__(self, path: Path, busy_timeout: float = 10.0) -> None:
        """`busy_timeout` is in seconds."""
        self._path, self._busy_timeout = path, busy_timeout

    async def months(self, before: str) -> tuple[HeldMonth, ...]:
        """See Erasure."""
        return await self._run(lambda connection: tuple(_held(connection, before)))

    async def erasures(self, month: str) -> tuple[Erased, ...]:
        """See Erasure."""
        return await self._run(
            lambda connection: tuple(Erased(*row) for row in connection.execute(_ERASURES, (month,)))
        )

    async def drop(self, month: str) -> None:
        """See Erasure."""

        def dropped(connection: sqlite3.Connection) -> None:
            with _overwriting(connection):
                for statement in _DROP:
                    connection.execute(statement, (month,))

        await self._run(dropped)

    async def part(self, position: int, slot: int) -> bytes | None:
        """See Erasure."""
        found = await self._run(lambda connection: connection.execute(_PART, (position, slot)).fetchone())
        return found[1] if found else None

    async def erase(self, position: int, slot: int) -> None:
        """See Erasure."""

        def erased(connection: sqlite3.Connection) -> None:
            with _overwriting(connection):
                salt, canonical = connection.execute(_PART, (position, slot)).fetchone()
                connection.execute(_ERASE, (slot_hash(salt, canonical), position, slot))

        await self._run(erased)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._connected, work)

    def _connected(self, work: Callable[[sqlite3.Connection], T]) -> T:
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        try:
            with closing(
                sqlite3.connect(address, timeout=self._busy_timeout, uri=True, isolation_level=None)
            ) as connection:
                return work(connection)
        except sqlite3.Error as error:
            raise AuditUnavailable("The disclosure ledger cannot be erased from.") from error


def _held(connection: sqlite3.Connection, before: str) -> Iterator[HeldMonth]:
    for (month,) in connection.execute(_MONTHS, (before,)).fetchall():
        runs = tuple(Run(*row) for row in connection.execute(_RUNS, (month,)))
        yield HeldMonth(month, runs, tuple(rule for (rule,) in connection.execute(_RULES, (month,))))


@contextmanager
def _overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction whose deleted bytes are overwritten, also where they stand in the write-ahead log."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

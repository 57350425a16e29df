"""SQLite for the event loop: a statement with all its rows is one errand of the connection's thread, not four.

Cursor, statement, rows and closing are errands of their own in SQLAlchemy's adapter, and every one of them wakes a
thread and the loop: more work than most of our statements.
"""

import sqlite3
from collections import deque
from typing import Any

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_cursor
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.util.concurrency import await_


class _Cursor(AsyncAdapt_dbapi_cursor):
    """Holds what one errand brought. Reads only: it is given statements one at a time, and knows no last row."""

    __slots__ = ("_description", "_rowcount")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._description: Any = None
        self._rowcount = -1

    @property
    def description(self) -> Any:
        return self._description

    @property
    def rowcount(self) -> int:
        return self._rowcount

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """The errand closed the driver's cursor."""

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            found = await connection._execute(_read, connection._conn, operation, parameters or ())
        self._description, self._rowcount, self._rows = found


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = _Cursor


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite as an engine's `module`, for reading."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> _Connection:
        connection: Any = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True
        return _Connection(self, await_(connection))


def _read(connection: sqlite3.Connection, operation: str, parameters: Any) -> tuple[Any, int, deque[Any]]:
    """Run a statement in the connection's thread: the columns, how many rows it changed, and its rows."""
    cursor = connection.execute(operation, parameters)
    try:
        return cursor.description, cursor.rowcount, deque(cursor.fetchall() if cursor.description else ())
    finally:
        cursor.close()

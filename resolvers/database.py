"""A product's database, read only: one short transaction per request, every statement counted. Never writes."""

from asyncio import CancelledError, Lock
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from authz.row_rules import OUTSIDER, RowCaller
from resolvers.background import to_its_end
from resolvers.connecting import reading_engine_of
from resolvers.controls.notices import Notice, noticed
from resolvers.controls.parameters import parameters
from resolvers.errors import DatabaseUnavailable
from resolvers.roles import caller_settings, dataset_of_known, reader, taking

SECONDS_TO_WAIT = 2
# Statements that depend on the day name it so; the request's day is bound when they run.
TODAY = sa.bindparam("today", type_=sa.Date)
# Statements that are built once name the keys of a load so.
KEYS = sa.bindparam("keys", expanding=True)
# Keys that are written `ONE|OTHER` are bound as pairs as well, and their first halves once each.
PAIRS = sa.bindparam("pairs", expanding=True)
FIRSTS = sa.bindparam("firsts", expanding=True)
BAR = "|"
NO_ROLE = "Run `leds data migrate` on the database, and make the service's user a member of `leds_subgraph_PRODUCT`."
_ANSWER = sa.select(sa.literal(1).label("answer"))
_SCHEMA_SIZE = sa.select(sa.func.count().label("answer")).select_from(sa.table("sqlite_master"))
_UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout, OSError)


def _read_only_url(url: URL) -> URL:
    """A SQLite file is opened with `mode=ro`, so that a wrong path is an error instead of a new empty database."""
    if not _is_sqlite(url) or (url.database or "").startswith("file:"):
        return url
    return url.set(database=f"file:{quote(url.database or '')}", query={**url.query, "mode": "ro", "uri": "true"})


def _is_file(url: URL) -> bool:
    return _is_sqlite(url) and url.database != ":memory:" and not (url.database or "").startswith("file:")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


async def _begin_read_only(connection: AsyncConnection) -> None:
    """Start the snapshot every statement of the request reads from."""
    if connection.dialect.name == "postgresql":
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return
    # sqlite3 opens no transaction for a SELECT by itself; a deferred BEGIN makes all statements one snapshot.
    await connection.exec_driver_sql("BEGIN")


@dataclass(frozen=True, slots=True)
class Read:
    """A statement that ran, with the keys it was asked for."""

    statement: sa.Select
    keys: Sequence[Any]
    paired: bool = False


class Reading:
    """One request's read-only transaction, begun at its first statement; statements run one after the other."""

    def __init__(self, engine: AsyncEngine, today: date, caller: RowCaller, *, hidden_only: bool) -> None:
        self.reads: list[Read] = []
        self.notices: list[Notice] = []
        self._parameters = {**parameters(caller, hidden_only=hidden_only), "today": today}
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._dataset: str | None = None
        self._lock = Lock()
        self._closed = False

    @property
    def statements(self) -> int:
        """How many statements ran."""
        return len(self.reads)

    async def rows(
        self, statement: sa.Select, keys: Sequence[Any] = (), *, paired: bool = False
    ) -> list[dict[str, Any]]:
        """Run one statement, `KEYS` standing for these keys, and fetch its rows. Raises DatabaseUnavailable; once the
        reading is closed, CancelledError: what a request that is over left behind ends with it."""
        bound = _paired(keys) if paired else {"keys": keys}
        async with self._lock:
            if self._closed:
                raise CancelledError
            connection = self._connection or await self._connect()
            self.reads.append(Read(statement, keys, paired))
            try:
                await self._take_role(connection, statement)
                found = await connection.execute(statement, {**self._parameters, **bound})
                rows = [dict(row) for row in found.mappings()]
            except _UNREACHABLE as error:
                raise DatabaseUnavailable("The database did not answer.") from error
            self.notices += noticed(rows)
            return rows

    async def _take_role(self, connection: AsyncConnection, statement: sa.Select) -> None:
        """On PostgreSQL: be the role of the statement's dataset, and with the first one say who is asking."""
        dataset = dataset_of_known(statement) if connection.dialect.name == "postgresql" else None
        if dataset is None or dataset == self._dataset:
            return
        settings = {} if self._dataset else caller_settings(self._parameters)
        try:
            await connection.execute(*taking(reader(dataset), settings))
        except DBAPIError as error:
            raise DatabaseUnavailable("The role of the dataset cannot be taken.", advice=NO_ROLE) from error
        self._dataset = dataset

    async def close(self) -> None:
        """End the transaction, which rolls back, and give the connection back: after the statement under way, and for
        good, since loads that a cancelled request left waiting would open another."""
        self._closed = True
        async with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.close()

    async def _connect(self) -> AsyncConnection:
        try:
            connection = await self._engine.connect()
        except (DBAPIError, *_UNREACHABLE) as error:
            raise DatabaseUnavailable("The database cannot be opened.") from error
        self._connection = connection
        try:
            await _begin_read_only(connection)
        except (DBAPIError, *_UNREACHABLE) as error:
            raise DatabaseUnavailable("The database did not answer.") from error
        return connection


def _paired(keys: Sequence[str]) -> dict[str, Any]:
    pairs = [(one, other) for one, _bar, other in (key.partition(BAR) for key in keys)]
    return {"pairs": pairs, "firsts": list(dict.fromkeys(one for one, _other in pairs))}


class Database:
    """The engine of one product. Opens nothing until the first statement."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._file = Path(parsed.database) if _is_file(parsed) and parsed.database else None
        self._engine = reading_engine_of(_read_only_url(parsed), SECONDS_TO_WAIT)

    @asynccontextmanager
    async def reading(
        self, today: date, caller: RowCaller = OUTSIDER, *, hidden_only: bool = False
    ) -> AsyncIterator[Reading]:
        """One request's view of the database on one day, closed at the end whatever happened.

        Row rules are decided for `caller` (`resolvers.controls`); an outsider owns nothing. `hidden_only` answers
        exactly the rows that are SILENT for the caller.
        """
        reading = Reading(self._engine, today, caller, hidden_only=hidden_only)
        try:
            yield reading
        finally:
            # Cancelled on the way, a connection would never be given back.
            await to_its_end(reading.close())

    async def check(self, today: date) -> None:
        """Ask the database for nothing but an answer. Raises DatabaseUnavailable.

        A file is looked for and read: connections outlive one that is deleted, and a constant needs no lock.
        """
        if self._file is not None and not self._file.exists():
            raise DatabaseUnavailable("The database's file is not there.")
        async with self.reading(today) as reading:
            await reading.rows(_ANSWER if self._file is None else _SCHEMA_SIZE)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

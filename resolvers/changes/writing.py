"""Writing to a product's database: one short transaction per change, serialised where the database can only do one.

A change is committed when its block ends without an error, and not at all otherwise. Reads of answers go through
`resolvers.database`, which cannot write.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers.connecting import engine_of
from resolvers.errors import DatabaseUnavailable
from resolvers.roles import dataset_of, taking, writer

SECONDS_TO_WAIT = 5
_UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout, OSError)


class Writing:
    """One transaction under way."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, statement: sa.Select) -> list[dict[str, Any]]:
        """Every row."""
        await self._take_role(statement)
        return [dict(row) for row in (await self._connection.execute(statement)).mappings()]

    async def row(self, statement: sa.Select) -> dict[str, Any] | None:
        """The first row, or None."""
        return next(iter(await self.rows(statement)), None)

    async def run(self, statement: sa.Insert | sa.Update | sa.Delete) -> int:
        """Run one change; how many rows it touched. Raises IntegrityError where a constraint refuses it."""
        await self._take_role(statement)
        return (await self._connection.execute(statement)).rowcount

    async def _take_role(self, statement: sa.ClauseElement) -> None:
        """On PostgreSQL: be the role that may write to the statement's dataset. Whom a change is for is in its
        statements: the row policies stand aside."""
        if self._connection.dialect.name == "postgresql" and (dataset := dataset_of(statement)):
            await self._connection.execute(*taking(writer(dataset), {"leds.hidden_only": "1"}))


class Writer:
    """The engine that changes of one product are written through. Opens nothing until the first one."""

    def __init__(self, url: str) -> None:
        self._engine = engine_of(make_url(url), SECONDS_TO_WAIT)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writing]:
        """Begin, and commit at the end. Raises DatabaseUnavailable; IntegrityError and coded errors pass through."""
        try:
            async with self._engine.connect() as connection:
                await _begin(connection)
                try:
                    yield Writing(connection)
                except BaseException:
                    await _end(connection, "ROLLBACK")
                    raise
                await _end(connection, "COMMIT")
        except IntegrityError:
            raise
        except (DBAPIError, *_UNREACHABLE) as error:
            raise DatabaseUnavailable("The database did not take the change.") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def _begin(connection: AsyncConnection) -> None:
    if connection.dialect.name == "sqlite":
        # The write lock is taken before anything is read, so that what is checked is still so when it is written.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        await connection.begin()


async def _end(connection: AsyncConnection, how: str) -> None:
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql(how)
    elif how == "COMMIT":
        await connection.commit()
    else:
        await connection.rollback()

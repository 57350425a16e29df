"""Loads batches into an empty PostgreSQL database by COPY, in one transaction: all of it is there, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from leds.data.batches import Batch
from leds.data.errors import DatabaseNotEmpty, DatabaseUnusable
from leds.data.layout import load_order
from leds.data.population import Row
from leds.data.values import Convert, postgres_conversions
from resolvers.migrations.schema_version import SchemaState, mark_current, schema_state


def load_postgres(url: sa.URL, batches: Iterable[Batch]) -> None:
    """Write every batch into the database the URL names. Raises DatabaseNotEmpty, DatabaseUnusable."""
    asyncio.run(_load(url.set(drivername="postgresql+asyncpg"), batches))


async def _load(url: sa.URL, batches: Iterable[Batch]) -> None:
    async with _transaction(url) as connection:
        fresh = await connection.run_sync(_prepare)
        raw = (await connection.get_raw_connection()).driver_connection
        if not isinstance(raw, asyncpg.Connection):
            raise DatabaseUnusable("The PostgreSQL driver is not asyncpg.")
        tables = {table.name: table for table in load_order()}
        for batch in batches:
            await raw.copy_records_to_table(
                batch.table, columns=list(batch.columns), records=_records(tables[batch.table], batch)
            )
        if fresh:
            await connection.run_sync(_finish)
        await connection.execute(sa.text("ANALYZE"))


@asynccontextmanager
async def _transaction(url: sa.URL) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            yield connection
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        raise DatabaseUnusable("The PostgreSQL database cannot be reached or written.") from error
    finally:
        await engine.dispose()


def _prepare(connection: sa.Connection) -> bool:
    """Refuse rows; create the tables of an empty database without their indexes and say so."""
    for name in sa.inspect(connection).get_table_names():
        rows = sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)
        if name != "alembic_version" and connection.execute(rows).first():
            raise DatabaseNotEmpty("The database already holds rows.")
    state = schema_state(connection)
    if state is SchemaState.CURRENT:
        return False
    if state is not SchemaState.EMPTY:
        raise DatabaseUnusable("The database has another schema than this program was written for.")
    for table in load_order():
        connection.execute(sa.schema.CreateTable(table))
    return True


def _finish(connection: sa.Connection) -> None:
    for table in load_order():
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(sa.schema.CreateIndex(index))
    mark_current(connection)


def _records(table: sa.Table, batch: Batch) -> list[Row]:
    conversions = postgres_conversions(table, batch.columns)
    if not conversions:
        return list(batch.rows)
    return [_record(row, conversions.items()) for row in batch.rows]


def _record(row: Row, conversions: Iterable[tuple[int, Convert]]) -> Row:
    values = list(row)
    for place, convert in conversions:
        value = values[place]
        if isinstance(value, str):
            values[place] = convert(value)
    return tuple(values)

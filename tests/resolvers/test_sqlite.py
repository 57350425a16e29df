"""Reading SQLite: a statement is one errand of the connection's thread, a reading one snapshot whatever happens."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from resolvers.database import KEYS, Database
from resolvers.errors import DatabaseUnavailable

DAY = date(2026, 2, 2)
JANUARY = date(2026, 1, 1)
NUMBERS = sa.table(
    "numbers", sa.column("number", sa.Integer), sa.column("since", sa.Date), sa.column("known", sa.Boolean)
)
SOME = sa.select(NUMBERS).where(NUMBERS.c.number.in_(KEYS)).order_by(NUMBERS.c.number)
ALL = sa.select(NUMBERS.c.number).order_by(NUMBERS.c.number)
COUNTING = sa.select(sa.literal(1).label("step")).cte("counting", recursive=True)
COUNTED = COUNTING.union_all(sa.select(COUNTING.c.step + 1).where(COUNTING.c.step < 1_000_000))
LONG = sa.select(sa.func.max(COUNTED.c.step).label("steps"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "numbers.sqlite"
    with sqlite3.connect(found) as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER, since DATE, known BOOLEAN)")
        connection.executemany("INSERT INTO numbers VALUES (?, ?, ?)", [(1, "2026-01-01", 1), (2, None, 0)])
    connection.close()
    return found


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    found = Database(f"sqlite+aiosqlite:///{file}")
    yield found
    await found.close()


async def test_rows_have_the_types_of_their_columns(database: Database):
    async with database.reading(DAY) as reading:
        rows = await reading.rows(SOME, [2, 1, 3])
        assert [tuple(row.values()) for row in rows] == [(1, JANUARY, True), (2, None, False)]
        assert await reading.rows(SOME, []) == []


async def test_a_reading_is_an_errand_for_each_statement_and_one_each_to_begin_and_end(
    database: Database, caplog: pytest.LogCaptureFixture
):
    async with database.reading(DAY) as reading:
        await reading.rows(ALL)
    with caplog.at_level(logging.DEBUG, "aiosqlite"):
        async with database.reading(DAY) as reading:
            for _ in range(3):
                await reading.rows(SOME, [1, 2])
    errands = [found for found in caplog.messages if found.startswith("executing ")]
    assert len(errands) == 3 + 2


async def test_what_is_written_meanwhile_is_seen_by_the_next_reading_only(database: Database, file: Path):
    with sqlite3.connect(file) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        async with database.reading(DAY) as reading:
            before = await reading.rows(ALL)
            writer.execute("INSERT INTO numbers VALUES (3, NULL, 0)")
            writer.commit()
            assert await reading.rows(ALL) == before
        async with database.reading(DAY) as reading:
            assert [row["number"] for row in await reading.rows(ALL)] == [1, 2, 3]
    writer.close()


async def test_a_statement_that_fails_leaves_the_connection_for_the_next_reading(database: Database):
    with pytest.raises(DatabaseUnavailable):
        async with database.reading(DAY) as reading:
            await reading.rows(sa.select(sa.table("nowhere", sa.column("number"))))
    async with database.reading(DAY) as reading:
        assert [row["number"] for row in await reading.rows(ALL)] == [1, 2]


async def test_a_reading_that_is_given_up_leaves_nothing_open(database: Database):
    under_way = asyncio.Event()

    async def long() -> None:
        async with database.reading(DAY) as reading:
            await reading.rows(ALL)
            under_way.set()
            await reading.rows(LONG)

    task = asyncio.create_task(long())
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(2):
        async with database.reading(DAY) as reading:
            assert [row["number"] for row in await reading.rows(ALL)] == [1, 2]


async def test_nothing_can_be_written(database: Database):
    with pytest.raises(DatabaseUnavailable):
        async with database.reading(DAY) as reading:
            await reading.rows(sa.insert(NUMBERS).values(number=3).returning(NUMBERS.c.number))

"""Whenever a request is cancelled, its connection goes back to the pool: nobody else would give it back."""

import asyncio
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from resolvers.database import Database

ANSWER = sa.select(sa.literal(1).label("answer"))
DAY = date(2026, 2, 2)


async def read(database: Database) -> None:
    async with database.reading(DAY) as reading:
        await reading.rows(ANSWER)


@pytest.fixture
async def database(database_url: str, tmp_path):
    (tmp_path / "database.sqlite").touch()
    found = Database(database_url)
    yield found
    await found.close()


async def test_a_connection_is_given_back_at_whatever_step_its_reading_is_cancelled(database: Database):
    engine: AsyncEngine = database._engine
    for steps in range(1, 120):
        task = asyncio.ensure_future(read(database))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert engine.pool.checkedout() == 0, f"after {steps} steps"  # type: ignore[attr-defined]

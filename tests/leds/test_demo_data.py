"""The demo's database is kept while it fits and generated anew otherwise; a chosen one is filled or migrated."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from leds.data.errors import DatabaseUnusable, PopulationOutOfRange
from leds.databases import async_url
from leds.demo_data import Recipe, migrated, prepare, prepare_configured, recipe_for
from leds.errors import DatabaseNewer
from resolvers.migrations.schema_version import SchemaState
from resolvers.roles import lower_wall

TODAY = date(2026, 11, 16)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "demo.sqlite"


def recipe(today: date = TODAY) -> Recipe:
    return recipe_for(today, people=20, seed=1)


def people(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT count(*) FROM person").fetchone()[0]
    finally:
        connection.close()


def ignore(_text: str) -> None:
    pass


def test_a_missing_database_is_generated_and_one_that_fits_is_kept(database: Path):
    assert prepare(database, recipe(), TODAY, ignore)
    before = database.stat().st_mtime_ns
    assert prepare(database, recipe(), TODAY + timedelta(days=6), ignore) is None
    assert database.stat().st_mtime_ns == before


def test_another_week_or_another_program_asks_for_another_database(database: Path):
    said: list[str] = []
    prepare(database, recipe(), TODAY, said.append)
    later = TODAY + timedelta(days=7)
    assert prepare(database, recipe(later), later, said.append)
    assert prepare(database, replace(recipe(later), program="another"), later, said.append)
    assert len(said) == 2


async def test_a_chosen_database_is_filled_when_empty_and_then_left_alone(database_url: str):
    said: list[str] = []
    await prepare_configured(database_url, recipe(), TODAY, said.append)
    assert await migrated(database_url) is SchemaState.CURRENT
    rows = await count(database_url)
    assert rows >= 20
    await prepare_configured(database_url, recipe(TODAY + timedelta(days=7)), TODAY, said.append)
    assert (await count(database_url), said) == (rows, [])


async def test_a_chosen_database_that_is_behind_is_migrated_and_keeps_its_rows(database_url: str):
    await prepare_configured(database_url, recipe(), TODAY, ignore)
    rows = await count(database_url)
    await changed(database_url, step_back)
    said: list[str] = []
    await prepare_configured(database_url, recipe(), TODAY, said.append)
    assert await migrated(database_url) is SchemaState.CURRENT
    assert (await count(database_url), said) == (rows, ["The database was migrated to this version."])


async def test_a_database_of_a_newer_program_is_refused(database_url: str):
    await prepare_configured(database_url, recipe(), TODAY, ignore)
    await changed(database_url, lambda connection: set_revision(connection, "9999"))
    with pytest.raises(DatabaseNewer):
        await migrated(database_url)


async def test_a_database_that_cannot_be_reached_is_named_as_such():
    with pytest.raises(DatabaseUnusable):
        await migrated("postgresql://app@127.0.0.1:1/nowhere")


def test_a_run_that_fails_leaves_the_older_database_as_it_was(database: Path):
    prepare(database, recipe(), TODAY, ignore)
    kept = people(database)
    impossible = replace(recipe(), people=0)
    with pytest.raises(PopulationOutOfRange):
        prepare(database, impossible, TODAY, ignore)
    assert people(database) == kept


async def changed(url: str, change: Callable[[sa.Connection], object]) -> None:
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(change)
    await engine.dispose()


async def count(url: str) -> int:
    engine = create_async_engine(async_url(url))
    async with engine.connect() as connection:
        found = (await connection.execute(sa.text("SELECT count(*) FROM person"))).scalar_one()
    await engine.dispose()
    return found


def step_back(connection: sa.Connection) -> None:
    """Undo the newest migration: the database is then one of the version before."""
    lower_wall(connection)
    for table in ("record_control", "hr_household"):
        connection.execute(sa.text(f"DROP TABLE {table}"))
    for table in ("firearm_certificate", "person_name"):
        connection.execute(sa.text(f"CREATE INDEX ix_{table}_match_name ON {table} (match_name)"))
    set_revision(connection, "0009")


def set_revision(connection: sa.Connection, revision: str) -> None:
    connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})

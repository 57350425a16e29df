"""What generating promises: the same rows for a seed everywhere, all or nothing, and coded refusals."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from leds.data.batches import batches
from leds.data.errors import DatabaseNotEmpty, DatabaseUnusable, PopulationOutOfRange
from leds.data.generate import DEFAULT_AS_OF, Report, generate
from leds.data.population import PEOPLE_PER_BLOCK, World
from resolvers.migrations.all_tables import all_tables
from resolvers.migrations.schema_version import SchemaState, migrate, schema_state
from schema.reference_lists import reference_catalogue
from tests.leds.data.worlds import SEED, generate_sqlite, quiet, reading, values

FEW = 40
REPORT_AS_JSON = """
import json, sys
from leds.data.generate import generate
report = generate(int(sys.argv[2]), 7, sys.argv[1], lambda done, total: None)
print(json.dumps({name: table.sha256 for name, table in report.tables.items()}))
"""


async def _generated(people: int, seed: int, url: str) -> Report:
    return await asyncio.to_thread(generate, people, seed, url, quiet)


async def _rows(url: str) -> dict[str, list[Any]]:
    """Every row of every table through SQLAlchemy, sorted, instants without their zone (SQLite keeps none)."""
    engine = create_async_engine(url if "+" in url else url.replace("sqlite:", "sqlite+aiosqlite:"))
    found: dict[str, list[Any]] = {}
    try:
        async with engine.connect() as connection:
            for table in all_tables():
                rows = (await connection.execute(sa.select(table))).all()
                found[table.name] = sorted(repr([_plain(value) for value in row]) for row in rows)
    finally:
        await engine.dispose()
    return found


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


def test_every_table_is_filled_and_the_report_counts_what_is_there(world, report):
    assert set(report.tables) == {table.name for table in all_tables() if table.info.get("filled_by") != "callers"}
    for name, table in report.tables.items():
        assert values(world, f'SELECT count(*) FROM "{name}"') == [table.rows]
        assert table.rows > 0, name
    assert report.rows == sum(table.rows for table in report.tables.values())


def test_the_same_seed_gives_the_same_rows_and_another_seed_another_population(tmp_path):
    one, again, other = (
        generate_sqlite(tmp_path / f"{place}.sqlite", people=FEW, seed=seed)
        for place, seed in enumerate((SEED, SEED, SEED + 1))
    )
    assert one.tables == again.tables
    same = {name for name in one.tables if one.tables[name] == other.tables[name]}
    # The lists, and tables that only the cast fills in so small a population.
    cast_only = {"foreign_vehicle_check", "missing_match", "missing_child_protection", "vehicle_report_block"}
    cast_only |= {"hr_household", "immigration_marker", "record_control"}
    assert same <= {"reference_list", "reference_value"} | cast_only


def test_a_larger_population_begins_with_the_smaller_one():
    small, large = World(PEOPLE_PER_BLOCK, SEED, DEFAULT_AS_OF), World(PEOPLE_PER_BLOCK * 2, SEED, DEFAULT_AS_OF)
    catalogue = reference_catalogue()
    one, two = batches(small, DEFAULT_AS_OF, catalogue), batches(large, DEFAULT_AS_OF, catalogue)
    assert all(expected == found for expected, found in zip(one, two, strict=False))


def test_rows_do_not_depend_on_how_python_hashes(tmp_path):
    here = generate_sqlite(tmp_path / "here.sqlite", people=FEW)
    # This process hashes with a seed of its own; the other with one that is given.
    command = [sys.executable, "-c", REPORT_AS_JSON, f"sqlite:///{tmp_path / 'there.sqlite'}", str(FEW)]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert json.loads(done.stdout) == {name: table.sha256 for name, table in here.tables.items()}


@pytest.mark.postgres
async def test_sqlite_and_postgresql_hold_the_same_rows(tmp_path, postgres):
    addresses = [f"sqlite:///{tmp_path / 'world.sqlite'}", await postgres.new_database()]
    reports = [await _generated(FEW, SEED, address) for address in addresses]
    assert reports[0].tables == reports[1].tables
    sqlite_rows, postgres_rows = [await _rows(address) for address in addresses]
    for name, rows in sqlite_rows.items():
        assert rows == postgres_rows[name], name


async def test_a_generated_database_is_at_the_head_revision_with_every_index(database_url):
    await _generated(FEW, SEED, database_url)
    engine = create_async_engine(database_url)

    def look(connection: sa.Connection) -> tuple[SchemaState, set[str]]:
        inspector = sa.inspect(connection)
        names = {str(index["name"]) for table in all_tables() for index in inspector.get_indexes(table.name)}
        return schema_state(connection), names

    async with engine.connect() as connection:
        state, names = await connection.run_sync(look)
    await engine.dispose()
    assert state is SchemaState.CURRENT
    assert {str(index.name) for table in all_tables() for index in table.indexes} <= names


@pytest.mark.postgres
async def test_a_migrated_but_empty_database_is_generated_into(postgres):
    url = await postgres.new_database()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()
    report = await _generated(FEW, SEED, url)
    assert len((await _rows(url))["person"]) == report.tables["person"].rows


async def test_a_database_with_rows_is_refused_and_left_as_it_is(database_url):
    await _generated(FEW, SEED, database_url)
    before = await _rows(database_url)
    with pytest.raises(DatabaseNotEmpty) as refused:
        await _generated(FEW, SEED + 1, database_url)
    assert refused.value.code == "DATABASE_NOT_EMPTY"
    assert refused.value.advice
    assert await _rows(database_url) == before


async def test_a_run_that_fails_half_way_leaves_nothing(database_url, tmp_path):
    def fail_half_way(done: int, _total: int) -> None:
        if done == PEOPLE_PER_BLOCK:
            raise KeyboardInterrupt

    def interrupted() -> bool:
        # Caught here: an interrupt must not leave a worker thread as one.
        with pytest.raises(KeyboardInterrupt):
            generate(PEOPLE_PER_BLOCK + 1, SEED, database_url, fail_half_way)
        return True

    assert await asyncio.to_thread(interrupted)
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()) == []
    await engine.dispose()
    assert list(tmp_path.glob("*.part*")) == []


def test_what_a_killed_run_left_beside_the_database_is_no_obstacle(tmp_path):
    (tmp_path / "world.sqlite.part").write_bytes(b"half a database")
    generate_sqlite(tmp_path / "world.sqlite", people=FEW)
    assert [path.name for path in tmp_path.iterdir()] == ["world.sqlite"]


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, and they are no database." * 40)
    with pytest.raises(DatabaseUnusable):
        generate_sqlite(path, people=FEW)
    assert path.read_text().startswith("These are notes")


def test_a_locked_database_is_refused(tmp_path):
    path = tmp_path / "locked.sqlite"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (a)")
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(DatabaseUnusable):
            generate_sqlite(path, people=FEW)
    finally:
        holder.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///:memory:",
        "sqlite://",
        "mysql://nowhere/db",
        "not a url",
        "postgresql://nobody@127.0.0.1:1/nowhere",
    ],
)
def test_an_address_that_cannot_be_generated_into_is_a_coded_error(url):
    with pytest.raises(DatabaseUnusable):
        generate(FEW, SEED, url, quiet)


@pytest.mark.parametrize("people", [0, -1, 2_500_001])
def test_a_population_beyond_the_identifier_ranges_is_refused(people, tmp_path):
    with pytest.raises(PopulationOutOfRange):
        generate_sqlite(tmp_path / "world.sqlite", people=people)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_people_to_the_end(tmp_path):
    told: list[tuple[int, int]] = []
    people = PEOPLE_PER_BLOCK + 1
    generate(people, SEED, f"sqlite:///{tmp_path / 'world.sqlite'}", lambda done, total: told.append((done, total)))
    assert told[-1] == (people, people)
    assert [done for done, _total in told] == sorted({done for done, _total in told})


def test_no_more_than_one_block_is_ever_held():
    largest = [0, 0]
    for place, people in enumerate((PEOPLE_PER_BLOCK * 2, PEOPLE_PER_BLOCK * 6)):
        world = World(people, SEED, DEFAULT_AS_OF)
        population = (
            batch for batch in batches(world, DEFAULT_AS_OF, reference_catalogue()) if batch.table == "vehicle"
        )
        largest[place] = max(len(batch.rows) for batch in population)
    assert largest[0] == largest[1]


def test_dates_move_with_the_day_the_world_is_of(tmp_path):
    later = date(2031, 5, 17)
    generate(FEW, SEED, f"sqlite:///{tmp_path / 'later.sqlite'}", quiet, later)
    with reading(tmp_path / "later.sqlite") as world:
        assert values(world, "SELECT DISTINCT substr(as_of, 1, 10) FROM vehicle") == ["2031-05-17"]
        active = values(world, "SELECT to_date FROM insurance_policy WHERE state = 'ACTIVE'")
        assert min(active) >= "2031-05-17"
        assert values(world, "SELECT max(created_at) FROM person")[0] < "2031-05-18"

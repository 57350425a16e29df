"""The second wall: each role reads its own dataset only, and row policies hold where a statement forgot its rule."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from authz.row_rules import RowCaller
from resolvers.changes.requests import Asker
from resolvers.changes.reviews import RetirementRequest, carry_out_retirement, request_retirement
from resolvers.changes.tables import vehicle_report_review
from resolvers.changes.writing import Writer
from resolvers.controls.parameters import parameters
from resolvers.database import Database, Reading
from resolvers.errors import DatabaseUnavailable, StatementSpansDatasets
from resolvers.metadata import metadata
from resolvers.migrations.all_tables import all_tables
from resolvers.migrations.schema_version import migrate
from resolvers.person.tables import arrest_report, person, person_name
from resolvers.roles import GUARDS, WRITTEN, dataset_of, reader, service, taking, writer
from resolvers.vehicle.tables import vehicle, vehicle_report, vehicle_report_block
from tests.authz.callers import DETECTIVE
from tests.resolvers.products import NOW, TODAY, a_control, a_person, key_of
from tests.resolvers.test_product_statements import STATEMENTS
from tests.servers import PostgresServer
from tests.subgraphs.world import a_report, a_vehicle

DATASETS = sorted({str(table.info["dataset"]) for table in all_tables()})
OWNER, OTHER = RowCaller(force="06", unit="06R1"), RowCaller(force="20", unit="20R1")
HIDDEN, OPEN = key_of(1), key_of(2)
WHO = sa.select(sa.func.pg_backend_pid().label("id"), sa.func.current_user().label("n"))
# Statements as somebody might write them who forgot the row rules.
FORGETFUL = {
    "person": sa.select(person.c.person_id).order_by(person.c.person_id),
    "person_name": sa.select(person_name.c.person_id).order_by(person_name.c.person_id),
}


@pytest.fixture(scope="module")
def migrated(postgres: PostgresServer) -> str:
    """A database with every table and two nominals, one of them protected by force 06."""
    return asyncio.run(_made(postgres))


async def _made(postgres: PostgresServer) -> str:
    url = await postgres.new_database()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
        await connection.run_sync(migrate)
        rows = [*a_person(1, "Hidden"), *a_person(2, "Open"), a_control("Person", HIDDEN, "protected")]
        for table, row in rows:
            defaults = dict.fromkeys(table.columns.keys()) | {"lag_seconds": 0}
            await connection.execute(table.insert(), {n: v for n, v in (defaults | row).items() if n in table.columns})
    await engine.dispose()
    return url


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def refused(connection: AsyncConnection, role: str, statement: str) -> bool:
    """Whether the role may not run a statement. Nothing of it is kept."""
    try:
        await connection.execute(*taking(role))
        await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if "permission denied" not in str(error):
            raise
        return True
    finally:
        await connection.rollback()
    return False


@pytest.mark.postgres
async def test_each_role_reads_its_own_tables_and_what_its_rules_look_up_and_nothing_else(migrated: str):
    async with connected(migrated) as connection:
        for dataset in DATASETS:
            may = {
                table.name
                for table in all_tables()
                if not await refused(connection, reader(dataset), f"SELECT 1 FROM {table.name} LIMIT 1")
            }
            own = {table.name for table in all_tables() if table.info["dataset"] == dataset}
            assert may == own | {name for name, of in GUARDS.items() if dataset in of or "*" in of}, dataset


@pytest.mark.postgres
async def test_no_reading_role_can_write_and_a_writing_one_only_to_its_own_dataset(migrated: str):
    async with connected(migrated) as connection:
        for dataset in DATASETS:
            for table in all_tables():
                statement = f"DELETE FROM {table.name} WHERE false"
                assert await refused(connection, reader(dataset), statement), (dataset, table.name)
                own = dataset in WRITTEN and table.info["dataset"] == dataset
                assert await refused(connection, writer(dataset), statement) is not own, (dataset, table.name)


@pytest.mark.postgres
async def test_a_subgraphs_login_reads_nothing_by_itself_and_takes_no_other_products_role(
    migrated: str, postgres: PostgresServer
):
    async with connected(migrated) as connection:
        await connection.exec_driver_sql("DROP ROLE IF EXISTS a_login")
        await connection.exec_driver_sql("CREATE ROLE a_login LOGIN NOINHERIT")
        await connection.exec_driver_sql(f"GRANT {service('vehicle')} TO a_login")
        await connection.commit()
    login = migrated.replace("app@", "a_login@")
    async with connected(login) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.exec_driver_sql("SELECT 1 FROM vehicle")
        await connection.rollback()
        assert not await refused(connection, reader("DVLA.VEH"), "SELECT 1 FROM vehicle")
        assert await refused(connection, reader("PNC.NAMES.CORE"), "SELECT 1")
        assert await refused(connection, "app", "SELECT 1")
    database = Database(login)
    async with database.reading(TODAY, OTHER) as reading:
        with pytest.raises(DatabaseUnavailable):
            await reading.rows(FORGETFUL["person"])
    await database.close()


@pytest.mark.postgres
async def test_changes_are_written_as_the_role_of_their_dataset_and_nowhere_else(migrated: str):
    async with connected(migrated) as connection:
        await connection.exec_driver_sql("DROP ROLE IF EXISTS a_writing_login")
        await connection.exec_driver_sql("CREATE ROLE a_writing_login LOGIN NOINHERIT")
        await connection.exec_driver_sql(f"GRANT {service('vehicle')} TO a_writing_login")
        await connection.commit()
    changes = Writer(migrated.replace("app@", "a_writing_login@"))
    row = dict.fromkeys(vehicle_report_review.columns.keys(), "x") | {"accepted_at": NOW, "completed_at": None}
    async with changes.transaction() as writing:
        assert await writing.run(vehicle_report_review.insert().values(row | {"due_date": TODAY, "approvers": []})) == 1
        for table in (vehicle_report, vehicle_report_block):
            assert await writing.run(table.delete().where(sa.false())) == 0
    for table in (vehicle, person):
        with pytest.raises(DatabaseUnavailable):
            async with changes.transaction() as writing:
                await writing.run(table.delete().where(sa.false()))
    await changes.close()


@pytest.mark.postgres
async def test_a_report_is_retired_by_a_login_that_owns_nothing(migrated: str):
    rows = [a_vehicle(7), a_report(7, 7, type="FOU", state="UNCONFIRMED")]
    async with connected(migrated) as connection:
        await connection.exec_driver_sql("DROP ROLE IF EXISTS a_retiring_login")
        await connection.exec_driver_sql("CREATE ROLE a_retiring_login LOGIN NOINHERIT")
        await connection.exec_driver_sql(f"GRANT {service('vehicle')} TO a_retiring_login")
        for table, row in rows:
            await connection.execute(table.insert(), dict.fromkeys(table.columns.keys()) | {"lag_seconds": 0} | row)
        await connection.commit()
    changes, now = Writer(migrated.replace("app@", "a_retiring_login@")), NOW + timedelta(days=60)
    asker = Asker("u-1", "a-key-of-theirs", "request-1", now, DETECTIVE, parameters(OWNER))
    report = rows[1][1]["vehicle_report_id"]
    accepted = await request_retirement(changes, RetirementRequest(report, "RR06", "found and returned"), asker)
    await carry_out_retirement(changes, accepted["request_id"], now, "")
    await changes.close()
    async with connected(migrated) as connection:
        left = await connection.scalar(sa.select(sa.func.count()).where(vehicle_report.c.vehicle_report_id == report))
    assert left == 0


async def keys_of(reading: Reading, statement: sa.Select) -> list[str]:
    return [row["person_id"] for row in await reading.rows(statement)]


@pytest.mark.postgres
@pytest.mark.parametrize("name", FORGETFUL)
async def test_a_statement_that_forgot_its_rule_still_returns_nothing_sealed(migrated: str, name: str):
    database = Database(migrated)
    for caller, expected in ((OTHER, [OPEN]), (OWNER, [HIDDEN, OPEN])):
        async with database.reading(TODAY, caller) as reading:
            assert await keys_of(reading, FORGETFUL[name]) == expected
    await database.close()


@pytest.mark.postgres
async def test_nothing_of_a_caller_stays_on_a_pooled_connection(migrated: str):
    database = Database(migrated)
    seen = []
    for caller in (OWNER, OTHER, OWNER, RowCaller()):
        async with database.reading(TODAY, caller) as reading:
            process = await reading.rows(WHO)
            seen.append((process[0]["id"], process[0]["n"]))
            assert (HIDDEN in await keys_of(reading, FORGETFUL["person"])) is (caller is OWNER)
    await database.close()
    assert len(set(seen)) == 1, "one connection, and always as the login itself at first"


@pytest.mark.postgres
async def test_a_role_without_a_caller_sees_nothing_that_is_under_control(migrated: str):
    async with connected(migrated) as connection:
        await connection.execute(*taking(reader("PNC.NAMES.CORE")))
        assert list(await connection.scalars(FORGETFUL["person"])) == [OPEN]


@pytest.mark.postgres
async def test_statements_of_two_datasets_run_one_after_the_other_each_as_its_own_role(migrated: str):
    database = Database(migrated)
    async with database.reading(TODAY, OTHER) as reading:
        counts = [sa.select(sa.func.count()).select_from(table).subquery() for table in (person, arrest_report, person)]
        roles = [(await reading.rows(WHO.select_from(counted)))[0]["n"] for counted in counts]
    await database.close()
    assert roles == [reader("PNC.NAMES.CORE"), reader("PNC.NAMES.CRIM"), reader("PNC.NAMES.CORE")]


def test_a_statement_over_two_datasets_has_no_role():
    both = sa.select(person.c.person_id).join(arrest_report, arrest_report.c.person_id == person.c.person_id)
    with pytest.raises(StatementSpansDatasets):
        dataset_of(both)


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_of_one_dataset_and_looks_up_only_what_its_role_may(name: str):
    _product, statement = STATEMENTS[name]
    dataset = dataset_of(statement)
    assert dataset is not None
    tables = {node for node in sa.sql.visitors.iterate(statement) if isinstance(node, sa.Table)}
    foreign = {table.name for table in tables if table.info["dataset"] != dataset}
    assert {name for name in foreign if not {dataset, "*"} & GUARDS[name]} == set()


def test_the_wall_names_every_table_the_rules_are_about():
    assert set(GUARDS) <= set(metadata.tables)
    assert set(DATASETS) >= WRITTEN

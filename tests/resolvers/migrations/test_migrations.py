"""Migrations and tables say the same schema, on both databases, and a database's state is told before it is touched."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from resolvers.metadata import metadata
from resolvers.migrations.all_tables import all_tables
from resolvers.migrations.schema_version import SchemaState, add_revision, head_revision, migrate, schema_state
from schema.datasets import datasets


async def _on(database_url: str, work: Any) -> Any:
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def test_migrating_an_empty_database_gives_exactly_the_declared_tables(database_url):
    def differences(connection: sa.Connection) -> list[Any]:
        migrate(connection)
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert await _on(database_url, differences) == []


async def test_the_state_of_a_database_goes_from_empty_to_current(database_url):
    assert await _on(database_url, schema_state) is SchemaState.EMPTY
    await _on(database_url, migrate)
    assert await _on(database_url, schema_state) is SchemaState.CURRENT


async def test_an_older_and_an_unknown_revision_are_told_apart(database_url):
    def states(connection: sa.Connection) -> list[SchemaState]:
        migrate(connection)
        found = []
        for revision in ("0001", "ffff"):
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
            found.append(schema_state(connection))
        return found

    assert head_revision() != "0001"
    assert await _on(database_url, states) == [SchemaState.BEHIND, SchemaState.UNKNOWN]


async def test_migrating_twice_changes_nothing(database_url):
    await _on(database_url, migrate)
    await _on(database_url, migrate)
    assert await _on(database_url, schema_state) is SchemaState.CURRENT


def test_no_migration_is_written_when_nothing_is_missing():
    assert add_revision("nothing") is None


def test_every_table_names_one_dataset_and_the_product_it_belongs_to():
    products = {"controls", "drivers", "intelligence", "missing", "person", "property", "reference", "vehicle"}
    for table in all_tables():
        assert table.info["dataset"] in datasets(), table.name
        assert table.info["product"] in products, table.name

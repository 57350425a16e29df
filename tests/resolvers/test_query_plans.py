"""Every statement the main query takes, for whoever asks it, reads over an index on both databases."""

import asyncio
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from gateway.documents.request import HttpRequest
from leds.config import load_configuration
from leds.data.generate import generate
from leds.databases import async_url
from leds.demo import MAIN_QUERY, embedded

# A nominal with her record, her links and who answers to her name: what the main query only touches through others.
PERSON = """
{
  person(urn: "2004/9000001V") {
    names { last } addresses { nodes { postcode } } warningSignals { text } disqualifications { from }
    wantedMissing { nodes { actionText } } arrestReports { nodes { asn offences { nodes { disposals { text } } } } }
    missingReports { nodes { nationalReference } } linkedProperty { nodes { model } } matchedDrivers { score }
    intelNominals { nodes { reports { nodes { text } } } }
  }
  nominal(id: "ca570001-0000-8000-8000-000000000001") { links(depth: 2) { kind target { __typename } } }
  persons(name: { last: "EXAMPLE" }) { nodes { personUrn } }
}
"""
PERSONAS = ("officer", "detective", "analyst", "insurer")
# What a plan may read whole: what it has already gathered itself, and nothing that has a name of ours.
WHOLE_TABLE = {"sqlite": re.compile(r"^SCAN (\w+)"), "postgresql": re.compile(r"Seq Scan on (\w+)")}

Statement = tuple[str, Any]


async def asked(url: str) -> list[Statement]:
    """The text and parameters of every SELECT that the questions take."""
    found: dict[str, Statement] = {}

    def seen(_connection: Any, _cursor: Any, text: str, parameters: Any, _context: Any, _many: bool) -> None:
        if text.startswith("SELECT"):
            found[text] = (text, parameters)

    event.listen(sa.Engine, "before_cursor_execute", seen)
    try:
        async with embedded(load_configuration(None, {"LEDS_DATABASE_URL": url})) as service:
            for persona in PERSONAS:
                for query, variables in ((MAIN_QUERY.read_text("utf-8"), {"vrm": "AB12CDE"}), (PERSON, {})):
                    headers = service.headers(persona) | {"content-type": "application/json"}
                    body = json.dumps({"query": query, "variables": variables}).encode()
                    response = await service.governed.pipeline.answer(HttpRequest("POST", headers, "", body))
                    assert response.status == 200
    finally:
        event.remove(sa.Engine, "before_cursor_execute", seen)
    return list(found.values())


async def plan(connection: AsyncConnection, statement: Statement) -> list[str]:
    """The lines of a statement's plan."""
    text, parameters = statement
    if connection.dialect.name == "sqlite":
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)
        return [row[3] for row in rows]
    # A table of a few rows is always read whole unless that is made to look dear.
    await connection.exec_driver_sql("SET enable_seqscan = off")
    return [row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {text}", parameters)]


async def read_whole(connection: AsyncConnection, statement: Statement, tables: set[str]) -> set[str]:
    """The tables, by whatever alias, that a plan reads from end to end."""
    aliases = {alias for table, alias in re.findall(r"(\w+) AS (\w+)", statement[0]) if table in tables}
    pattern = WHOLE_TABLE[connection.dialect.name]
    named = {match[1] for line in await plan(connection, statement) if (match := pattern.search(line))}
    return named & (tables | aliases)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LEDS_HOME", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'world.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgres").new_database()
    await asyncio.to_thread(generate, 20, 7, url, _quiet, date.today())
    return url


def _quiet(_done: int, _total: int) -> None:
    pass


async def test_no_statement_of_the_main_query_reads_a_table_from_end_to_end(world: str):
    statements = await asked(world)
    assert len(statements) > 40
    engine = create_async_engine(async_url(world))
    if engine.dialect.name == "sqlite":
        # Nor does it matter to SQLite how a table of one row is read, unless it does not know.
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        await engine.dispose()
    async with engine.connect() as connection:
        tables = set(await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()))
        plans = [(statement[0], await read_whole(connection, statement, tables)) for statement in statements]
    await engine.dispose()
    assert [(whole, text) for text, whole in plans if whole] == []

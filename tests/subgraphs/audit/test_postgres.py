"""The same ledger in PostgreSQL, whose tables name the log: every answer is the one that the SQLite file gives."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from authz.audit.desk import Desk
from authz.audit.recorder import Recorder
from resolvers.roles import reader
from subgraphs.audit import app
from tests.servers import PostgresServer
from tests.subgraphs.audit.ledgers import (
    ANSWERING,
    AUDITING,
    AUDITOR,
    DPO,
    INSPECTOR,
    REFUSAL,
    SEALING,
    SILENCE,
    SUPERVISOR,
    Clock,
    Randomness,
    auditing,
    operator,
    writing,
)
from tests.subgraphs.audit.test_audit import EVERYTHING
from tests.subgraphs.world import SUBJECT_KEY, serving

PERSON = "00000000-0000-4000-0000-000000000001"
MINE, OTHER_FORCE = operator("u-20-4419"), operator("u-14-1", "14A1", "ORG-14")
TABLES = {
    "ledger_leaf": "log text, position bigint, month text, at bigint, stage text, audit_id text, part integer,"
    " event_type text, user_id text, organisation text, reason text, purpose text, document text, seed bytea,"
    " canonical bytea",
    "ledger_part": "log text, position bigint, slot integer, month text, key_hash text, salt bytea, canonical bytea,"
    " hash bytea",
}
WHOLE = f"{{ auditEvents(first: 50) {{ totalCount nodes {{ {EVERYTHING} }} pageInfo {{ endCursor }} }} }}"
STATISTICS = " ".join(
    f"{name.lower()}: auditStatistics(by: {name}) {{ total counts {{ value count withheld }} }}"
    for name in ("REASON", "PURPOSE", "ORGANISATION", "ROLE", "HOUR", "EVENT_TYPE", "OUTCOME", "REFUSED_BY")
)
ASKED = [
    (INSPECTOR, AUDITING, WHOLE),
    (INSPECTOR, AUDITING, "{ auditEvents { nodes { silences { coordinate } } } }"),
    (AUDITOR, AUDITING, WHOLE),
    (SUPERVISOR, AUDITING, WHOLE),
    (MINE, AUDITING, WHOLE),
    (DPO, ANSWERING, f'{{ subjectAccesses(type: "Person", key: "{PERSON}") {{ nodes {{ auditId }} }} }}'),
    (INSPECTOR, AUDITING, f"{{ {STATISTICS} }}"),
    (INSPECTOR, AUDITING, "{ auditSample(size: 3) { seed population events { auditId } } }"),
    (INSPECTOR, AUDITING, '{ auditEvents(where: {dataset: "DVLA.VEH"}) { nodes { auditId } } }'),
    (INSPECTOR, AUDITING, '{ auditEvents(where: {eventType: "REFUSE"}, first: 1) { nodes { auditId } } }'),
    (INSPECTOR, AUDITING, '{ auditEvents(from: "2026-02-02T08:02:30Z") { nodes { auditId } } }'),
]


async def write(folder: Path) -> list[str]:
    async with writing(folder) as written:
        await written.asked(MINE, ("Person", PERSON), ("Vehicle", "1"), denials={**REFUSAL, **SILENCE})
        await written.asked(SUPERVISOR, ("Person", PERSON), parts=2)
        await written.asked(OTHER_FORCE, denials=REFUSAL, reason="1")
        await written.asked(MINE, ("Vehicle", "2"), dataset="DVLA.VEH")
        await written.refused(MINE)
        for _ in range(6):
            await written.asked(operator("u-20-9", "20B2"), ("Person", "another"))
        async with auditing(folder, written) as gateway:
            review = 'mutation ($id: ID!) { recordReview(auditId: $id, outcome: "PROPER") { recordedAs } }'
            reviewed = await gateway.ask(review, {"id": written.ids[0]}, caller=AUDITOR, context=AUDITING)
            assert reviewed.data["recordReview"]["recordedAs"]
        return written.ids


async def copied(folder: Path, url: str) -> None:
    """Put the file's leaves and parts into tables as PostgreSQL has them, readable by the dataset's role alone."""
    engine = create_async_engine(url, poolclass=sa.NullPool)
    with sqlite3.connect(folder / "ledger.sqlite") as file:
        file.row_factory = sqlite3.Row
        (origin,) = file.execute("SELECT origin FROM ledger_log").fetchone()
        async with engine.begin() as connection:
            role = reader("AUD.LOG")
            created = f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF"
            await connection.execute(sa.text(f"DO $$ BEGIN {created}; END $$"))
            for name, columns in TABLES.items():
                await connection.execute(sa.text(f"CREATE TABLE {name} ({columns})"))
                await connection.execute(sa.text(f"GRANT SELECT ON {name} TO {role}"))
                rows = [{"log": origin, **dict(row)} for row in file.execute(f"SELECT * FROM {name}")]
                keys = list(rows[0])
                insert = f"INSERT INTO {name} ({', '.join(keys)}) VALUES ({', '.join(f':{key}' for key in keys)})"
                await connection.execute(sa.text(insert), rows)
    await engine.dispose()


@pytest.mark.postgres
async def test_every_answer_is_the_one_of_the_file(tmp_path: Path, postgres: PostgresServer):
    ids = await write(tmp_path)
    url = await postgres.new_database()
    await copied(tmp_path, url)
    desk = Desk(Recorder(SUBJECT_KEY, Clock(), Randomness()), SEALING)
    by_id = [(who, AUDITING, f'{{ auditEvent(auditId: "{ids[2]}") {{ {EVERYTHING} }} }}') for who in (INSPECTOR, MINE)]
    serve = {"desk": desk, "new_id": lambda: "one seed"}
    async with auditing(tmp_path, **serve) as file, serving("audit", app.schema, url, **serve) as server:
        for who, context, query in [*ASKED, *by_id]:
            expected = await file.ask(query, caller=who, context=context)
            answer = await server.ask(query, caller=who, context=context)
            assert "errors" not in expected.body
            assert answer.body == expected.body, query

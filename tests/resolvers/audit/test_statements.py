"""Statements over the ledger: which index each goes by in a log of SQLite, and how they name a log in PostgreSQL."""

import sqlite3
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from authz.audit.store_sqlite import SCHEMA
from authz.row_rules import OUTSIDER
from resolvers.audit import statements
from resolvers.audit.loaders import NEWEST_FIRST
from resolvers.audit.statements import EVERYBODY, Scope, Sought, milliseconds
from resolvers.audit.tables import ledger_leaf, ledger_part
from resolvers.connections import capped
from resolvers.controls.parameters import parameters
from resolvers.roles import dataset_of

OWN, FORCE = Scope(user="u-1"), Scope(organisation="ORG-20")
UNIT = Scope("u-1", "20R1", "ORG-20")


def page(scope: Scope, sought: Sought | None = None) -> sa.Select:
    """What a search makes of its statement: at most the largest page, newest first."""
    return capped(statements.events(scope, sought or Sought()), NEWEST_FIRST)


PLANS = [
    (page(OWN), "ledger_leaf_user (user_id=?)"),
    (page(OWN, Sought(since=datetime(2026, 2, 2, tzinfo=UTC))), "ledger_leaf_user (user_id=? AND at>?)"),
    (page(FORCE), "USING INDEX ledger_leaf_at"),
    (page(UNIT), "USING INDEX ledger_leaf_at"),
    (page(EVERYBODY), "USING INDEX ledger_leaf_at"),
    (page(EVERYBODY, Sought(dataset="DVLA.VEH")), "USING INDEX ledger_leaf_at"),
    (page(FORCE, Sought(subject="h:1:2")), "ledger_part_subject (key_hash=?)"),
    (statements.events_by_id(["a"]), "ledger_leaf_audit_id (audit_id=?)"),
    (statements.subjects(["a"]), "ledger_leaf_audit_id (audit_id=? AND stage=?)"),
    (statements.statements_of(["a"]), "ledger_leaf_audit_id (audit_id=?)"),
    (statements.sealed_parts(["a"]), "ledger_leaf_audit_id (audit_id=? AND stage=?)"),
    (statements.reviews(["h:1:2"]), "ledger_part_subject (key_hash=?)"),
    (statements.counted(FORCE, Sought(since=datetime(2026, 2, 2, tzinfo=UTC)), "REASON"), "ledger_leaf_at (at>?)"),
]


@pytest.mark.parametrize(("statement", "index"), PLANS)
def test_a_statement_goes_by_an_index_and_never_through_the_whole_log(statement, index):
    compiled = statement.compile(dialect=sqlite.dialect())
    asked = compiled.construct_expanded_state({**parameters(OUTSIDER)})
    with sqlite3.connect(":memory:") as database:
        for line in SCHEMA:
            database.execute(line)
        lines = [
            row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {asked.statement}", asked.positional_parameters)
        ]
    assert any(index in line for line in lines), lines
    assert not [line for line in lines if line.startswith("SCAN") and "INDEX" not in line and "ledger_log" not in line]


def test_a_log_is_a_column_in_postgresql_and_the_file_itself_in_sqlite():
    found = str(statements.subjects(["a"]).compile(dialect=postgresql.dialect()))
    assert "ledger_part.log = outcome.log" in found
    assert "ledger_log" not in found
    assert ".log" not in str(statements.subjects(["a"]).compile(dialect=sqlite.dialect()))


def test_canonical_bytes_are_read_as_each_database_reads_json():
    found = str(page(UNIT).compile(dialect=postgresql.dialect()))
    assert "(convert_from(head.canonical, 'UTF8')::jsonb #>> CAST(ARRAY[" in found
    wanted = page(EVERYBODY, Sought(dataset="DVLA.VEH")).compile(dialect=postgresql.dialect())
    assert "(position(%(param_1)s in ledger_part.canonical) > 0)" in str(wanted)


@pytest.mark.parametrize("statement", [statement for statement, _index in PLANS])
def test_every_statement_reads_the_ledger_and_nothing_else(statement):
    assert dataset_of(statement) == "AUD.LOG"


def test_the_tables_are_those_that_the_writer_makes():
    with sqlite3.connect(":memory:") as database:
        for line in SCHEMA:
            database.execute(line)
        for table in (ledger_leaf, ledger_part):
            kept = {row[1] for row in database.execute(f"PRAGMA table_info({table.name})")}
            assert set(table.columns.keys()) - {"log"} <= kept


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 1000),
        (datetime(1970, 1, 1, 0, 0, 1, 1000, tzinfo=UTC), 1001),
        (datetime(1970, 1, 1, 0, 0, 1, 1001, tzinfo=UTC), 1002),
    ],
)
def test_a_moment_between_two_milliseconds_is_the_later_one(moment, expected):
    assert milliseconds(moment) == expected

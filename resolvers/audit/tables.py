"""The ledger's tables as its writers make them (`docs/ledger-format.md`, *Files and tables*). Nothing is written here.

They are in a database of their own, so they are on a `MetaData` of their own: no migration of the products knows them.
In SQLite a file is one log, whose tables have no column `log`: statements name it by `log_of`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

PRODUCT = "audit"
DATASET = "AUD.LOG"
_ledger = sa.MetaData()


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    kept = {"dataset": DATASET, "product": PRODUCT}
    return sa.Table(name, _ledger, sa.Column("log", sa.Text, nullable=False), *columns, info=kept)


ledger_leaf = _table(
    "ledger_leaf",
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),  # milliseconds since 1970
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("audit_id", sa.Text, nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("event_type", sa.Text),
    sa.Column("user_id", sa.Text),
    sa.Column("organisation", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("purpose", sa.Text),
    sa.Column("document", sa.Text),  # sha256:… of the document; of every leaf that holds a request
    sa.Column("canonical", sa.LargeBinary, nullable=False),
)

ledger_part = _table(
    "ledger_part",
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("key_hash", sa.Text),
    sa.Column("canonical", sa.LargeBinary),
)


class log_of(FunctionElement[str]):
    """The log a row is in: its column `log`, or the one log of an SQLite file."""

    name = "log_of"
    type = sa.Text()
    inherit_cache = True


class said(FunctionElement[str]):
    """What canonical bytes say at a path of keys (`request`, `user`, …), as text; null where they say nothing."""

    name = "said"
    type = sa.Text()
    inherit_cache = True


class holds(FunctionElement[bool]):
    """Whether canonical bytes hold other bytes."""

    name = "holds"
    type = sa.Boolean()
    inherit_cache = True


@compiles(log_of)
def _column_log(element: log_of, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(log_of, "sqlite")
def _only_log(_element: log_of, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(SELECT origin FROM ledger_log)"


@compiles(said)
def _said_in_postgresql(element: said, compiler: SQLCompiler, **options: Any) -> str:
    canonical, *path = element.clauses
    keys = ", ".join(compiler.process(key, **options) for key in path)
    return f"(convert_from({compiler.process(canonical, **options)}, 'UTF8')::jsonb #>> CAST(ARRAY[{keys}] AS text[]))"


@compiles(said, "sqlite")
def _said_in_sqlite(element: said, compiler: SQLCompiler, **options: Any) -> str:
    canonical, *path = element.clauses
    keys = " || '.' || ".join(compiler.process(key, **options) for key in path)
    return f"json_extract(CAST({compiler.process(canonical, **options)} AS TEXT), '$.' || {keys})"


@compiles(holds)
def _holds_in_postgresql(element: holds, compiler: SQLCompiler, **options: Any) -> str:
    canonical, part = (compiler.process(each, **options) for each in element.clauses)
    return f"(position({part} in {canonical}) > 0)"


@compiles(holds, "sqlite")
def _holds_in_sqlite(element: holds, compiler: SQLCompiler, **options: Any) -> str:
    canonical, part = (compiler.process(each, **options) for each in element.clauses)
    return f"(instr({canonical}, {part}) > 0)"

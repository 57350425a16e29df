"""Loads batches into a new SQLite file, built beside the target and renamed over it: a failed run leaves nothing."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from leds.data.batches import Batch
from leds.data.errors import DatabaseNotEmpty, DatabaseUnusable
from leds.data.layout import load_order
from resolvers.migrations.schema_version import mark_current

# Nothing is lost when the load dies half-way: the file is not the database yet. After the load the defaults are back.
_WHILE_LOADING = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -65536",
)
_AFTER_LOADING = ("PRAGMA analysis_limit = 1000", "ANALYZE")


def load_sqlite(url: sa.URL, batches: Iterable[Batch]) -> None:
    """Write every batch into the file the URL names. Raises DatabaseNotEmpty, DatabaseUnusable."""
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusable("A SQLite database to generate into must be a file.")
    path = Path(url.database)
    _refuse_rows(path)
    with _part_of(path) as part:
        try:
            _build(part, batches)
        except (sqlite3.Error, DBAPIError) as error:
            raise DatabaseUnusable("The SQLite database cannot be written.") from error


def _refuse_rows(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
        try:
            found = _has_rows(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise DatabaseUnusable("The file is no SQLite database, or another program has locked it.") from error
    if found:
        raise DatabaseNotEmpty("The database already holds rows.")


def _has_rows(connection: sqlite3.Connection) -> bool:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
    ).fetchall()
    return any(connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for (name,) in tables)


@contextmanager
def _part_of(path: Path) -> Iterator[Path]:
    """A fresh file beside `path` that takes its place when the block succeeds, and is removed when it does not."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
    except OSError as error:
        raise DatabaseUnusable("The directory of the database cannot be written.") from error
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _build(part: Path, batches: Iterable[Batch]) -> None:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(part)))
    try:
        with engine.connect() as connection:
            _create_tables(connection)
            raw = connection.connection.driver_connection
            if not isinstance(raw, sqlite3.Connection):
                raise DatabaseUnusable("The SQLite driver is not the one of the standard library.")
            _load(raw, batches)
            for table in load_order():
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    connection.execute(sa.schema.CreateIndex(index))
            mark_current(connection)
            connection.commit()
            for statement in _AFTER_LOADING:
                raw.execute(statement)
            raw.commit()
    finally:
        engine.dispose()


def _create_tables(connection: sa.Connection) -> None:
    for pragma in _WHILE_LOADING:
        connection.exec_driver_sql(pragma)
    connection.commit()
    for table in load_order():
        connection.execute(sa.schema.CreateTable(table))
    connection.commit()


@lru_cache(maxsize=512)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'


def _load(raw: sqlite3.Connection, batches: Iterable[Batch]) -> None:
    raw.execute("BEGIN")
    for batch in batches:
        raw.executemany(_insert(batch.table, batch.columns), batch.rows)
    raw.commit()

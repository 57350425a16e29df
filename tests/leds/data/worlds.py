"""A generated world to look into: one small population, generated once a session, read with plain SQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leds.data.generate import Report, generate

PEOPLE, SEED = 500, 7


def quiet(_done: int, _total: int) -> None:
    """A progress that tells nobody."""


def generate_sqlite(path: Path, people: int = PEOPLE, seed: int = SEED) -> Report:
    """Generate into a SQLite file."""
    return generate(people, seed, f"sqlite:///{path}", quiet)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection whose rows answer to column names."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


def values(connection: sqlite3.Connection, statement: str, *parameters: Any) -> list[Any]:
    """The first column of every row."""
    return [row[0] for row in connection.execute(statement, parameters)]

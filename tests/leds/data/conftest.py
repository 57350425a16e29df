"""The generated world the tests of this folder read."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from leds.data.generate import Report
from tests.leds.data.worlds import generate_sqlite, reading


@dataclass(frozen=True, slots=True)
class _Generated:
    path: Path
    report: Report


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> _Generated:
    """A small population with the cast, and what the generator said of it."""
    path = tmp_path_factory.mktemp("world") / "world.sqlite"
    return _Generated(path, generate_sqlite(path))


@pytest.fixture(scope="session")
def report(generated: _Generated) -> Report:
    """The generator's report."""
    return generated.report


@pytest.fixture(scope="session")
def world(generated: _Generated) -> Iterator[sqlite3.Connection]:
    """The generated database, open for reading."""
    with reading(generated.path) as connection:
        yield connection

"""`generate`: a number of people, a seed and an empty database in; a deterministic world in it and a report out.

The same people, seed and `as_of` give the same rows on every database, machine and PYTHONHASHSEED.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from leds.data.batches import Batch, batches
from leds.data.errors import DatabaseUnusable, PopulationOutOfRange
from leds.data.layout import Digest
from leds.data.population import MOST_PEOPLE, World
from leds.data.postgres import load_postgres
from leds.data.sqlite import load_sqlite
from schema.reference_lists import reference_catalogue

# Every date of a world is relative to this day unless the caller names another; constant, so that a seed is enough.
DEFAULT_AS_OF = date(2026, 11, 1)

Progress = Callable[[int, int], None]
_LOADERS: dict[str, Callable[[sa.URL, Iterable[Batch]], None]] = {"sqlite": load_sqlite, "postgresql": load_postgres}


@dataclass(frozen=True, slots=True)
class TableReport:
    """How many rows a table was given, and the hash of what they said."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was generated and how long it took; `tables` does not depend on the database it went to."""

    people: int
    seed: int
    as_of: date
    rows: int
    seconds: float
    tables: dict[str, TableReport]


def generate(people: int, seed: int, database_url: str, progress: Progress, as_of: date = DEFAULT_AS_OF) -> Report:
    """Fill an empty database with `people` nominals, what goes with them, the cast and the reference lists.

    `progress(done, total)` counts people. Raises PopulationOutOfRange, DatabaseNotEmpty, DatabaseUnusable; after any
    error the database is as it was.
    """
    if not 1 <= people <= MOST_PEOPLE:
        raise PopulationOutOfRange(f"There cannot be {people} people.")
    url = _url(database_url)
    started = time.perf_counter()
    digests: dict[str, Digest] = {}
    world = World(people, seed, as_of)
    found = batches(world, as_of, reference_catalogue())
    _LOADERS[url.get_backend_name()](url, _counted(found, digests, lambda done: progress(done, people)))
    tables = {name: TableReport(digest.rows, digest.hexdigest()) for name, digest in sorted(digests.items())}
    return Report(
        people=people,
        seed=seed,
        as_of=as_of,
        rows=sum(table.rows for table in tables.values()),
        seconds=time.perf_counter() - started,
        tables=tables,
    )


def _url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except ArgumentError as error:
        raise DatabaseUnusable("The database URL cannot be read.") from error
    if url.get_backend_name() not in _LOADERS:
        raise DatabaseUnusable("Only SQLite and PostgreSQL databases can be generated into.")
    return url


def _counted(found: Iterable[Batch], digests: dict[str, Digest], progress: Callable[[int], None]) -> Iterator[Batch]:
    done = 0
    for batch in found:
        digests.setdefault(batch.table, Digest()).add(batch.columns, batch.rows)
        yield batch
        if batch.people:
            done += batch.people
            progress(done)

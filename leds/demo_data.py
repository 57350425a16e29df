"""The demo data: generated once and kept while it fits this program and week; a chosen database filled or migrated."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import SQLAlchemyError

import leds.data
import resolvers
from leds.data.errors import DatabaseUnusable
from leds.data.generate import Report, generate
from leds.databases import async_url
from leds.errors import DatabaseNewer
from leds.progress import bar
from resolvers.connecting import engine_of
from resolvers.migrations.schema_version import SchemaState, migrate, schema_state

SECONDS_TO_WAIT = 5
PEOPLE = 2_000
SEED = 7


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a demo database was made from; another recipe asks for another database.

    `week` is part of it because policies, tests and reports are current relative to the day they were generated for.
    """

    people: int
    seed: int
    week: str
    program: str

    def to_json(self) -> str:
        """The recipe as it is kept beside the database."""
        return json.dumps({"people": self.people, "seed": self.seed, "week": self.week, "program": self.program})


def recipe_for(today: date, people: int = PEOPLE, seed: int = SEED) -> Recipe:
    """The recipe of this program in the week of `today`."""
    year, week, _ = today.isocalendar()
    return Recipe(people, seed, f"{year}-W{week:02}", _program())


def prepare(database: Path, recipe: Recipe, today: date, say: Callable[[str], None]) -> Report | None:
    """Make sure that the demo's own `database` is what the recipe describes; the report when it had to be generated.

    One that fits is kept; any other is generated anew beside it and then takes its place, so that an interrupted run
    loses nothing.
    """
    kept = database.with_suffix(".recipe.json")
    if database.exists() and kept.exists() and kept.read_text() == recipe.to_json():
        return None
    if database.exists():
        say("The demo database is of another version or week: it is generated anew.")
    fresh = database.with_suffix(".fresh.sqlite")
    fresh.unlink(missing_ok=True)
    with bar(f"Generating {recipe.people:,} invented people and what goes with them") as progress:
        report = generate(recipe.people, recipe.seed, f"sqlite:///{fresh}", progress, today)
    kept.unlink(missing_ok=True)
    fresh.replace(database)
    kept.write_text(recipe.to_json())
    return report


async def prepare_configured(url: str, recipe: Recipe, today: date, say: Callable[[str], None]) -> None:
    """Make a database that somebody else chose fit to be served: fill an empty one, migrate an older one.

    Raises:
        DatabaseNewer: it was made by a newer version of this program.
        DatabaseUnusable: it cannot be reached.
    """
    state = await migrated(url)
    if state is SchemaState.BEHIND:
        say("The database was migrated to this version.")
    if state is SchemaState.EMPTY:
        with bar(f"Generating {recipe.people:,} invented people and what goes with them") as progress:
            await asyncio.to_thread(generate, recipe.people, recipe.seed, url, progress, today)


async def migrated(url: str) -> SchemaState:
    """Run the migrations that a database lacks; the state it was found in.

    Raises:
        DatabaseNewer, DatabaseUnusable.
    """
    engine = engine_of(make_url(async_url(url)), SECONDS_TO_WAIT)
    try:
        async with engine.begin() as connection:
            state = await connection.run_sync(schema_state)
            if state is SchemaState.UNKNOWN:
                raise DatabaseNewer("The database has a schema revision that this program does not know.")
            if state is SchemaState.BEHIND:
                await connection.run_sync(migrate)
            return state
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseUnusable("The database cannot be reached.") from error
    finally:
        await engine.dispose()


def _program() -> str:
    """A hash over the generator and the tables: when either changes, older databases no longer fit."""
    digest = hashlib.sha256()
    generator = Path(str(leds.data.__file__)).parent
    tables = Path(str(resolvers.__file__)).parent
    files = [file for file in generator.rglob("*") if file.suffix in {".py", ".txt", ".json", ".csv"}]
    for file in sorted([*files, *tables.glob("*/tables.py")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]

"""`leds data`: invented, format-true police data."""

import asyncio
import os
from datetime import datetime, time
from typing import Annotated

import typer

from leds.config import load_configuration
from leds.data.generate import DEFAULT_AS_OF, generate
from leds.databases import database_url
from leds.demo_data import migrated
from leds.progress import bar
from resolvers.migrations.schema_version import SchemaState, add_revision

application = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")


@application.callback()
def _group() -> None:
    """Invented police data: SYNTHETIC identifiers and names, the same rows for the same seed on every database."""


@application.command("generate")
def generate_command(
    people: Annotated[
        int, typer.Option(min=1, help="How many people; drivers and vehicles follow in proportion.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(help="Same seed, same rows.")] = 7,
    as_of: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The day the world is current for.")
    ] = datetime.combine(DEFAULT_AS_OF, time.min),  # noqa: B008 - typer reads the default
    database: Annotated[
        str | None, typer.Option(help="SQLAlchemy URL of an empty database; default: the configured one.")
    ] = None,
) -> None:
    """Generate a population and the documented cast into an empty database (SQLite or PostgreSQL)."""
    url = database or database_url(load_configuration(None, os.environ))
    with bar("Generating invented records") as progress:
        report = generate(people, seed, url, progress, as_of.date())
    typer.echo(f"{report.rows:,} rows in {report.seconds:.1f} s: {report.rows / report.seconds:,.0f} rows a second")


@application.command("migrate")
def migrate_command(
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL; default: the configured one.")] = None,
) -> None:
    """Run the schema migrations that a database lacks."""
    url = database or database_url(load_configuration(None, os.environ))
    state = asyncio.run(migrated(url))
    typer.echo("migrated to this version" if state is SchemaState.BEHIND else f"nothing to do: {state.value.lower()}")


@application.command("revision")
def revision_command(
    message: Annotated[str, typer.Argument(help='What changes, e.g. "operator licences".')],
) -> None:
    """Write the migration that brings databases to the tables as they are declared now; read it before you commit."""
    path = add_revision(message)
    typer.echo(f"{path.name}: written in {path.parent}" if path else "nothing to do: the migrations make every table")

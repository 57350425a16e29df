"""`leds access`: who may read what, and what a change of schema, tables or policies would open."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from authz.access_survey import survey
from authz.access_table import AccessTable, Widening, widenings
from leds.access_approval import TABLE, approve, current_decider, table_from_file
from leds.errors import ConfigurationError, UnknownName
from leds.progress import bar
from leds.widenings import widening_lines

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Who may read what: compute it, compare it with what was approved, approve it.",
)
SHOWN = 40


@application.command()
def table(
    out: Annotated[Path, typer.Option(help="Where to write the table.")] = Path("access-table.json"),
) -> None:
    """Compute for every organisation kind, role and purpose the highest form of each coordinate (about a minute)."""
    out.write_text(_current().text(), encoding="utf-8")
    typer.echo(f"{out}: written")


@application.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The table to compare with; default: the approved one.")] = TABLE,
    new: Annotated[Path | None, typer.Argument(help="The other table; default: what holds now, computed.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Compute only this dataset or coordinate, in seconds; repeatable. For a look while working."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each widening.")] = False,
) -> None:
    """Say which (caller, purpose, coordinate) can be read better than in OLD. Exits 1 when any can."""
    if new and only:
        raise ConfigurationError("--only narrows what is computed: give it without NEW.")
    before = table_from_file(old)
    opened = widenings(before, table_from_file(new) if new else _current(only or ()))
    if as_json:
        for widening in opened:
            typer.echo(json.dumps(asdict(widening)))
    else:
        _print(opened)
    if opened:
        raise typer.Exit(1)


@application.command("approve")
def approve_command(
    by: Annotated[str, typer.Option(help="Who approves: a name the joint controllers know.")],
    because: Annotated[str, typer.Option(help="Why: the change, its assessment, its ticket.")],
) -> None:
    """Keep what holds now as the approved access table, with who approved it and why.

    Prints what it opens first; review the change of `schema/access/` like code.
    """
    with bar("asking every class of callers") as report:
        _print(approve(by, because, datetime.now(UTC).date(), report))


def _current(only: Sequence[str] = ()) -> AccessTable:
    decider = current_decider()
    if unknown := [name for name in only if name not in decider.rules.fields and name not in decider.facts.datasets]:
        raise UnknownName(
            f"There is neither a dataset nor a coordinate {', '.join(unknown)}.",
            advice="Datasets are in `authz/data/datasets.csv`, coordinates (`Type.field`) in `schema/fields.csv`.",
        )
    with bar("asking every class of callers") as report:
        return survey(decider, datetime.now(UTC).date(), only=only, report=report)


def _print(opened: tuple[Widening, ...]) -> None:
    lines = list(widening_lines(opened))
    typer.echo("\n".join(lines[:SHOWN]) if lines else "nothing is opened")
    if len(lines) > SHOWN:
        typer.echo(f"… and {len(lines) - SHOWN} more lines; `leds access diff --json` lists every widening")
    if opened:
        typer.echo(f"{len(opened)} widenings")

"""`leds access`: who may read what, what a change of schema, tables or policies would open, and the access facts that
change while the service runs."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from authz.access_survey import survey, survey_beyond
from authz.access_table import AccessTable, widenings
from authz.fact_changes import KEYS, STANDINGS, FactChange, FactState
from authz.facts import Row
from leds.access_approval import (
    TABLE,
    approve,
    approve_configured,
    configured_decider,
    current_decider,
    table_from_file,
)
from leds.access_facts import FactRegister
from leds.commands.access_changes import GROUPS
from leds.commands.access_output import change_json, change_text, say_json, say_widenings
from leds.config import home, load_configuration
from leds.errors import ConfigurationError, UnknownName
from leds.keys import ensure_keys
from leds.progress import bar

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Who may read what: compute it, compare it with what was approved, approve it; and suspend, withdraw or "
    "restore agreements, systems, organisations and users while the service runs.",
)
for name, group in GROUPS.items():
    application.add_typer(group, name=name)
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON line for each.")]
# What a table of facts is called on the command line, and what is shown of a row.
LISTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "agreements": ("agreements", ("id", "organisation_kind", "state", "start", "end")),
    "organisations": ("organisations", ("id", "kind", "agreement", "name")),
    "systems": ("systems", ("name", "state", "routes", "label")),
    "entitlements": ("entitlements", ("role", "dataset", "form", "needs_training", "fields")),
    "users": (STANDINGS, ("subject", "state", "lapsed")),
}


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
    config: Annotated[
        Path | None, typer.Option(help="Compare the schemas that this `leds.toml` names: what its gateway would open.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each widening.")] = False,
) -> None:
    """Say which (caller, purpose, coordinate) can be read better than in OLD. Exits 1 when any can."""
    if sum(map(bool, (new, only, config))) > 1:
        raise ConfigurationError("NEW, --only and --config each say what is compared: give one of them.")
    before = table_from_file(old)
    after = _configured(before, config) if config else table_from_file(new) if new else _current(only or ())
    opened = widenings(before, after)
    if as_json:
        for widening in opened:
            say_json(asdict(widening))
    else:
        say_widenings(opened)
    if opened:
        raise typer.Exit(1)


@application.command("approve")
def approve_command(
    by: Annotated[str, typer.Option(help="Who approves: a name the joint controllers know.")],
    because: Annotated[str, typer.Option(help="Why: the change, its assessment, its ticket.")],
    config: Annotated[
        Path | None, typer.Option(help="Approve the schemas of this `leds.toml` for a running gateway, signed.")
    ] = None,
) -> None:
    """Keep what holds now as the approved access table, with who approved it and why.

    Prints what it opens first; review the change of `schema/access/` like code. With `--config` nothing there is
    written: the schemas that the configuration names are compared with the approved table, and these versions of
    rules and policies are signed with the approver's key, so that a running gateway takes them up on its next reload.
    """
    now = datetime.now(UTC)
    with bar("asking every class of callers") as report:
        if config is None:
            say_widenings(approve(by, because, now.date(), report))
            return
        configuration = load_configuration(config, os.environ)
        ensure_keys(home(os.environ) / "keys")
        opened, approval = approve_configured(configuration, (by, because), now, report)
    say_widenings(opened)
    typer.echo(f"signed: rules {approval.sources['rules']}")


@application.command("list")
def list_command(
    what: Annotated[str, typer.Argument(help=f"One of {', '.join(LISTED)}.")] = "agreements",
    as_json: JsonOption = False,
) -> None:
    """The access facts as they are now, every change since they were shipped included."""
    if what not in LISTED:
        raise UnknownName(f"There are no {what!r}.", advice=f"Choose one of {', '.join(LISTED)}.")
    (state, _), (name, columns) = _read(), LISTED[what]
    for row in state.rows(name):
        if as_json:
            say_json(dict(row))
        else:
            typer.echo("  ".join(row[column] or "-" for column in columns))


@application.command()
def show(
    named: Annotated[str, typer.Argument(help="An agreement, organisation, system, role or user by its id.")],
    as_json: JsonOption = False,
) -> None:
    """Everything that is known of one agreement, organisation, system, role or user, with its history."""
    state, changes = _read()
    rows = list(_named(state, named))
    history = [change for change in changes if change.key[0] == named]
    if not rows and not history:
        raise UnknownName(f"Nothing is called {named!r}.", advice="`leds access list WHAT` has the names.")
    for table_name, row in rows:
        if as_json:
            say_json({"table": table_name} | dict(row))
        else:
            typer.echo(f"{table_name}: " + "  ".join(f"{column}={value}" for column, value in row.items() if value))
    _say_changes(history, state, as_json)


@application.command()
def log(as_json: JsonOption = False) -> None:
    """Every change of access facts, oldest first: when, what, by whom and why."""
    state, changes = _read()
    _say_changes(list(changes), state, as_json)


def _say_changes(changes: list[FactChange], state: FactState, as_json: bool) -> None:
    for change in changes:
        refused = change.number in state.passed_over
        if as_json:
            say_json({**change_json(change, bool(change.signature) or refused), "refused": refused})
        else:
            typer.echo(
                change_text(change) + ("  NOT IN FORCE: it opens something and is not signed" if refused else "")
            )


def _read() -> tuple[FactState, tuple[FactChange, ...]]:
    async def read() -> tuple[FactState, tuple[FactChange, ...]]:
        register = FactRegister(load_configuration(None, os.environ))
        try:
            return await register.read()
        finally:
            await register.close()

    return asyncio.run(read())


def _named(state: FactState, named: str) -> Iterator[tuple[str, Row]]:
    for name in KEYS:
        yield from ((name, row) for row in state.rows(name) if row[KEYS[name][0]] == named)


def _configured(before: AccessTable, config: Path) -> AccessTable:
    decider = configured_decider(load_configuration(config, os.environ))
    with bar("asking about what is not as in the table") as report:
        return survey_beyond(before, decider, datetime.now(UTC).date(), report=report)


def _current(only: Sequence[str] = ()) -> AccessTable:
    decider = current_decider()
    if unknown := [name for name in only if name not in decider.rules.fields and name not in decider.facts.datasets]:
        raise UnknownName(
            f"There is neither a dataset nor a coordinate {', '.join(unknown)}.",
            advice="Datasets are in `authz/data/datasets.csv`, coordinates (`Type.field`) in `schema/fields.csv`.",
        )
    with bar("asking every class of callers") as report:
        return survey(decider, datetime.now(UTC).date(), only=only or None, report=report)

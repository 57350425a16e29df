"""The options that the commands of `leds audit` share, and how they say what they found."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from leds.errors import ConfigurationError

Ledger = Annotated[Path | None, typer.Option("--ledger", help="The ledger's database; default: the running demo's.")]
Log = Annotated[str | None, typer.Option("--log", help="Only this log, by its name, e.g. leds-graph/gateway.")]
Since = Annotated[
    str | None,
    typer.Option("--from", help="Not before this time: 2026-11-28 or 2026-11-28T09:30 (UTC), or with a zone."),
]
Until = Annotated[str | None, typer.Option("--to", help="Before this time, which is not included.")]
Organisation = Annotated[str | None, typer.Option(help="Of this organisation, by its id, e.g. ORG-20.")]
ToWhom = Annotated[str, typer.Option("--to-whom", help="The organisation that receives the file, e.g. ORG-20.")]
ApprovedBy = Annotated[str, typer.Option("--approved-by", help="Who has approved that it leaves the service.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there already.")]

_console = Console(highlight=False)


def moment(text: str | None, option: str) -> datetime | None:
    """The time that an option gives; UTC where it names no zone. Raises ConfigurationError."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{option} is no time: {text!r}.", advice="Write 2026-11-28, 2026-11-28T09:30 or 2026-11-28T09:30+01:00."
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def approved(by: str) -> str:
    """Who approved an export. Raises ConfigurationError when nobody did."""
    if not by.strip():
        raise ConfigurationError("It is not said who approved this.", advice="Name whoever did with --approved-by.")
    return by.strip()


def say_json(value: Any) -> None:
    """One JSON line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def say_lines(lines: Mapping[str, str]) -> None:
    """A label and a text on each line, then an empty line."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for label, text in lines.items():
        table.add_row(f"[dim]{label}[/]", escape(text))
    _console.print(table)
    _console.print()

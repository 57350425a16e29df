"""`leds alerts`: what owners and supervisors are told of looks at records under control, and that it was seen to."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from authz.alert_reading import KeptAlert, acknowledge, kept_alerts
from authz.alerts import FILE
from leds.config import home
from leds.errors import ConfigurationError

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What owners are told of looks at records under control. Subjects are hashes, as in the ledger.",
)
OwnerOption = Annotated[str | None, typer.Option("--owner", help="One owner's only: an organisation, force or unit.")]
FileOption = Annotated[Path | None, typer.Option("--file", help="The file of alerts; default: the running demo's.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON line for each alert.")]
LOOK_SECONDS = 0.5


@application.command("list")
def list_command(
    owner: OwnerOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were acknowledged too.")] = False,
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """The alerts that nobody has acknowledged yet, oldest first."""
    for kept in kept_alerts(_file(file), owner):
        if everything or kept.acknowledged is None:
            _say(kept, as_json)


@application.command()
def tail(
    owner: OwnerOption = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many of the newest alerts.")] = 10,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Keep printing new ones until interrupted.")] = False,
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest alerts, acknowledged or not."""
    for kept in _newest(_file(file), owner, count, follow):
        _say(kept, as_json)


@application.command("acknowledge")
def acknowledge_command(
    number: Annotated[int, typer.Argument(min=1, help="The alert's number, as `leds alerts list` shows it.")],
    by: Annotated[str, typer.Option(help="Who has seen to it.")],
    because: Annotated[str, typer.Option(help="What came of it.")],
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that an alert was seen to. The alert itself stays as it is."""
    if not by.strip() or not because.strip():
        raise ConfigurationError("It is not said who has seen to it, or what came of it.", advice="Fill in both.")
    _say(acknowledge(_file(file), number, by, because, datetime.now(UTC)), as_json)


def _file(chosen: Path | None) -> Path:
    return chosen or home(os.environ) / FILE


def _newest(path: Path, owner: str | None, count: int, follow: bool) -> Iterator[KeptAlert]:
    known = list(kept_alerts(path, owner))
    yield from known[-count:]
    seen = known[-1].number if known else 0
    while follow:
        time.sleep(LOOK_SECONDS)
        for kept in kept_alerts(path, owner):
            if kept.number > seen:
                seen = kept.number
                yield kept


def _say(kept: KeptAlert, as_json: bool) -> None:
    said = _json(kept)
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    seen = f"  [{kept.acknowledged.by}: {kept.acknowledged.because}]" if kept.acknowledged else ""
    told = "  ".join(str(said[name]) for name in ("number", "at", "type", "policy", "owner", "subject_type", "subject"))
    typer.echo(f"{told}  by {said['user']} of {said['organisation']}{seen}")


def _json(kept: KeptAlert) -> dict[str, Any]:
    alert = asdict(kept.alert) | {"at": kept.alert.at.isoformat()}
    acknowledged = asdict(kept.acknowledged) if kept.acknowledged else None
    return {"number": kept.number, **alert, "acknowledged": acknowledged}

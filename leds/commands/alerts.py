"""`leds alerts`: what owners and supervisors are told of looks at records under control, and that it was seen to."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from authz.alert_reading import KeptAlert
from leds.alert_desk import AlertDesk, alert_desk
from leds.commands.audit_output import say_json
from leds.errors import ConfigurationError

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What owners are told of looks at records under control, from the logs of alerts of this home. Subjects are "
    "hashes, as in the ledger. Whoever reads them is recorded beside them.",
)
OwnerOption = Annotated[str | None, typer.Option("--owner", help="One owner's only: an organisation, force or unit.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON line for each alert.")]
LOOK_SECONDS = 0.5


@application.command("list")
def list_command(
    owner: OwnerOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were acknowledged too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The alerts that nobody has acknowledged yet, oldest first."""
    desk = alert_desk()
    desk.looked("list", {"owner": owner})
    for kept in desk.alerts(owner):
        if everything or kept.acknowledged is None:
            _say(kept, as_json)


@application.command()
def tail(
    owner: OwnerOption = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many of the newest alerts.")] = 10,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Keep printing new ones until interrupted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The newest alerts, acknowledged or not."""
    desk = alert_desk()
    desk.looked("tail", {"owner": owner, "count": count})
    for kept in _newest(desk, owner, count, follow):
        _say(kept, as_json)


@application.command("acknowledge")
def acknowledge_command(
    alert: Annotated[str, typer.Argument(metavar="ID", help="The alert's audit id, as `leds alerts list` shows it.")],
    by: Annotated[str, typer.Option(help="Who has seen to it.")],
    because: Annotated[str, typer.Option(help="What came of it.")],
    as_json: JsonOption = False,
) -> None:
    """Say that an alert was seen to. The alert itself stays as it is."""
    if not by.strip() or not because.strip():
        raise ConfigurationError("It is not said who has seen to it, or what came of it.", advice="Fill in both.")
    _say(alert_desk().acknowledge(alert, by, because), as_json)


def _newest(desk: AlertDesk, owner: str | None, count: int, follow: bool) -> Iterator[KeptAlert]:
    known = desk.alerts(owner)
    yield from known[-count:]
    seen = {kept.id for kept in known}
    while follow:
        time.sleep(LOOK_SECONDS)
        for kept in desk.alerts(owner):
            if kept.id not in seen:
                seen.add(kept.id)
                yield kept


def _say(kept: KeptAlert, as_json: bool) -> None:
    said = _json(kept)
    if as_json:
        say_json(said)
        return
    seen = f"  [{kept.acknowledged.by}: {kept.acknowledged.because}]" if kept.acknowledged else ""
    told = "  ".join(str(said[name]) for name in ("id", "at", "type", "policy", "owner", "subject_type", "subject"))
    typer.echo(f"{told}  by {said['user']} of {said['organisation']}{seen}")


def _json(kept: KeptAlert) -> dict[str, Any]:
    alert = asdict(kept.alert) | {"at": kept.alert.at.isoformat()}
    acknowledged = asdict(kept.acknowledged) if kept.acknowledged else None
    return {"id": kept.id, **alert, "acknowledged": acknowledged}

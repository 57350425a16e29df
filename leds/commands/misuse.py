"""`leds misuse`: find signs of misuse in the disclosure ledger, and let people review them. It sanctions nobody."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer

from authz.audit.export import Asked
from authz.misuse.detect import RuleRun
from authz.misuse.feeds import FEEDS
from authz.misuse.signals import Signal
from authz.misuse_queue import QueuedSignal, ReviewDecision, ReviewOutcome
from leds.commands.audit_output import Organisation, moment, say_json, say_lines
from leds.errors import ConfigurationError
from leds.ledger_desk import desk
from leds.misuse_desk import MisuseDesk, MisuseRun, feed_files

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Find signs of misuse in the disclosure ledger, and let people review them. Subjects are hashes; nothing that "
    "is found or decided here changes anybody's access.",
)
SignalId = Annotated[str, typer.Argument(metavar="ID", help="The signal's id, as `leds misuse list` shows it.")]
_AROUND_SECONDS = 60
JsonOption = Annotated[bool, typer.Option("--json", help="JSON, one line for each.")]


@application.command()
def run(
    since: Annotated[
        str | None, typer.Option("--since", help="What happened, or went on, from this time (UTC).")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this time, which is not included.")] = None,
    feed: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help=f"A feed (docs/feeds.md): {', '.join(FEEDS)}. Give one for each."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the ledger by the rules MU01 to MU12 and put what is new before reviewers. Running it again adds nothing.

    A rule without its feed is said to be not running, which is not the same as that it found nothing.
    """
    chosen = MisuseDesk(desk(None))
    feeds = chosen.feeds(feed_files(feed or []))
    period = Asked(moment(since, "--since"), moment(until, "--until"))
    found = chosen.run(feeds, period, {"since": since, "until": until, "feeds": " ".join(sorted(feed or []))})
    if as_json:
        say_json(_run_json(found))
        return
    for each in found.rules:
        typer.echo(_told(each, found))
    typer.echo(f"{found.requests} requests judged; {len(found.added)} new signals in the queue")


@application.command("list")
def list_command(
    rule: Annotated[str | None, typer.Option(help="Of this rule, e.g. MU03.")] = None,
    organisation: Organisation = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are decided too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The signals that wait for a decision, the oldest first."""
    chosen = MisuseDesk(desk(None))
    chosen.looked_at("list", None, {"rule": rule, "organisation": organisation})
    for queued in chosen.queue.signals(rule, organisation):
        if not everything and not queued.is_waiting:
            continue
        if as_json:
            say_json(_json(queued))
        else:
            signal = queued.signal
            state = queued.decisions[-1].outcome if queued.decisions else "NOT_REVIEWED"
            typer.echo(f"{signal.id}  {signal.user} of {signal.organisation}  {signal.explanation}  [{state}]")


@application.command()
def show(signal_id: SignalId, as_json: JsonOption = False) -> None:
    """One signal, with what it rests on and what was decided. `leds audit search` shows the entries themselves."""
    chosen = MisuseDesk(desk(None))
    queued = chosen.queue.signal(signal_id)
    chosen.looked_at("show", signal_id, {})
    if as_json:
        say_json(_json(queued))
    else:
        say_lines(_lines(queued))


@application.command()
def decide(
    signal_id: SignalId,
    by: Annotated[str, typer.Option(help="Who decides, by user id: nobody decides about themselves.")],
    outcome: Annotated[ReviewOutcome, typer.Option(help="What it came to.")],
    because: Annotated[str, typer.Option(help="Why.")],
    as_json: JsonOption = False,
) -> None:
    """Say what a person decided about a signal: recorded in the operators' log, and nothing else follows by itself."""
    if not by.strip() or not because.strip():
        raise ConfigurationError("It is not said who decides, or why.", advice="Fill in --by and --because.")
    decision = ReviewDecision(by.strip(), outcome, because.strip(), datetime.now(UTC))
    queued = MisuseDesk(desk(None)).decide(signal_id, decision)
    if as_json:
        say_json(_json(queued))
    else:
        say_lines(_lines(queued))


@application.command("hash")
def hash_command(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="The type of the records, e.g. Vehicle or Household.")],
) -> None:
    """Keys on standard input, one a line; their keyed hashes as the ledger has them, for feeds that name records."""
    keys = desk(None).keys().subject
    for line in sys.stdin:
        typer.echo(keys.subject(kind, line.rstrip("\n")))


def _told(run: RuleRun, found: MisuseRun) -> str:
    name = f"{run.rule.code} v{run.rule.version}"
    if run.not_running:
        return f"{name}  not running: {run.not_running}"
    unjudged = "".join(f"; {number} not judged: {why}" for why, number in run.unjudged.items())
    return f"{name}  ran: {len(run.signals)} signals, {_new(run, found)} new{unjudged}"


def _new(run: RuleRun, found: MisuseRun) -> int:
    return sum(each.rule == run.rule.code for each in found.added)


def _run_json(found: MisuseRun) -> dict[str, Any]:
    rules = [
        {
            "rule": run.rule.code,
            "version": run.rule.version,
            "state": "NOT_RUNNING" if run.not_running else "RAN",
            "because": run.not_running or None,
            "signals": None if run.not_running else len(run.signals),
            "new": None if run.not_running else _new(run, found),
            "judged": run.judged,
            "unjudged": dict(run.unjudged),
        }
        for run in found.rules
    ]
    return {"requests": found.requests, "rules": rules, "added": [each.to_json() for each in found.added]}


def _json(queued: QueuedSignal) -> dict[str, Any]:
    return queued.signal.to_json() | {
        "foundAt": queued.found_at.isoformat(),
        "decisions": msgspec.to_builtins(queued.decisions),
    }


def _lines(queued: QueuedSignal) -> dict[str, str]:
    signal = queued.signal
    lines = {
        "signal": f"{signal.id} · {signal.rule} v{signal.version} · {signal.cause} · score {signal.score:g}",
        "about": f"{signal.user} of {signal.organisation}",
        "what": signal.explanation,
        "when": f"{signal.first.isoformat()} to {signal.last.isoformat()}",
        "subjects": " ".join(signal.subjects),
        "entries": " ".join(signal.entries),
        "alerts": " ".join(signal.alerts),
        "search": "" if signal.entries else _search(signal),
    }
    for number, each in enumerate(queued.decisions, 1):
        lines[f"decision {number}"] = f"{each.outcome} by {each.reviewer}, {each.at.isoformat()}: {each.because}"
    return {label: text for label, text in lines.items() if text}


def _search(signal: Signal) -> str:
    """The command that finds what was going on around alerts, which do not say in which request they were."""
    around = timedelta(seconds=_AROUND_SECONDS)
    times = f"--from {(signal.first - around).isoformat()} --to {(signal.last + around).isoformat()}"
    return f"leds audit search --operator {signal.user} {times}"

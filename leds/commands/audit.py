"""`leds audit`: verify, follow and search the disclosure ledger, prove what it holds, and take files out of it."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from authz.audit.export import Asked
from authz.audit.leaf import EventType, leaf_from_bytes
from authz.audit.parts import part_from_bytes
from authz.audit.proof import Proof, locate, prove
from authz.audit.reading import LogFile
from authz.audit.search import Found, Wanted, search
from authz.audit.tail import tail_leaves
from leds.commands.audit_erasing import erase, prepare, retention
from leds.commands.audit_files import export, report
from leds.commands.audit_output import Ledger, Log, Organisation, Since, Until, moment, say_json, say_lines
from leds.commands.audit_verify import verify
from leds.files import read_text
from leds.ledger_desk import desk

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Verify, follow and search the disclosure ledger, prove what it holds, and take files out of it. Whoever "
    "reads it is recorded in a log of its own beside the ledger.",
)
application.command()(export)
application.command()(report)
for command in (verify, prepare, retention, erase):
    application.command()(command)


@application.command()
def tail(
    ledger: Ledger = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many of the newest leaves.")] = 10,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Keep printing new leaves until interrupted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each leaf.")] = False,
) -> None:
    """Print the newest leaves of the ledger: who was shown whose record, and why."""
    chosen = desk(ledger)
    chosen.looked("tail", chosen.logs()[:1], {"count": count})
    for tailed in tail_leaves(chosen.database, count, follow=follow):
        if as_json:
            say_json(tailed.to_json())
        else:
            say_lines(tailed.summary())


@application.command("search")
def search_command(  # noqa: PLR0913 - each parameter is an option of the command line
    ledger: Ledger = None,
    log: Log = None,
    operator: Annotated[str | None, typer.Option(help="By this user, e.g. u-20-4419.")] = None,
    organisation: Organisation = None,
    since: Since = None,
    until: Until = None,
    reason: Annotated[str | None, typer.Option(help="With this reason code, e.g. 6.")] = None,
    purpose: Annotated[str | None, typer.Option(help="For this lawful purpose, e.g. PP1.")] = None,
    dataset: Annotated[str | None, typer.Option(help="That showed, or refused, something of this dataset.")] = None,
    document: Annotated[str | None, typer.Option(help="By this document: its sha256:… or its registered id.")] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            help="That showed this record: KIND:KEY of its @subject, e.g. Driver:MORGA657054SM9IJ, or its hash (h:…)."
        ),
    ] = None,
    event_type: Annotated[EventType | None, typer.Option(help="Of this type, e.g. DISCLOSE.")] = None,
    refused: Annotated[str | None, typer.Option(help="Refused with this code, or in part by this policy.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each.")] = False,
) -> None:
    """Find what was done: requests with what came of them, and events. All that is given must hold."""
    chosen = desk(ledger)
    times = Asked(moment(since, "--from"), moment(until, "--to")).bounds
    wanted = Wanted(
        operator=operator,
        organisation=organisation,
        reason=reason,
        purpose=purpose,
        document=document,
        dataset=dataset,
        subject=None if subject is None else chosen.subject_hash(subject),
        event_type=event_type,
        refused_by=refused,
        times=times,
    )
    logs = chosen.logs(log)
    said = {name: value for name, value in msgspec.to_builtins(wanted).items() if name != "times"}
    chosen.looked("search", logs, said | {"from": since, "to": until, "limit": limit})
    for found in islice(search(logs, wanted), limit):
        _say_found(found, as_json)


@application.command("prove")
def prove_command(
    entry: Annotated[str, typer.Argument(help="The audit id of a request or event, or a position in a log.")],
    ledger: Ledger = None,
    log: Log = None,
    since: Annotated[
        Path | None, typer.Option("--since", help="A file with an older checkpoint: prove that the log grew from it.")
    ] = None,
    without_parts: Annotated[
        bool, typer.Option("--without-parts", help="Open none of the leaf's parts: for those who may not see them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The proof as JSON, complete in itself.")] = False,
) -> None:
    """Prove that the ledger holds a leaf, and open its parts. Of a request it is the outcome, as in its receipt."""
    chosen = desk(ledger)
    logs = chosen.logs(log)
    found, position = (logs[0], int(entry)) if entry.isdecimal() else locate(logs, entry)
    older = None if since is None else read_text(since)
    chosen.looked("prove", [found], {"entry": entry, "parts": "no" if without_parts else "yes"})
    proof = prove(found, chosen.public_key(found.origin), position, older, not without_parts)
    if as_json:
        say_json(proof.to_json())
    else:
        _say_proof(found, proof)


def _say_found(found: Found, as_json: bool) -> None:
    if not as_json:
        say_lines({"log": found.log} | found.tailed.summary())
        return
    line = {"log": found.log} | found.tailed.to_json()
    if found.tailed.request is not found.tailed.kept:
        line["request"] = msgspec.to_builtins(found.tailed.request.leaf.request)
    say_json(line)


def _say_proof(log: LogFile, proof: Proof) -> None:
    leaf = leaf_from_bytes(proof.canonical)
    checkpoint = proof.checkpoint.split("\n\n")[0].splitlines()
    opened = [type(part_from_bytes(opening.canonical)).__name__ for opening in proof.openings]
    lines = {
        "leaf": f"{proof.position} of {log.origin} · {leaf.audit_id} · {leaf.stage}",
        "when": leaf.occurred_at,
        "proven": f"by {len(proof.inclusion)} hashes in the checkpoint of {checkpoint[1]} leaves, {checkpoint[-1]}",
        "grown": f"from the checkpoint given, by {len(proof.consistency.proof)} hashes" if proof.consistency else "",
        "parts": ", ".join(opened),
    }
    say_lines({label: text for label, text in lines.items() if text})

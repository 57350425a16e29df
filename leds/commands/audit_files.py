"""`leds audit export` and `leds audit report`: files that leave the service, each an EXPORT event first."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from authz.audit.export import Asked, Export
from authz.audit.inspection import SALT_BYTES, inspect
from authz.audit.reading import count_leaves
from leds.commands.audit_output import (
    ApprovedBy,
    Force,
    Ledger,
    Organisation,
    Since,
    ToWhom,
    Until,
    approved,
    moment,
)
from leds.inspection_page import Titled, page
from leds.ledger_desk import desk, recipient
from leds.output import require_new, whole_file
from leds.progress import bar

ZONE = "Europe/London"


def export(  # noqa: PLR0913 - each parameter is an option of the command line
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    to_whom: ToWhom,
    approved_by: ApprovedBy,
    ledger: Ledger = None,
    since: Since = None,
    until: Until = None,
    without_parts: Annotated[
        bool, typer.Option("--without-parts", help="Hashes in the place of names, statements and subjects.")
    ] = False,
    force: Force = False,
) -> None:
    """Write all logs of the ledger but those of alerts into one signed text file that can be verified far from here."""
    chosen, approver = desk(ledger), approved(approved_by)
    recipient(to_whom)
    require_new(out, replace=force)
    asked = Asked(moment(since, "--from"), moment(until, "--to"), not without_parts)
    said = {"approvedBy": approver, "from": since, "to": until, "parts": "no" if without_parts else "yes"}
    with whole_file(out, replace=force) as file:
        lines = Export(file.write, chosen.keys().ledger)
        with bar("exporting") as progress:
            lines.body(chosen.logs_that_leave(), asked, datetime.now(UTC), progress)
        file.flush()
        chosen.taken_out("export", lines.digest, to_whom, said)
        lines.trailer()
    typer.echo(f"{out}: written")


def report(  # noqa: PLR0913 - each parameter is an option of the command line
    out: Annotated[Path, typer.Option("--out", help="The HTML file to write.")],
    to_whom: ToWhom,
    approved_by: ApprovedBy,
    ledger: Ledger = None,
    organisation: Organisation = None,
    since: Since = None,
    until: Until = None,
    force: Force = False,
) -> None:
    """Write an inspection of how the service was used: one HTML file with charts, for the screen and for paper."""
    chosen, approver = desk(ledger), approved(approved_by)
    recipient(to_whom)
    if organisation is not None:
        recipient(organisation)
    require_new(out, replace=force)
    asked = Asked(moment(since, "--from"), moment(until, "--to"))
    logs, now, zone = chosen.logs_that_leave(), datetime.now(UTC), ZoneInfo(ZONE)
    total = sum(count_leaves(log.path) for log in logs)
    with bar("inspecting") as progress:
        found = inspect(
            logs, asked, organisation, zone, os.urandom(SALT_BYTES), lambda done: progress(done, max(done, total))
        )
    data = page(found, Titled(organisation, asked.start, asked.end, now, zone, approver, to_whom)).encode()
    said = {"approvedBy": approver, "organisation": organisation, "from": since, "to": until}
    with whole_file(out, replace=force) as file:
        file.write(data)
        file.flush()
        chosen.taken_out("report", hashlib.sha256(data).hexdigest(), to_whom, said)
    typer.echo(f"{out}: written")

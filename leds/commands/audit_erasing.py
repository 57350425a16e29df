"""`leds audit prepare`, `retention` and `erase`: a ledger's tables in PostgreSQL, and what may go from a log."""

import asyncio
import getpass
import json
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from authz.audit.connecting import prepare as prepare_database
from authz.audit.erasing import Erasure, HeldMonth, Order, drop_months, erase_part, expired_months
from authz.audit.ledger import Ledger, LedgerKeys
from leds.config import Configuration, home, load_configuration
from leds.errors import ConfigurationError, UnknownName
from leds.keys import load_keys
from leds.ledger import erasure_of, origin_of, store_of, url_of

T = TypeVar("T")

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PART = re.compile(r"(\d{1,18})/(\d{1,9})")
Database = Annotated[
    str, typer.Option("--database", help="PostgreSQL URL of a login that may erase; default: the configured one.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def prepare(
    database: Annotated[str, typer.Option(help="PostgreSQL URL of who will own the tables; default: ledger.url.")] = "",
) -> None:
    """Make the ledger's tables, functions and roles in PostgreSQL. Again is no harm: what is there stays."""
    asyncio.run(prepare_database(database or url_of(load_configuration(None, os.environ).ledger)))
    typer.echo("The ledger's tables are there; members of leds_ledger_writer may write, of leds_ledger_eraser erase.")


def retention(
    drop_before: Annotated[str, typer.Option(help="The first month that stays, e.g. 2019-01.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be dropped.")] = False,
    database: Database = "",
    as_json: Json = False,
) -> None:
    """Drop whole months that have been kept for as long as their retention rule demands; their hashes stay.

    The process that writes this log must not run: an event in the log names what is dropped.
    """
    if not _MONTH.fullmatch(drop_before):
        raise ConfigurationError("--drop-before is no month.", advice="Write it as 2019-01.")
    configuration = load_configuration(None, os.environ)
    erasure = erasure_of(configuration, home(os.environ), database)

    async def dropped(ledger: Ledger) -> None:
        await drop_months(ledger, erasure, months, _order(getpass.getuser(), "the end of its retention"))

    months = asyncio.run(expired_months(erasure, drop_before, _now().date()))
    if months and not dry_run:
        asyncio.run(_written(configuration, dropped))
    _say_months(origin_of(configuration.ledger), months, dry_run=dry_run, as_json=as_json)


def erase(
    log: Annotated[str, typer.Argument(help="The log, as receipts name it: the one this configuration writes.")],
    part: Annotated[str, typer.Argument(metavar="POSITION/SLOT", help="Which part of which leaf.")],
    because: Annotated[str, typer.Option(help="Why it goes; stands in the log.")],
    by: Annotated[str, typer.Option(help="Who has decided so; stands in the log.")],
    database: Database = "",
    as_json: Json = False,
) -> None:
    """Erase what people wrote in one part of a leaf. Its hash stays, and an event in the log names it.

    The process that writes this log must not run.
    """
    configuration = load_configuration(None, os.environ)
    if log != origin_of(configuration.ledger):
        raise UnknownName(
            f"This configuration does not write the log {log!r}.",
            advice=f"It writes {origin_of(configuration.ledger)}; [ledger] log says which.",
        )
    matched = _PART.fullmatch(part)
    if not matched or not by.strip() or not because.strip():
        raise ConfigurationError(
            "It is not said which part goes, who has decided so, or why.",
            advice="Write `leds audit erase LOG 1042/0 --by NAME --because REASON`.",
        )
    position, slot = int(matched[1]), int(matched[2])
    erasure: Erasure = erasure_of(configuration, home(os.environ), database)
    receipt = asyncio.run(
        _written(configuration, lambda ledger: erase_part(ledger, erasure, position, slot, _order(by, because)))
    )
    if as_json:
        said = {"log": log, "position": position, "slot": slot, "entry": receipt.entry_id, "index": receipt.index}
        typer.echo(json.dumps(said))
    else:
        typer.echo(f"erased slot {slot} of leaf {position}; leaf {receipt.index} ({receipt.entry_id}) says so")


async def _written(configuration: Configuration, work: Callable[[Ledger], Awaitable[T]]) -> T:
    """Do `work` as the writer of the configured log."""
    state = home(os.environ)
    keys = load_keys(state / "keys")
    ledger_keys = LedgerKeys(keys.ledger, keys.sealing)
    ledger = await Ledger.open(store_of(configuration, state), ledger_keys, origin_of(configuration.ledger), _now)
    try:
        return await work(ledger)
    finally:
        await ledger.close()


def _say_months(log: str, months: tuple[HeldMonth, ...], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        rows = [
            {"month": month.month, "leaves": month.count, "runs": [[run.first, run.last] for run in month.runs]}
            for month in months
        ]
        typer.echo(json.dumps({"log": log, "dropped": not dry_run, "months": rows}))
        return
    for month in months:
        runs = ", ".join(f"{run.first}-{run.last}" for run in month.runs)
        typer.echo(f"{'would drop' if dry_run else 'dropped'} {month.month}: {month.count:,} leaves ({runs})")
    if not months:
        typer.echo("nothing to drop: the log holds no leaf of an earlier month")


def _order(by: str, because: str) -> Order:
    return Order(by, because, _now, os.urandom)


def _now() -> datetime:
    return datetime.now(UTC)

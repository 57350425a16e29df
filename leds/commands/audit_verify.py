"""`leds audit verify`: the independent verifier over the ledger of this home, a copy, or an export."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from authz.audit.errors import LedgerUnreadable, PublicKeyUnreadable
from authz.audit.reading import logs_of
from authz.verifier.evidence import ReceiptUnreadable
from authz.verifier.findings import Verdict
from authz.verifier.note import Keys, KeyUnreadable, read_keys
from authz.verifier.verify import verify as verified
from authz.verifier.walk import Progress
from leds.commands.audit_output import say_json
from leds.config import home
from leds.errors import ConfigurationError
from leds.files import read_text
from leds.keys import LOG_PUBLIC_KEYS
from leds.ledger_desk import desk

_SQLITE = b"SQLite format 3\0"
_STEP = 1_000


def verify(
    source: Annotated[
        Path | None, typer.Argument(help="A ledger's database or an export; default: the running demo's ledger.")
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="A file with the public key of a log (PEM or verifier key); default: this home's."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that was kept elsewhere: what it covers must be there.")
    ] = None,
    receipts: Annotated[
        list[Path] | None,
        typer.Option(help="Receipts (`extensions.audit` of answers), one JSON object a line: all must be there."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The verdict as one JSON document.")] = False,
) -> None:
    """Recompute the whole ledger from its stored bytes and name the first leaf, or line of an export, that is wrong.

    Finds what was edited, deleted, inserted, reordered, cut off, forked, computed again without the key, or dated
    before its time. Exits 1 when the ledger is not intact. Shares no code with what writes the ledger.
    """
    chosen = source or desk(None).database
    if not chosen.exists():
        raise LedgerUnreadable(f"There is nothing at {chosen}.")
    with _progress() as progress:
        verdict = _verdict(chosen, _keys(key or []), (checkpoint or [], receipts or []), progress)
    if as_json:
        say_json(verdict.as_json())
    else:
        typer.echo(str(verdict))
    if not verdict.intact:
        raise typer.Exit(1)


def _verdict(
    chosen: Path, keys: Keys | None, evidence: tuple[Sequence[Path], Sequence[Path]], progress: Progress | None
) -> Verdict:
    paths = _logs(chosen) if _is_database(chosen) else [chosen]
    checkpoints, receipts = evidence
    try:
        return verified(
            paths,
            keys,
            checkpoints=[read_text(path) for path in checkpoints],
            receipts=[line for path in receipts for line in read_text(path).splitlines() if line.strip()],
            progress=progress,
        )
    except KeyUnreadable as error:
        raise _no_key(error) from error
    except ReceiptUnreadable as error:
        raise ConfigurationError(
            f"A receipt cannot be read: {error}.", advice="Give one `extensions.audit` object a line, as it came."
        ) from error


def _logs(database: Path) -> list[Path]:
    """Every log that lies beside this database, or the database alone where it can no longer be read as one."""
    try:
        return [log.path for log in logs_of(database)]
    except LedgerUnreadable:
        return [database]


def _is_database(path: Path) -> bool:
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _keys(given: Sequence[Path]) -> Keys | None:
    """The keys that are trusted: those given, else this home's; an export brings its own where there are none."""
    own = [home(os.environ) / "keys" / name for name in LOG_PUBLIC_KEYS]
    paths = list(given) or [path for path in own if path.exists()]
    try:
        return read_keys([read_text(path) for path in paths]) if paths else None
    except KeyUnreadable as error:
        raise _no_key(error) from error


def _no_key(error: KeyUnreadable) -> PublicKeyUnreadable:
    return PublicKeyUnreadable(f"The ledger's public key cannot be read: {error}.")


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """Where the verifier is, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with Console(stderr=True).status("verifying …") as status:

        def show(origin: str, position: int) -> None:
            if position % _STEP == 0:
                status.update(f"{origin}: {position:,} leaves")

        yield show

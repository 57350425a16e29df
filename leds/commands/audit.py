"""`leds audit`: verify the disclosure ledger, or follow it."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from authz.audit.tail import Tailed, tail_leaves
from leds.config import home
from leds.errors import NoRunningDemo

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Verify or follow the disclosure ledger."
)
console = Console(highlight=False)

LedgerOption = Annotated[
    Path | None, typer.Option("--ledger", help="The ledger's database; default: the running demo's.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document (verify) or one JSON line per entry (tail).")
]


@application.command()
def tail(
    ledger: LedgerOption = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many of the newest entries.")] = 10,
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Keep printing new entries until interrupted.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the newest entries of the ledger: who was shown whose record, and why."""
    path = _existing(ledger or home(os.environ) / "ledger.sqlite")
    for entry in tail_leaves(path, count, follow=follow):
        if as_json:
            typer.echo(json.dumps(entry.to_json(), ensure_ascii=False))
        else:
            _print_entry(entry)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise NoRunningDemo(f"There is no ledger at {path}.")
    return path


def _print_entry(tailed: Tailed) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in tailed.summary().items():
        table.add_row(f"[dim]{name}[/]", value)
    console.print(table)
    console.print()

"""`leds keys`: the keys that gateway and subgraphs share."""

import os
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from leds.config import home
from leds.errors import UnknownName
from leds.products import PRODUCTS
from leds.rings import LEAD_SECONDS, OVERLAP_SECONDS, ensure_ring, read_ring, rotate

application = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
NameArgument = Annotated[str, typer.Argument(help=f"One of {', '.join(PRODUCTS)}.")]


@application.callback()
def _group() -> None:
    """The keys with which the gateway signs requests to a subgraph, and the subgraph its replies."""


@application.command("rotate")
def rotate_command(
    subgraph: NameArgument,
    lead: Annotated[int, typer.Option(min=0, help="Seconds until the new key is signed with.")] = LEAD_SECONDS,
    overlap: Annotated[int, typer.Option(min=0, help="Seconds the old keys count after that.")] = OVERLAP_SECONDS,
) -> None:
    """Add a new key for a subgraph; running processes take it up by themselves.

    Where gateway and subgraph have folders of their own, copy the file to the other one within the lead.
    """
    path = ensure_ring(home(os.environ) / "keys", _known(subgraph))
    fresh = rotate(path, int(time.time()), lead, overlap)
    typer.echo(f"key {fresh.key_id} of {subgraph} signs from {_moment(fresh.not_before)}")


@application.command("list")
def list_command(subgraph: NameArgument) -> None:
    """The ids of a subgraph's keys, and from when to when each counts. Secrets are never shown."""
    for key in read_ring(ensure_ring(home(os.environ) / "keys", _known(subgraph))).keys:
        ends = "no end" if key.not_after is None else _moment(key.not_after)
        typer.echo(f"{key.key_id}  from {_moment(key.not_before)}  until {ends}")


def _known(subgraph: str) -> str:
    if subgraph not in PRODUCTS:
        raise UnknownName(f"There is no subgraph {subgraph!r}.", advice=f"Choose one of {', '.join(PRODUCTS)}.")
    return subgraph


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else "the beginning"

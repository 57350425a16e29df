"""How `leds access` says what is opened and what was changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import typer

from authz.access_table import Widening
from authz.fact_changes import FactChange

SHOWN = 40


def say_widenings(opened: Sequence[Widening]) -> None:
    """What is opened, the first of it by name."""
    for widening in opened[:SHOWN]:
        typer.echo(str(widening))
    if len(opened) > SHOWN:
        typer.echo(f"… and {len(opened) - SHOWN} more; --json lists all of them")
    typer.echo(f"{len(opened)} widenings" if opened else "nothing is opened")


def say_json(value: Any) -> None:
    """One JSON line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def change_json(change: FactChange, opens: bool, opened: Sequence[Widening] = ()) -> Mapping[str, Any]:
    """A change as scripts read it."""
    return {
        "number": change.number,
        "at": change.at,
        "by": change.by,
        "because": change.because,
        "table": change.table,
        "key": list(change.key),
        "cells": change.cells,
        "opens": opens,
        "signed": bool(change.signature),
        "widenings": [asdict(widening) for widening in opened],
    }


def change_text(change: FactChange) -> str:
    """A change on one line."""
    key = " ".join(part for part in change.key if part)
    cells = (
        "taken out" if change.cells is None else ", ".join(f"{name}={value}" for name, value in change.cells.items())
    )
    return f"{change.number}  {change.at}  {change.table} {key}: {cells}  ({change.by}: {change.because})"

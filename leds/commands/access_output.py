"""How `leds access` says what is opened and what was changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import typer

from authz.access_table import Widening
from authz.fact_changes import FactChange
from leds.widenings import widening_lines

SHOWN = 40


def say_widenings(opened: Sequence[Widening]) -> None:
    """What is opened: each change once, with callers and purposes below it, and their number."""
    lines = list(widening_lines(opened))
    typer.echo("\n".join(lines[:SHOWN]) if lines else "nothing is opened")
    if len(lines) > SHOWN:
        typer.echo(f"… and {len(lines) - SHOWN} more lines; --json lists every widening")
    if opened:
        typer.echo(f"{len(opened)} widenings")


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

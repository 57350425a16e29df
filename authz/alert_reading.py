"""Alerts as their owners read them: the file in; each alert with its number and who acknowledged it out.

An alert is never changed: that somebody has seen to it is a line of its own, in a file beside, bound to the alert's
bytes. A last line without its end is one that is being written, and is not there yet.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from authz.alerts import Alert
from authz.errors import AlertsUnreadable, UnknownAlert

SUFFIX = ".acknowledged"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen to an alert, when, and what came of it. `alert` is the hash of its line."""

    number: int
    alert: str
    by: str
    because: str
    at: str


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert in its place (the first one is 1)."""

    number: int
    alert: Alert
    hash: str
    acknowledged: Acknowledgement | None = None


def kept_alerts(path: Path, owner: str | None = None) -> Iterator[KeptAlert]:
    """Every alert, oldest first, or one owner's. Raises AlertsUnreadable."""
    known = {each.alert: each for each in _acknowledgements(path)}
    for number, line in enumerate(_lines(path), 1):
        alert, digest = _alert(path, number, line), hashlib.sha256(line).hexdigest()
        if owner in (None, alert.owner):
            yield KeptAlert(number, alert, digest, known.get(f"{number}:{digest}"))


def acknowledge(path: Path, number: int, by: str, because: str, at: datetime) -> KeptAlert:
    """Say that an alert was seen to; durable when this returns. Raises UnknownAlert, AlertsUnreadable."""
    found = next((each for each in kept_alerts(path) if each.number == number), None)
    if found is None:
        raise UnknownAlert(f"There is no alert {number}.")
    if found.acknowledged is not None:
        raise UnknownAlert(f"{found.acknowledged.by} has acknowledged alert {number} already.")
    said = Acknowledgement(number, f"{number}:{found.hash}", by, because, at.isoformat())
    try:
        file = os.open(_beside(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, json.dumps(asdict(said)).encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise AlertsUnreadable(f"{_beside(path).name} cannot be written.") from error
    return KeptAlert(number, found.alert, found.hash, said)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def _lines(path: Path) -> list[bytes]:
    try:
        return [line[:-1] for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AlertsUnreadable(f"{path.name} cannot be read.") from error


def _alert(path: Path, number: int, line: bytes) -> Alert:
    try:
        value = json.loads(line)
        return Alert(**{**value, "at": datetime.fromisoformat(value["at"])})
    except (ValueError, KeyError, TypeError) as error:
        raise AlertsUnreadable(f"Line {number} of {path.name} is no alert.") from error


def _acknowledgements(path: Path) -> Iterator[Acknowledgement]:
    for number, line in enumerate(_lines(_beside(path)), 1):
        try:
            yield Acknowledgement(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise AlertsUnreadable(f"Line {number} of {_beside(path).name} is no acknowledgement.") from error

"""Which identifiers are neighbours: one identifier in, the neighbourhoods it lies in out. Plain text, no I/O.

Who goes through AB12CDE, AB12CDF, … stays in one neighbourhood, in whatever order and with whatever stride: it is the
mark with one of its runs of letters or digits open at the end. Marks that traffic brings together share none.
"""

import re
from collections.abc import Mapping

OPEN = "#"
UNHEEDED = "?"
OPEN_CHARACTERS = 2
RUNS = 3
"""How many runs, from the end: numbers are given out from the end, and ids drawn at random have many."""

_RUN = re.compile(r"[A-Z]+|[0-9]+")
# Check letters and digits follow from the rest, so they change with every neighbour.
_CHECKED: Mapping[str, slice] = {
    "Person.personUrn": slice(-1, None),
    "Person.croNumber": slice(-1, None),
    "ArrestReport.asn": slice(-1, None),
    "Driver.driverNumber": slice(-2, None),
    "Vehicle.vin": slice(8, 9),
}


def neighbourhoods(kind: str, identifier: str) -> tuple[str, ...]:
    """The neighbourhoods of an identifier in its canonical form, which is of `kind` (the coordinate that holds it)."""
    text = _unchecked(kind, identifier)
    runs = list(_RUN.finditer(text))[-RUNS:]
    return tuple(dict.fromkeys(_opened(text, run.start(), run.end()) for run in runs))


def _opened(text: str, start: int, end: int) -> str:
    width = min(OPEN_CHARACTERS, end - start)
    return text[: end - width] + OPEN * width + text[end:]


def _unchecked(kind: str, identifier: str) -> str:
    place = _CHECKED.get(kind)
    if place is None:
        return identifier
    start, end, _ = place.indices(len(identifier))
    return identifier[:start] + UNHEEDED * (end - start) + identifier[end:]

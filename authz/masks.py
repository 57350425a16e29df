"""The masks of mask_types.csv on plain values: a value in, what may be shown instead of it out, None for nothing.

Each is total over its kind of value, says never more than the value does, and says the same again when applied to what
it gave. What a mask makes of GraphQL's types, and where the result goes, is `subgraphs/masking.py`.
"""

import hashlib
import hmac
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# The masks whose result never stands in the data (mask_types.csv, `in_data_for`): what lies below such a field is not
# asked for.
BESIDE_DATA = frozenset({"AGE_BAND", "HASH", "BOOL", "COUNT", "BAND", "REDACT"})

STARS = "****"
SHOWN_OF_IDENTIFIER = 4
AGES = ((0, "0-9"), (10, "10-13"), (14, "14-15"), (16, "16-17"), (18, "18-24"), (25, "25-64"), (65, "65+"))
LENGTHS = ((0, "short"), (51, "medium"), (201, "long"))
AGE_TEXTS, LENGTH_TEXTS = (frozenset(text for _, text in bands) for bands in (AGES, LENGTHS))
YEAR = re.compile(r"\d{4}")
OUTWARD = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")
INWARD = re.compile(r"\d[A-Z]{2}")
PSEUDONYM = re.compile(r"p:[0-9a-f]{32}")
BAND = re.compile(r"below 0|0|\d+-\d+")
LARGEST_POWER = 40


def year(value: date | str) -> str | None:
    """The year of a date, or of a text that begins with one (PartialDate: YYYY, YYYY-MM, YYYY-MM-DD)."""
    found = YEAR.match(value.isoformat() if isinstance(value, date) else value)
    return found[0] if found else None


def age_band(value: date | str, today: date) -> str | None:
    """The band of somebody's age on the day; of a partial date, that of the oldest they can be."""
    if isinstance(value, str) and value in AGE_TEXTS:
        return value
    born = _first_day(value)
    if born is None:
        return None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return _banded(AGES, max(age, 0))


def outcode(value: str) -> str | None:
    """The outward code of a postcode; None for what is no postcode."""
    text = "".join(value.upper().split())
    if OUTWARD.fullmatch(text) and not (INWARD.fullmatch(text[-3:]) and OUTWARD.fullmatch(text[:-3])):
        return text
    return text[:-3] if INWARD.fullmatch(text[-3:]) and OUTWARD.fullmatch(text[:-3]) else None


def town(value: str) -> str | None:
    """The last part of an address that is made of words alone: no number, no postcode, no part before a comma."""
    last = value.replace("\n", ",").rpartition(",")[2]
    words = [word for word in last.split() if not any(letter.isdigit() for letter in word)]
    return " ".join(words) or None


def initials(forenames: Iterable[str]) -> list[str]:
    """The first letter of each forename."""
    return [name.strip()[0].upper() for name in forenames if name.strip()]


def last_four(value: str) -> str | None:
    """The last four characters behind stars that do not tell how many there were; None for four or fewer."""
    if value.startswith(STARS) and len(value) <= len(STARS) + SHOWN_OF_IDENTIFIER:
        return value
    return STARS + value[-SHOWN_OF_IDENTIFIER:] if len(value) > SHOWN_OF_IDENTIFIER else None


def held(value: Any) -> bool:
    """Whether there is a value: a Boolean's own, an entry in a list, a text that is not blank."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return bool(value.strip())
    return len(value) > 0 if isinstance(value, list | tuple | Mapping) else value is not None


def count(value: Any) -> int | None:
    """The number of entries of a list; None for what is no list."""
    return len(value) if isinstance(value, list | tuple) else None


def band(value: Decimal | float | str) -> str | None:
    """The band a number lies in: 0, 1-4, 5-9, 10-24, 25-49, 50-99, 100-249 and so on."""
    if isinstance(value, str):
        return value if BAND.fullmatch(value) else None
    number = Decimal(value)
    if not number.is_finite():
        return None
    if number < 0:
        return "below 0"
    place = bisect_right(EDGES, int(number))
    if place == len(EDGES):
        return None
    low, high = EDGES[place - 1], EDGES[place] - 1
    return str(low) if low == high else f"{low}-{high}"


def length_band(value: str | list[str]) -> str:
    """How long a text is, roughly; of several, all together."""
    text = value if isinstance(value, str) else " ".join(value)
    return text if text in LENGTH_TEXTS else _banded(LENGTHS, len(text))


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Keyed stable names for values, one for each organisation and purpose: who holds another's cannot compare."""

    secret: bytes = field(repr=False)
    organisation: str
    purpose: str

    def of(self, value: Any) -> str:
        """The pseudonym of a value (JSON, or dates and decimals by their text)."""
        if isinstance(value, str) and PSEUDONYM.fullmatch(value):
            return value
        text = json.dumps([self.organisation, self.purpose, value], sort_keys=True, default=str)
        return f"p:{hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:32]}"


# Without a caller there is nobody to name values for: these are good for nothing but tests of other things.
NO_PSEUDONYMS = Pseudonyms(b"", "", "")


def _first_day(value: date | str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat((value + "-01-01"[len(value) - 4 :]) if len(value) in (4, 7) else value)
    except ValueError:
        return None


def _banded(bands: tuple[tuple[int, str], ...], number: int) -> str:
    return bands[bisect_right([low for low, _ in bands], number) - 1][1]


def _edges() -> tuple[int, ...]:
    """0, 1, 5, 10, 25, 50, 100, 250 …: where a band begins."""
    tens = [10**power for power in range(LARGEST_POWER)]
    return (0, 1, 5, *(step for ten in tens[1:] for step in (ten, ten * 5 // 2, ten * 5)))


EDGES = _edges()

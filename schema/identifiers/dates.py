"""Dates that may lack their day or month. Text in, ISO text out; missing parts are never invented."""

import re
from calendar import monthrange
from datetime import date

from schema.identifiers.identifier import Identifier

_PARTIAL = re.compile(r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?)?")
_YEAR_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def _partial_date(text: str) -> str | None:
    match = _PARTIAL.fullmatch(text)
    if match is None:
        return None
    try:
        date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:
        return None
    return text


def partial_date_bounds(canonical: str) -> tuple[date, date]:
    """The first and the last day a canonical partial date can mean."""
    parts = [int(part) for part in canonical.split("-")]
    year, month, day = [*parts, 0, 0][:3]
    first = date(year, month or 1, day or 1)
    last_month = month or 12
    return first, date(year, last_month, day or monthrange(year, last_month)[1])


def partial_date_contains(outer: str, inner: str) -> bool:
    """Whether every day `inner` can mean is a day `outer` can mean (entities 3.1: compare by containment)."""
    return inner == outer or inner.startswith(f"{outer}-")


PARTIAL_DATE = Identifier(
    name="PartialDate",
    code="INVALID_PARTIAL_DATE",
    description="A date known to the year, the month or the day.",
    rule="YYYY, YYYY-MM or YYYY-MM-DD, and a day that exists",
    example="1985-03-14",
    canonical=_partial_date,
)
YEAR_MONTH = Identifier(
    name="YearMonth",
    code="INVALID_YEAR_MONTH",
    description="A month of a year.",
    rule="YYYY-MM",
    example="2019-03",
    canonical=lambda text: text if _YEAR_MONTH.fullmatch(text) and text[:4] != "0000" else None,
)

"""Value types of the drivers subgraph, and how they are made from rows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from resolvers.drivers import loaders
from resolvers.loading import Lookup
from subgraphs.coded import CodedValue, coded_value
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type
from subgraphs.values import ImageRef, Money, money, periods

Row = Mapping[str, Any]


@value_type
class PreviousLicence:
    """A licence the driver held before."""

    value: str | None
    from_: date | None = strawberry.field(name="from")
    to: date | None


@value_type
class TokenValidity:
    """The photocard: its issue number and between which days it is valid."""

    issue: str | None
    from_: date | None = strawberry.field(name="from")
    to: date | None


@value_type
class Intoxicant:
    """What was found in the driver, how it was measured and how much."""

    type: CodedValue | None
    method: CodedValue | None
    level: int | None
    unit: str | None


@value_type
class DisqualificationPeriod:
    """How long a court disqualified the driver for."""

    years: int | None
    months: int | None
    days: int | None
    for_life: bool | None


def previous_licences(row: Row, _info: RequestInfo) -> list[PreviousLicence] | None:
    """Earlier licences."""
    return periods(PreviousLicence, row["previous_licences"])


def token_validity(row: Row, _info: RequestInfo) -> TokenValidity | None:
    """The photocard, where one was issued."""
    if row["token_issue"] is None:
        return None
    return TokenValidity(issue=row["token_issue"], from_=row["token_from"], to=row["token_to"])


def fine(row: Row, _info: RequestInfo) -> Money | None:
    """What the court fined."""
    return money(row, "fine_")


def intoxicant(row: Row, info: RequestInfo) -> Intoxicant | None:
    """The intoxicant of an endorsement that has one."""
    if row["intoxicant_type"] is None:
        return None
    catalogue = info.context.catalogue
    return Intoxicant(
        type=coded_value(catalogue, "intoxicant_type", row["intoxicant_type"]),
        method=coded_value(catalogue, "intoxicant_method", row["intoxicant_method"]),
        level=row["intoxicant_level"],
        unit=row["intoxicant_unit"],
    )


def disqualification_period(row: Row, _info: RequestInfo) -> DisqualificationPeriod | None:
    """The disqualification of an endorsement that has one."""
    parts = {part: row[f"disqualification_{part}"] for part in ("years", "months", "days", "for_life")}
    return DisqualificationPeriod(**parts) if any(parts.values()) else None


async def points(row: Row, info: RequestInfo) -> int:
    """The sum of unexpired penalty points."""
    found = await info.context.loading.row(loaders.POINTS, row["driver_number"])
    return 0 if found is None else int(found["points"] or 0)


async def image(row: Row, info: RequestInfo) -> ImageRef | None:
    """Where the licence photograph is kept."""
    found = await info.context.loading.row(loaders.IMAGE, row["driver_number"])
    if found is None:
        return None
    return ImageRef(location=found["location"], taken_on=found["taken_on"], view_only=found["view_only"])


def beside(lookup: Lookup, source: str) -> Any:
    """How to read one column of the driver's row in another dataset's table; None where there is no row."""

    async def read(row: Row, info: RequestInfo) -> Any:
        found = await info.context.loading.row(lookup, row["driver_number"])
        return None if found is None else found[source]

    return read

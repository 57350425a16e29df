"""The scalars for Strawberry: one per identifier, ISO dates, instants in UTC. Checks input, trusts stored values."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from schema.errors import CodedError
from schema.identifiers import IDENTIFIERS, Identifier

PersonUrn = NewType("PersonUrn", str)
CroNumber = NewType("CroNumber", str)
Asn = NewType("Asn", str)
CourtCaseReference = NewType("CourtCaseReference", str)
FsCode = NewType("FsCode", str)
CourtCode = NewType("CourtCode", str)
OffenceCodeCjs = NewType("OffenceCodeCjs", str)
OffenceCodeNpcc = NewType("OffenceCodeNpcc", str)
DriverNumber = NewType("DriverNumber", str)
Vrm = NewType("Vrm", str)
ForeignPlate = NewType("ForeignPlate", str)
Vin = NewType("Vin", str)
FleetNumber = NewType("FleetNumber", str)
PartialDate = NewType("PartialDate", str)
YearMonth = NewType("YearMonth", str)
SourceLabel = NewType("SourceLabel", str)
Amount = NewType("Amount", Decimal)


class InvalidValue(CodedError):
    """Input that is not a value of a date, instant, amount or label scalar; the text is never echoed."""

    code = "INVALID_VALUE"
    advice = "Send the value in the form the message names."


def _text(value: object) -> str:
    return str(value)


def _identifier(identifier: Identifier) -> ScalarDefinition:
    return strawberry.scalar(
        name=identifier.name,
        description=f"{identifier.description} Form: {identifier.rule}; for example {identifier.example}.",
        specified_by_url=identifier.specified_by,
        # Stored values are shown as held: a wrong check letter is kept and flagged, never hidden (entities 3.1).
        serialize=_text,
        parse_value=identifier.parse,
    )


def _parse_date(value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        raise InvalidValue("Not a valid Date: YYYY-MM-DD, for example 2026-03-01.") from None


def _parse_instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidValue("Not a valid DateTime: ISO 8601 with its offset, for example 2026-03-01T09:30:00Z.")
    return instant.astimezone(UTC)


def instant_text(value: datetime) -> str:
    """An instant as ISO 8601 in UTC ending in Z; a stored instant without its zone is UTC (SQLite keeps none)."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat().replace("+00:00", "Z")


def _parse_amount(value: object) -> Decimal:
    try:
        return Decimal(value if isinstance(value, str) else "?")
    except InvalidOperation:
        raise InvalidValue('Not a valid Amount: a decimal number as text, for example "100.00".') from None


def _parse_label(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue("Not a valid SourceLabel: text.")
    return value


_IDENTIFIER_TYPES = (
    PersonUrn,
    CroNumber,
    Asn,
    CourtCaseReference,
    FsCode,
    CourtCode,
    OffenceCodeCjs,
    OffenceCodeNpcc,
    DriverNumber,
    Vrm,
    ForeignPlate,
    Vin,
    FleetNumber,
    PartialDate,
    YearMonth,
)

SCALARS: Mapping[object, ScalarDefinition] = {
    **{kind: _identifier(IDENTIFIERS[kind.__name__]) for kind in _IDENTIFIER_TYPES},
    date: strawberry.scalar(
        name="Date", description="A calendar date, YYYY-MM-DD.", serialize=date.isoformat, parse_value=_parse_date
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, ISO 8601.",
        serialize=instant_text,
        parse_value=_parse_instant,
    ),
    Amount: strawberry.scalar(
        name="Amount",
        description="A decimal amount as text, so that nothing is rounded on the way.",
        serialize=_text,
        parse_value=_parse_amount,
    ),
    SourceLabel: strawberry.scalar(
        name="SourceLabel",
        description="A label from a closed list held by the source; not free text.",
        serialize=_text,
        parse_value=_parse_label,
    ),
}

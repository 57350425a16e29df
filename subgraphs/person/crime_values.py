"""Value types of arrests, offences, results and remands, and how rows make them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from schema.scalars import FsCode
from subgraphs.coded import CodedValue, coded_value
from subgraphs.person.values import Court, court, without_list
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type
from subgraphs.values import PersonName, day, person_name

Row = Mapping[str, Any]


@value_type
class OfficerRef:
    """An officer as the record names one."""

    division: str | None = None
    rank: str | None = None
    number: str | None = None
    surname: str | None = None


@value_type
class OffenceLocation:
    """Where an offence was committed, with the force and station it lies in."""

    lines: list[str] | None = None
    postcode: str | None = None
    fs_code: FsCode | None = None


@value_type
class Adjudication:
    """What a court found at one appearance."""

    appearance_number: int | None = None
    on: date | None = strawberry.field(name="date", default=None)
    adjudication: CodedValue | None = None


@value_type
class CoDefendant:
    """Somebody charged together with this person, under the name to check."""

    name: str | None = None
    charge_group: str | None = None
    check_name: str | None = None


@value_type
class Duration:
    """How long a result lasts; life has no count."""

    unit: CodedValue | None = None
    count: int | None = None


@value_type
class Defendant:
    """Who stands charged: a person by surname and forenames, or an organisation by name."""

    kind: str | None = None
    last: str | None = None
    first: list[str] | None = None
    name: str | None = None


@value_type
class SubsequentAppearance:
    """A later appearance that changed or deferred a result."""

    on: date | None = strawberry.field(name="date", default=None)
    court: Court | None = None
    reason: CodedValue | None = None


@value_type
class Appearance:
    """A hearing: the day, and the court or station."""

    on: date | None = strawberry.field(name="date", default=None)
    court: Court | None = None
    station: FsCode | None = None


@value_type
class LocalAuthority:
    """The local authority a child is remanded to."""

    name: str | None = None
    secure_unit: bool | None = None
    social_worker: str | None = None


def arrest_name(row: Row, info: RequestInfo) -> PersonName | None:
    """The name given at arrest, in the `arrest_` columns."""
    given = {"title": "arrest_title", "last_name": "arrest_last", "first_names": "arrest_first"}
    return person_name({**{name: row[source] for name, source in given.items()}, "type": "ARREST"}, info)


def arresting_officer(row: Row, _info: RequestInfo) -> OfficerRef | None:
    """The officer in the JSON column {division, rank, number, surname}."""
    held = row["arresting_officer"]
    return None if held is None else OfficerRef(**_known(held, "division", "rank", "number", "surname"))


def offence_location(row: Row, _info: RequestInfo) -> OffenceLocation | None:
    """The place in the `location_` columns; None when nothing is held."""
    held = (row["location_lines"], row["location_postcode"], row["location_fs_code"])
    if not any(held):
        return None
    return OffenceLocation(lines=list(held[0] or ()), postcode=held[1], fs_code=FsCode(held[2]) if held[2] else None)


def adjudications(row: Row, info: RequestInfo) -> list[Adjudication]:
    """The findings in the JSON column [{appearanceNumber, date, adjudication}]."""
    return [
        Adjudication(
            appearance_number=entry.get("appearanceNumber"),
            on=day(entry.get("date")),
            adjudication=coded_value(info.context.catalogue, "adjudication", entry.get("adjudication")),
        )
        for entry in row["adjudications"] or ()
    ]


def others_charged(row: Row, _info: RequestInfo) -> list[CoDefendant]:
    """The people in the JSON column [{name, chargeGroup, checkName}]."""
    return [
        CoDefendant(name=entry.get("name"), charge_group=entry.get("chargeGroup"), check_name=entry.get("checkName"))
        for entry in row["others_charged"] or ()
    ]


def legislation_qualifiers(row: Row, _info: RequestInfo) -> list[CodedValue]:
    """Two-letter qualifiers, for which there is no list: answered unresolved."""
    return [without_list("legislation_qualifier", code) for code in row["legislation_qualifiers"] or ()]


def duration(row: Row, info: RequestInfo) -> Duration | None:
    """The duration in `duration_unit` and `duration_count`."""
    if row["duration_unit"] is None:
        return None
    unit = coded_value(info.context.catalogue, "duration_unit", row["duration_unit"])
    return Duration(unit=unit, count=row["duration_count"])


def defendant(row: Row, _info: RequestInfo) -> Defendant | None:
    """The defendant in the JSON column {kind, last, first, name}."""
    held = row["defendant"]
    return None if held is None else Defendant(**_known(held, "kind", "last", "first", "name"))


def subsequent_appearances(row: Row, info: RequestInfo) -> list[SubsequentAppearance]:
    """The appearances in the JSON column [{date, courtCode, courtName, reason}]."""
    reasons = "subsequent_appearance_reason"
    return [
        SubsequentAppearance(
            on=day(entry.get("date")),
            court=court({"court_code": entry.get("courtCode"), "court_name": entry.get("courtName")}, info),
            reason=coded_value(info.context.catalogue, reasons, entry.get("reason")),
        )
        for entry in row["subsequent_appearances"] or ()
    ]


def next_appearance(row: Row, info: RequestInfo) -> Appearance | None:
    """The appearance in the `next_` columns; None when no day is set."""
    if row["next_date"] is None:
        return None
    return Appearance(on=row["next_date"], court=court(row, info, "next_court_"), station=row["next_station"])


def bail_condition_types(row: Row, info: RequestInfo) -> list[CodedValue]:
    """The kinds of the bail conditions, one for each, in their order."""
    codes = row["bail_condition_types"] or ()
    kinds = (coded_value(info.context.catalogue, "bail_condition_type", code) for code in codes)
    return [kind for kind in kinds if kind is not None]


def local_authority(row: Row, _info: RequestInfo) -> LocalAuthority | None:
    """The authority in the JSON column {name, secureUnit, socialWorker}."""
    held = row["local_authority"]
    if held is None:
        return None
    return LocalAuthority(
        name=held.get("name"), secure_unit=held.get("secureUnit"), social_worker=held.get("socialWorker")
    )


def _known(held: Row, *names: str) -> dict[str, Any]:
    """The named entries of a JSON object; others are not ours to show."""
    return {name: held.get(name) for name in names}

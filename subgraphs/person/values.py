"""Value types of the person subgraph, which take the label of the field they are reached through, and their making."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from schema.scalars import FsCode
from subgraphs.coded import CodedValue, coded_value
from subgraphs.descriptions import EntityRef
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type
from subgraphs.values import Identifier, ImageRef, address, day

Row = Mapping[str, Any]


@value_type
class PersonAddress:
    """An address of a person, with the force that knows of it."""

    lines: list[str] | None = None
    postcode: str | None = None
    uprn: str | None = None
    country: CodedValue | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    usage: CodedValue | None = None
    status: CodedValue | None = None
    fs_code: FsCode | None = None


@value_type
class WarningSignal:
    """A warning for whoever meets the person: what to do, never a diagnosis."""

    code: CodedValue | None = None
    text: str | None = None
    source: str | None = None
    added_by: FsCode | None = None
    added_on: date | None = None


@value_type
class InformationMarker:
    """A short flag shown in headlines."""

    code: CodedValue | None = None
    added_by: FsCode | None = None
    added_on: date | None = None
    until: date | None = None


@value_type
class ImmigrationMarker:
    """A Home Office marker under its own 69xx station code."""

    marker: str | None = None
    owner_fs: FsCode | None = None
    reason: str | None = None
    added_on: date | None = None


@value_type
class Association:
    """A link somebody recorded between this person and another record; never made by a program."""

    other: EntityRef | None = None
    type: CodedValue | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    confidence: float | None = None
    last_seen: date | None = None


@value_type
class PoliceReference:
    """A cross reference to a force's own records."""

    force: str | None = None
    type: str | None = None
    reference: str | None = None


@value_type
class Court:
    """A court by its code, or by its name where the code is 9998."""

    code: CodedValue | None = None
    name: str | None = None


@value_type
class CourtOrder:
    """An order of a court on a person."""

    type: CodedValue | None = None
    conditions: list[str] | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    court: Court | None = None


@value_type
class NonConviction:
    """An acquittal, a decision to take no further action, or a discontinued case."""

    kind: str | None = None
    on: date | None = strawberry.field(name="date", default=None)
    reason: str | None = None


@value_type
class PncDisqualification:
    """The police copy of a driving disqualification."""

    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    type: CodedValue | None = None
    court: Court | None = None


def person_address(row: Row, info: RequestInfo) -> PersonAddress:
    """The address of a `person_address` row."""
    found = address(row, info)
    shared = {} if found is None else vars(found)
    return PersonAddress(**shared, fs_code=row["fs_code"])


def identifier(row: Row, info: RequestInfo) -> Identifier:
    """The identifier of a `person_identifier` row; wrong ones are kept and flagged."""
    kind = coded_value(info.context.catalogue, "identifier_type", row["type"])
    return Identifier(type=kind, value=row["value"], valid=row["valid"], source=row["source"])


def warning_signal(row: Row, info: RequestInfo) -> WarningSignal:
    """The warning of a `person_warning` row."""
    return WarningSignal(
        code=coded_value(info.context.catalogue, "warning_signals", row["code"]),
        text=row["text"],
        source=row["source"],
        added_by=row["added_by"],
        added_on=row["added_on"],
    )


def information_marker(row: Row, info: RequestInfo) -> InformationMarker:
    """The marker of a `person_information_marker` row."""
    code = coded_value(info.context.catalogue, "information_markers", row["code"])
    return InformationMarker(code=code, added_by=row["added_by"], added_on=row["added_on"], until=row["until"])


def immigration_marker(row: Row, _info: RequestInfo) -> ImmigrationMarker:
    """The marker of an `immigration_marker` row."""
    return ImmigrationMarker(
        marker=row["marker"], owner_fs=row["owner_fs"], reason=row["reason"], added_on=row["added_on"]
    )


def association(row: Row, info: RequestInfo) -> Association:
    """The association of a `person_association` row."""
    return Association(
        other=EntityRef(type_name=row["other_type"], key=row["other_key"]),
        type=coded_value(info.context.catalogue, "association_type", row["type"]),
        from_=row["from_date"],
        confidence=row["confidence"],
        last_seen=row["last_seen"],
    )


def court(row: Row, info: RequestInfo, prefix: str = "court_") -> Court | None:
    """The court in a row's `<prefix>code` and `<prefix>name`; None where neither is held."""
    code, name = row.get(f"{prefix}code"), row.get(f"{prefix}name")
    if code is None and name is None:
        return None
    return Court(code=coded_value(info.context.catalogue, "court_codes", code), name=name)


def court_order(row: Row, info: RequestInfo) -> CourtOrder:
    """The order of a `court_order` row."""
    return CourtOrder(
        type=coded_value(info.context.catalogue, "court_order_type", row["type"]),
        conditions=list(row["conditions"] or ()),
        from_=row["from_date"],
        to=row["to_date"],
        court=court(row, info),
    )


def non_conviction(row: Row, _info: RequestInfo) -> NonConviction:
    """The outcome of a `non_conviction` row."""
    return NonConviction(kind=row["kind"], on=row["date"], reason=row["reason"])


def disqualification(row: Row, info: RequestInfo) -> PncDisqualification:
    """The disqualification of a `pnc_disqualification` row."""
    return PncDisqualification(
        from_=row["from_date"],
        to=row["to_date"],
        type=coded_value(info.context.catalogue, "disqualification_type", row["type"]),
        court=court(row, info),
    )


def police_reference(entry: Row) -> PoliceReference:
    """A reference from the JSON column {force, type, reference}."""
    return PoliceReference(force=entry.get("force"), type=entry.get("type"), reference=entry.get("reference"))


def without_list(list_id: str, code: str) -> CodedValue:
    """A code whose list nobody has published: kept raw and marked unresolved (R27)."""
    return CodedValue(list_id=list_id, code=code, label=None, group=None, list_version=None, resolved=False)


def photos(row: Row, _info: RequestInfo) -> list[ImageRef]:
    """Where photographs are kept, from the JSON column [{location, takenOn, viewOnly}]."""
    return [
        ImageRef(location=entry.get("location"), taken_on=day(entry.get("takenOn")), view_only=entry.get("viewOnly"))
        for entry in row["photos"] or ()
    ]

"""Missing episodes: every field of the dictionary, one line each; child protection is PND's, from its own table."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

import strawberry

from resolvers.missing import loaders
from schema.scalars import FsCode
from subgraphs.coded import CodedValue, coded_value
from subgraphs.descriptions import EntityRef, Mark, marks
from subgraphs.lists import beside, listed
from subgraphs.records import Record, coded, coded_list, column, governed_type, records_by_key, value
from subgraphs.relay import Connection, paged
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag, value_type
from subgraphs.values import Address, ContactPoint, RecordMeta, address, contact_point, day, record_meta, utc

DATASET = "NRMP"

Row = Mapping[str, Any]


@value_type
class Description:
    """What somebody looks like and wears; never what could stand in for ethnicity."""

    height_cm: int | None = None
    build: CodedValue | None = None
    hair_colour: CodedValue | None = None
    clothing: str | None = None
    marks: list[Mark] | None = None


@value_type
class ReturnInterview:
    """What was said when the person came back; kept for safeguarding."""

    on: date | None = strawberry.field(name="date", default=None)
    summary: str | None = None


@value_type
class MissingLink:
    """A possible match with an unidentified case, for a person to confirm."""

    other: EntityRef | None = None
    score: float | None = None


@value_type
class RiskChange:
    """A risk level and since when it stood."""

    level: CodedValue | None = None
    changed_at: datetime | None = None


def _description(row: Row, info: RequestInfo) -> Description | None:
    held, catalogue = row["description"], info.context.catalogue
    if held is None:
        return None
    return Description(
        height_cm=held.get("heightCm"),
        build=coded_value(catalogue, "build", held.get("build")),
        hair_colour=coded_value(catalogue, "hair_colour", held.get("hairColour")),
        clothing=held.get("clothing"),
        marks=marks(held.get("marks"), info),
    )


def _return_interview(row: Row, _info: RequestInfo) -> ReturnInterview | None:
    held = row["return_interview"]
    return None if held is None else ReturnInterview(on=day(held.get("date")), summary=held.get("summary"))


def _missing_link(row: Row, _info: RequestInfo) -> MissingLink:
    return MissingLink(other=EntityRef(type_name=row["other_type"], key=row["other_key"]), score=row["score"])


def _risk_change(row: Row, info: RequestInfo) -> RiskChange:
    level = coded_value(info.context.catalogue, "missing_risk_levels", row["risk_level"])
    return RiskChange(level=level, changed_at=utc(row["changed_at"]))


def _status(row: Row, _info: RequestInfo) -> CodedValue:
    """The four states are the register's own and on no list."""
    code = row["status"]
    return CodedValue(
        list_id="missing_status", code=code, label=code.capitalize(), group=None, list_version=None, resolved=True
    )


@governed_type(keys=["missingId"], subject=("missing_id", "MissingReport"))
class MissingReport(Record):
    """One missing episode on the national register; the person need not be known to police (R9)."""

    missing_id: strawberry.ID
    national_reference: str | None
    person_id: strawberry.ID | None
    episode_start: datetime | None
    risk_level: CodedValue | None = coded("missing_risk_levels")
    risk_changes: list[RiskChange] | None = listed(
        loaders.RISK_CHANGES, "missing_id", make=_risk_change, tag=dataset_tag(DATASET, "S2")
    )
    factors: list[CodedValue] | None = coded_list("missing_factors")
    last_seen: Address | None = value(lambda row, info: address(row, info, "last_seen_"))
    description: Description | None = value(_description)
    child_under_18: bool | None = column(name="childUnder18")
    looked_after: bool | None
    status: CodedValue | None = value(_status)
    outcome: CodedValue | None = coded("missing_outcomes")
    reporting_force: FsCode | None
    contact: ContactPoint | None = value(contact_point)
    child_protection: bool | None = beside(loaders.CHILD_PROTECTION, "missing_id", lambda row, _info: row["linked"])
    return_interview: ReturnInterview | None = value(_return_interview)
    unidentified_match: list[MissingLink] | None = listed(
        loaders.UNIDENTIFIED_MATCHES, "missing_id", make=_missing_link
    )
    meta: RecordMeta | None = record_meta(DATASET)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Episodes by their key."""
        return await records_by_key(cls, loaders.REPORT, "missingId", representations, info)


@governed_type(keys=["personId"], subject=("person_id", "Person"))
class Person(Record):
    """A PNC nominal, seen from the register: the episodes in which this person was missing (R9)."""

    person_id: strawberry.ID | None
    missing_reports: Connection[MissingReport] | None = paged(
        MissingReport, loaders.REPORTS_OF_PEOPLE, via="person_id", tag=dataset_tag(DATASET)
    )

"""PND nominals and intelligence reports: every field of the dictionary, one line each; and what PND adds to others."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

import strawberry

from resolvers.connections import page_from
from resolvers.intelligence import loaders
from schema.scalars import FsCode, PartialDate, Vrm
from subgraphs.coded import CodedValue, coded_value
from subgraphs.descriptions import EntityRef
from subgraphs.lists import beside, listed, page_of
from subgraphs.records import Record, coded, column, governed_type, records_by_key, resolved, value
from subgraphs.relay import Connection, given, paged
from subgraphs.request import RequestInfo
from subgraphs.tags import Cursor, First, dataset_tag, value_type
from subgraphs.values import EntityLink, PersonName, RecordMeta, person_name, record_meta

NOMINALS, REPORTS = "PND.NOM", "PND.INT"
COUNT = "COUNT"
NO_MARK = ""  # a vehicle without a VRM still takes part in the statement, and is found by nothing

Row = Mapping[str, Any]


@value_type
class HandlingCode:
    """Whether a report may be shared (P), or only under conditions (C) with an action and a sanitisation code."""

    code: CodedValue | None = None
    action: CodedValue | None = None
    sanitisation: CodedValue | None = None
    text: str | None = None


@value_type
class IntelLink:
    """What a report is about: a person, object, location or event."""

    target: EntityRef | None = None
    object_type: CodedValue | None = None
    kind: CodedValue | None = None
    role: CodedValue | None = None


@value_type
class IntelRisk:
    """The risk of using a report: public interest immunity and the safety of its source."""

    public_immunity: bool | None = None
    source_safety: str | None = None
    text: str | None = None


def _pnc_link(row: Row, info: RequestInfo) -> EntityLink:
    return EntityLink(
        type_name="Person",
        key=row["person_id"],
        method=coded_value(info.context.catalogue, "match_method", row["method"]),
        score=row["score"],
        confirmed_by=row["confirmed_by"],
    )


def _handling(row: Row, info: RequestInfo) -> HandlingCode:
    code, action, sanitisation = (
        coded_value(info.context.catalogue, "intelligence_handling", row[column_name])
        for column_name in ("handling", "handling_action", "handling_sanitisation")
    )
    return HandlingCode(code=code, action=action, sanitisation=sanitisation, text=row["handling_text"])


def _link(row: Row, info: RequestInfo) -> IntelLink:
    catalogue = info.context.catalogue
    return IntelLink(
        target=EntityRef(type_name=row["target_type"], key=row["target_key"]),
        object_type=coded_value(catalogue, "intelligence_object_type", row["object_type"]),
        kind=coded_value(catalogue, "intelligence_link_type", row["kind"]),
        role=coded_value(catalogue, "intelligence_role", row["role"]),
    )


def _risk(row: Row, _info: RequestInfo) -> IntelRisk | None:
    held = row["risk_assessment"]
    if held is None:
        return None
    return IntelRisk(
        public_immunity=held.get("publicImmunity"), source_safety=held.get("sourceSafety"), text=held.get("text")
    )


@governed_type(keys=["intelReportId"], subject=("intel_report_id", "IntelReport"))
class IntelReport(Record):
    """A graded intelligence report (3x5x2)."""

    intel_report_id: strawberry.ID
    source_force: FsCode | None
    source_evaluation: CodedValue | None = coded("intelligence_grading")
    information_assessment: CodedValue | None = coded("intelligence_grading")
    handling: HandlingCode | None = value(_handling)
    classification: CodedValue | None = coded("gsc_classification")
    text: str | None
    source_text: str | None
    date_of_intelligence: date | None
    review_date: date | None
    links: list[IntelLink] | None = listed(loaders.LINKS, "intel_report_id", make=_link)
    risk_assessment: IntelRisk | None = value(_risk)
    meta: RecordMeta | None = record_meta(REPORTS)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Reports by their key."""
        return await records_by_key(cls, loaders.REPORT, "intelReportId", representations, info)


@governed_type(keys=["intelNominalId"], subject=("intel_nominal_id", "IntelNominal"))
class IntelNominal(Record):
    """A PND nominal; the same human as a PNC nominal only by a confirmed link (R15)."""

    intel_nominal_id: strawberry.ID | None
    names: list[PersonName] | None = listed(loaders.NAMES, "intel_nominal_id", make=person_name)
    date_of_birth: PartialDate | None
    pnc_person_link: EntityLink | None = beside(loaders.CONFIRMED_LINK, "intel_nominal_id", _pnc_link)
    report_count: int | None
    reports: Connection[IntelReport] | None = paged(IntelReport, loaders.REPORTS_OF_NOMINALS, via="intel_nominal_id")
    meta: RecordMeta | None = record_meta(NOMINALS)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """PND nominals by their key."""
        return await records_by_key(cls, loaders.NOMINAL, "intelNominalId", representations, info)


@governed_type(keys=["personId"], subject=("person_id", "Person"))
class Person(Record):
    """A PNC nominal, seen from PND: nominals confirmed to be the same human (R15)."""

    person_id: strawberry.ID | None
    intel_nominals: Connection[IntelNominal] | None = paged(IntelNominal, loaders.NOMINALS_OF_PEOPLE, via="person_id")


async def _reports_of_vehicle(
    root: Record,
    info: RequestInfo,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Connection[IntelReport]:
    page = page_from(given(first), given(after), given(last), given(before))
    vrm = root.row.get("vrm") or NO_MARK
    return await page_of(IntelReport, loaders.REPORTS_OF_VEHICLES, vrm, page, info)


@governed_type(keys=["vehicleId"], subject=("vehicle_id", "Vehicle"))
class Vehicle(Record):
    """A vehicle, seen from PND: reports about its VRM (R16)."""

    vehicle_id: strawberry.ID
    vrm: Vrm | None = column(external=True)
    intel_reports: Connection[IntelReport] | None = resolved(
        _reports_of_vehicle, tag=dataset_tag(REPORTS, "S4", COUNT), requires=["vrm"], derived=["Vehicle.vrm"]
    )


@governed_type(keys=["missingId"], subject=("missing_id", "MissingReport"))
class MissingReport(Record):
    """A missing episode, seen from PND: reports somebody linked to it (R10)."""

    missing_id: strawberry.ID
    intel_reports: Connection[IntelReport] | None = paged(
        IntelReport, loaders.REPORTS_OF_MISSING, via="missing_id", tag=dataset_tag(REPORTS, "S4", COUNT)
    )

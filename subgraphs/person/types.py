"""The nominal and its circulations: every field of the dictionary, one line each, but PND's, which is not ours."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

import strawberry

from resolvers.person import loaders
from resolvers.person.controls import FILED
from schema.scalars import CroNumber, DriverNumber, FsCode, PartialDate, PersonUrn
from subgraphs.coded import CodedValue, coded_value
from subgraphs.descriptions import Mark, marks
from subgraphs.lists import beside, listed, texts
from subgraphs.person import values
from subgraphs.person.crime import ArrestReport, CourtCase
from subgraphs.records import Record, coded, coded_list, column, governed_type, records_by_key, value
from subgraphs.relay import Connection, paged
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag
from subgraphs.values import ContactPoint, Identifier, ImageRef, PersonName, RecordMeta, person_name, record_meta

DATASET, CIRCULATIONS = "PNC.NAMES.CORE", "PNC.NAMES.WM"
CORE = dataset_tag(DATASET)
PASSPORT = "PASSPORT"

Row = Mapping[str, Any]


def _owner_contact(row: Row, info: RequestInfo) -> ContactPoint | None:
    number = row["owner_contact"]
    return None if number is None else ContactPoint(type=_business(info), value=number)


def _business(info: RequestInfo) -> CodedValue | None:
    return coded_value(info.context.catalogue, "contact_type", "BUS")


def _contact(row: Row, info: RequestInfo) -> ContactPoint:
    kind = coded_value(info.context.catalogue, "contact_type", row["type"])
    return ContactPoint(type=kind, value=row["value"], from_=row["from_date"], to=row["to_date"])


def _status(column_name: str, reference_list: str) -> Any:
    return beside(
        loaders.BIOMETRICS,
        "person_id",
        lambda row, info: coded_value(info.context.catalogue, reference_list, row[column_name]),
    )


async def _names(row: Row, info: RequestInfo) -> list[Row]:
    return await info.context.loading.rows(loaders.NAMES, row["person_id"])


async def _filed_name(row: Row, info: RequestInfo) -> PersonName | None:
    return next((person_name(name, info) for name in await _names(row, info) if name["type"] == FILED), None)


async def _match_names(row: Row, info: RequestInfo) -> list[str]:
    return list(dict.fromkeys(name["match_name"] for name in await _names(row, info)))


async def _match_postcodes(row: Row, info: RequestInfo) -> list[str]:
    addresses = await info.context.loading.rows(loaders.POSTCODES, row["person_id"])
    return list(dict.fromkeys(address["match_postcode"] for address in addresses))


@governed_type(subject=("person_id", "Person"))
class WantedMissingReport(Record):
    """A circulation on PNC: wanted, missing, absconded, to be located …"""

    report_id: strawberry.ID | None
    person_id: strawberry.ID | None = column(internal=True, tag=dataset_tag(CIRCULATIONS))
    category: CodedValue | None = coded("wanted_missing_categories")
    power: CodedValue | None = coded("wanted_missing_powers")
    offence_or_reason: str | None
    owner: FsCode | None = column("owner_fs")
    owner_contact: ContactPoint | None = value(_owner_contact, tag=dataset_tag(CIRCULATIONS))
    circulated_from: datetime | None
    review_due: date | None
    action_text: str | None
    meta: RecordMeta | None = record_meta(CIRCULATIONS)


@governed_type(keys=["personId"], subject=("person_id", "Person"))
class Person(Record):
    """A PNC nominal: one record PNC holds about one human. Not proof of guilt; not a driver or a keeper."""

    person_id: strawberry.ID | None
    person_urn: PersonUrn | None
    cro_number: CroNumber | None
    filed_name: PersonName | None = value(_filed_name)
    names: list[PersonName] | None = listed(
        loaders.NAMES, "person_id", make=person_name, keep=lambda row: row["type"] != FILED
    )
    sex: CodedValue | None = coded("sex")
    date_of_birth: PartialDate | None
    also_known_birth_dates: list[PartialDate] | None = listed(
        loaders.BIRTH_DATES, "person_id", make=lambda row, _info: row["value"]
    )
    place_of_birth: str | None
    nationalities: list[CodedValue] | None = coded_list("nationality")
    ethnicity_observed: CodedValue | None = coded("ethnicity_observed")
    ethnicity_self_defined: CodedValue | None = coded("ethnicity_self_defined")
    religion: CodedValue | None = coded("religion")
    deceased: bool | None
    date_of_death: date | None = column(tag=dataset_tag(DATASET, mask="YEAR"))
    height_cm: int | None
    build: CodedValue | None = coded("build")
    eye_colour: CodedValue | None = coded("eye_colour")
    hair_colour: CodedValue | None = coded("hair_colour")
    facial_hair: CodedValue | None = coded("facial_hair")
    hair_type: CodedValue | None = coded("hair_type")
    skin_colour: CodedValue | None = value(
        lambda row, _info: row["skin_colour"] and values.without_list("skin_colour", row["skin_colour"])
    )
    complexion: CodedValue | None = coded("complexion")
    accent: CodedValue | None = coded("accent")
    glasses: CodedValue | None = coded("glasses")
    handedness: CodedValue | None = coded("handedness")
    marks: list[Mark] | None = value(lambda row, info: marks(row["marks"], info))
    occupations: list[CodedValue] | None = coded_list("occupation")
    skills: list[CodedValue] | None = coded_list("skill")
    places_frequented: list[str] | None = texts("places_frequented")
    passports: list[Identifier] | None = listed(
        loaders.IDENTIFIERS, "person_id", make=values.identifier, keep=lambda row: row["type"] == PASSPORT
    )
    other_identifiers: list[Identifier] | None = listed(
        loaders.IDENTIFIERS, "person_id", make=values.identifier, keep=lambda row: row["type"] != PASSPORT
    )
    driver_number_recorded: DriverNumber | None
    addresses: Connection[values.PersonAddress] | None = paged(
        values.person_address, loaders.ADDRESSES, via="person_id"
    )
    contacts: list[ContactPoint] | None = listed(loaders.CONTACTS, "person_id", make=_contact)
    warning_signals: list[values.WarningSignal] | None = listed(
        loaders.WARNINGS, "person_id", make=values.warning_signal
    )
    information_markers: list[values.InformationMarker] | None = listed(
        loaders.INFORMATION_MARKERS, "person_id", make=values.information_marker
    )
    fingerprint_status: CodedValue | None = _status("fingerprint_status", "fingerprint_status")
    dna_status: CodedValue | None = _status("dna_status", "dna_status")
    photos: list[ImageRef] | None = beside(loaders.BIOMETRICS, "person_id", values.photos)
    associates: Connection[values.Association] | None = paged(values.association, loaders.ASSOCIATIONS, via="person_id")
    police_references: list[values.PoliceReference] | None = value(
        lambda row, _info: [values.police_reference(entry) for entry in row["police_references"] or ()]
    )
    other_details: str | None
    arrest_reports: Connection[ArrestReport] | None = paged(ArrestReport, loaders.ARREST_REPORTS, via="person_id")
    court_cases: Connection[CourtCase] | None = paged(CourtCase, loaders.COURT_CASES, via="person_id")
    orders: list[values.CourtOrder] | None = listed(loaders.ORDERS, "person_id", make=values.court_order)
    non_convictions: list[values.NonConviction] | None = listed(
        loaders.NON_CONVICTIONS, "person_id", make=values.non_conviction
    )
    disqualifications: list[values.PncDisqualification] | None = listed(
        loaders.DISQUALIFICATIONS, "person_id", make=values.disqualification
    )
    wanted_missing: Connection[WantedMissingReport] | None = paged(
        WantedMissingReport, loaders.WANTED_MISSING, via="person_id"
    )
    immigration_markers: list[values.ImmigrationMarker] | None = listed(
        loaders.IMMIGRATION_MARKERS, "person_id", make=values.immigration_marker
    )
    meta: RecordMeta | None = record_meta(DATASET)

    match_names: list[str] | None = value(_match_names, tag=CORE, internal=True)
    match_postcodes: list[str] | None = value(_match_postcodes, tag=CORE, internal=True)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Nominals by their keys, all with one statement; None where there is no such nominal."""
        return await records_by_key(cls, loaders.PERSON, "personId", representations, info)


async def people_with(ids: Sequence[str], info: RequestInfo) -> list[Person | None]:
    """The people with these ids, in order, by one statement."""
    rows = await asyncio.gather(*(info.context.loading.row(loaders.PERSON, person_id) for person_id in ids))
    return [None if row is None else Person(row=row) for row in rows]

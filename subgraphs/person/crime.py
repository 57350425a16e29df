"""Arrests, offences, results, court cases and remands (PNC.NAMES.CRIM), each a record under its person."""

from datetime import date, datetime

import strawberry

from resolvers.person import loaders
from schema.scalars import Asn, CourtCaseReference, FsCode, OffenceCodeCjs, OffenceCodeNpcc, PartialDate
from subgraphs.coded import CodedValue
from subgraphs.lists import listed, texts
from subgraphs.person.changes import DisposalChange, pending_change
from subgraphs.person.crime_values import (
    Adjudication,
    Appearance,
    CoDefendant,
    Defendant,
    Duration,
    LocalAuthority,
    OffenceLocation,
    OfficerRef,
    SubsequentAppearance,
    adjudications,
    arrest_name,
    arresting_officer,
    bail_condition_types,
    defendant,
    duration,
    legislation_qualifiers,
    local_authority,
    next_appearance,
    offence_location,
    others_charged,
    subsequent_appearances,
)
from subgraphs.person.values import Court, court
from subgraphs.records import Record, coded, coded_list, column, governed_type, resolved, value
from subgraphs.relay import Connection, paged
from subgraphs.tags import dataset_tag
from subgraphs.values import Money, PersonName, RecordMeta, money, record_meta

DATASET = "PNC.NAMES.CRIM"
CRIM = dataset_tag(DATASET)
PERSON = ("person_id", "Person")


@governed_type(subject=PERSON)
class DisposalResult(Record):
    """A result on an offence."""

    disposal_id: strawberry.ID | None
    person_id: strawberry.ID | None = column(internal=True, tag=CRIM)
    disposal_code: CodedValue | None = coded("disposal_codes")
    qualifiers: list[CodedValue] | None = coded_list("disposal_qualifiers")
    duration: Duration | None = value(duration)
    fine: Money | None = value(lambda row, _info: money(row, "fine_"))
    effective_date: date | None
    text: str | None
    meta: RecordMeta | None = record_meta(DATASET)


@governed_type(subject=PERSON)
class Offence(Record):
    """One alleged offence on an arrest report or court case."""

    offence_id: strawberry.ID | None
    person_id: strawberry.ID | None = column(internal=True, tag=CRIM)
    court_offence_sequence_number: int | None
    cjs_offence_code: OffenceCodeCjs | None
    npcc_offence_code: OffenceCodeNpcc | None
    role_qualifiers: list[CodedValue] | None = coded_list("offence_role_qualifier")
    legislation_qualifiers: list[CodedValue] | None = value(legislation_qualifiers)
    description: list[str] | None = texts("description")
    start_date: date | None
    start_time: str | None = column(tag=CRIM)
    end_date: date | None = column(tag=CRIM)
    end_time: str | None = column(tag=CRIM)
    committed_on_bail: bool | None
    crime_reference: str | None
    location: OffenceLocation | None = value(offence_location)
    plea: CodedValue | None = coded("plea")
    adjudications: list[Adjudication] | None = value(adjudications)
    disposals: list[DisposalResult] | None = listed(loaders.DISPOSALS, "offence_id", DisposalResult)
    offences_taken_into_consideration: int | None
    others_charged: list[CoDefendant] | None = value(others_charged)
    pending_change: DisposalChange | None = resolved(pending_change, tag=CRIM)
    meta: RecordMeta | None = record_meta(DATASET)


@governed_type(subject=PERSON)
class Remand(Record):
    """Bail, custody or adjournment between hearings."""

    remand_id: strawberry.ID | None
    person_id: strawberry.ID | None = column(internal=True, tag=CRIM)
    appearance_result: CodedValue | None = coded("remand_appearance_result")
    appearance_date: date | None = column(tag=CRIM)
    current_appearance: Court | None = value(court)
    next_appearance: Appearance | None = value(next_appearance)
    bail_conditions: list[str] | None = texts("bail_conditions")
    bail_condition_types: list[CodedValue] | None = value(bail_condition_types, tag=CRIM)
    local_authority: LocalAuthority | None = value(local_authority)
    meta: RecordMeta | None = record_meta(DATASET)


@governed_type(subject=PERSON)
class ArrestReport(Record):
    """An arrest or summons with its ASN; one person, one or more offences."""

    report_id: strawberry.ID | None
    person_id: strawberry.ID | None = column(internal=True, tag=CRIM)
    asn: Asn | None
    process_stage: CodedValue | None = coded("process_stage")
    process_stage_at: datetime | None = column(tag=CRIM)
    arrest_name: PersonName | None = value(arrest_name)
    arrest_date_of_birth: PartialDate | None = column(tag=dataset_tag(DATASET, mask="YEAR"))
    arresting_officer: OfficerRef | None = value(arresting_officer)
    prosecuting_agent: CodedValue | None = coded("prosecuting_agent")
    offences: Connection[Offence] | None = paged(Offence, loaders.OFFENCES, via="report_id")
    remands: list[Remand] | None = listed(loaders.REMANDS, "report_id", Remand)
    case_detail: list[str] | None = texts("case_detail")
    owner_code: FsCode | None = column("owner_fs")
    version: str | None = value(lambda row, _info: str(row["version"]))
    meta: RecordMeta | None = record_meta(DATASET)


@governed_type(subject=PERSON)
class CourtCase(Record):
    """A group of offences resulted together, which may come from several arrests (R13)."""

    court_case_id: strawberry.ID | None
    person_id: strawberry.ID | None = column(internal=True, tag=CRIM)
    court_case_reference: CourtCaseReference | None
    case_status_marker: CodedValue | None = coded("case_status_marker")
    court: Court | None = value(court)
    conviction_date: date | None
    defendant: Defendant | None = value(defendant)
    subsequent_appearances: list[SubsequentAppearance] | None = value(subsequent_appearances)
    offences: Connection[Offence] | None = paged(
        Offence, loaders.OFFENCES_OF_CASES, via="court_case_id", tag=dataset_tag(DATASET, mask="GROUP")
    )
    meta: RecordMeta | None = record_meta(DATASET)

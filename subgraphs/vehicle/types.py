"""The types of the vehicle subgraph: one line per field, tags from the field dictionary."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

import strawberry

from authz.decision import Form
from resolvers.vehicle import loaders
from schema.scalars import FleetNumber, ForeignPlate, FsCode, SourceLabel, Vin, Vrm, YearMonth
from subgraphs.coded import CodedValue
from subgraphs.joined import Pending, Restricted, Unavailable
from subgraphs.records import Record, coded, coded_list, column, governed_type, records_by_key, resolved, value
from subgraphs.relay import Connection, paged
from subgraphs.request import RequestInfo, SubgraphRequest
from subgraphs.tags import dataset_tag
from subgraphs.values import Address, ContactPoint, KeeperName, RecordMeta, address, contact_point, record_meta, utc
from subgraphs.vehicle import values
from subgraphs.vehicle.changes import RRD, RrdReview, pending_review
from subgraphs.verdict_inputs import VerdictInputs

AWAITED = "PENDING"  # of the list foreign_vehicle_check_state
AWAITED_ADVICE = "The partner has not answered yet: ask again later. Until then this is neither a hit nor no hit."
KEEPER_TAG = dataset_tag("DVLA.KEEPER")
REPORT_TAG = dataset_tag("PNC.VEH.REPORT")


@governed_type(keys=["keeperRecordId"], subject=("keeper_record_id", "KeeperRecord"))
class KeeperRecord(Record):
    """DVLA registered keeper: who is responsible for licensing, not the legal owner, not necessarily the driver."""

    keeper_record_id: strawberry.ID
    keeper_type: CodedValue | None = coded("keeper_type")
    status: CodedValue | None = coded("keeper_status")
    name: KeeperName | None = value(values.keeper_name)
    address: Address | None = value(address)
    fleet_number: FleetNumber | None
    since_date: date | None
    previous_keeper_count: int | None
    meta: RecordMeta | None = record_meta("DVLA.KEEPER")
    match_name: str | None = column(tag=KEEPER_TAG, internal=True)
    match_postcode: str | None = column(tag=KEEPER_TAG, internal=True)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Keeper records by their key."""
        return await records_by_key(cls, loaders.KEEPER, "keeperRecordId", representations, info)


@governed_type(subject=("vehicle_id", "Vehicle"))
class VehicleReport(Record):
    """Police report on a vehicle. A blocked report is never here (entities 3.4)."""

    vehicle_report_id: strawberry.ID
    vehicle_id: strawberry.ID | None = column(tag=REPORT_TAG, internal=True)
    type: CodedValue | None = coded("vehicle_report_types")
    state: CodedValue | None = coded("vehicle_report_state")
    weed_date: date | None
    crime_reference: str | None
    circumstances: str | None
    owner_fs: FsCode | None
    warning: str | None
    blocked: bool | None = value(values.not_blocked)
    dvla_notified: bool | None
    pending_review: RrdReview | None = resolved(pending_review, tag=RRD)
    meta: RecordMeta | None = record_meta("PNC.VEH.REPORT")


@governed_type(subject=("vehicle_id", "Vehicle"))
class InsurancePolicy(Record):
    """MID record."""

    mid_policy_id: strawberry.ID
    vehicle_id: strawberry.ID | None = column(tag=dataset_tag("MID"), internal=True)
    insurer: str | None
    policy_number: str | None
    from_: date | None = column("from_date", name="from")
    to: date | None = column("to_date")
    cover: CodedValue | None = coded("insurance_cover")
    permitted_drivers: list[values.NamedDriver] | None = value(values.permitted_drivers)
    state: CodedValue | None = coded("insurance_policy_state")
    meta: RecordMeta | None = record_meta("MID")


@governed_type(subject=("vehicle_id", "Vehicle"))
class ForeignVehicleCheck(Record):
    """One check of a foreign plate with a partner. Hit or no hit, and whom to call; never the partner's record."""

    check_id: strawberry.ID
    vehicle_id: strawberry.ID | None = column(tag=dataset_tag("INT.SMV"), internal=True)
    plate: ForeignPlate | None
    country: CodedValue | None = coded("foreign_plate_country")
    state: CodedValue | None = coded("foreign_vehicle_check_state")
    source: CodedValue | None = coded("interpol_database")
    contact: ContactPoint | None = value(contact_point)
    as_of: datetime | None
    meta: RecordMeta | None = record_meta("INT.SMV")


@governed_type(subject=("vehicle_id", "Vehicle"))
class VehicleFraudCheck(Record):
    """Answer for a partner's vehicle-fraud check; says less than its inputs (entities 3.3)."""

    vehicle_id: strawberry.ID | None = column(tag=REPORT_TAG, internal=True)
    stolen_check: CodedValue | None = coded("stolen_check")
    as_of: datetime | None
    vin_matches_vrm: bool | None


async def _keeper(root: Record, info: RequestInfo) -> KeeperRecord | None:
    row = await info.context.loading.row(loaders.KEEPER_OF_VEHICLE, root.row["vehicle_id"])
    return None if row is None else KeeperRecord(row=row)


ForeignVehicleCheckAnswer = Annotated[
    ForeignVehicleCheck | Restricted | Pending | Unavailable, strawberry.union("ForeignVehicleCheckAnswer")
]


async def _foreign_check(root: Record, info: RequestInfo) -> ForeignVehicleCheckAnswer | None:
    row = await info.context.loading.row(loaders.FOREIGN_CHECK, root.row["vehicle_id"])
    if row is None:
        return None
    # That the partner has not answered is what `state` says: who is not shown that is given the record as it is.
    known = info.context.clearance.decision("ForeignVehicleCheck.state").form is Form.FULL
    if known and row["state"] == AWAITED:
        return Pending(since=utc(row["created_at"]), advice=AWAITED_ADVICE)
    return ForeignVehicleCheck(row=row)


async def _foreign_checks_counted(root: Record, request: SubgraphRequest) -> int:
    return int(await request.loading.row(loaders.FOREIGN_CHECK_EXISTS, root.row["vehicle_id"]) is not None)


@governed_type(keys=["vehicleId"], subject=("vehicle_id", "Vehicle"))
class Vehicle(Record):
    """DVLA technical record and police reports. A vehicle may have no mark on it (plant)."""

    vehicle_id: strawberry.ID
    vrm: Vrm | None
    vin: Vin | None
    make: CodedValue | None = coded("vehicle_make_sample")
    model: SourceLabel | None
    colour: CodedValue | None = coded("vehicle_colour")
    body_type: CodedValue | None = coded("vehicle_body_type")
    wheelplan: CodedValue | None = coded("wheelplan")
    fuel_type: CodedValue | None = coded("fuel_type")
    engine_capacity: int | None
    engine_number: str | None
    year_of_manufacture: int | None
    month_of_first_registration: YearMonth | None
    co2_emissions: int | None
    euro_status: SourceLabel | None
    type_approval: CodedValue | None = coded("vehicle_category_ec")
    revenue_weight: int | None
    tax_status: CodedValue | None = coded("tax_status")
    tax_due_date: date | None
    mot_status: CodedValue | None = coded("mot_status")
    mot_expiry_date: date | None = value(values.mot_expiry)
    date_of_last_v5c_issued: date | None = column(name="dateOfLastV5CIssued")
    marked_for_export: bool | None
    dvla_markers: list[CodedValue] | None = coded_list("dvla_vehicle_marker")
    vrm_history: list[values.VrmHistory] | None = value(values.vrm_history)
    keeper: KeeperRecord | None = resolved(_keeper)
    insurance: Connection[InsurancePolicy] | None = paged(InsurancePolicy, loaders.POLICIES, "vehicle_id")
    reports: Connection[VehicleReport] | None = paged(VehicleReport, loaders.REPORTS, "vehicle_id")
    mot_tests: Connection[values.MotTest] | None = paged(values.mot_test, loaders.MOT_TESTS, "vehicle_id")
    foreign_check: ForeignVehicleCheckAnswer | None = resolved(_foreign_check, counted=_foreign_checks_counted)
    anpr_hotlist: list[values.HotlistEntry] | None = value(values.hotlist)
    meta: RecordMeta | None = record_meta("DVLA.VEH")
    verdict_inputs: VerdictInputs | None = value(values.verdict_inputs, tag=KEEPER_TAG, internal=True)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Vehicles by their key."""
        return await records_by_key(cls, loaders.VEHICLE, "vehicleId", representations, info)

"""`vehicleReportChanged`: what happens to the reports on a vehicle, as the subscriber may see it when it happens."""

from collections.abc import AsyncGenerator, Mapping
from enum import Enum
from typing import Annotated, Any

import strawberry

from resolvers.background import to_its_end
from resolvers.loading import Children
from resolvers.vehicle import loaders, statements
from schema.scalars import Vrm
from subgraphs.records import Record, column, governed_type, resolved, value
from subgraphs.request import RequestInfo
from subgraphs.subscribing import SubscriptionInfo
from subgraphs.tags import dataset_tag, reads
from subgraphs.vehicle.types import Vehicle, VehicleReport

REPORT = dataset_tag("PNC.VEH.REPORT")
REPORTS = Children(statements.reports_of_vehicles, "vehicle_id")
Reports = Mapping[str, Mapping[str, Any]]


@strawberry.enum
class ReportChange(Enum):
    """What happened to a report: it is there now, it is another now, or it is not there any more."""

    RAISED = "RAISED"
    AMENDED = "AMENDED"
    REMOVED = "REMOVED"


async def _vehicle(root: Record, info: RequestInfo) -> Vehicle | None:
    row = await info.context.loading.row(loaders.VEHICLE, root.row["vehicle_id"])
    return None if row is None else Vehicle(row=row)


async def _report(root: Record, info: RequestInfo) -> VehicleReport | None:
    """The report as it is when the event is answered; none when it has gone since."""
    found = await info.context.loading.rows(REPORTS, root.row["vehicle_id"])
    rows = (row for row in found if row["vehicle_report_id"] == root.row["vehicle_report_id"])
    return next((VehicleReport(row=row) for row in rows), None)


@governed_type(subject=("vehicle_id", "Vehicle"))
class VehicleReportChange(Record):
    """One change of one report. Several changes between two looks are one."""

    vehicle_id: strawberry.ID | None = column(internal=True, tag=REPORT)
    change: ReportChange | None = value(lambda row, _info: ReportChange(row["change"]), tag=REPORT)
    vehicle_report_id: strawberry.ID | None = column(tag=REPORT)
    report: VehicleReport | None = resolved(_report, tag=REPORT)
    vehicle: Vehicle | None = resolved(_vehicle, tag=dataset_tag("DVLA.VEH"))


async def _changes(
    info: SubscriptionInfo, vrm: Annotated[Vrm, reads("Vehicle.vrm")]
) -> AsyncGenerator[VehicleReportChange | None, None]:
    """Every change of a report on the vehicle that bears the mark when the subscription begins. A mark that nobody
    bears, a vehicle without reports and one whose reports are blocked are equally quiet."""
    async with info.context.view() as request:
        vehicles = await request.loading.select(statements.vehicle_by_vrm(vrm))
    vehicle_id = vehicles[0]["vehicle_id"] if vehicles else ""
    watch = await info.context.feed.watch(vehicle_id)
    seen = await _reports(info, vehicle_id)

    async def changes() -> AsyncGenerator[VehicleReportChange | None, None]:
        before = seen
        while True:
            await watch.changed()
            now = await to_its_end(_reports(info, vehicle_id))
            for report_id, change in differences(before, now).items():
                row = {"vehicle_id": vehicle_id, "vehicle_report_id": report_id, "change": change.value}
                yield VehicleReportChange(row=row)
            before = now

    return changes()


async def _reports(info: SubscriptionInfo, vehicle_id: str) -> Reports:
    """The reports that the subscriber may know of just now, by key."""
    async with info.context.view() as request:
        return {row["vehicle_report_id"]: row for row in await request.loading.rows(REPORTS, vehicle_id)}


def differences(before: Reports, now: Reports) -> Mapping[str, ReportChange]:
    """What happened to each report between two looks, by key."""
    raised = dict.fromkeys(sorted(now.keys() - before.keys()), ReportChange.RAISED)
    removed = dict.fromkeys(sorted(before.keys() - now.keys()), ReportChange.REMOVED)
    kept = sorted(before.keys() & now.keys())
    amended = {key: ReportChange.AMENDED for key in kept if before[key]["version"] != now[key]["version"]}
    return raised | amended | removed


@governed_type()
class Subscription:
    """What the vehicle product tells when it happens."""

    vehicle_report_changed: AsyncGenerator[VehicleReportChange | None, None] = strawberry.subscription(
        resolver=_changes, directives=[REPORT]
    )

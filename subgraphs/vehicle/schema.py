"""The vehicle subgraph's schema: how vehicles are found, and the partner's fraud check."""

from typing import Annotated

import strawberry

from resolvers.vehicle import loaders
from resolvers.vehicle.fraud_check import stolen_check, true_at, vin_matches
from schema.scalars import ForeignPlate, Vin, Vrm
from subgraphs.errors import AmbiguousLookup
from subgraphs.federated import GovernedSchema
from subgraphs.records import governed_field, governed_type, resolved
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag, reads
from subgraphs.vehicle.changes import RRD, Mutation, RrdReview, rrd_review
from subgraphs.vehicle.subscription import Subscription
from subgraphs.vehicle.types import ForeignVehicleCheck, Vehicle, VehicleFraudCheck

VrmArgument = Annotated[Vrm | None, reads("Vehicle.vrm")]
VinArgument = Annotated[Vin | None, reads("Vehicle.vin")]


@governed_type()
class Query:
    """How the vehicle product is entered."""

    rrd_review: RrdReview | None = resolved(rrd_review, tag=RRD)

    @governed_field(tag=dataset_tag("DVLA.VEH"))
    async def vehicle(
        self, info: RequestInfo, vrm: VrmArgument = strawberry.UNSET, vin: VinArgument = strawberry.UNSET
    ) -> Vehicle | None:
        """The vehicle with this registration mark, or this VIN."""
        if bool(vrm) == bool(vin):
            raise AmbiguousLookup("Give either `vrm` or `vin`.")
        loading = info.context.loading
        row = await (
            loading.row(loaders.VEHICLE_BY_VRM, vrm) if vrm else loading.row(loaders.VEHICLE_BY_VIN, vin or "")
        )
        return None if row is None else Vehicle(row=row)

    @governed_field(tag=dataset_tag("INT.SMV"))
    async def foreign_vehicle_check(
        self, info: RequestInfo, plate: Annotated[ForeignPlate, reads("ForeignVehicleCheck.state")]
    ) -> ForeignVehicleCheck | None:
        """The latest check of a foreign plate with its partner: hit or no hit, and whom to call."""
        row = await info.context.loading.row(loaders.FOREIGN_CHECK_BY_PLATE, plate)
        return None if row is None else ForeignVehicleCheck(row=row)

    @governed_field(
        tag=dataset_tag("PNC.VEH.REPORT"),
        derived=["Vehicle.vrm", "Vehicle.vin", "VehicleReport.type", "VehicleReport.state"],
    )
    async def vehicle_fraud_check(
        self,
        info: RequestInfo,
        vrm: Annotated[Vrm, reads("Vehicle.vrm")],
        vin: VinArgument = strawberry.UNSET,
    ) -> VehicleFraudCheck | None:
        """Whether a current theft report is held for a mark, as at an instant; never "not stolen" (story 7)."""
        loading, catalogue = info.context.loading, info.context.catalogue
        vehicle = await loading.row(loaders.VEHICLE_BY_VRM, vrm) or {"vehicle_id": None, "vin": None}
        # Asked for a mark nobody holds too, so that both answers cost the same statements.
        reports = await loading.rows(loaders.THEFT_REPORTS, vehicle["vehicle_id"] or "")
        groups = [catalogue.value("vehicle_report_state", report["state"]).group for report in reports]
        return VehicleFraudCheck(
            row={
                "vehicle_id": vehicle["vehicle_id"],
                "stolen_check": stolen_check(groups),
                "as_of": true_at(reports, info.context.now),
                "vin_matches_vrm": vin_matches(vin or None, vehicle["vin"]),
            }
        )


schema = GovernedSchema(Query, mutation=Mutation, subscription=Subscription)

"""The types of the drivers subgraph: one line per field, tags from the field dictionary."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

import strawberry

from resolvers.drivers import loaders
from schema.scalars import DriverNumber
from subgraphs.coded import CodedValue
from subgraphs.drivers import values
from subgraphs.records import Record, coded, coded_list, column, governed_type, records_by_key, resolved, value
from subgraphs.relay import Connection, paged
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag
from subgraphs.values import Address, ImageRef, Money, PersonName, RecordMeta, address, person_name, record_meta

DRIVER_TAG = dataset_tag("DVLA.DRV")
MEDICAL = loaders.MEDICAL
DISQUALIFICATION = loaders.DISQUALIFICATION


@governed_type(subject=("driver_number", "Driver"))
class Entitlement(Record):
    """Vehicle category right."""

    entitlement_id: strawberry.ID
    driver_number: DriverNumber | None = column(tag=DRIVER_TAG, internal=True)
    category: CodedValue | None = coded("driver_licence_category")
    from_date: date | None
    expiry_date: date | None
    restrictions: list[CodedValue] | None = coded_list("licence_restriction_code")
    automatic_only: bool | None
    from_non_gb: bool | None = column(name="fromNonGB")
    meta: RecordMeta | None = record_meta("DVLA.DRV")


@governed_type(subject=("driver_number", "Driver"))
class Endorsement(Record):
    """Point-bearing offence."""

    endorsement_id: strawberry.ID
    driver_number: DriverNumber | None = column(tag=dataset_tag("DVLA.END"), internal=True)
    offence_code: CodedValue | None = coded("endorsement_codes")
    offence_date: date | None
    conviction_date: date | None
    penalty_points: int | None
    fine: Money | None = value(values.fine)
    intoxicant: values.Intoxicant | None = value(values.intoxicant)
    disqualification: values.DisqualificationPeriod | None = value(values.disqualification_period)
    sentencing_court: CodedValue | None = coded("court_codes")
    appeal_date: date | None
    rehabilitation_course: bool | None
    meta: RecordMeta | None = record_meta("DVLA.END")


async def _entitlements(root: Record, info: RequestInfo) -> list[Entitlement]:
    rows = await info.context.loading.rows(loaders.ENTITLEMENTS, root.row["driver_number"])
    return [Entitlement(row=row) for row in rows]


@governed_type(keys=["driverNumber"], subject=("driver_number", "Driver"))
class Driver(Record):
    """DVLA driver record."""

    driver_number: DriverNumber | None
    names: PersonName | None = value(person_name)
    date_of_birth: date | None
    address: Address | None = value(address)
    place_of_birth: str | None
    licence_type: CodedValue | None = coded("licence_type")
    licence_status: CodedValue | None = coded("licence_status")
    licence_status_qualifier: CodedValue | None = coded("licence_status_qualifier", tag=DRIVER_TAG)
    entitlements: list[Entitlement] | None = resolved(_entitlements)
    endorsements: Connection[Endorsement] | None = paged(Endorsement, loaders.ENDORSEMENTS, "driver_number")
    points: int | None = value(values.points)
    disqualified_until: date | None = value(values.beside(DISQUALIFICATION, "disqualified_until"))
    disqualified_for_life: bool | None = value(values.beside(DISQUALIFICATION, "disqualified_for_life"))
    eyesight: str | None = value(values.beside(MEDICAL, "eyesight"))
    hearing: str | None = value(values.beside(MEDICAL, "hearing"))
    medical_notes: str | None = value(values.beside(MEDICAL, "medical_notes"))
    image: ImageRef | None = value(values.image)
    previous_licences: list[values.PreviousLicence] | None = value(values.previous_licences)
    approved_instructor: bool | None
    military: bool | None
    driver_redirect: bool | None
    token_validity: values.TokenValidity | None = value(values.token_validity)
    meta: RecordMeta | None = record_meta("DVLA.DRV")
    match_name: str | None = column(tag=DRIVER_TAG, internal=True)
    match_postcode: str | None = column(tag=DRIVER_TAG, internal=True)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Drivers by their number, present or former."""
        return await records_by_key(cls, loaders.DRIVER, "driverNumber", representations, info)

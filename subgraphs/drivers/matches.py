"""What the drivers product adds to other products' records: who may be the driver, and the three verdicts."""

import asyncio
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import federation

from resolvers.drivers import loaders, verdicts
from resolvers.drivers.candidates import DriverFound, PersonFacts, drivers_of_keeper, drivers_of_person
from resolvers.loading import Loading
from schema.directives import Open
from schema.scalars import DriverNumber, PartialDate
from subgraphs.coded import CodedValue, coded_value
from subgraphs.drivers.types import DRIVER_TAG, Driver
from subgraphs.joined import Restricted, Unavailable
from subgraphs.records import Record, column, governed_type, resolved
from subgraphs.relay import given
from subgraphs.request import RequestInfo
from subgraphs.tags import First, reads, value_type
from subgraphs.verdict_inputs import VERDICT_INPUTS_FIELDS, VerdictInputs

MATCHES_SHOWN = 10

DriverAnswer = Annotated[Driver | Restricted | Unavailable, strawberry.union("DriverAnswer")]

Row = Mapping[str, Any]


@federation.enum(name="Verdict")
class VerdictName(Enum):
    """The four answers a question about a person and a vehicle can have."""

    YES = federation.enum_value("YES", directives=[Open()])
    NO = federation.enum_value("NO", directives=[Open()])
    POSSIBLE = federation.enum_value("POSSIBLE", directives=[Open()])
    UNKNOWN = federation.enum_value("UNKNOWN", directives=[Open()])


@value_type
class Evidence:
    """The sentence a verdict rests on, and the dataset it comes from."""

    verdict: str | None
    text: str | None
    dataset: str | None


@value_type
class Verdicts:
    """Three verdicts, never merged into one."""

    is_keeper: VerdictName | None
    is_licensed: VerdictName | None
    is_insured: VerdictName | None
    evidence: list[Evidence] | None


@value_type
class DriverMatch:
    """A driver who may be the same human: how that was found, and how sure it is (0..1; see `resolvers.matching`)."""

    method: CodedValue | None
    score: float | None
    driver: DriverAnswer | None


def _matches(found: list[DriverFound], first: int | None, info: RequestInfo) -> list[DriverMatch]:
    kept = found[: min(MATCHES_SHOWN, max(0, MATCHES_SHOWN if first is None else first))]
    catalogue = info.context.catalogue
    return [
        DriverMatch(
            method=coded_value(catalogue, "match_method", one.match.method),
            score=one.match.score,
            driver=Driver(row=one.row),
        )
        for one in kept
    ]


async def _drivers_of_keeper(root: Record, info: RequestInfo, first: First = strawberry.UNSET) -> list[DriverMatch]:
    name, postcode = root.row.get("match_name"), root.row.get("match_postcode")
    return _matches(await drivers_of_keeper(info.context.loading, name, postcode), given(first), info)


async def _drivers_of_person(root: Record, info: RequestInfo, first: First = strawberry.UNSET) -> list[DriverMatch]:
    row = root.row
    person = PersonFacts(
        recorded_number=row.get("driver_number_recorded"),
        match_names=row.get("match_names") or (),
        date_of_birth=row.get("date_of_birth"),
        postcodes=row.get("match_postcodes") or (),
    )
    return _matches(await drivers_of_person(info.context.loading, person), given(first), info)


async def _verdicts(
    root: Record,
    info: RequestInfo,
    driver_number: Annotated[DriverNumber | None, reads("Driver.driverNumber")] = strawberry.UNSET,
) -> Verdicts:
    vehicle = verdicts.vehicle_facts(root.row.get("verdict_inputs"))
    row = await _judged(info.context.loading, given(driver_number), vehicle)
    driver = None if row is None else await _driver_facts(info.context.loading, row)
    return _shown(verdicts.judge(vehicle, driver, info.context.today))


async def _judged(loading: Loading, number: str | None, vehicle: verdicts.VehicleFacts | None) -> Row | None:
    """The driver asked about, else the surest match of the keeper."""
    if number is not None:
        return await loading.row(loaders.DRIVER, number)
    if vehicle is None:
        return None
    found = await drivers_of_keeper(loading, vehicle.match_name, vehicle.match_postcode)
    return found[0].row if found else None


async def _driver_facts(loading: Loading, row: Row) -> verdicts.DriverFacts:
    number = row["driver_number"]
    rights, disqualification = await asyncio.gather(
        loading.rows(loaders.ENTITLEMENTS, number), loading.row(loaders.DISQUALIFICATION, number)
    )
    return verdicts.DriverFacts(row, rights, disqualification)


def _shown(judged: verdicts.Verdicts) -> Verdicts:
    findings = {"isKeeper": judged.keeper, "isLicensed": judged.licensed, "isInsured": judged.insured}
    return Verdicts(
        is_keeper=VerdictName(judged.keeper.verdict.value),
        is_licensed=VerdictName(judged.licensed.verdict.value),
        is_insured=VerdictName(judged.insured.verdict.value),
        evidence=[Evidence(verdict=name, text=found.text, dataset=found.dataset) for name, found in findings.items()],
    )


@governed_type(keys=["keeperRecordId"], subject=("keeper_record_id", "KeeperRecord"))
class KeeperRecord(Record):
    """A registered keeper, seen from here: drivers of that name at that address (R3)."""

    keeper_record_id: strawberry.ID
    match_name: str | None = column(external=True)
    match_postcode: str | None = column(external=True)
    matched_drivers: list[DriverMatch] | None = resolved(
        _drivers_of_keeper,
        tag=DRIVER_TAG,
        requires=["matchName matchPostcode"],
        derived=["KeeperRecord.name", "KeeperRecord.address"],
    )


@governed_type(keys=["vehicleId"], subject=("vehicle_id", "Vehicle"))
class Vehicle(Record):
    """A vehicle, seen from here: is its driver the keeper, licensed for it, insured (story 2)."""

    vehicle_id: strawberry.ID
    verdict_inputs: VerdictInputs | None = column(external=True)
    verdicts: Verdicts | None = resolved(
        _verdicts,
        tag=DRIVER_TAG,
        requires=[VERDICT_INPUTS_FIELDS],
        derived=[
            "KeeperRecord.keeperType",
            "KeeperRecord.name",
            "KeeperRecord.address",
            "InsurancePolicy.state",
            "InsurancePolicy.cover",
            "InsurancePolicy.permittedDrivers",
            "Driver.names",
            "Driver.licenceStatus",
            "Driver.entitlements",
            "Driver.disqualifiedUntil",
            "Driver.disqualifiedForLife",
        ],
    )


@governed_type(keys=["personId"], subject=("person_id", "Person"))
class Person(Record):
    """A nominal, seen from here: the driver PNC recorded, and drivers of that name and birth date (R1)."""

    person_id: strawberry.ID | None
    driver_number_recorded: DriverNumber | None = column(external=True)
    date_of_birth: PartialDate | None = column(external=True)
    match_names: list[str] | None = column(external=True)
    match_postcodes: list[str] | None = column(external=True)
    matched_drivers: list[DriverMatch] | None = resolved(
        _drivers_of_person,
        tag=DRIVER_TAG,
        requires=["driverNumberRecorded dateOfBirth matchNames matchPostcodes"],
        derived=[
            "Person.driverNumberRecorded",
            "Person.names",
            "Person.filedName",
            "Person.dateOfBirth",
            "Person.addresses",
        ],
    )

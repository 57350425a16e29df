"""Matches with other products' records (R1, R2): this subgraph's fields on Driver and KeeperRecord, never equality."""

from datetime import date
from typing import Annotated

import strawberry

from resolvers.person.candidates import DriverFacts, PersonFound, people_of_driver, people_of_keeper
from schema.scalars import DriverNumber
from subgraphs.coded import CodedValue, coded_value
from subgraphs.joined import Restricted, Unavailable
from subgraphs.person.types import CORE, Person, people_with
from subgraphs.records import Record, column, governed_type, resolved
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type

METHODS = "match_method"

PersonAnswer = Annotated[Person | Restricted | Unavailable, strawberry.union("PersonAnswer")]


@value_type
class PersonMatch:
    """A nominal that may be the same human: how that was found, and how sure it is (0..1; see `resolvers.matching`)."""

    method: CodedValue | None = None
    score: float | None = None
    person: PersonAnswer | None = None


async def _matched_people(root: Record, info: RequestInfo) -> list[PersonMatch]:
    row = root.row
    driver = DriverFacts(
        row["driver_number"], row.get("match_name"), row.get("date_of_birth"), row.get("match_postcode")
    )
    return await _matches(await people_of_driver(info.context.loading, driver), info)


async def _people_at_address(root: Record, info: RequestInfo) -> list[PersonMatch]:
    name, postcode = root.row.get("match_name"), root.row.get("match_postcode")
    return await _matches(await people_of_keeper(info.context.loading, name, postcode), info)


async def _matches(found: list[PersonFound], info: RequestInfo) -> list[PersonMatch]:
    people = await people_with([match.person_id for match in found], info)
    return [
        PersonMatch(
            method=coded_value(info.context.catalogue, METHODS, entry.match.method),
            score=entry.match.score,
            person=person,
        )
        for entry, person in zip(found, people, strict=True)
    ]


@governed_type(keys=["driverNumber"], subject=("driver_number", "Driver"))
class Driver(Record):
    """A DVLA driver, seen from here: nominals that may be the same human."""

    driver_number: DriverNumber | None
    date_of_birth: date | None = column(external=True)
    match_name: str | None = column(external=True)
    match_postcode: str | None = column(external=True)
    matched_persons: list[PersonMatch] | None = resolved(
        _matched_people,
        tag=CORE,
        requires=["matchName matchPostcode dateOfBirth"],
        derived=["Driver.names", "Driver.dateOfBirth", "Driver.address"],
    )


@governed_type(keys=["keeperRecordId"], subject=("keeper_record_id", "KeeperRecord"))
class KeeperRecord(Record):
    """A registered keeper, seen from here: nominals of that name at that address, never sure to be the keeper."""

    keeper_record_id: strawberry.ID
    match_name: str | None = column(external=True)
    match_postcode: str | None = column(external=True)
    matched_persons: list[PersonMatch] | None = resolved(
        _people_at_address,
        tag=CORE,
        requires=["matchName matchPostcode"],
        derived=["KeeperRecord.name", "KeeperRecord.address"],
    )

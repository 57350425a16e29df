"""Value types of the vehicle subgraph, and how they are made from rows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from resolvers.names import fold
from resolvers.vehicle import loaders
from schema.scalars import Vrm
from subgraphs.coded import CodedValue, coded_value
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type
from subgraphs.values import OrgName, PersonName, periods, person_name
from subgraphs.verdict_inputs import VerdictInputs, VerdictPolicy

Row = Mapping[str, Any]
CalendarDate = date


@value_type
class VrmHistory:
    """A registration mark the vehicle bore before."""

    value: Vrm | None
    from_: date | None = strawberry.field(name="from")
    to: date | None


@value_type
class NamedDriver:
    """Someone a policy permits to drive, by name only."""

    value: str | None
    from_: date | None = strawberry.field(name="from")
    to: date | None


@value_type
class MotTest:
    """One MOT test; mileage in miles, items as the tester wrote them."""

    date: CalendarDate | None
    result: CodedValue | None
    mileage: int | None
    items: list[str] | None


@value_type
class HotlistEntry:
    """A pointer to an ANPR alert, not a read."""

    category: CodedValue | None
    source: str | None
    since: date | None


def keeper_name(row: Row, info: RequestInfo) -> PersonName | OrgName | None:
    """A keeper is a person or an organisation, never both."""
    if row["organisation_name"] is not None:
        return OrgName(name=row["organisation_name"])
    return person_name(row, info)


def mot_test(row: Row, info: RequestInfo) -> MotTest:
    """The test in a `vehicle_mot_test` row."""
    result = coded_value(info.context.catalogue, "mot_test_result", row["result"])
    return MotTest(date=row["test_date"], result=result, mileage=row["mileage"], items=row["items"])


def permitted_drivers(row: Row, _info: RequestInfo) -> list[NamedDriver] | None:
    """The names on a policy."""
    return periods(NamedDriver, row["permitted_drivers"])


async def vrm_history(row: Row, info: RequestInfo) -> list[VrmHistory]:
    """Earlier marks, newest first."""
    marks = await info.context.loading.rows(loaders.MARKS, row["vehicle_id"])
    return [VrmHistory(value=mark["vrm"], from_=mark["from_date"], to=mark["to_date"]) for mark in marks]


async def mot_expiry(row: Row, info: RequestInfo) -> date | None:
    """Until when DVSA says the MOT holds."""
    found = await info.context.loading.row(loaders.MOT, row["vehicle_id"])
    return None if found is None else found["mot_expiry_date"]


async def hotlist(row: Row, info: RequestInfo) -> list[HotlistEntry]:
    """Pointers to alerts, newest first."""
    entries = await info.context.loading.rows(loaders.HOTLIST, row["vehicle_id"])
    catalogue = info.context.catalogue
    return [
        HotlistEntry(
            category=coded_value(catalogue, "anpr_hotlist_category", entry["category"]),
            source=entry["source"],
            since=entry["since"],
        )
        for entry in entries
    ]


async def verdict_inputs(row: Row, info: RequestInfo) -> VerdictInputs:
    """What Drivers judges a vehicle from; a missing keeper leaves its fields null."""
    loading, vehicle_id = info.context.loading, row["vehicle_id"]
    keeper = await loading.row(loaders.KEEPER_OF_VEHICLE, vehicle_id) or {}
    policies = await loading.rows(loaders.POLICIES_TODAY, vehicle_id)
    return VerdictInputs(
        keeper_type=keeper.get("keeper_type"),
        match_name=keeper.get("match_name"),
        match_postcode=keeper.get("match_postcode"),
        body_type=row["body_type"],
        type_approval=row["type_approval"],
        revenue_weight=row["revenue_weight"],
        policies=[_policy(policy) for policy in policies],
    )


def _policy(row: Row) -> VerdictPolicy:
    drivers = row["permitted_drivers"]
    return VerdictPolicy(
        state=row["state"],
        from_=row["from_date"],
        to=row["to_date"],
        cover=row["cover"],
        permitted_drivers=None if drivers is None else [fold(driver["value"]) for driver in drivers],
    )


def not_blocked(_row: Row, _info: RequestInfo) -> bool:
    """A report that is shown is not blocked: blocked ones are left out of every statement (entities 3.4)."""
    return False

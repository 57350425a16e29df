"""The SELECTs of the vehicle product: keys in, statements out, each over one dataset. Runs nothing."""

from collections.abc import Sequence

import sqlalchemy as sa

from resolvers.controls.predicates import facts, finds, hidden, owned_by_others, shown, shown_unless
from resolvers.database import TODAY
from resolvers.vehicle.tables import (
    anpr_hotlist_entry,
    foreign_vehicle_check,
    insurance_policy,
    keeper_record,
    vehicle,
    vehicle_mot,
    vehicle_mot_test,
    vehicle_report,
    vehicle_report_block,
    vehicle_vrm_history,
)

BLOCKED_TYPE = "BLK"
THEFT_TYPES = ("LOS", "OBD")
# Weeding is an event; what was weeded or retired is no record any more (P16).
GONE_STATES = ("WEEDED", "RETIRED")


def vehicles_by_id(keys: Sequence[str]) -> sa.Select:
    """Vehicles by vehicleId."""
    return _vehicles().where(vehicle.c.vehicle_id.in_(keys))


def vehicles_by_vrm(vrms: Sequence[str]) -> sa.Select:
    """The vehicles that bear registration marks now."""
    return _vehicles().where(vehicle.c.vrm.in_(vrms))


def vehicles_by_vin(vins: Sequence[str]) -> sa.Select:
    """Vehicles recorded under a VIN; of several (clones) the one changed last comes first."""
    return _vehicles().where(vehicle.c.vin.in_(vins)).order_by(*_newest_first(vehicle))


def vehicle_by_vrm(vrm: str) -> sa.Select:
    """The vehicle that bears a registration mark now."""
    return _vehicles().where(vehicle.c.vrm == vrm)


def marks_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """Earlier registration marks, newest first."""
    marks = vehicle_vrm_history
    return sa.select(marks).where(marks.c.vehicle_id.in_(keys)).order_by(marks.c.to_date.desc(), marks.c.vrm)


def keepers_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """The keeper of each vehicle today: the CURRENT record, else the newest that is not a previous keeper's (R4)."""
    keeper = keeper_record
    place = sa.func.row_number().over(
        partition_by=keeper.c.vehicle_id,
        order_by=[
            sa.case((keeper.c.status == "CURRENT", 0), else_=1),
            keeper.c.since_date.desc().nulls_last(),
            keeper.c.keeper_record_id,
        ],
    )
    live = (
        keeper.c.vehicle_id.in_(keys),
        keeper.c.status.is_distinct_from("PREVIOUS"),
        shown("KeeperRecord", keeper.c.keeper_record_id),
    )
    placed = sa.select(keeper, place.label("place")).where(*live).subquery()
    return sa.select(placed).where(placed.c.place == 1)


def keepers_by_id(keys: Sequence[str]) -> sa.Select:
    """Keeper records by keeperRecordId."""
    key = keeper_record.c.keeper_record_id
    return sa.select(keeper_record).where(key.in_(keys), shown("KeeperRecord", key))


def mot_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """What DVSA says about each vehicle's MOT."""
    return sa.select(vehicle_mot).where(vehicle_mot.c.vehicle_id.in_(keys))


def mot_tests_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """MOT tests of vehicles."""
    return sa.select(vehicle_mot_test).where(vehicle_mot_test.c.vehicle_id.in_(keys))


def policies_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """Insurance policies of vehicles (R5)."""
    return sa.select(insurance_policy).where(insurance_policy.c.vehicle_id.in_(keys))


def policies_near_today(keys: Sequence[str]) -> sa.Select:
    """The policies a verdict of today can rest on: begun, and not ended or without an end (R6)."""
    policy = insurance_policy
    in_force = sa.or_(policy.c.to_date.is_(None), policy.c.to_date >= TODAY)
    return policies_of_vehicles(keys).where(policy.c.from_date <= TODAY, in_force).order_by(*_newest_first(policy))


def reports_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """Police reports on vehicles (R7). A blocked one is there for its owner only: in no other list or count (3.4)."""
    report, block = vehicle_report, vehicle_report_block
    blocked = sa.select(block.c.vehicle_report_id).where(
        block.c.vehicle_report_id == report.c.vehicle_report_id,
        block.c.from_date <= TODAY,
        sa.or_(block.c.to_date.is_(None), block.c.to_date >= TODAY),
        owned_by_others(block.c.owner_fs),
    )
    of_another = sa.and_(report.c.type == BLOCKED_TYPE, owned_by_others(sa.func.coalesce(report.c.owner_fs, "")))
    silent = sa.or_(finds(blocked), of_another, hidden("VehicleReport", report.c.vehicle_report_id))
    held = report.c.vehicle_id.in_(keys), report.c.state.not_in(GONE_STATES)
    return sa.select(report).where(*held, shown_unless(silent))


def theft_reports_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """The reports a fraud check rests on: lost or stolen, and obtained by deception (entities 3.3)."""
    return reports_of_vehicles(keys).where(vehicle_report.c.type.in_(THEFT_TYPES))


def foreign_checks_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """Checks of foreign plates with partners, newest first."""
    check = foreign_vehicle_check
    return sa.select(check).where(check.c.vehicle_id.in_(keys)).order_by(check.c.as_of.desc(), check.c.check_id)


def foreign_checks_of_plates(plates: Sequence[str]) -> sa.Select:
    """Checks of these foreign plates with partners, newest first; none of a vehicle that is not shown."""
    check = foreign_vehicle_check
    found = sa.select(check).where(check.c.plate.in_(plates), shown("Vehicle", check.c.vehicle_id))
    return found.order_by(check.c.as_of.desc(), check.c.check_id)


def hotlist_of_vehicles(keys: Sequence[str]) -> sa.Select:
    """Pointers to ANPR alerts, newest first."""
    entry = anpr_hotlist_entry
    return sa.select(entry).where(entry.c.vehicle_id.in_(keys)).order_by(entry.c.since.desc(), entry.c.hotlist_entry_id)


def _vehicles() -> sa.Select:
    return sa.select(vehicle, facts("Vehicle", vehicle.c.vehicle_id)).where(shown("Vehicle", vehicle.c.vehicle_id))


def _newest_first(table: sa.Table) -> tuple[sa.ColumnElement, ...]:
    return (table.c.updated_at.desc(), *table.primary_key)

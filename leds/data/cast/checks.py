"""Stories 2, 7, 10, 11 and 12: the vehicles whose keeper, reports or identity are not straightforward."""

from collections.abc import Iterator

from leds.data.cast import identities as ids
from leds.data.cast.builder import ELSEWHERE, CastRow, Named, Stage
from leds.data.cast.identities import cast_key, cast_vin

ASH = Named("QUAYSIDE", ("Ash",), "MR")


def checks(stage: Stage) -> Iterator[CastRow]:
    """Every row of the vehicle checks."""
    yield from _lease(stage)
    yield from _trailer(stage)
    yield from _lost(stage)
    yield from _clones(stage)
    yield from _blocked(stage)
    yield from _foreign(stage)


def _lease(stage: Stage) -> Iterator[CastRow]:
    """The keeper is a lease company, so that R3 does not apply; anybody it authorises is insured."""
    vehicle_id = cast_key(2, 2)
    yield stage.vehicle(vehicle_id, ids.LEASE_VRM, cast_vin("LSE"), colour="GRY", model="FIESTA", body_type="HAT3")
    yield stage.organisation_keeper(cast_key(2, 13), vehicle_id, "Compass Specimen Leasing Ltd", "LEASE", "123456")
    yield stage.policy(cast_key(2, 33), vehicle_id, [], cover="ANY")


def _trailer(stage: Stage) -> Iterator[CastRow]:
    """4,000 kg needs C1E; the keeper holds B, and is disqualified on PNC but not yet at DVLA."""
    vehicle_id = cast_key(2, 3)
    trailer = {"make": "IFOR WILLIAMS", "model": "TRAILER", "body_type": "TRAI", "type_approval": "O4"}
    engine = {"fuel_type": None, "engine_capacity": None, "co2_emissions": None, "revenue_weight": 4_000}
    yield stage.vehicle(vehicle_id, ids.TRAILER_VRM, cast_vin("TRL"), **trailer, **engine)
    yield stage.keeper(cast_key(2, 14), vehicle_id, ASH, ELSEWHERE)
    yield stage.driver(ids.BANNED_DRIVER, ASH, ids.BANNED_BORN, ELSEWHERE)
    yield stage.entitlement(cast_key(4, 4), ids.BANNED_DRIVER, "B")
    person_id = ids.BANNED_PERSON_ID
    yield stage.person(person_id, ids.BANNED_URN, ids.BANNED_BORN.isoformat(), driver_number_recorded=ids.BANNED_DRIVER)
    yield from stage.names(person_id, [(ASH, "FILED")])
    yield stage.address(person_id, 0, ELSEWHERE)
    ban = {"from_date": stage.day(-3), "to_date": stage.day(362), "court_code": "0401"}
    yield "pnc_disqualification", {"person_id": person_id, "seq": 0, "type": "OBL"} | ban
    marker = {"code": "DD", "added_by": "20R1", "added_on": stage.day(-3)}
    yield "person_information_marker", {"person_id": person_id, "seq": 0} | marker


def _lost(stage: Stage) -> Iterator[CastRow]:
    """An unconfirmed LOS that weeds tomorrow, a confirmed one that DVLA knows, and a vehicle marked for export."""
    unconfirmed, confirmed, exported = cast_key(2, 4), cast_key(2, 5), cast_key(2, 6)
    yield stage.vehicle(unconfirmed, ids.LOST_UNCONFIRMED_VRM, cast_vin("L5T"), colour="RED")
    yield stage.report(
        cast_key(2, 43),
        unconfirmed,
        "LOS",
        -41,
        state="WEED_DUE",
        weed_date=stage.day(1),
        warning="Occupants may be armed.",
    )
    yield stage.vehicle(confirmed, ids.LOST_CONFIRMED_VRM, cast_vin("CNF"), colour="BLA", dvla_markers=["STOLEN"])
    yield stage.report(cast_key(2, 44), confirmed, "LOS", -90, dvla_notified=True)
    yield stage.vehicle(exported, ids.EXPORTED_VRM, cast_vin("EXP"), marked_for_export=True, dvla_markers=["EXPORT"])


def _clones(stage: Stage) -> Iterator[CastRow]:
    """Two vehicles seen with one VIN: the mark and the VIN of the second do not belong together."""
    genuine, clone = cast_key(2, 7), cast_key(2, 8)
    yield stage.vehicle(genuine, ids.CLONED_VRM, cast_vin("CLN"), colour="SIL", engine_number="CAST0000007")
    yield stage.vehicle(clone, ids.CLONE_VRM, cast_vin("CLN"), colour="SIL", engine_number="CAST0000008")
    text = "Seen with the VIN of another vehicle."
    yield stage.report(cast_key(2, 45), clone, "CLO", -20, circumstances=text)


def _blocked(stage: Stage) -> Iterator[CastRow]:
    """Alike but for their identity: one with a single report, blocked; one without any; one of type BLK."""
    marks = (ids.BLOCKED_VRM, ids.UNREPORTED_VRM, ids.BLOCKED_TYPE_VRM)
    for number, vrm in enumerate(marks):
        yield stage.vehicle(cast_key(2, 51 + number), vrm, cast_vin(f"BLK{number}"), colour="GRN")
    yield stage.report(cast_key(2, 46), cast_key(2, 51), "ACT", -30, warning="Covert vehicle.")
    block = {"owner_fs": "96HQ", "from_date": stage.day(-30), "to_date": None}
    yield "vehicle_report_block", {"vehicle_report_id": cast_key(2, 46)} | block
    yield stage.report(cast_key(2, 47), cast_key(2, 53), "BLK", -30, owner_fs="96HQ")


def _foreign(stage: Stage) -> Iterator[CastRow]:
    """A Polish plate checked without a hit and a French one whose check is pending: no British record of either."""
    plates = ((ids.FOREIGN_VRM, "PL", "NO_HIT", "SMV"), (ids.FOREIGN_PENDING_VRM, "F", "PENDING", None))
    unknown = {"tax_status": None, "tax_due_date": None, "mot_status": "NORESULT", "date_of_last_v5c_issued": None}
    for number, (plate, country, state, source) in enumerate(plates):
        vehicle_id = cast_key(2, 61 + number)
        yield stage.vehicle(vehicle_id, plate, None, make=None, model=None, colour="WHI", **unknown)
        check = {
            **{"check_id": cast_key(2, 71 + number), "vehicle_id": vehicle_id, "plate": plate, "country": country},
            **{"state": state, "source": source, "contact_type": "BUS", "contact_value": "01632 960002"},
        }
        yield "foreign_vehicle_check", check | stage.record(0, "6700")
    yield stage.report(cast_key(2, 48), cast_key(2, 61), "FORE", -7)

"""Stories 1, 2, 4, 6 and 9: the plate AB12CDE, its keeper and driver Robin EXAMPLE, and the nominal of that name."""

from collections.abc import Iterator

from leds.data.cast import identities as ids
from leds.data.cast.builder import ELSEWHERE, HOME, OWNER, YARD, CastRow, Named, Place, Stage
from leds.data.cast.identities import cast_key
from resolvers.names import contact_key

ROBIN = Named("EXAMPLE", ("Robin", "Ash"), "MR")
WREN = Named("HARBOUR", ("Wren",), "MS")
JET = Named("COMPASS", ("Jet",), "MR")
VEHICLE_ID = cast_key(2, 1)
_REPORT_ID, _OFFENCE_ID, _CASE_ID = cast_key(3, 1), cast_key(3, 2), cast_key(3, 3)


def roadside(stage: Stage) -> Iterator[CastRow]:
    """Every row of the roadside story that Vehicle, Drivers and Person own."""
    yield from _vehicle(stage)
    yield from _drivers(stage)
    yield from _nominal(stage)
    yield from _cautions(stage)
    yield from _case(stage)
    yield from _companions(stage)


def _vehicle(stage: Stage) -> Iterator[CastRow]:
    yield stage.vehicle(VEHICLE_ID, ids.MAIN_VRM, ids.MAIN_VIN, engine_number="CAST0000001")
    yield (
        "vehicle_vrm_history",
        {"vehicle_id": VEHICLE_ID, "vrm": "OO01ABC", "from_date": stage.day(-2700), "to_date": stage.day(-1900)},
    )
    yield stage.keeper(cast_key(2, 11), VEHICLE_ID, ROBIN, HOME, previous_keeper_count=1)
    yield stage.keeper(
        cast_key(2, 12),
        VEHICLE_ID,
        Named("QUAYSIDE", ("L",), "MX"),
        ELSEWHERE,
        status="PREVIOUS",
        since_date=stage.day(-2700),
    )
    yield from stage.mot(
        VEHICLE_ID,
        [
            (cast_key(2, 21), -165, "PASS", 41_230),
            (cast_key(2, 22), -166, "FAIL", 41_228),
            (cast_key(2, 23), -530, "PASS", 33_904),
        ],
    )
    # The second driver is named by an initial: isInsured is POSSIBLE for Wren, YES for Robin.
    yield stage.policy(cast_key(2, 31), VEHICLE_ID, ["EXAMPLE, Robin Ash", "HARBOUR, W"])
    yield stage.policy(
        cast_key(2, 32),
        VEHICLE_ID,
        ["EXAMPLE, Robin Ash"],
        from_date=stage.day(-466),
        to_date=stage.day(-102),
        state="LAPSED",
        cover="TPFT",
    )
    yield stage.report(
        cast_key(2, 41), VEHICLE_ID, "ACT", -12, warning="Do not alert the occupants.", circumstances="Check documents."
    )
    yield stage.report(cast_key(2, 42), VEHICLE_ID, "LOS", -800, state="RECOVERED", dvla_notified=True)


def _drivers(stage: Stage) -> Iterator[CastRow]:
    former = [{"value": "11", "from": stage.day(-4500).isoformat(), "to": stage.day(-901).isoformat()}]
    yield stage.driver(ids.MAIN_DRIVER, ROBIN, ids.MAIN_BORN, HOME, previous_licences=former)
    yield stage.entitlement(cast_key(4, 1), ids.MAIN_DRIVER, "AM")
    yield stage.entitlement(cast_key(4, 2), ids.MAIN_DRIVER, "B", ["01"])
    # Nine points count; the fourth endorsement is older than four years.
    for number, days in enumerate((-200, -500, -900, -1_700)):
        yield stage.endorsement(cast_key(4, 11 + number), ids.MAIN_DRIVER, days)
    yield (
        "driver_image",
        {
            "driver_number": ids.MAIN_DRIVER,
            "location": "DVLA",
            "taken_on": stage.day(-900),
            "view_only": True,
        },
    )
    yield stage.driver(ids.PARTNER_DRIVER, WREN, ids.PARTNER_BORN, HOME)
    yield stage.entitlement(cast_key(4, 3), ids.PARTNER_DRIVER, "B")


def _nominal(stage: Stage) -> Iterator[CastRow]:
    person_id = ids.MAIN_PERSON_ID
    yield stage.person(
        person_id,
        ids.MAIN_URN,
        ids.MAIN_BORN.isoformat(),
        cro_number=ids.MAIN_CRO,
        driver_number_recorded=ids.MAIN_DRIVER,
        facial_hair="CS",
        marks=[{"type": "TAT", "location": "RARM", "text": "swallow"}],
        occupations=["DRIV"],
        places_frequented=["Anytown market"],
        police_references=[{"force": "20", "type": "LOCAL", "reference": "N0000001"}],
        other_details="Synthetic record.",
    )
    yield "person_birth_date", {"person_id": person_id, "seq": 0, "value": "1986"}
    yield from stage.names(
        person_id,
        [(ROBIN, "FILED"), (Named("LANTERN", ("Robin",)), "ALIAS"), (Named("EXAMPLE", ("Rob",)), "NICK")],
    )
    yield stage.address(person_id, 0, HOME)
    yield stage.address(person_id, 1, ELSEWHERE, "P", -2500)
    yield stage.address(person_id, 2, Place(("1 Teapot Row", "Ribbonford"), "QB2 4FG"), "P", -4000)
    for seq, (kind, value) in enumerate((("MOBILE", "07700 900123"), ("EMAIL", "robin@example.org"))):
        yield (
            "person_contact",
            {"person_id": person_id, "seq": seq, "type": kind, "value": value, "value_key": contact_key(value)},
        )
    identifiers = [("NINO", "QQ123456C", True), ("PASSPORT", "X00000001", True), ("PNCID", "1950/1581C", False)]
    for seq, (kind, value, valid) in enumerate(identifiers):
        row = {"person_id": person_id, "seq": seq, "type": kind, "value": value, "valid": valid, "source": "CUSTODY"}
        yield "person_identifier", row
    for seq, (other, key, kind) in enumerate(
        (
            ("Person", ids.PARTNER_PERSON_ID, "PARTNER"),
            ("Person", ids.CONFLICT_PERSON_ID, "CODEF"),
            ("Vehicle", VEHICLE_ID, "ASSOC"),
        )
    ):
        row = {"person_id": person_id, "seq": seq, "other_type": other, "other_key": key, "type": kind}
        seen = {"from_date": stage.day(-1500), "last_seen": stage.day(-30 - seq), "confidence": 0.9}
        yield "person_association", row | seen


def _cautions(stage: Stage) -> Iterator[CastRow]:
    person_id = ids.MAIN_PERSON_ID
    texts = [("VI", None), ("WE", None), ("AL", "Ask for the custody nurse before interview.")]
    for seq, (code, text) in enumerate(texts):
        row = {"person_id": person_id, "seq": seq, "code": code, "text": text, "source": "CUSTODY"}
        yield "person_warning", row | {"added_by": OWNER, "added_on": stage.day(-400)}
    for seq, code in enumerate(("WM", "BAIL", "FP")):
        row = {"person_id": person_id, "seq": seq, "code": code, "added_by": OWNER, "added_on": stage.day(-300)}
        yield "person_information_marker", row
    photos = [{"location": OWNER, "takenOn": stage.day(-400).isoformat(), "viewOnly": True}]
    biometric = {"person_id": person_id, "fingerprint_status": "H", "dna_status": "P", "photos": photos}
    yield "person_biometric", biometric
    wanted = {
        "report_id": cast_key(3, 31),
        "person_id": person_id,
        "category": "FTA",
        "power": "WARRANT_NB",
        "offence_or_reason": "Failing to appear",
        "owner_contact": "01632 960001",
        "circulated_from": stage.instant(-25),
        "review_due": stage.day(340),
        "action_text": "Arrest on warrant and take before the next court.",
    }
    yield "wanted_missing_report", wanted | stage.record(-25)
    row = {"person_id": person_id, "seq": 0, "kind": "NFA", "date": stage.day(-1200), "reason": "Insufficient evidence"}
    yield "non_conviction", row
    ban = {"from_date": stage.day(-3000), "to_date": stage.day(-2600), "court_code": "0401"}
    yield "pnc_disqualification", {"person_id": person_id, "seq": 0, "type": "DIS"} | ban
    order = {"person_id": person_id, "seq": 0, "type": "RO", "conditions": ["Not to contact the named person."]}
    term = {"from_date": stage.day(-200), "to_date": stage.day(530), "court_code": "0401"}
    yield "court_order", order | term


def _case(stage: Stage) -> Iterator[CastRow]:
    person_id, record = ids.MAIN_PERSON_ID, stage.record(-700)
    arrest = {
        **{"report_id": _REPORT_ID, "person_id": person_id, "asn": ids.MAIN_ASN, "process_stage": "C"},
        **{"process_stage_at": stage.instant(-700, 22), "arrest_title": "MR", "arrest_last": "EXAMPLE"},
        **{"arrest_first": ["Robin"], "arrest_date_of_birth": "1985-03-14", "prosecuting_agent": "CPS"},
        "arresting_officer": {"division": "D1", "rank": "PC", "number": "1234", "surname": "PARASOL"},
        "case_detail": ["Synthetic case."],
    }
    yield "arrest_report", arrest | record
    offence = {
        **{"offence_id": _OFFENCE_ID, "report_id": _REPORT_ID, "person_id": person_id, "start_date": stage.day(-700)},
        **{"court_offence_sequence_number": 1, "cjs_offence_code": "CJ88001", "npcc_offence_code": "1.0.0.0"},
        **{
            "description": ["Common assault"],
            "start_time": "21:40",
            "end_date": stage.day(-700),
            "end_time": "21:55",
            "committed_on_bail": False,
            "plea": "GUILTY",
        },
        **{"crime_reference": "20/12345/24", "location_lines": ["Quayside Road", "Anytown"]},
        **{"location_postcode": "XA1 2BB", "location_fs_code": OWNER, "offences_taken_into_consideration": 2},
        "adjudications": [{"appearanceNumber": 1, "date": stage.day(-580).isoformat(), "adjudication": "GUILTY"}],
        "others_charged": [{"name": "COMPASS, Jet", "chargeGroup": 1, "checkName": "COMPASS"}],
    }
    yield "offence", offence | record
    disposal = {"disposal_id": cast_key(3, 21), "offence_id": _OFFENCE_ID, "person_id": person_id}
    fine = {"disposal_code": "1015", "fine_amount": "250.00", "fine_currency": "GBP", "effective_date": stage.day(-580)}
    yield "disposal", disposal | fine | record
    case = {
        **{"court_case_id": _CASE_ID, "person_id": person_id, "court_case_reference": "24/0401/000001A"},
        **{"case_status_marker": "court-case", "court_code": "0401", "conviction_date": stage.day(-580)},
        "subsequent_appearances": [
            {
                **{"date": stage.day(-500).isoformat(), "courtCode": "0401", "courtName": None},
                "reason": "Subsequently Varied",
            }
        ],
        "defendant": {"kind": "individual", "name": None, "last": "EXAMPLE", "first": ["Robin", "Ash"]},
    }
    yield "court_case", case | record
    yield "court_case_offence", {"court_case_id": _CASE_ID, "offence_id": _OFFENCE_ID}
    remand = {
        **{"remand_id": cast_key(3, 41), "report_id": _REPORT_ID, "person_id": person_id, "appearance_result": "B"},
        **{"appearance_date": stage.day(-60), "court_code": "0401", "next_date": stage.day(45)},
        **{"next_court_code": "9998", "next_court_name": "Anytown Specimen Magistrates"},
        "bail_condition_types": ["RES"],
        "bail_conditions": ["Live and sleep each night at\n12 Lantern Street, Anytown"],
    }
    yield "remand", remand | stage.record(-60)


def _companions(stage: Stage) -> Iterator[CastRow]:
    """Wren, one step away; Jet, whose recorded driver number is Wren's: a conflict that must score low (R1)."""
    yield stage.person(
        ids.PARTNER_PERSON_ID,
        ids.PARTNER_URN,
        ids.PARTNER_BORN.isoformat(),
        sex="F",
        driver_number_recorded=ids.PARTNER_DRIVER,
    )
    yield from stage.names(ids.PARTNER_PERSON_ID, [(WREN, "FILED"), (Named("HARBOUR-EXAMPLE", ("Wren",)), "ALIAS")])
    yield stage.address(ids.PARTNER_PERSON_ID, 0, HOME)
    row = {"person_id": ids.PARTNER_PERSON_ID, "seq": 0, "other_type": "Vehicle", "other_key": cast_key(2, 2)}
    yield (
        "person_association",
        row | {"type": "ASSOC", "from_date": stage.day(-390), "last_seen": stage.day(-5), "confidence": 0.8},
    )
    yield stage.person(
        ids.CONFLICT_PERSON_ID,
        ids.CONFLICT_URN,
        ids.CONFLICT_BORN.isoformat(),
        driver_number_recorded=ids.PARTNER_DRIVER,
    )
    yield from stage.names(ids.CONFLICT_PERSON_ID, [(JET, "FILED")])
    yield stage.address(ids.CONFLICT_PERSON_ID, 0, YARD)

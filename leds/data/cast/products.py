"""Stories 3, 4, 5 and 6 and the name search: missing children, a wanted man, stolen plant, intelligence, hard names."""

from collections.abc import Iterator

from leds.data.cast import identities as ids
from leds.data.cast.builder import ELSEWHERE, HOME, OWNER, YARD, CastRow, Named, Place, Stage
from leds.data.cast.identities import cast_key
from resolvers.names import match_name, postcode_key
from resolvers.property.keys import identifier_key

LAKE = Named("PARASOL", ("Lake",), "MR")
OLIVE = Named("BEACON", ("Olive",), "MRS")
CHILD_ID, OTHER_AREA_ID, EARLIER_ID = ids.MISSING_CHILD_ID, ids.MISSING_OTHER_AREA_ID, cast_key(6, 3)
NOMINAL_ID, UNLINKED_ID = cast_key(7, 11), cast_key(7, 12)


def products(stage: Stage) -> Iterator[CastRow]:
    """Every row of these stories."""
    yield from _wanted(stage)
    yield from _hard_names(stage)
    yield from _property(stage)
    yield from _missing(stage)
    yield from _intelligence(stage)


def _wanted(stage: Stage) -> Iterator[CastRow]:
    """Two live reports: a recall to prison, and a locate that is no power of arrest."""
    person_id = ids.WANTED_PERSON_ID
    yield stage.person(person_id, ids.WANTED_URN, ids.WANTED_BORN.isoformat())
    yield from stage.names(person_id, [(LAKE, "FILED"), (Named("UMBRELLA", ("Lake",)), "ALIAS")])
    yield stage.address(person_id, 0, Place(("No fixed abode",), "VA1"), "UNKNOWN")
    yield (
        "person_warning",
        {"person_id": person_id, "seq": 0, "code": "FI", "added_by": OWNER, "added_on": stage.day(-90)},
    )
    yield "person_information_marker", {"person_id": person_id, "seq": 0, "code": "WM", "added_by": OWNER}
    reports = (
        ("REC-PRIS", "RECALL", "Breach of licence", -10, "Return to custody."),
        ("LOCATE", "NOPOWER", "Witness enquiry", -60, "Report whereabouts; no power of arrest."),
    )
    for number, (category, power, reason, days, action) in enumerate(reports):
        row = {
            **{"report_id": cast_key(3, 32 + number), "person_id": person_id, "category": category, "power": power},
            **{"offence_or_reason": reason, "owner_contact": "01632 960003", "action_text": action},
            **{"circulated_from": stage.instant(days), "review_due": stage.day(days + 365)},
        }
        yield "wanted_missing_report", row | stage.record(days)


def _hard_names(stage: Stage) -> Iterator[CastRow]:
    """ÉCLAIR-D'OR is found as eclair, eclairdor and doR; KOMPASS sounds like COMPASS and is known by year only."""
    people = (
        (ids.ACCENTED_PERSON_ID, ids.ACCENTED_URN, "1994-02", Named("ÉCLAIR-D'OR", ("Zoë", "Chloë"), "MS"), "F"),
        (ids.SOUNDALIKE_PERSON_ID, ids.SOUNDALIKE_URN, "1990", Named("KOMPASS", ("Jett",), "MR"), "M"),
    )
    for person_id, urn, born, named, sex in people:
        yield stage.person(
            person_id, urn, born, sex=sex, place_of_birth="Ribbonford", place_of_birth_folded=" RIBBONFORD "
        )
        yield from stage.names(person_id, [(named, "FILED")])
        yield stage.address(person_id, 0, ELSEWHERE)


def _item(stage: Stage, number: int, category: str, **other: object) -> Iterator[CastRow]:
    identifier_type, value = other.pop("identifier_type"), str(other.pop("value"))
    state, days = other.pop("state", "STOLEN"), -20 - number
    property_id, record = cast_key(5, number), stage.record(days)
    row: dict[str, object] = {"property_id": property_id, "category": category, "value_band": "B"}
    yield "property_item", row | other | record
    identifier = {"property_id": property_id, "seq": 0, "type": identifier_type, "value": value}
    yield "property_identifier", identifier | {"value_key": identifier_key(value)}
    report = {
        **{"property_report_id": cast_key(5, 100 + number), "property_id": property_id, "state": state},
        **{"reported_at": stage.instant(days), "crime_reference": "20/54321/26", "weed_date": stage.day(days + 2192)},
    }
    yield "property_report", report | {"outcome": "RETOWN" if state == "RECOVERED" else None} | record


def _owner(person_id: str, confirmed_by: str | None = OWNER) -> dict[str, object]:
    link = {"owner_type": "Person", "owner_key": person_id, "owner_confirmed_by": confirmed_by}
    return link | {
        "owner_method": "MANUAL" if confirmed_by else "PROBABLE",
        "owner_score": 1.0 if confirmed_by else 0.7,
    }


def _property(stage: Stage) -> Iterator[CastRow]:
    """The stolen excavator, and what hangs from AB12CDE (by VIN, R19) and from Robin (as owner, R20)."""
    yield stage.person(ids.VICTIM_PERSON_ID, ids.VICTIM_URN, ids.VICTIM_BORN.isoformat(), sex="F")
    yield from stage.names(ids.VICTIM_PERSON_ID, [(OLIVE, "FILED")])
    yield stage.address(ids.VICTIM_PERSON_ID, 0, YARD)
    plant = {"make": "JCB", "model": "3CX", "colour": "YEL", "identifier_type": "SERIAL", "value": ids.PLANT_SERIAL}
    yield from _item(stage, 1, "PLANT", description="Excavator", **plant, **_owner(ids.VICTIM_PERSON_ID))
    part = {"make": "SPECIMEN", "identifier_type": "VIN", "value": ids.MAIN_VIN, "state": "RECOVERED"}
    yield from _item(stage, 2, "BATTERY", description="Catalytic converter", **part)
    phone = {"make": "SPECIMEN", "model": "S1", "identifier_type": "IMEI", "value": ids.MAIN_IMEI, "state": "LOST"}
    yield from _item(stage, 3, "PHONE", **phone, **_owner(ids.MAIN_PERSON_ID))
    # The engine of the genuine vehicle of the clone story, found apart from it.
    engine = {"identifier_type": "ENGNO", "value": "CAST0000007", "state": "FOUND"}
    yield from _item(stage, 4, "ENGINE", description="Engine block", **engine)
    certificate = {
        **{"certificate_id": ids.CERTIFICATE_ID, "certificate_type": "D", "state": "R", "weapons_held": 0},
        **{"holder_type": "Person", "holder_key": ids.MAIN_PERSON_ID, "holder_method": "MANUAL", "holder_score": 1.0},
        **{"holder_confirmed_by": OWNER, "match_name": match_name("EXAMPLE", ("Robin", "Ash"))},
        **HOME.columns(stage.day(-900)),
        "match_postcode": postcode_key(HOME.postcode),
    }
    yield "firearm_certificate", certificate | stage.record(-900)


def _episode(stage: Stage, missing_id: str, reference: str, days: int, **other: object) -> CastRow:
    row: dict[str, object] = {
        **{"missing_id": missing_id, "national_reference": reference, "episode_start": stage.instant(days, 17)},
        **{"risk_level": "H", "factors": ["CHILD"], "last_seen_lines": ["Quayside Road", "Anytown"]},
        **{"last_seen_postcode": "XA1", "last_seen_country": "GB", "child_under_18": True, "looked_after": False},
        **{"status": "open", "reporting_force": OWNER, "contact_type": "BUS", "contact_value": "01632 960001"},
        "description": {
            **{"heightCm": 158, "build": "SLI", "hairColour": "BRN", "clothing": "Green coat, white trainers"},
            "marks": [{"type": "SCA", "location": "LHAND", "text": "small"}],
        },
    }
    return "missing_report", row | other | stage.record(days)


def _missing(stage: Stage) -> Iterator[CastRow]:
    """A looked-after child of 14 who is no nominal, a child of another area, and an earlier episode of Robin's."""
    yield _episode(stage, CHILD_ID, ids.MISSING_CHILD_REF, -2, factors=["CHILD", "CSE", "LAC"], looked_after=True)
    yield _episode(stage, OTHER_AREA_ID, ids.MISSING_OTHER_AREA_REF, -5, risk_level="M", reporting_force="96HQ")
    adult = {"child_under_18": False, "status": "located", "outcome": "RET", "risk_level": "M", "factors": ["OOC"]}
    interview = {"date": stage.day(-780).isoformat(), "summary": "Synthetic interview."}
    yield _episode(
        stage,
        EARLIER_ID,
        ids.MISSING_NOMINAL_REF,
        -790,
        person_id=ids.MAIN_PERSON_ID,
        return_interview=interview,
        **adult,
    )
    for seq, (level, hour) in enumerate((("M", 18), ("H", 21))):
        row = {"missing_id": CHILD_ID, "seq": seq, "risk_level": level, "changed_at": stage.instant(-2, hour)}
        yield "missing_risk_change", row
    match = {
        "missing_id": CHILD_ID,
        "seq": 0,
        "other_type": "UnidentifiedCase",
        "other_key": "UC-26-0001",
        "score": 0.4,
    }
    yield "missing_match", match
    yield "missing_child_protection", {"missing_id": CHILD_ID, "linked": True}


def _intelligence(stage: Stage) -> Iterator[CastRow]:
    """Robin's PND nominal, confirmed by a human; Jet's, only proposed, which joins nothing (R15)."""
    nominals = (
        (NOMINAL_ID, Named("EXAMPLE", ("Robin",)), "1985", ids.MAIN_PERSON_ID, "MANUAL", 1.0, OWNER),
        (UNLINKED_ID, Named("COMPASS", ("Jet",)), "1990", ids.CONFLICT_PERSON_ID, "PROBABLE", 0.8, None),
    )
    for nominal_id, named, born, person_id, method, score, confirmed_by in nominals:
        row = {"intel_nominal_id": nominal_id, "date_of_birth": born, "report_count": 2 if confirmed_by else 0}
        yield "intel_nominal", row | stage.record(-300, review=stage.day(1_890))
        yield "intel_nominal_name", {"intel_nominal_id": nominal_id, "seq": 0, **named.columns, "type": "FILED"}
        link = {"intel_nominal_id": nominal_id, "person_id": person_id, "method": method, "score": score}
        confirmed = {"confirmed_by": confirmed_by, "confirmed_on": stage.day(-250) if confirmed_by else None}
        yield "intel_pnc_link", link | confirmed
    conditions = {"handling": "C", "handling_action": "A2", "handling_sanitisation": "S1"}
    reports = (
        (ids.INTEL_OPEN_ID, {"handling": "P"}, "Robin EXAMPLE is said to use a blue Focus."),
        (ids.INTEL_CONDITIONAL_ID, conditions, "The blue Focus was seen at the yard."),
    )
    for report_id, handling, text in reports:
        row = {
            **{"intel_report_id": report_id, "source_force": OWNER, "source_evaluation": "1", "text": text},
            **{"information_assessment": "B", "classification": "OS", "source_text": "Synthetic source text."},
            **{"date_of_intelligence": stage.day(-120), "handling_text": "Ask the originator before use."},
            "risk_assessment": {"publicImmunity": False, "sourceSafety": "LOW", "text": "Synthetic."},
        }
        yield "intel_report", row | handling | stage.record(-120, review=stage.day(2_070))
        links = [
            ("PERSON", "IntelNominal", NOMINAL_ID, "USES", "SUBJ"),
            ("VEHICLE", "Vehicle", ids.MAIN_VRM, "USES", "KEEPER"),
        ]
        if report_id == ids.INTEL_OPEN_ID:
            links.append(("PERSON", "MissingReport", EARLIER_ID, "ASSOCIATE", "MISSING"))
        for seq, (object_type, target, key, kind, role) in enumerate(links):
            link = {"intel_report_id": report_id, "seq": seq, "object_type": object_type, "target_type": target}
            yield "intel_link", link | {"target_key": key, "kind": kind, "role": role}

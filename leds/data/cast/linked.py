"""One of everything and two hundred: two vehicles, each with keeper, driver and nominal, that differ only in number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from leds.data.cast import identities as ids
from leds.data.cast.builder import OWNER, CastRow, Named, Place, Stage
from leds.data.cast.identities import cast_key
from resolvers.property.keys import identifier_key
from schema.identifiers.person import FIRST_SPECIMEN_ASN_SERIAL, asn

_SERIES = 10_000


@dataclass(frozen=True, slots=True)
class _Linked:
    vrm: str
    vin: str
    number: str
    urn: str
    person_id: str
    named: Named
    born: date
    home: Place
    count: int
    base: int

    def key(self, kind: int, number: int) -> str:
        """A key of this member's own series."""
        return cast_key(kind, self.base + number)


_ONE = _Linked(
    *(ids.ONE_VRM, ids.ONE_VIN, ids.ONE_DRIVER, ids.ONE_URN, ids.ONE_PERSON_ID, Named("KETTLE", ("Linden",), "MS")),
    *(ids.ONE_BORN, Place(("1 Quayside Road", "Anytown"), "XA3 1AA"), 1, _SERIES),
)
_MANY = _Linked(
    *(ids.MANY_VRM, ids.MANY_VIN, ids.MANY_DRIVER, ids.MANY_URN, ids.MANY_PERSON_ID),
    *(Named("KETTLE", ("Myrtle",), "MS"), ids.MANY_BORN, Place(("200 Quayside Road", "Anytown"), "XA3 2BB")),
    *(ids.MANY, 2 * _SERIES),
)


def linked(stage: Stage) -> Iterator[CastRow]:
    """Every row of both members."""
    for member in (_ONE, _MANY):
        yield from _vehicle(stage, member)
        yield from _driver(stage, member)
        yield from _nominal(stage, member)
        yield from _records_of_the_nominal(stage, member)
        yield from _linked_products(stage, member)


def _vehicle(stage: Stage, member: _Linked) -> Iterator[CastRow]:
    vehicle_id = member.key(2, 0)
    yield stage.vehicle(vehicle_id, member.vrm, member.vin, engine_number=f"CAST{member.base:07d}")
    yield stage.keeper(member.key(2, 1), vehicle_id, member.named, member.home)
    tests = [(member.key(8, place), -30 - place * 20, "PASS", 90_000 - place * 100) for place in range(member.count)]
    yield from stage.mot(vehicle_id, tests)
    insured = f"KETTLE, {member.named.first[0]}"
    for place in range(member.count):
        yield stage.report(member.key(9, place), vehicle_id, "SEE", -1 - place)
        state = "ACTIVE" if place == 0 else "LAPSED"
        ended = {} if place == 0 else {"from_date": stage.day(-500 - place), "to_date": stage.day(-136 - place)}
        yield stage.policy(member.key(10, place), vehicle_id, [insured], state=state, **ended)


def _driver(stage: Stage, member: _Linked) -> Iterator[CastRow]:
    yield stage.driver(member.number, member.named, member.born, member.home)
    yield stage.entitlement(member.key(4, 0), member.number, "B")
    for place in range(member.count):
        # Old endorsements: they are on the record and no longer count.
        yield stage.endorsement(member.key(4, 1 + place), member.number, -1_500 - place * 10)


def _nominal(stage: Stage, member: _Linked) -> Iterator[CastRow]:
    person_id = member.person_id
    yield stage.person(person_id, member.urn, member.born.isoformat(), sex="F", driver_number_recorded=member.number)
    aliases = [(Named("KETTLE", (f"{member.named.first[0]}{place}",)), "ALIAS") for place in range(member.count)]
    yield from stage.names(person_id, [(member.named, "FILED"), *aliases])
    yield stage.address(person_id, 0, member.home)
    for place in range(member.count):
        yield stage.address(
            person_id, 1 + place, Place((f"{place} Teapot Row", "Ribbonford"), "QB3 1AA"), "P", -1_000 - place
        )
        warning = {"person_id": person_id, "seq": place, "code": "VI", "added_by": OWNER, "added_on": stage.day(-place)}
        yield "person_warning", warning
        report = {
            **{"report_id": member.key(11, place), "person_id": person_id, "category": "LOCATE", "power": "NOPOWER"},
            **{"circulated_from": stage.instant(-1 - place), "review_due": stage.day(364 - place)},
        }
        yield "wanted_missing_report", report | stage.record(-1 - place)


def _records_of_the_nominal(stage: Stage, member: _Linked) -> Iterator[CastRow]:
    for place in range(member.count):
        record, day = stage.record(-400 - place), stage.day(-400 - place)
        report_id, offence_id, case_id = member.key(12, place), member.key(13, place), member.key(14, place)
        number = asn(2020, OWNER, "01", FIRST_SPECIMEN_ASN_SERIAL + member.base * 10 + place)
        arrest = {"report_id": report_id, "person_id": member.person_id, "asn": number, "process_stage": "A"}
        yield "arrest_report", arrest | {"process_stage_at": stage.instant(-400 - place)} | record
        offence = {"offence_id": offence_id, "report_id": report_id, "person_id": member.person_id}
        yield "offence", offence | {"cjs_offence_code": "PU86011", "start_date": day} | record
        disposal = {"disposal_id": member.key(15, place), "offence_id": offence_id, "person_id": member.person_id}
        yield "disposal", disposal | {"disposal_code": "1018", "duration_unit": "M", "duration_count": 6} | record
        case = {"court_case_id": case_id, "person_id": member.person_id, "case_status_marker": "court-case"}
        yield "court_case", case | {"court_case_reference": f"20/0401/{place:06d}B", "court_code": "0401"} | record
        yield "court_case_offence", {"court_case_id": case_id, "offence_id": offence_id}
        remand = {"remand_id": member.key(16, place), "report_id": report_id, "person_id": member.person_id}
        yield "remand", remand | {"appearance_result": "P", "appearance_date": day} | record


def _linked_products(stage: Stage, member: _Linked) -> Iterator[CastRow]:
    nominal_id, record = member.key(17, 0), stage.record(-100)
    nominal = {"intel_nominal_id": nominal_id, "date_of_birth": "1975", "report_count": member.count}
    yield "intel_nominal", nominal | record
    yield "intel_nominal_name", {"intel_nominal_id": nominal_id, "seq": 0, **member.named.columns, "type": "FILED"}
    link = {"intel_nominal_id": nominal_id, "person_id": member.person_id, "method": "MANUAL", "score": 1.0}
    yield "intel_pnc_link", link | {"confirmed_by": OWNER, "confirmed_on": stage.day(-90)}
    for place in range(member.count):
        yield from _item(stage, member, place)
        yield from _intel_report(stage, member, place)
        episode = {
            **{
                "missing_id": member.key(20, place),
                "person_id": member.person_id,
                "risk_level": "L",
                "status": "located",
            },
            **{
                "national_reference": f"MP-20-{member.base + place:07d}",
                "episode_start": stage.instant(-2_000 - place),
            },
            **{"child_under_18": False, "reporting_force": OWNER, "outcome": "RET"},
        }
        yield "missing_report", episode | stage.record(-2_000 - place)


def _item(stage: Stage, member: _Linked, place: int) -> Iterator[CastRow]:
    property_id, record = member.key(18, place), stage.record(-50 - place)
    owner = {"owner_type": "Person", "owner_key": member.person_id, "owner_method": "MANUAL", "owner_score": 1.0}
    yield (
        "property_item",
        {"property_id": property_id, "category": "TOOL", "owner_confirmed_by": OWNER} | owner | record,
    )
    identifier = {"property_id": property_id, "seq": 0, "type": "VIN", "value": member.vin}
    yield "property_identifier", identifier | {"value_key": identifier_key(member.vin)}
    report = {"property_report_id": member.key(19, place), "property_id": property_id, "state": "RECOVERED"}
    yield (
        "property_report",
        report | {"reported_at": stage.instant(-50 - place), "weed_date": stage.day(2_142 - place)} | record,
    )


def _intel_report(stage: Stage, member: _Linked, place: int) -> Iterator[CastRow]:
    report_id = member.key(21, place)
    report = {
        **{"intel_report_id": report_id, "source_force": OWNER, "source_evaluation": "2", "handling": "P"},
        **{"information_assessment": "C", "classification": "OS", "text": "Synthetic sanitised text."},
        "date_of_intelligence": stage.day(-100 - place),
    }
    yield "intel_report", report | stage.record(-100 - place)
    targets = (("PERSON", "IntelNominal", member.key(17, 0)), ("VEHICLE", "Vehicle", member.vrm))
    for seq, (object_type, target, key) in enumerate(targets):
        link = {"intel_report_id": report_id, "seq": seq, "object_type": object_type, "target_type": target}
        yield "intel_link", link | {"target_key": key, "kind": "USES", "role": "SUBJ"}

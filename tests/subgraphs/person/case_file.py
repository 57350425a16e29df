"""One nominal with a row of every kind, and another with nothing but a name."""

from datetime import UTC, date, datetime
from decimal import Decimal

from resolvers.person import tables as t
from tests.resolvers.products import NOW, a_contact, a_name, a_person, a_record, an_address, key_of

ROBIN, BLANK = key_of(1), key_of(2)
URN, CRO, ASN = "1979/0163001B", "065656/91H", "11/01ZD/01/00000448754K"
DAY = date(2025, 3, 4)

NAMES = [
    *a_person(
        1,
        "Harbour",
        "Robin",
        person_urn=URN,
        cro_number=CRO,
        sex="M",
        date_of_birth="1985-03-14",
        place_of_birth="Anytown",
        nationalities=["GBR", "XXZ"],
        ethnicity_observed="1",
        ethnicity_self_defined="W1",
        deceased=False,
        height_cm=178,
        build="MED",
        eye_colour="BRN",
        hair_colour="BLK",
        facial_hair="CS",
        hair_type="STR",
        skin_colour="X1",
        complexion="FRE",
        accent="LON",
        glasses="N",
        handedness="R",
        marks=[{"type": "TAT", "location": "RARM", "text": "swallow"}],
        occupations=["DRIV"],
        skills=["LOCK"],
        places_frequented=["The mill"],
        driver_number_recorded="HARBO803145R99ZZ",
        police_references=[{"force": "20", "type": "NICHE", "reference": "N/1"}],
        other_details="Synthetic.",
    ),
    *a_name(ROBIN, "Lantern", "Rob", kind="ALIAS", seq=1),
    *a_person(2, "Blank", person_urn="1981/0000034U"),
    (t.person_birth_date, {"person_id": ROBIN, "seq": 0, "value": "1986"}),
    an_address(1, 0, ["1 Mill Lane", "Anytown"], "QX1 2AB", address_from=DAY, address_usage="HOME", fs_code="20R1"),
    an_address(1, 1, ["9 Old Road"], "QX9", address_usage="HOME"),
    a_contact(1, 0, "07700 900123"),
    (
        t.person_identifier,
        {"person_id": ROBIN, "seq": 0, "type": "PASSPORT", "value": "000000001", "valid": True, "source": "PNC"},
    ),
    (
        t.person_identifier,
        {"person_id": ROBIN, "seq": 1, "type": "NINO", "value": "QQ12345", "valid": False, "source": "PNC"},
    ),
    (
        t.person_association,
        {
            "person_id": ROBIN,
            "seq": 0,
            "other_type": "Person",
            "other_key": BLANK,
            "type": "ASSOC",
            "last_seen": DAY,
            "confidence": 0.8,
        },
    ),
]

WARNINGS = [
    (
        t.person_warning,
        {
            "person_id": ROBIN,
            "seq": 0,
            "code": "VI",
            "text": "Approach with two.",
            "source": "PNC",
            "added_by": "20R1",
            "added_on": DAY,
        },
    ),
    (t.person_information_marker, {"person_id": ROBIN, "seq": 0, "code": "WM", "added_by": "20R1", "added_on": DAY}),
    (
        t.person_biometric,
        {
            "person_id": ROBIN,
            "fingerprint_status": "H",
            "dna_status": "P",
            "photos": [{"location": "20R1", "takenOn": "2020-05-06", "viewOnly": True}],
        },
    ),
    (t.non_conviction, {"person_id": ROBIN, "seq": 0, "kind": "NFA", "date": DAY, "reason": "Evidence"}),
    (
        t.pnc_disqualification,
        {"person_id": ROBIN, "seq": 0, "from_date": DAY, "to_date": date(2027, 3, 4), "court_code": "2576"},
    ),
    a_record(
        t.wanted_missing_report,
        report_id=key_of(1, "5555"),
        person_id=ROBIN,
        category="WANTED",
        power="WARRANT_NB",
        owner_contact="01632 960001",
        circulated_from=datetime(2026, 1, 1, tzinfo=UTC),
    ),
    a_record(t.wanted_missing_report, report_id=key_of(2, "5555"), person_id=ROBIN, category="LOCATE"),
    (t.immigration_marker, {"person_id": ROBIN, "seq": 0, "marker": "OVERSTAY", "owner_fs": "69AA", "added_on": DAY}),
]


def an_arrest(number: int, person_id: str, **columns) -> tuple:
    """An arrest report."""
    row = {"report_id": key_of(number, "6666"), "person_id": person_id, "asn": f"26/{number}", "process_stage": "A"}
    return a_record(t.arrest_report, **{**row, "process_stage_at": NOW, **columns})


def an_offence(number: int, arrest: int, person_id: str, **columns) -> tuple:
    """An offence on an arrest report."""
    row = {"offence_id": key_of(number, "7777"), "report_id": key_of(arrest, "6666"), "person_id": person_id}
    return a_record(t.offence, **{**row, "cjs_offence_code": "SX03001", "start_date": DAY, **columns})


CRIMES = [
    an_arrest(
        1,
        ROBIN,
        asn=ASN,
        arrest_last="Harbour",
        arrest_first=["Rob"],
        arresting_officer={"division": "A", "rank": "PC", "number": "1", "surname": "Example"},
        prosecuting_agent="CPS",
        case_detail=["Line one", "Line two"],
    ),
    an_offence(
        1,
        1,
        ROBIN,
        court_offence_sequence_number=1,
        npcc_offence_code="2.1.4.1",
        role_qualifiers=["AT"],
        legislation_qualifiers=["ZZ"],
        description=["Did a thing"],
        committed_on_bail=False,
        crime_reference="20/1",
        location_lines=["The mill"],
        location_fs_code="20R1",
        plea="GUILTY",
        adjudications=[{"appearanceNumber": 1, "date": "2025-04-01", "adjudication": "GUILTY"}],
        offences_taken_into_consideration=2,
        others_charged=[{"name": "LANTERN", "chargeGroup": "1", "checkName": "LANTERN"}],
    ),
    an_offence(2, 1, ROBIN),
    a_record(
        t.disposal,
        disposal_id=key_of(1, "8888"),
        offence_id=key_of(1, "7777"),
        person_id=ROBIN,
        disposal_code="1015",
        qualifiers=["AB"],
        duration_unit="W",
        duration_count=5,
        fine_amount=Decimal("100.00"),
        effective_date=DAY,
    ),
    a_record(
        t.court_case,
        court_case_id=key_of(1, "9999"),
        person_id=ROBIN,
        court_case_reference="26/9998/000826X",
        case_status_marker="court-case",
        court_code="2576",
        conviction_date=DAY,
        defendant={"kind": "individual", "last": "Harbour", "first": ["Robin"]},
        subsequent_appearances=[{"date": "2025-06-01", "courtCode": "2576", "reason": "Sentence Deferred"}],
    ),
    (t.court_case_offence, {"court_case_id": key_of(1, "9999"), "offence_id": key_of(1, "7777")}),
    a_record(
        t.remand,
        remand_id=key_of(1, "aaaa"),
        report_id=key_of(1, "6666"),
        person_id=ROBIN,
        appearance_result="B",
        court_code="2576",
        next_date=date(2025, 5, 1),
        next_court_code="2576",
        bail_conditions=["Live and sleep at\n1 Mill Lane"],
        bail_condition_types=["RES"],
        local_authority={"name": "Anyshire", "secureUnit": False, "socialWorker": "S. Example"},
    ),
    (
        t.court_order,
        {
            "person_id": ROBIN,
            "seq": 0,
            "type": "RO",
            "conditions": ["No contact"],
            "from_date": DAY,
            "court_code": "2576",
        },
    ),
]

CASE_FILE = [*NAMES, *WARNINGS, *CRIMES]

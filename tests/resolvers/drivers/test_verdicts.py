"""The three verdicts as a table: what is known about vehicle and driver, and the answer it must give (story 2)."""

from dataclasses import replace
from datetime import date

import pytest

from resolvers.drivers.categories import covers, needed_category
from resolvers.drivers.verdicts import DriverFacts, PolicyFacts, VehicleFacts, judge, vehicle_facts

TODAY = date(2026, 2, 2)
YESTERDAY = date(2026, 2, 1)
TOMORROW = date(2026, 2, 3)
B = {"category": "B", "from_date": date(2004, 5, 1), "expiry_date": date(2035, 5, 1), "automatic_only": False}
ROBIN = {
    "last_name": "Example",
    "first_names": ["Robin"],
    "match_postcode": "QX11AA",
    "licence_status": "CUR",
    "licence_type": "FULL",
}
POLICY = PolicyFacts("ACTIVE", date(2025, 6, 1), date(2026, 5, 31), "COMP", ("EXAMPLE ROBIN",))
CAR = VehicleFacts("INDIVIDUAL", "EXAMPLE ROBIN", "QX11AA", "HAT5", "M1", None, (POLICY,))
DRIVER = DriverFacts(ROBIN, [B], None)


def driver(**row) -> DriverFacts:
    return DriverFacts({**ROBIN, **row}, [B], None)


def entitled(*rights) -> DriverFacts:
    return DriverFacts(ROBIN, rights, None)


def disqualified(until=None, for_life=False) -> DriverFacts:
    return DriverFacts(ROBIN, [B], {"disqualified_until": until, "disqualified_for_life": for_life})


def insured_by(*policies: PolicyFacts) -> VehicleFacts:
    return replace(CAR, policies=policies)


KEEPER = [
    ("the same name and postcode", CAR, DRIVER, "YES"),
    ("the same name elsewhere", CAR, driver(match_postcode="QX22BB"), "POSSIBLE"),
    ("the same name, address unknown", replace(CAR, match_postcode=None), DRIVER, "POSSIBLE"),
    ("an initial for a forename", replace(CAR, match_name="EXAMPLE R"), DRIVER, "POSSIBLE"),
    ("another forename at the same address", CAR, driver(first_names=["Wren"]), "NO"),
    ("another surname", CAR, driver(last_name="Harbour"), "NO"),
    ("a lease company", replace(CAR, keeper_type="LEASE", match_name=None), DRIVER, "UNKNOWN"),
    ("no keeper recorded", replace(CAR, match_name=None), DRIVER, "UNKNOWN"),
    ("no driver", CAR, None, "UNKNOWN"),
    ("no vehicle data", None, DRIVER, "UNKNOWN"),
]
LICENSED = [
    ("full, current, category B for a car", CAR, DRIVER, "YES"),
    ("no driver", CAR, None, "UNKNOWN"),
    ("no vehicle data", None, DRIVER, "UNKNOWN"),
    ("revoked without vehicle data", None, driver(licence_status="REV"), "NO"),
    ("revoked", CAR, driver(licence_status="REV"), "NO"),
    ("expired", CAR, driver(licence_status="EXP"), "NO"),
    ("application pending", CAR, driver(licence_status="PEND"), "POSSIBLE"),
    ("a status nobody knows", CAR, driver(licence_status="XYZ"), "UNKNOWN"),
    ("no status", CAR, driver(licence_status=None), "UNKNOWN"),
    ("provisional", CAR, driver(licence_type="PROV"), "POSSIBLE"),
    ("no GB licence", CAR, driver(licence_type="NONE"), "NO"),
    ("disqualified until today", CAR, disqualified(TODAY), "NO"),
    ("disqualified until yesterday", CAR, disqualified(YESTERDAY), "YES"),
    ("disqualified for life", CAR, disqualified(for_life=True), "NO"),
    ("category B and a 4,000 kg trailer", replace(CAR, type_approval="O4", revenue_weight=4000), DRIVER, "NO"),
    ("category B and a 3,500 kg trailer", replace(CAR, type_approval="O4", revenue_weight=3500), DRIVER, "YES"),
    (
        "category CE and a 4,000 kg trailer",
        replace(CAR, type_approval="O4", revenue_weight=4000),
        entitled({**B, "category": "CE"}),
        "YES",
    ),
    ("a trailer of unknown weight", replace(CAR, type_approval="O4"), DRIVER, "UNKNOWN"),
    ("category B and a lorry", replace(CAR, type_approval="N3"), DRIVER, "NO"),
    ("a vehicle of unknown kind", replace(CAR, type_approval=None, body_type="OTHE"), DRIVER, "UNKNOWN"),
    ("a right that has expired", CAR, entitled({**B, "expiry_date": YESTERDAY}), "NO"),
    ("a right that begins tomorrow", CAR, entitled({**B, "from_date": TOMORROW}), "NO"),
    ("a right without dates", CAR, entitled({**B, "from_date": None, "expiry_date": None}), "YES"),
    ("automatics only", CAR, entitled({**B, "automatic_only": True}), "POSSIBLE"),
    ("no categories recorded", CAR, entitled(), "UNKNOWN"),
]
INSURED = [
    ("named on an active policy", CAR, DRIVER, "YES"),
    ("named forename first", insured_by(replace(POLICY, permitted=("ROBIN EXAMPLE",))), DRIVER, "YES"),
    ("named by an initial", insured_by(replace(POLICY, permitted=("EXAMPLE R",))), DRIVER, "POSSIBLE"),
    ("somebody else named", insured_by(replace(POLICY, permitted=("HARBOUR WREN",))), DRIVER, "NO"),
    ("any authorised driver", insured_by(replace(POLICY, cover="ANY", permitted=None)), DRIVER, "YES"),
    ("a fleet policy", insured_by(replace(POLICY, cover="FLEET", permitted=None)), DRIVER, "POSSIBLE"),
    ("drivers not held", insured_by(replace(POLICY, permitted=None)), DRIVER, "UNKNOWN"),
    ("ended yesterday", insured_by(replace(POLICY, end=YESTERDAY)), DRIVER, "NO"),
    ("ends today", insured_by(replace(POLICY, end=TODAY)), DRIVER, "YES"),
    ("begins tomorrow", insured_by(replace(POLICY, start=TOMORROW)), DRIVER, "NO"),
    ("cancelled", insured_by(replace(POLICY, state="CANCELLED")), DRIVER, "NO"),
    ("being checked", insured_by(replace(POLICY, state="UNKNOWN")), DRIVER, "UNKNOWN"),
    (
        "one that does not name them and one that does",
        insured_by(replace(POLICY, permitted=("HARBOUR WREN",)), POLICY),
        DRIVER,
        "YES",
    ),
    ("no policy held", insured_by(), DRIVER, "NO"),
    ("MID could not be asked", replace(CAR, policies=None), DRIVER, "UNKNOWN"),
    ("no vehicle data", None, DRIVER, "UNKNOWN"),
    ("no driver", CAR, None, "UNKNOWN"),
    ("named but disqualified", CAR, disqualified(for_life=True), "POSSIBLE"),
]


def cases(table):
    return [pytest.param(*case[1:], id=case[0]) for case in table]


@pytest.mark.parametrize(("vehicle", "someone", "expected"), cases(KEEPER))
def test_is_the_driver_the_keeper(vehicle, someone, expected):
    assert judge(vehicle, someone, TODAY).keeper.verdict == expected


@pytest.mark.parametrize(("vehicle", "someone", "expected"), cases(LICENSED))
def test_is_the_driver_licensed_for_the_vehicle(vehicle, someone, expected):
    assert judge(vehicle, someone, TODAY).licensed.verdict == expected


@pytest.mark.parametrize(("vehicle", "someone", "expected"), cases(INSURED))
def test_is_the_driver_insured_today(vehicle, someone, expected):
    assert judge(vehicle, someone, TODAY).insured.verdict == expected


def test_what_is_missing_is_never_a_no():
    verdicts = judge(None, None, TODAY)
    assert {verdicts.keeper.verdict, verdicts.licensed.verdict, verdicts.insured.verdict} == {"UNKNOWN"}


def test_evidence_holds_no_names_or_addresses():
    for vehicle, someone, _ in [case[1:] for case in (*KEEPER, *LICENSED, *INSURED)]:
        verdicts = judge(vehicle, someone, TODAY)
        for finding in (verdicts.keeper, verdicts.licensed, verdicts.insured):
            assert finding.text
            assert not {"EXAMPLE", "ROBIN", "QX11AA"} & set(finding.text.upper().replace(".", "").split())


def test_a_representation_is_read_as_facts():
    inputs = {
        "keeperType": "INDIVIDUAL",
        "matchName": "EXAMPLE ROBIN",
        "matchPostcode": "QX11AA",
        "bodyType": "HAT5",
        "typeApproval": "M1",
        "revenueWeight": None,
        "policies": [
            {
                "state": "ACTIVE",
                "from": "2025-06-01",
                "to": "2026-05-31",
                "cover": "COMP",
                "permittedDrivers": ["EXAMPLE ROBIN"],
            }
        ],
    }
    assert vehicle_facts(inputs) == CAR
    assert vehicle_facts({"keeperType": None}) == VehicleFacts(None, None, None, None, None, None, None)
    assert vehicle_facts(None) is None


@pytest.mark.parametrize(
    ("type_approval", "body_type", "weight", "expected"),
    [
        ("M1", None, None, "B"),
        ("M1", "CAMP", 4200, "C1"),
        ("N1", None, 3500, "B"),
        ("N2", None, 7500, "C1"),
        ("N2", None, 7501, "C"),
        ("N2", None, None, None),
        ("N3", None, None, "C"),
        ("L3", None, None, "A"),
        (None, "SCOO", None, "AM"),
        (None, "BUS", None, "D"),
        (None, "TRAC", None, "F"),
        ("G", "SUV", None, "B"),
        (None, None, None, None),
    ],
)
def test_a_vehicle_needs_a_category(type_approval, body_type, weight, expected):
    assert needed_category(type_approval, body_type, weight) == expected


@pytest.mark.parametrize(
    ("held", "needed", "expected"),
    [("B", "B", True), ("C", "C1", True), ("C1", "C", False), ("B", "AM", True), ("A1", "A", False), ("X", "B", False)],
)
def test_a_category_covers_what_is_below_it(held, needed, expected):
    assert covers(held, needed) is expected

"""Joined records as their subgraphs answer them: the record, that it is awaited, or that it exists, said by one probe.

What stands in the place of what only exists is the gateway's to write (tests/gateway/execution/test_stand_ins.py).
"""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from authz.decision import Decision, Form
from resolvers.property import statements as property_statements
from resolvers.property.tables import firearm_certificate
from resolvers.vehicle import statements as vehicle_statements
from resolvers.vehicle.tables import foreign_vehicle_check
from subgraphs.drivers import app as drivers_app
from subgraphs.person import app as person_app
from subgraphs.property import app as property_app
from subgraphs.service import Subgraph
from subgraphs.vehicle import app as vehicle_app
from tests.authz.callers import caller, context
from tests.resolvers.products import a_control, a_person, a_record, an_address, key_of, written
from tests.subgraphs import world
from tests.subgraphs.asking import asking

DPO = caller("dpo", training=("COP", "NM-ENQ", "VP-ENQ"))
SUBJECT_ACCESS = context("0", "CO2")
HOLDER = key_of(1)
ASKED = datetime(2026, 2, 2, 8, 15, tzinfo=UTC)
HOLDER_HASH = world.SUBJECT_KEY.subject("Person", HOLDER)

Rows = list[tuple[sa.Table, dict[str, Any]]]


def a_certificate(number: int, **columns: Any) -> tuple[sa.Table, dict[str, Any]]:
    row = {"certificate_id": key_of(number, "6666"), "certificate_type": "A", "state": "L", "weapons_held": 2}
    return a_record(firearm_certificate, **{**row, **columns})


def held(number: int, holder: str = HOLDER) -> tuple[sa.Table, dict[str, Any]]:
    link = {"holder_type": "Person", "holder_key": holder, "holder_method": "MANUAL", "holder_score": 0.97}
    return a_certificate(number, **link, match_name="HARBOUR ROBIN", match_postcode="QX12AB")


def at_the_address(number: int, name: str = "HARBOUR R") -> tuple[sa.Table, dict[str, Any]]:
    return a_certificate(number, match_name=name, match_postcode="QX12AB")


PERSON = {
    "__typename": "Person",
    "personId": HOLDER,
    "matchNames": ["HARBOUR ROBIN"],
    "matchPostcodes": ["QX12AB", "QX12AC"],
}
NOBODY = {"__typename": "Person", "personId": key_of(7), "matchNames": [], "matchPostcodes": []}
# What the gateway asks for where a field only exists, and what it asks for where it is shown.
WITHHELD = "... on Person { firearmCertificates { __typename } }"
GIVEN = "... on Person { firearmCertificates { score certificate { ... on FirearmCertificate { certificateId } } } }"
PROTECTED = a_control("FirearmCertificate", key_of(1, "6666"), "protected", "06")
WORLDS: dict[str, tuple[Rows, int]] = {
    "none": ([a_certificate(8)], 0),
    "one held": ([held(1)], 1),
    "one of that name at that address": ([at_the_address(2)], 1),
    "several": ([held(1), held(2), at_the_address(3)], 3),
    "one of another name there": ([at_the_address(2, "SMITH JO")], 0),
    "another's": ([held(1, key_of(9))], 0),
    "one that is silent": ([held(1), PROTECTED], 0),
    "one whose holder is silent": ([held(1, key_of(9)), a_control("Person", key_of(9), "protected", "06")], 1),
}


@pytest.mark.parametrize("name", WORLDS)
async def test_a_certificate_that_only_exists_is_said_to_by_one_probe(name: str, database_url: str):
    rows, there = WORLDS[name]
    url = await written(database_url, rows)
    async with world.serving(property_app.name, property_app.schema, url) as gateway:
        answer = await gateway.entities(WITHHELD, [PERSON])
    assert answer.data == {"_entities": [{"__typename": "Person", "firearmCertificates": None}]}
    (entry,) = answer.body["extensions"]["access"]
    assert (entry["path"], entry["form"], entry["value"]) == (
        ["_entities", 0, "firearmCertificates"],
        "EXISTS",
        there > 0,
    )
    assert (entry["dataset"], bool(entry["contact"])) == ("NFLMS", True)
    assert answer.statements == 1
    (shown,) = answer.disclosures
    assert (shown["type"], shown["key"], shown["form"], shown["fields"]) == (
        "Person",
        HOLDER_HASH,
        "EXISTS",
        ["firearmCertificates"],
    )


@pytest.mark.parametrize("name", WORLDS)
async def test_the_probe_finds_what_the_matches_find(name: str, database_url: str):
    rows, there = WORLDS[name]
    async with asking(property_app, await written(database_url, rows)) as asks:
        answer = await asks.entities(GIVEN, [PERSON])
    assert answer.errors == []
    assert len(answer.data[0]["firearmCertificates"]) == there


async def test_the_probe_is_one_statement_for_all_people_and_for_who_has_no_address(database_url: str):
    url = await written(database_url, [held(1), at_the_address(2)])
    async with world.serving(property_app.name, property_app.schema, url) as gateway:
        answer = await gateway.entities(WITHHELD, [PERSON, NOBODY])
        alone = await gateway.entities(WITHHELD, [NOBODY])
    assert [entry["value"] for entry in answer.body["extensions"]["access"]] == [True, False]
    assert (answer.statements, alone.statements) == (1, 1)


async def test_to_an_outsider_a_silent_certificate_is_not_there_and_never_restricted(database_url: str, tmp_path):
    bodies = []
    for number, rows in enumerate(([held(1), PROTECTED, a_certificate(8)], [a_certificate(8)])):
        url = await written(database_url if number else f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", rows)
        async with world.serving(property_app.name, property_app.schema, url) as gateway:
            bodies.append((await gateway.entities(WITHHELD, [PERSON])).body)
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        (property_statements.certificate_marks(["A"]), {"certificate_id", "found_by", "match_name"}),
        (vehicle_statements.vehicles_with_foreign_checks(["A"]), {"vehicle_id"}),
    ],
    ids=["certificates", "foreign checks"],
)
def test_a_probe_reads_nothing_of_the_record_but_what_it_is_found_by(statement: sa.Select, columns: set[str]):
    assert {column.name for column in statement.selected_columns} == columns
    text = str(statement)
    assert not [name for name in ("weapons_held", "certificate_type", "plate", "contact_value") if name in text]


def a_check(state: str) -> Rows:
    check = {"check_id": key_of(1, "7777"), "vehicle_id": key_of(1), "plate": "PL+WX12345", "country": "PL"}
    beside = {
        "state": state,
        "source": None,
        "created_at": ASKED,
        "contact_type": "BUS",
        "contact_value": "01632 960002",
    }
    return [world.a_vehicle(1, vrm="AB12CDE"), a_record(foreign_vehicle_check, **check, **beside)]


CHECK = """{ vehicle(vrm: "AB12CDE") { foreignCheck { __typename
  ... on ForeignVehicleCheck { state { code } } ... on Pending { since advice } } } }"""
A_VEHICLE = {"__typename": "Vehicle", "vehicleId": key_of(1)}
WITHHELD_CHECK = (
    "query($of: [_Any!]!) { _entities(representations: $of) { ... on Vehicle { foreignCheck { __typename } } } }"
)


async def of_vehicle(url: str) -> world.Answer:
    async with world.serving(vehicle_app.name, vehicle_app.schema, url) as gateway:
        return await gateway.ask(CHECK)


async def test_a_check_that_a_partner_answered_is_the_record(database_url: str):
    answer = await of_vehicle(await written(database_url, a_check("NO_HIT")))
    assert answer.data["vehicle"]["foreignCheck"] == {"__typename": "ForeignVehicleCheck", "state": {"code": "NO_HIT"}}


async def test_a_check_that_a_partner_has_not_answered_is_pending_since_it_was_asked(database_url: str):
    answer = await of_vehicle(await written(database_url, a_check("PENDING")))
    found = answer.data["vehicle"]["foreignCheck"]
    assert (found["__typename"], found["since"]) == ("Pending", "2026-02-02T08:15:00Z")
    assert "ask again later" in found["advice"]
    (shown,) = (shown for shown in answer.disclosures if shown["dataset"] == "INT.SMV")
    assert (shown["type"], shown["form"], shown["fields"]) == ("Vehicle", "FULL", ["foreignCheck"])


@pytest.mark.parametrize("form", [Form.MASK, Form.EXISTS, Form.DENY])
async def test_who_is_not_shown_the_state_of_a_check_is_not_told_that_it_is_pending(form: Form, database_url: str):
    lower = {"ForeignVehicleCheck.state": Decision(form, ("P05",), "INT.SMV")}
    async with asking(vehicle_app, await written(database_url, a_check("PENDING")), lower) as asks:
        answer = await asks.ask('{ vehicle(vrm: "AB12CDE") { foreignCheck { __typename } } }')
    assert answer.data == {"vehicle": {"foreignCheck": {"__typename": "ForeignVehicleCheck"}}}


async def test_a_vehicle_that_nobody_asked_a_partner_about_has_no_check(database_url: str):
    answer = await of_vehicle(await written(database_url, [world.a_vehicle(1, vrm="AB12CDE")]))
    assert answer.data == {"vehicle": {"foreignCheck": None}}


@pytest.mark.parametrize(("state", "there"), [("HIT", True), ("PENDING", True), (None, False)])
async def test_a_check_that_only_exists_is_said_to_and_not_whether_it_is_answered(
    state: str | None, there: bool, database_url: str
):
    rows = [world.a_vehicle(1, vrm="AB12CDE")] if state is None else a_check(state)
    url = await written(database_url, rows)
    async with world.serving(vehicle_app.name, vehicle_app.schema, url) as gateway:
        answer = await gateway.ask(WITHHELD_CHECK, {"of": [A_VEHICLE]}, DPO, SUBJECT_ACCESS)
    assert answer.data == {"_entities": [{"foreignCheck": None}]}
    (entry,) = answer.body["extensions"]["access"]
    assert (entry["coordinate"], entry["form"], entry["value"]) == ("Vehicle.foreignCheck", "EXISTS", there)
    assert answer.statements == 2, "the vehicle, and the probe"


DRIVER = {
    "__typename": "Driver",
    "driverNumber": world.driver_number(1),
    "matchName": "HARBOUR ROBIN",
    "dateOfBirth": "1985-03-14",
    "matchPostcode": "QX12AB",
}
KEEPER = {"__typename": "KeeperRecord", "keeperRecordId": "k", "matchName": "HARBOUR ROBIN", "matchPostcode": "QX12AB"}
PEOPLE = [*a_person(1, "Harbour", "Robin", date_of_birth="1985-03-14"), an_address(1, 0, ["1 Mill Lane"], "QX1 2AB")]
MATCHES: dict[str, tuple[Subgraph, Rows, dict[str, Any], str, tuple[str, str], str]] = {
    "the person who may be the driver": (
        person_app,
        PEOPLE,
        DRIVER,
        "... on Driver { matchedPersons { person { __typename ... on Person { personId } } } }",
        ("matchedPersons", "person"),
        "Person",
    ),
    "the person who may be the keeper": (
        person_app,
        PEOPLE,
        KEEPER,
        "... on KeeperRecord { matchedPersons { person { __typename ... on Person { personId } } } }",
        ("matchedPersons", "person"),
        "Person",
    ),
    "the driver who may be the keeper": (
        drivers_app,
        [world.a_driver(1, "HARBOUR", "Robin", postcode="QX1 2AB")],
        KEEPER,
        "... on KeeperRecord { matchedDrivers { driver { __typename ... on Driver { driverNumber } } } }",
        ("matchedDrivers", "driver"),
        "Driver",
    ),
    "the certificate that the person may hold": (
        property_app,
        [held(1)],
        PERSON,
        "... on Person { firearmCertificates { certificate { __typename } } }",
        ("firearmCertificates", "certificate"),
        "FirearmCertificate",
    ),
}


@pytest.mark.parametrize("name", MATCHES)
async def test_who_may_have_the_record_of_a_match_is_given_it(name: str, database_url: str):
    subgraph, rows, entity, selection, (matches, record), kind = MATCHES[name]
    async with asking(subgraph, await written(database_url, rows)) as asks:
        answer = await asks.entities(selection, [entity])
    assert answer.errors == []
    assert [match[record]["__typename"] for match in answer.data[0][matches]] == [kind]

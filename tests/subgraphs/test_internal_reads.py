"""What the federation reads on the way: a subgraph serves keys and inputs of derived answers, and never as shown."""

import pytest

from authz.principal import Principal
from subgraphs.person import app as person
from subgraphs.vehicle import app as vehicle
from tests.authz.callers import INVESTIGATION, caller, context
from tests.resolvers.products import key_of as person_key
from tests.resolvers.products import written_file
from tests.subgraphs.person.case_file import CASE_FILE
from tests.subgraphs.world import Answer, a_vehicle, key_of, serving, written

AUDIT = context("0", "CO1")
WITH_PND = caller("intel_analyst", vetting="MV", training=("COP", "NM-ENQ", "PND-USER"))
WITHOUT = caller("intel_analyst", vetting="MV", training=("COP", "NM-ENQ"))
CAR = {"__typename": "Vehicle", "vehicleId": key_of(1)}
PERSON = person_key(1)
NOMINAL = {"__typename": "Person", "personId": PERSON}


@pytest.fixture
async def cars(database_url: str) -> str:
    return await written(database_url, [a_vehicle(1)])


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("people"), CASE_FILE)


async def of_car(url: str, principal: Principal, selection: str) -> Answer:
    async with serving("vehicle", vehicle.schema, url) as gateway:
        query = f"query ($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Vehicle {{ {selection} }} }} }}"
        return await gateway.ask(query, {"of": [CAR]}, principal, INVESTIGATION)


async def test_an_input_is_served_for_those_who_are_answered_from_it(cars: str):
    """Vehicle.intelReports is derived from the plate; this analyst may not be shown the plate (no VP-ENQ)."""
    answer = await of_car(cars, WITH_PND, "vehicleId vrm")
    assert answer.data == {"_entities": [{"vehicleId": key_of(1), "vrm": "QX01AAA"}]}
    assert answer.disclosures == []
    assert "access" not in answer.body["extensions"]


async def test_an_input_of_nothing_that_the_caller_is_answered_is_refused(cars: str):
    answer = await of_car(cars, WITHOUT, "vehicleId vrm")
    assert answer.body["data"] == {"_entities": [{"vehicleId": key_of(1), "vrm": None}]}
    assert answer.codes == [("ACCESS_DENIED", ["_entities", 0, "vrm"])]


async def test_what_is_no_input_is_refused_beside_one(cars: str):
    answer = await of_car(cars, WITH_PND, "vrm make { code }")
    assert answer.codes == [("ACCESS_DENIED", ["_entities", 0, "make"])]


@pytest.mark.parametrize(
    ("principal", "stated", "entries"),
    [
        (caller("inspector", "ORG-INSP-A", vetting="SC", training=("COP",)), AUDIT, [("MASK", "HASH", None)]),
        (caller("org_admin"), context("6", "CO3"), []),
    ],
    ids=["masked", "denied"],
)
async def test_a_key_is_served_to_the_federation_whatever_the_caller_is_shown_of_it(people, principal, stated, entries):
    async with serving("person", person.schema, people) as gateway:
        query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Person { personId } } }"
        answer = await gateway.ask(query, {"of": [NOMINAL]}, principal, stated)
    assert answer.data == {"_entities": [{"personId": PERSON}]}
    said = answer.body["extensions"].get("access", [])
    assert [(entry["form"], entry["mask"], entry["data"]) for entry in said] == entries
    assert all(entry["value"].startswith("p:") for entry in said)
    assert {disclosed["form"] for disclosed in answer.disclosures} == {entry[0] for entry in entries}

"""The vehicle subgraph over real databases: what it answers, what it hides, and how many statements that takes."""

import pytest

from subgraphs.vehicle.schema import schema
from tests.authz.callers import FRAUD_CHECK, INSURER
from tests.subgraphs.world import (
    SUBJECT_KEY,
    a_block,
    a_keeper,
    a_policy,
    a_report,
    a_vehicle,
    an_organisation_keeper,
    key_of,
    serving,
    written,
)

ROADSIDE_QUERY = """
query ($vrm: Vrm!) {
  vehicle(vrm: $vrm) {
    vrm make { code label resolved } colour { code label } motExpiryDate markedForExport meta { owner lag asOf }
    keeper { name { __typename ... on PersonName { last first } ... on OrgName { name } } address { postcode } }
    insurance { nodes { state { code } from permittedDrivers { value } } }
    reports(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { type { code } state { label group } } }
    motTests { nodes { date } } vrmHistory { value } foreignCheck { ... on ForeignVehicleCheck { plate } }
  }
}
"""


async def test_a_plate_gives_the_vehicle_its_keeper_policies_and_reports(database_url):
    rows = [
        a_vehicle(1, vrm="AB12CDE", colour="BLU/WHI"),
        a_keeper(1, "EXAMPLE", "Robin"),
        a_policy(1, 1, "EXAMPLE, Robin"),
        a_report(1),
    ]
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(ROADSIDE_QUERY, {"vrm": "ab12 cde"})
    vehicle = answer.data["vehicle"]
    assert vehicle["vrm"] == "AB12CDE"
    assert vehicle["make"] == {"code": "FORD", "label": "FORD", "resolved": True}
    assert vehicle["colour"] == {"code": "BLU/WHI", "label": "Blue / White"}
    assert vehicle["meta"] == {"owner": "20R1", "lag": 0, "asOf": "2026-02-01T09:30:00Z"}
    assert vehicle["keeper"]["name"] == {"__typename": "PersonName", "last": "EXAMPLE", "first": ["Robin"]}
    assert vehicle["insurance"]["nodes"] == [
        {"state": {"code": "ACTIVE"}, "from": "2025-06-01", "permittedDrivers": [{"value": "EXAMPLE, Robin"}]}
    ]
    assert vehicle["reports"]["nodes"] == [
        {"type": {"code": "LOS"}, "state": {"label": "Confirmed", "group": "CURRENT"}}
    ]
    assert vehicle["vrmHistory"] == []
    assert vehicle["foreignCheck"] is None


@pytest.mark.parametrize("children", [1, 200])
async def test_a_vehicle_takes_as_many_statements_with_one_child_as_with_two_hundred(database_url, children):
    rows = [a_vehicle(1, vrm="AB12CDE"), a_keeper(1, "EXAMPLE", "Robin")]
    rows += [a_report(number) for number in range(1, children + 1)]
    rows += [a_policy(number) for number in range(1, children + 1)]
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(ROADSIDE_QUERY, {"vrm": "AB12CDE"})
    assert answer.data["vehicle"]["reports"]["totalCount"] == children
    assert answer.statements == 9


async def test_fifty_entities_take_as_many_statements_as_one(database_url):
    vehicles = [(a_vehicle(number), a_keeper(number, "EXAMPLE"), a_report(number, number)) for number in range(1, 51)]
    await written(database_url, [row for rows in vehicles for row in rows])
    selection = "... on Vehicle { vrm keeper { address { postcode } } reports { nodes { type { code } } } }"
    asked = [{"__typename": "Vehicle", "vehicleId": key_of(number)} for number in range(50, 0, -1)]
    async with serving("vehicle", schema, database_url) as gateway:
        one = await gateway.entities(selection, asked[:1])
        fifty = await gateway.entities(selection, asked)
    assert [entity["vrm"] for entity in fifty.data["_entities"]] == [
        f"QX{number:02d}AAA" for number in range(50, 0, -1)
    ]
    assert fifty.statements == one.statements == 3


async def test_an_unknown_type_or_key_costs_only_its_own_entity(database_url):
    await written(database_url, [a_vehicle(1)])
    asked = [
        {"__typename": "Vehicle", "vehicleId": key_of(2)},
        {"__typename": "Submarine", "id": "1"},
        {"__typename": "KeeperRecord"},
        {"__typename": "Vehicle", "vehicleId": key_of(1)},
    ]
    async with serving("vehicle", schema, database_url) as gateway:
        answer = await gateway.entities("... on Vehicle { vrm }", asked)
    assert answer.body["data"]["_entities"] == [None, None, None, {"__typename": "Vehicle", "vrm": "QX01AAA"}]
    assert answer.codes == [("UNKNOWN_ENTITY_TYPE", ["_entities", 1]), ("INTERNAL_ERROR", ["_entities", 2])]


async def test_more_entities_than_a_statement_can_name_are_refused(tmp_path):
    url = await written(f"sqlite+aiosqlite:///{tmp_path / 'database.sqlite'}", [])
    asked = [{"__typename": "Vehicle", "vehicleId": key_of(number)} for number in range(10_001)]
    async with serving("vehicle", schema, url) as gateway:
        most = await gateway.entities("... on Vehicle { vrm }", asked[:-1])
        more = await gateway.entities("... on Vehicle { vrm }", asked)
    assert most.data["_entities"] == [None] * 10_000
    assert most.statements == 1
    assert more.codes == [("TOO_MANY_ENTITIES", ["_entities"])]


async def test_one_variable_may_be_used_by_two_entity_fields(database_url):
    await written(database_url, [a_vehicle(1)])
    query = """query ($of: [_Any!]!) {
      a: _entities(representations: $of) { ... on Vehicle { vrm } }
      b: _entities(representations: $of) { ... on Vehicle { vrm } }
    }"""
    async with serving("vehicle", schema, database_url) as gateway:
        answer = await gateway.ask(query, {"of": [{"__typename": "Vehicle", "vehicleId": key_of(1)}]})
    assert answer.data["a"] == answer.data["b"] == [{"vrm": "QX01AAA"}]


REPORTS = '{ vehicle(vrm: "AB12CDE") { reports { totalCount nodes { type { code } blocked } } } }'


async def test_a_blocked_report_leaves_no_trace(database_url):
    blocked = [a_report(2, type="BLK"), a_report(3), a_block(3), a_report(4), a_block(4, to_date=None)]
    lifted = [a_report(5), a_block(5, to_date=a_block(5)[1]["from_date"])]
    rows = [a_vehicle(1, vrm="AB12CDE"), a_vehicle(2, vrm="QX99AAA"), *blocked, *lifted]
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(REPORTS)
        with_only_blocked = await gateway.ask(
            '{ vehicle(vrm: "QX99AAA") { reports { totalCount nodes { type { code } } } } }'
        )
    reports = answer.body["data"]["vehicle"]["reports"]
    assert reports == {"totalCount": 1, "nodes": [{"type": {"code": "LOS"}, "blocked": None}]}
    assert answer.codes == [("ACCESS_DENIED", ["vehicle", "reports", "nodes", 0, "blocked"])]
    assert with_only_blocked.data["vehicle"]["reports"] == {"totalCount": 0, "nodes": []}


async def test_a_refused_field_is_null_with_its_policy_and_its_resolver_does_not_run(database_url):
    await written(database_url, [a_vehicle(1, vrm="AB12CDE")])
    async with serving("vehicle", schema, database_url) as gateway:
        query = '{ vehicle(vrm: "AB12CDE") { colour { code } who: keeper { status { code } } } }'
        answer = await gateway.ask(query, None, INSURER, FRAUD_CHECK)
    assert answer.body["data"]["vehicle"] == {"colour": None, "who": None}
    error = answer.body["errors"][0]
    assert error["path"] == ["vehicle", "who"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert {"P03", "P05", "P08"} & set(error["extensions"]["policies"])
    assert answer.statements == 1
    assert all("keeper" not in shown["fields"] for shown in answer.disclosures)


async def test_an_answer_says_whose_records_it_showed_under_a_keyed_hash(database_url):
    rows = [a_vehicle(1, vrm="AB12CDE"), a_keeper(1, "EXAMPLE"), a_report(1), a_report(2)]
    query = """{ vehicle(vrm: "AB12CDE") {
      vrm make { code } keeper { name { __typename } } reports { nodes { state { code } } } } }"""
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(query)
        nothing = await gateway.ask('{ vehicle(vrm: "QX99AAA") { vrm } }')
    vehicle = SUBJECT_KEY.subject("Vehicle", key_of(1))
    keeper = SUBJECT_KEY.subject("KeeperRecord", key_of(1, "1111"))
    assert [(shown["type"], shown["key"], shown["dataset"], shown["fields"]) for shown in answer.disclosures] == sorted(
        [
            ("KeeperRecord", keeper, "DVLA.KEEPER", ["name"]),
            ("Vehicle", vehicle, "DVLA.KEEPER", ["keeper"]),
            ("Vehicle", vehicle, "DVLA.VEH", ["make", "vrm"]),
            ("Vehicle", vehicle, "PNC.VEH.REPORT", ["VehicleReport.state", "reports"]),
        ]
    )
    assert {shown["form"] for shown in answer.disclosures} == {"FULL"}
    assert nothing.disclosures == []


async def test_pages_follow_one_another_in_both_directions(database_url):
    rows = [a_vehicle(1, vrm="AB12CDE"), *(a_report(number) for number in range(1, 8))]
    query = """query ($first: Int, $after: String, $last: Int, $before: String) { vehicle(vrm: "AB12CDE") {
      reports(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { meta { created } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:

        async def page(**arguments):
            return (await gateway.ask(query, arguments)).data["vehicle"]["reports"]

        whole = (await page())["edges"]
        first = await page(first=3)
        second = await page(first=3, after=first["pageInfo"]["endCursor"])
        last = await page(last=2)
        before = await page(last=3, before=last["pageInfo"]["startCursor"])
    assert len(whole) == 7
    assert [*first["edges"], *second["edges"]] == whole[:6]
    assert first["pageInfo"]["hasNextPage"]
    assert not first["pageInfo"]["hasPreviousPage"]
    assert last["edges"] == whole[5:]
    assert before["edges"] == whole[2:5]
    assert before["pageInfo"]["hasNextPage"]
    assert before["pageInfo"]["hasPreviousPage"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 201}, "INVALID_PAGE"),
        ({"first": -1}, "INVALID_PAGE"),
        ({"first": 1, "last": 1}, "INVALID_PAGE"),
        ({"after": "not a cursor"}, "INVALID_CURSOR"),
        ({"after": "WyJ4Il0"}, "INVALID_CURSOR"),
        ({"after": "WyJ4IiwieSJd"}, "INVALID_CURSOR"),
    ],
)
async def test_a_page_that_cannot_be_is_refused_by_name(database_url, arguments, code):
    query = """query ($first: Int, $after: String, $last: Int) { vehicle(vrm: "AB12CDE") { vrm
      reports(first: $first, after: $after, last: $last) { nodes { type { code } } } } }"""
    async with serving("vehicle", schema, await written(database_url, [a_vehicle(1, vrm="AB12CDE")])) as gateway:
        answer = await gateway.ask(query, arguments)
    assert answer.body["data"]["vehicle"] == {"vrm": "AB12CDE", "reports": None}
    assert answer.codes == [(code, ["vehicle", "reports"])]


FRAUD = """query ($vrm: Vrm!, $vin: Vin) {
  vehicleFraudCheck(vrm: $vrm, vin: $vin) { stolenCheck { code } asOf vinMatchesVrm }
}"""


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], "NO_CURRENT_REPORT"),
        ([a_report(1, state="UNCONFIRMED")], "CHECK_PENDING"),
        ([a_report(1, state="UNCONFIRMED"), a_report(2, state="CONFIRMED")], "CURRENT"),
        ([a_report(1, state="CONFIRMED", type="OBD")], "CURRENT"),
        ([a_report(1, state="CONFIRMED", type="INT")], "NO_CURRENT_REPORT"),
        ([a_report(1, state="WEEDED")], "NO_CURRENT_REPORT"),
        ([a_report(1, state="CONFIRMED"), a_block(1)], "NO_CURRENT_REPORT"),
    ],
)
async def test_a_partner_hears_of_current_theft_reports_only(database_url, reports, expected):
    rows = [a_vehicle(1, vrm="AB12CDE", vin="1M8GDM9AXKP042788"), *reports]
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(FRAUD, {"vrm": "AB12CDE", "vin": "1M8GDM9AXKP042788"}, INSURER, FRAUD_CHECK)
    assert answer.data["vehicleFraudCheck"] == {
        "stolenCheck": {"code": expected},
        "asOf": "2026-02-02T12:00:00Z",
        "vinMatchesVrm": True,
    }


async def test_a_fraud_check_of_an_unknown_plate_says_as_much_as_one_without_reports(database_url):
    async with serving("vehicle", schema, await written(database_url, [a_vehicle(1, vrm="AB12CDE")])) as gateway:
        known = await gateway.ask(FRAUD, {"vrm": "AB12CDE"}, INSURER, FRAUD_CHECK)
        unknown = await gateway.ask(FRAUD, {"vrm": "QX99AAA"}, INSURER, FRAUD_CHECK)
    assert known.data == unknown.data
    assert known.statements == unknown.statements


async def test_the_keeper_is_the_current_one_and_may_be_an_organisation(database_url):
    former = a_keeper(1, "FORMER", keeper_record_id=key_of(9, "1111"), status="PREVIOUS")
    rows = [a_vehicle(1, vrm="AB12CDE"), former, an_organisation_keeper(1, "LANTERN LEASING LTD")]
    query = '{ vehicle(vrm: "AB12CDE") { keeper { keeperType { code } name { ... on OrgName { name } } } } }'
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(query)
    assert answer.data["vehicle"]["keeper"] == {
        "keeperType": {"code": "LEASE"},
        "name": {"name": "LANTERN LEASING LTD"},
    }


@pytest.mark.parametrize("arguments", ["", '(vrm: "AB12CDE", vin: "1M8GDM9AXKP042788")'])
async def test_a_vehicle_is_asked_for_by_one_key(database_url, arguments):
    async with serving("vehicle", schema, await written(database_url, [])) as gateway:
        answer = await gateway.ask(f"{{ vehicle{arguments} {{ vrm }} }}")
    assert answer.codes == [("AMBIGUOUS_LOOKUP", ["vehicle"])]


async def test_an_unknown_code_is_shown_raw_and_unresolved(database_url):
    rows = [a_vehicle(1, vrm="AB12CDE", fuel_type="XYZZY")]
    async with serving("vehicle", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask('{ vehicle(vrm: "AB12CDE") { fuelType { code label resolved } } }')
    assert answer.data["vehicle"]["fuelType"] == {"code": "XYZZY", "label": None, "resolved": False}

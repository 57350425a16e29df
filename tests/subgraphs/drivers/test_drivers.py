"""The drivers subgraph over real databases: drivers by number and name, matches, verdicts, and what they cost."""

from datetime import date

import pytest

from resolvers.drivers.tables import driver_disqualification, driver_former_number, driver_medical
from subgraphs.drivers.schema import schema
from tests.authz.callers import DETECTIVE, INVESTIGATION
from tests.subgraphs.world import (
    RECORD,
    a_driver,
    an_endorsement,
    an_entitlement,
    driver_number,
    key_of,
    serving,
    written,
)

DRIVER_QUERY = """query ($number: DriverNumber!) { driver(number: $number) {
  driverNumber names { last first } dateOfBirth licenceStatus { code } points disqualifiedUntil disqualifiedForLife
  entitlements { category { code } } driverRedirect
  endorsements { totalCount nodes { offenceCode { code } penaltyPoints } }
} }"""


async def test_a_number_gives_the_driver_with_rights_points_and_endorsements(database_url):
    rows = [
        a_driver(1, "EXAMPLE", "Robin"),
        an_entitlement(1, 1, "B"),
        an_entitlement(2, 1, "A"),
        an_endorsement(1, 1),
        an_endorsement(2, 1, penalty_points=6, expires_on=None),
        an_endorsement(3, 1, expires_on=date(2026, 2, 1)),
        (
            driver_disqualification,
            {**RECORD, "driver_number": driver_number(1), "disqualified_until": date(2027, 1, 14)},
        ),
    ]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(DRIVER_QUERY, {"number": driver_number(1)}, DETECTIVE, INVESTIGATION)
    driver = answer.data["driver"]
    assert driver["names"] == {"last": "EXAMPLE", "first": ["Robin"]}
    assert driver["dateOfBirth"] == "1985-03-14"
    assert [right["category"]["code"] for right in driver["entitlements"]] == ["A", "B"]
    assert driver["endorsements"]["totalCount"] == 3
    assert driver["points"] == 9
    assert driver["disqualifiedUntil"] == "2027-01-14"
    assert driver["disqualifiedForLife"] is None
    assert answer.statements == 6


async def test_a_driver_without_endorsements_has_no_points(database_url):
    async with serving("drivers", schema, await written(database_url, [a_driver(1, "EXAMPLE")])) as gateway:
        answer = await gateway.ask(DRIVER_QUERY, {"number": driver_number(1)}, DETECTIVE, INVESTIGATION)
    assert answer.data["driver"]["points"] == 0
    assert answer.data["driver"]["disqualifiedForLife"] is None


async def test_a_number_that_has_changed_leads_to_the_present_record(database_url):
    rows = [
        a_driver(1, "EXAMPLE", driver_redirect=True),
        (driver_former_number, {"former_number": driver_number(2), "driver_number": driver_number(1)}),
    ]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(DRIVER_QUERY, {"number": driver_number(2)}, DETECTIVE, INVESTIGATION)
        nobody = await gateway.ask(DRIVER_QUERY, {"number": driver_number(3)}, DETECTIVE, INVESTIGATION)
    assert (answer.data["driver"]["driverNumber"], answer.data["driver"]["driverRedirect"]) == (driver_number(1), True)
    assert nobody.data["driver"] is None


async def test_medical_information_is_served_to_nobody(database_url):
    rows = [
        a_driver(1, "EXAMPLE"),
        (driver_medical, {**RECORD, "driver_number": driver_number(1), "eyesight": "private"}),
    ]
    query = f'{{ driver(number: "{driver_number(1)}") {{ names {{ last }} eyesight hearing medicalNotes }} }}'
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        officer = await gateway.ask(query)
        detective = await gateway.ask(query, None, DETECTIVE, INVESTIGATION)
    for answer in (officer, detective):
        assert answer.body["data"]["driver"] == {
            "names": {"last": "EXAMPLE"},
            "eyesight": None,
            "hearing": None,
            "medicalNotes": None,
        }
        assert {code for code, _ in answer.codes} == {"ACCESS_DENIED"}
        assert answer.statements == 1


SEARCH = """query ($last: String!, $first: [String!], $born: PartialDate!, $size: Int, $after: String) {
  drivers(name: {last: $last, first: $first}, dateOfBirth: $born, first: $size, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { names { last first } } } }"""


@pytest.mark.parametrize(
    ("last", "first", "found"),
    [
        ("O'Hära", ["Zoë"], ["Zoe"]),
        ("OHARA", ["zoe", "ann"], []),
        ("ohara", None, ["Wren", "Zoe"]),
        ("HARA", None, []),
        ("OHARA", ["Zo"], []),
    ],
)
async def test_drivers_are_found_by_any_writing_of_their_name(database_url, last, first, found):
    rows = [
        a_driver(1, "O'Hara", "Zoe"),
        a_driver(2, "O'Hara", "Wren"),
        a_driver(3, "O'Hara", "Zoe", date_of_birth=date(1985, 3, 15)),
    ]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.ask(SEARCH, {"last": last, "first": first, "born": "1985-03-14"})
    assert [driver["names"]["first"][0] for driver in answer.data["drivers"]["nodes"]] == found
    assert answer.data["drivers"]["totalCount"] == len(found)


async def test_a_search_is_paged_and_needs_a_whole_date(database_url):
    rows = [a_driver(number, "EXAMPLE", f"Robin{number}") for number in range(1, 6)]
    asked = {"last": "EXAMPLE", "born": "1985-03-14", "size": 2}
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        seen, after = [], None
        for _ in range(3):
            page = (await gateway.ask(SEARCH, {**asked, "after": after})).data["drivers"]
            seen += [node["names"]["first"][0] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        partial = await gateway.ask(SEARCH, {"last": "EXAMPLE", "born": "1985"})
    assert seen == [f"Robin{number}" for number in range(1, 6)]
    assert not page["pageInfo"]["hasNextPage"]
    assert partial.codes == [("INVALID_VALUE", ["drivers"])]


def keeper(number, name, postcode="QX11AA"):
    return {
        "__typename": "KeeperRecord",
        "keeperRecordId": key_of(number, "1111"),
        "matchName": name,
        "matchPostcode": postcode,
    }


MATCHED = "matchedDrivers { method { code } score driver { ... on Driver { driverNumber } } }"


async def test_a_keeper_is_matched_to_drivers_of_that_name_at_that_postcode(database_url):
    rows = [
        a_driver(1, "EXAMPLE", "Robin"),
        a_driver(2, "EXAMPLE", "R"),
        a_driver(3, "EXAMPLE", "Wren"),
        a_driver(4, "EXAMPLE", "Robin", postcode="QX2 2BB"),
    ]
    asked = [keeper(1, "EXAMPLE ROBIN"), keeper(2, None), keeper(3, "EXAMPLE ROBIN", None), keeper(4, "LANTERN KIM")]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.entities(f"... on KeeperRecord {{ {MATCHED} }}", asked)
    certain, organisation, homeless, stranger = (entity["matchedDrivers"] for entity in answer.data["_entities"])
    assert [match["driver"]["driverNumber"] for match in certain] == [driver_number(1), driver_number(2)]
    assert [match["method"]["code"] for match in certain] == ["ADDRESS", "ADDRESS"]
    assert 1 > certain[0]["score"] > certain[1]["score"] >= 0.5
    assert organisation == homeless == stranger == []


@pytest.mark.parametrize("keepers", [1, 50])
async def test_matching_takes_one_statement_however_many_keepers_ask(database_url, keepers):
    rows = [a_driver(number, "EXAMPLE", postcode=f"QX{number} 1AA") for number in range(1, 51)]
    asked = [keeper(number, "EXAMPLE", f"QX{number}1AA") for number in range(1, keepers + 1)]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.entities(f"... on KeeperRecord {{ {MATCHED} }}", asked)
    assert all(len(entity["matchedDrivers"]) == 1 for entity in answer.data["_entities"])
    assert answer.statements == 1


def nominal(number, **facts):
    names = {"matchNames": ["EXAMPLE ROBIN"], "matchPostcodes": ["QX11AA"], "dateOfBirth": "1985-03-14"}
    return {"__typename": "Person", "personId": key_of(number), "driverNumberRecorded": None, **names, **facts}


async def test_a_recorded_number_is_a_claim_that_name_and_birth_date_support_or_not(database_url):
    rows = [a_driver(1, "EXAMPLE", "Robin"), a_driver(2, "LANTERN", "Kim", date_of_birth=date(1960, 1, 1))]
    asked = [
        nominal(1, driverNumberRecorded=driver_number(1)),
        nominal(2, driverNumberRecorded=driver_number(2)),
        nominal(3),
        nominal(4, dateOfBirth="1985"),
        nominal(5, dateOfBirth=None),
        nominal(6, driverNumberRecorded=driver_number(9), matchNames=["NOBODY"]),
    ]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.entities(f"... on Person {{ {MATCHED} }}", asked)
    matches = [
        [(match["method"]["code"], match["driver"]["driverNumber"]) for match in entity["matchedDrivers"]]
        for entity in answer.data["_entities"]
    ]
    scores = [[match["score"] for match in entity["matchedDrivers"]] for entity in answer.data["_entities"]]
    assert matches[0] == [("IDENTIFIER", driver_number(1))]
    assert scores[0][0] >= 0.95
    assert matches[1] == [("NAME_DOB", driver_number(1)), ("IDENTIFIER", driver_number(2))]
    assert scores[1][1] < 0.5
    assert matches[2] == [("NAME_DOB", driver_number(1))]
    assert matches[3] == [("NAME_DOB", driver_number(1))]
    assert scores[3][0] < scores[2][0]
    assert matches[4] == matches[5] == []


def vehicle(number, **inputs):
    policy = {
        "state": "ACTIVE",
        "from": "2025-06-01",
        "to": None,
        "cover": "COMP",
        "permittedDrivers": ["EXAMPLE ROBIN"],
    }
    facts = {
        "keeperType": "INDIVIDUAL",
        "matchName": "EXAMPLE ROBIN",
        "matchPostcode": "QX11AA",
        "bodyType": "HAT5",
        "typeApproval": "M1",
        "revenueWeight": None,
        "policies": [policy],
    }
    return {"__typename": "Vehicle", "vehicleId": key_of(number), "verdictInputs": {**facts, **inputs}}


VERDICTS = "verdicts { isKeeper isLicensed isInsured evidence { verdict text dataset } }"


async def test_verdicts_judge_the_surest_driver_of_the_keeper_or_the_one_asked_about(database_url):
    rows = [a_driver(1, "EXAMPLE", "Robin"), an_entitlement(1, 1), a_driver(2, "LANTERN", "Kim"), an_entitlement(2, 2)]
    asked = [vehicle(1), {**vehicle(2), "verdictInputs": None}]
    other = f'... on Vehicle {{ verdicts(driverNumber: "{driver_number(2)}") {{ isKeeper isLicensed isInsured }} }}'
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.entities(f"... on Vehicle {{ {VERDICTS} }}", asked)
        asked_about = await gateway.entities(other, asked[:1])
    matched, unknown = (entity["verdicts"] for entity in answer.data["_entities"])
    assert (matched["isKeeper"], matched["isLicensed"], matched["isInsured"]) == ("YES", "YES", "YES")
    assert [evidence["verdict"] for evidence in matched["evidence"]] == ["isKeeper", "isLicensed", "isInsured"]
    assert {evidence["dataset"] for evidence in matched["evidence"]} == {"DVLA.KEEPER", "DVLA.DRV", "MID"}
    assert (unknown["isKeeper"], unknown["isLicensed"], unknown["isInsured"]) == ("UNKNOWN",) * 3
    verdicts = asked_about.data["_entities"][0]["verdicts"]
    assert verdicts == {"isKeeper": "NO", "isLicensed": "YES", "isInsured": "NO"}


@pytest.mark.parametrize("vehicles", [1, 50])
async def test_verdicts_take_as_many_statements_for_one_vehicle_as_for_fifty(database_url, vehicles):
    rows = [a_driver(1, "EXAMPLE", "Robin"), an_entitlement(1, 1)]
    async with serving("drivers", schema, await written(database_url, rows)) as gateway:
        answer = await gateway.entities(f"... on Vehicle {{ {VERDICTS} }}", [vehicle(n) for n in range(vehicles)])
    assert answer.statements == 3
    shown = {(disclosure["type"], tuple(disclosure["fields"])) for disclosure in answer.disclosures}
    assert shown == {("Vehicle", ("verdicts",))}
    assert len(answer.disclosures) == vehicles

"""Twin worlds: to an outsider a database with a SILENT record equals the one without it and without links to it, in
answers, order, counts, cursors, disclosures and the number of statements; its owner sees the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from authz.row_rules import OUTSIDER, RowCaller
from resolvers.intelligence import tables as intelligence
from resolvers.person import tables as people
from resolvers.property import tables as property_tables
from schema.identifiers.person import asn, person_urn
from subgraphs.drivers import app as drivers_app
from subgraphs.intelligence import app as intelligence_app
from subgraphs.missing import app as missing_app
from subgraphs.person import app as person_app
from subgraphs.property import app as property_app
from subgraphs.service import Subgraph
from subgraphs.vehicle import app as vehicle_app
from tests.resolvers.products import (
    a_contact,
    a_control,
    a_missing_report,
    a_person,
    a_record,
    an_address,
    an_intel_link,
    an_intel_report,
    an_item,
    key_of,
    written,
)
from tests.subgraphs import world
from tests.subgraphs.asking import Answer, asking

OWNER = "06"
OWNERS = {
    "an organisation": (RowCaller(organisation="ORG-06", force="06", unit="06AA"), "ORG-06"),
    "a force": (RowCaller(organisation="ORG-06", force="06", unit="06AA"), "06"),
    "a unit": (RowCaller(organisation="ORG-06", force="06", unit="06AA"), "06AA"),
}
ANOTHER = RowCaller(user="u-1", organisation="ORG-20", force="20", unit="20R1")
SECRET = key_of(2)
NUMBER = "HARBO803145R99ZZ"
URN, ASN = person_urn(1980, 2), asn(2011, "01ZD", "01", 448754)

Rows = list[tuple[sa.Table, dict[str, Any]]]


@dataclass(frozen=True)
class Case:
    """What is asked of which subgraph, over which rows; `secret` are those that the twin does not have."""

    app: Subgraph
    rows: Callable[[bool], Rows]
    subject: tuple[str, str]
    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "protected"
    selection: str | None = None


def people_rows(secret: bool) -> Rows:
    rows = [*a_person(1, "Harbour", "Robin", date_of_birth="1985-03-14"), an_address(1, 0, ["1 Mill Lane"], "QX1 2AB")]
    rows += [a_contact(1, 0, "07700 900123"), *a_person(3, "Harbour", "Wren", date_of_birth="1985-03-14")]
    rows += [an_association(1, 0, key_of(3)), an_address(3, 0, ["1 Mill Lane"], "QX1 2AB")]
    if secret:
        rows += a_person(2, "Harbour", "Ash", date_of_birth="1985-03-14", driver_number_recorded=NUMBER, person_urn=URN)
        rows += [an_address(2, 0, ["1 Mill Lane"], "QX1 2AB"), a_contact(2, 0, "07700 900123")]
        rows += [an_association(1, 1, SECRET), an_association(2, 0, key_of(1)), an_arrest(2)]
    return rows


def an_association(one: int, seq: int, other: str) -> tuple[sa.Table, dict[str, Any]]:
    row = {"person_id": key_of(one), "seq": seq, "other_type": "Person", "other_key": other, "type": "ASSOC"}
    return people.person_association, {**row, "last_seen": date(2025, 5, 1 + seq)}


def an_arrest(number: int) -> tuple[sa.Table, dict[str, Any]]:
    row = {"report_id": key_of(number, "7777"), "person_id": key_of(number), "asn": ASN}
    stage = {"process_stage": "A", "process_stage_at": world.STORED_AT}
    return a_record(people.arrest_report, **row, **stage)


def missing_rows(secret: bool) -> Rows:
    rows = [a_missing_report(1, person_id=key_of(1)), a_missing_report(3, person_id=key_of(1))]
    return [*rows, a_missing_report(2, person_id=key_of(1))] if secret else rows


def missing_with_person(secret: bool) -> Rows:
    return [a_missing_report(1, person_id=SECRET if secret else None)]


def property_rows(secret: bool) -> Rows:
    owner = {"owner_type": "Person", "owner_key": key_of(1)}
    rows = [*an_item(1, ("SERIAL", "S-1"), **owner), *an_item(3, ("SERIAL", "S-1"), **owner)]
    return rows + an_item(2, ("SERIAL", "S-1"), ("VIN", "V1"), **owner) if secret else rows


def property_with_owner(secret: bool) -> Rows:
    link = {"owner_method": "MANUAL", "owner_score": 1.0, "owner_confirmed_by": "20R1"}
    owner = {"owner_type": "Person", "owner_key": SECRET, **link}
    return an_item(1, ("SERIAL", "S-1"), **(owner if secret else {}))


def certificate_with_holder(secret: bool) -> Rows:
    link = {"holder_type": "Person", "holder_key": SECRET, "holder_method": "MANUAL", "holder_score": 1.0}
    row = {"certificate_id": key_of(1, "8888"), "certificate_type": "A", "state": "L", "weapons_held": 1}
    place = {"match_name": "HARBOUR ROBIN", "match_postcode": "QX12AB"}
    return [a_record(property_tables.firearm_certificate, **row, **place, **(link if secret else {}))]


def intelligence_rows(secret: bool) -> Rows:
    rows = [an_intel_report(1), an_intel_link(1, 0, "Vehicle", "AB12CDE")]
    rows += [an_intel_report(3), an_intel_link(3, 0, "Vehicle", "AB12CDE")]
    return [*rows, an_intel_report(2), an_intel_link(2, 0, "Vehicle", "AB12CDE")] if secret else rows


def intelligence_about(secret: bool) -> Rows:
    nominal = {"intel_nominal_id": key_of(1, "9999"), "person_id": SECRET, "method": "MANUAL", "score": 1.0}
    rows = [a_record(intelligence.intel_nominal, intel_nominal_id=key_of(1, "9999"))]
    rows += [an_intel_report(1), an_intel_link(1, 0, "IntelNominal", key_of(1, "9999"))]
    if secret:
        rows += [
            (intelligence.intel_pnc_link, {**nominal, "confirmed_by": "u-2"}),
            an_intel_link(1, 1, "Person", SECRET),
        ]
    return rows


def vehicle_rows(secret: bool) -> Rows:
    rows = [world.a_vehicle(1, vrm="AB12CDE"), world.a_report(1), world.a_report(3)]
    return [*rows, world.a_report(2)] if secret else rows


def second_vehicle(secret: bool) -> Rows:
    rows = [world.a_vehicle(1, vrm="AB12CDE", vin="XXXCAST00000000NE")]
    return [*rows, world.a_vehicle(2, vrm="QX02AAA", vin="XXXCAST05000000NE")] if secret else rows


def keeper_rows(secret: bool) -> Rows:
    rows = [world.a_vehicle(1, vrm="AB12CDE")]
    return [*rows, world.a_keeper(1, "EXAMPLE", "Robin")] if secret else rows


def driver_rows(secret: bool) -> Rows:
    rows = [world.a_driver(1, "EXAMPLE")]
    return [*rows, world.a_driver(2, "EXAMPLE")] if secret else rows


PERSONS = '{ persons(name: {last: "Harbour"}, first: 1) { totalCount capped pageInfo { hasNextPage endCursor }'
PERSONS += " nodes { personId filedName { last first } } edges { cursor nameRank dateRank } }"
PERSONS += ' all: persons(name: {last: "Harbour"}) { totalCount nodes { personId } } }'
PERSON = "personId filedName { last } associates { totalCount nodes { type { code } } }"
LINKS = '{ nominal(id: "%s") { links(depth: 2, limit: 2) { kind depth lastSeen score target {'
LINKS += " __typename ... on Person { personId } } source { personId } } } }"
MATCHED = "... on Driver { matchedPersons { score person { __typename ... on Person { personId } } } }"
KEPT = "... on KeeperRecord { matchedPersons { score person { __typename ... on Person { personId } } } }"
REPORTS = '{ vehicle(vrm: "AB12CDE") { vrm reports(first: 1) { totalCount pageInfo { hasNextPage endCursor }'
REPORTS += " edges { cursor node { vehicleReportId type { code } } } } } }"
EPISODES = "... on Person { missingReports(first: 1) { totalCount pageInfo { hasNextPage } nodes { missingId } } }"
ITEMS = '{ property(identifier: "S-1", first: 1) { totalCount pageInfo { hasNextPage } nodes { propertyId } } }'
OWNED = "... on Person { linkedProperty(first: 1) { totalCount pageInfo { hasNextPage } nodes { propertyId } } }"
HELD = "... on Person { firearmCertificates { score certificate { __typename ... on FirearmCertificate {"
HELD += " certificateId holder { key } weaponsHeld } } } }"
ABOUT = "... on Vehicle { intelReports(first: 1) { totalCount pageInfo { hasNextPage } nodes { intelReportId } } }"
DRIVER = {"__typename": "Driver", "driverNumber": NUMBER, "matchName": "HARBOUR ASH", "dateOfBirth": "1985-03-14"}
KEEPER = {"__typename": "KeeperRecord", "keeperRecordId": "k", "matchName": "HARBOUR ASH", "matchPostcode": "QX12AB"}
A_PERSON = {
    "__typename": "Person",
    "personId": key_of(1),
    "matchNames": ["HARBOUR ROBIN"],
    "matchPostcodes": ["QX12AB"],
}
FRAUD_CHECK = '{ vehicleFraudCheck(vrm: "AB12CDE") { stolenCheck { code } asOf } }'

PROTECTED, REPORT = ("Person", SECRET), ("VehicleReport", key_of(2, "2222"))
CASES = {
    "a person by id": Case(person_app, people_rows, PROTECTED, f'{{ person(id: "{SECRET}") {{ {PERSON} }} }}'),
    "a person by PNCID": Case(person_app, people_rows, PROTECTED, f'{{ person(urn: "{URN}") {{ {PERSON} }} }}'),
    "a person by ASN": Case(person_app, people_rows, PROTECTED, f'{{ person(asn: "{ASN}") {{ {PERSON} }} }}'),
    "a person as an entity": Case(
        person_app,
        people_rows,
        PROTECTED,
        "",
        {"of": [{"__typename": "Person", "personId": key_of(number)} for number in (1, 2, 3)]},
        selection=f"... on Person {{ {PERSON} }}",
    ),
    "people by name": Case(person_app, people_rows, PROTECTED, PERSONS),
    "associates": Case(person_app, people_rows, PROTECTED, f'{{ person(id: "{key_of(1)}") {{ {PERSON} }} }}'),
    "links": Case(person_app, people_rows, PROTECTED, LINKS % key_of(1)),
    "links from the person": Case(person_app, people_rows, PROTECTED, LINKS % SECRET),
    "people who match a driver": Case(
        person_app, people_rows, PROTECTED, "", {"of": [{**DRIVER, "matchPostcode": "QX12AB"}]}, selection=MATCHED
    ),
    "people who match a keeper": Case(person_app, people_rows, PROTECTED, "", {"of": [KEEPER]}, selection=KEPT),
    "a sealed person": Case(person_app, people_rows, PROTECTED, PERSONS, kind="sealed"),
    "a missing episode": Case(
        missing_app,
        missing_rows,
        ("MissingReport", key_of(2, "2222")),
        '{ missing(ref: "MP-26-0000002") { missingId status { code } } }',
    ),
    "missing episodes of a person": Case(
        missing_app, missing_rows, ("MissingReport", key_of(2, "2222")), "", {"of": [A_PERSON]}, selection=EPISODES
    ),
    "who is missing": Case(
        missing_app, missing_with_person, PROTECTED, '{ missing(ref: "MP-26-0000001") { missingId personId } }'
    ),
    "property by identifier": Case(property_app, property_rows, ("PropertyItem", key_of(2, "1111")), ITEMS),
    "property of a person": Case(
        property_app, property_rows, ("PropertyItem", key_of(2, "1111")), "", {"of": [A_PERSON]}, selection=OWNED
    ),
    "the owner of property": Case(
        property_app,
        property_with_owner,
        PROTECTED,
        '{ property(identifier: "S-1") { nodes { ownerPerson { typeName key method { code } score confirmedBy } } } }',
    ),
    "the holder of a certificate": Case(
        property_app, certificate_with_holder, PROTECTED, "", {"of": [A_PERSON]}, selection=HELD
    ),
    "intelligence on a vehicle": Case(
        intelligence_app,
        intelligence_rows,
        ("IntelReport", key_of(2, "3333")),
        "",
        {"of": [{"__typename": "Vehicle", "vehicleId": key_of(1), "vrm": "AB12CDE"}]},
        selection=ABOUT,
    ),
    "an intelligence report": Case(
        intelligence_app,
        intelligence_rows,
        ("IntelReport", key_of(2, "3333")),
        f'{{ intelReport(id: "{key_of(2, "3333")}") {{ text }} }}',
    ),
    "what a report links to": Case(
        intelligence_app,
        intelligence_about,
        PROTECTED,
        f'{{ intelReport(id: "{key_of(1, "3333")}") {{ links {{ target {{ typeName key }} }} }} }}',
    ),
    "the nominal of a PND nominal": Case(
        intelligence_app,
        intelligence_about,
        PROTECTED,
        "",
        {"of": [{"__typename": "IntelNominal", "intelNominalId": key_of(1, "9999")}]},
        selection="... on IntelNominal { pncPersonLink { key score } }",
    ),
    "reports on a vehicle": Case(vehicle_app, vehicle_rows, REPORT, REPORTS, kind="blocked"),
    "a fraud check": Case(vehicle_app, vehicle_rows, REPORT, FRAUD_CHECK, kind="blocked"),
    "a vehicle by mark": Case(vehicle_app, second_vehicle, ("Vehicle", SECRET), '{ vehicle(vrm: "QX02AAA") { vin } }'),
    "a vehicle by VIN": Case(
        vehicle_app, second_vehicle, ("Vehicle", SECRET), '{ vehicle(vin: "XXXCAST05000000NE") { vrm } }'
    ),
    "the keeper of a vehicle": Case(
        vehicle_app,
        keeper_rows,
        ("KeeperRecord", key_of(1, "1111")),
        '{ vehicle(vrm: "AB12CDE") { vrm keeper { keeperRecordId name { __typename } } } }',
    ),
    "a driver by number": Case(
        drivers_app,
        driver_rows,
        ("Driver", world.driver_number(2)),
        f'{{ driver(number: "{world.driver_number(2)}") {{ driverNumber }} }}',
    ),
}

# Answers that an owner and an outsider do not tell apart by design: the fraud check has other theft reports to rest on,
# and a list's first page shows what comes first.
SAME_FOR_THE_OWNER = {"a fraud check"}


async def asked(case: Case, url: str, caller: RowCaller) -> Answer:
    async with asking(case.app, url) as asks:
        if case.selection is None:
            return await asks.ask(case.query, caller, **case.variables)
        query = "query ($of: [_Any!]!) { _entities(representations: $of) { __typename " + case.selection + " } }"
        return await asks.ask(query, caller, **case.variables)


async def databases(case: Case, owner: str, new: Callable[[], Any]) -> tuple[str, str]:
    control = a_control(*case.subject, case.kind, owner)
    return await written(await new(), [*case.rows(True), control]), await written(await new(), case.rows(False))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_database(request: pytest.FixtureRequest, tmp_path) -> Callable[[], Any]:
    if request.param == "postgres":
        return request.getfixturevalue("postgres").new_database
    return sqlite_files(tmp_path)


def sqlite_files(folder: Path) -> Callable[[], Any]:
    numbers = iter(range(9))

    async def new() -> str:
        return f"sqlite+aiosqlite:///{folder / f'{next(numbers)}.sqlite'}"

    return new


@pytest.mark.parametrize("name", CASES)
async def test_to_an_outsider_a_silent_record_is_not_there(name: str, new_database):
    case = CASES[name]
    having, lacking = await databases(case, OWNER, new_database)
    for outsider in (OUTSIDER, ANOTHER):
        found, expected = await asked(case, having, outsider), await asked(case, lacking, outsider)
        assert expected.errors == []
        assert found == expected


@pytest.mark.parametrize("name", sorted(CASES.keys() - SAME_FOR_THE_OWNER))
async def test_its_owner_sees_the_record(name: str, tmp_path):
    case = CASES[name]
    new = sqlite_files(tmp_path)
    for caller, owner in OWNERS.values():
        having, lacking = await databases(case, owner, new)
        found = await asked(case, having, caller)
        assert found.errors == []
        assert found.data != (await asked(case, lacking, caller)).data


@pytest.mark.parametrize("dates", [{"from_date": date(2026, 3, 1)}, {"to_date": date(2026, 2, 1)}])
async def test_a_control_holds_on_its_days_only(dates, tmp_path):
    case = CASES["a person by id"]
    control = a_control(*case.subject, "protected", OWNER, **dates)
    url = await written(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", [*case.rows(True), control])
    assert (await asked(case, url, ANOTHER)).data["person"] is not None


async def test_a_report_of_type_blk_is_its_owner_s_alone(tmp_path):
    rows = [world.a_vehicle(1, vrm="AB12CDE"), world.a_report(1, type="BLK", owner_fs="06AA")]
    url = await written(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", rows)
    case = CASES["reports on a vehicle"]
    owner, _control = OWNERS["a unit"]
    assert (await asked(case, url, ANOTHER)).data["vehicle"]["reports"]["totalCount"] == 0
    assert (await asked(case, url, owner)).data["vehicle"]["reports"]["totalCount"] == 1


@pytest.mark.parametrize("state", ["WEEDED", "RETIRED"])
async def test_what_was_weeded_or_retired_is_no_record_any_more(state, tmp_path):
    rows = [world.a_vehicle(1, vrm="AB12CDE"), world.a_report(1, state=state)]
    url = await written(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", rows)
    for caller in (ANOTHER, OWNERS["a unit"][0]):
        assert (await asked(CASES["reports on a vehicle"], url, caller)).data["vehicle"]["reports"]["totalCount"] == 0

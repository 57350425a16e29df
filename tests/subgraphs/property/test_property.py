"""Property: found by any writing of its number, joined to its owner, its vehicle and its certificates."""

from datetime import UTC, date, datetime

import pytest

from resolvers.property.tables import firearm_certificate, property_report
from subgraphs.property import app
from tests.resolvers.products import a_record, an_item, key_of, written, written_file
from tests.subgraphs.asking import Asking, asking

PERSON, OTHER = key_of(1), key_of(2)


def a_certificate(number: int, **columns):
    """A firearm certificate."""
    row = {"certificate_id": key_of(number, "6666"), "certificate_type": "A", "state": "L", "weapons_held": 2}
    return a_record(firearm_certificate, **{**row, **columns})


def a_report(number: int, item: int, **columns):
    """A report on an item."""
    row = {
        "property_report_id": key_of(number, "5555"),
        "property_id": key_of(item, "1111"),
        "state": "STOLEN",
        "reported_at": datetime(2026, 1, number % 28 + 1, tzinfo=UTC),
        "weed_date": date(2032, 1, 1),
    }
    return a_record(property_report, **{**row, **columns})


ROWS = [
    *an_item(
        1,
        ("SERIAL", "JCB-3CX-0001"),
        ("ENGNO", "ENG 0042"),
        make="JCB",
        model="3CX",
        colour="YEL",
        description="Yellow digger",
        value_band="10k-50k",
        owner_type="Person",
        owner_key=PERSON,
        owner_method="MANUAL",
        owner_score=0.9,
        owner_confirmed_by="DC 1",
    ),
    *an_item(2, ("SERIAL", "JCB3CX01"), category="TOOL"),
    *an_item(3, ("VIN", "XXX00000000000042"), category="TRAILER", owner_type="Person", owner_key=PERSON),
    *an_item(4, ("VIN", "XXX0000000000042"), category="TRAILER"),
    *an_item(5, ("SERIAL", "XXX00000000000042")),
    *an_item(6),
    a_report(1, 1, crime_reference="20/1", outcome=None),
    a_report(2, 1, state="FOUND"),
    a_certificate(1, holder_type="Person", holder_key=PERSON, holder_method="MANUAL", holder_score=0.97),
    a_certificate(
        2,
        match_name="HARBOUR R",
        match_postcode="QX12AB",
        address_lines=["1 Mill Lane"],
        address_postcode="QX1 2AB",
    ),
    a_certificate(3, match_name="LANTERN ANNE", match_postcode="QX12AB"),
    a_certificate(4, holder_type="Person", holder_key=OTHER, match_name="HARBOUR ROBIN", match_postcode="QX12AB"),
]
ITEM = """
category { code } identifiers { type { code } value } make model colour { code } description valueBand
ownerPerson { typeName key method { code } score confirmedBy } meta { owner dataset }
reports { totalCount nodes { state { code } reportedAt crimeReference ownerFs weedDate outcome { code } } }
"""
BY_IDENTIFIER = "query ($number: String!) { property(identifier: $number) { nodes { make model category { code } } } }"


@pytest.fixture
async def property_(database_url: str):
    async with asking(app, await written(database_url, ROWS)) as asks:
        yield asks


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("property"), ROWS)


@pytest.fixture
async def quick(file: str):
    async with asking(app, file) as asks:
        yield asks


async def test_an_item_is_answered_from_its_rows_with_its_reports_newest_first(property_: Asking):
    answer = await property_.ask(f'{{ property(identifier: "eng-42") {{ nodes {{ {ITEM} }} }} }}')
    assert answer.errors == []
    assert answer.data["property"]["nodes"] == [
        {
            "category": {"code": "PLANT"},
            "identifiers": [
                {"type": {"code": "SERIAL"}, "value": "JCB-3CX-0001"},
                {"type": {"code": "ENGNO"}, "value": "ENG 0042"},
            ],
            "make": "JCB",
            "model": "3CX",
            "colour": {"code": "YEL"},
            "description": "Yellow digger",
            "valueBand": "10k-50k",
            "ownerPerson": {
                "typeName": "Person",
                "key": PERSON,
                "method": {"code": "MANUAL"},
                "score": 0.9,
                "confirmedBy": "DC 1",
            },
            "meta": {"owner": "20R1", "dataset": "PNC.PROP"},
            "reports": {
                "totalCount": 2,
                "nodes": [
                    {
                        "state": {"code": "FOUND"},
                        "reportedAt": "2026-01-03T00:00:00Z",
                        "crimeReference": None,
                        "ownerFs": "20R1",
                        "weedDate": "2032-01-01",
                        "outcome": None,
                    },
                    {
                        "state": {"code": "STOLEN"},
                        "reportedAt": "2026-01-02T00:00:00Z",
                        "crimeReference": "20/1",
                        "ownerFs": "20R1",
                        "weedDate": "2032-01-01",
                        "outcome": None,
                    },
                ],
            },
        }
    ]


@pytest.mark.parametrize("number", ["JCB-3CX-0001", "jcb3cx1", " JCB 3CX 01 "])
async def test_spaces_dashes_and_leading_zeros_do_not_matter(quick: Asking, number: str):
    answer = await quick.ask(BY_IDENTIFIER, number=number)
    assert [item["category"]["code"] for item in answer.data["property"]["nodes"]] == ["PLANT", "TOOL"]


async def test_an_unknown_number_finds_nothing(quick: Asking):
    answer = await quick.ask(BY_IDENTIFIER, number="NOTHING-9")
    assert (answer.data, answer.errors) == ({"property": {"nodes": []}}, [])


async def test_a_number_with_nothing_to_search_for_is_a_coded_error(quick: Asking):
    answer = await quick.ask(BY_IDENTIFIER, number=" - ")
    assert (answer.data, answer.codes) == ({"property": None}, ["IDENTIFIER_NOT_SEARCHABLE"])


def vehicle(vin: str | None, engine: str | None) -> dict[str, str | None]:
    return {"__typename": "Vehicle", "vehicleId": key_of(1, "4444"), "vin": vin, "engineNumber": engine}


async def test_a_vehicle_s_property_carries_its_vin_or_engine_number_exactly(property_: Asking):
    selection = "... on Vehicle { linkedProperty { totalCount nodes { propertyId } } }"
    answer = await property_.entities(
        selection,
        [
            vehicle("XXX00000000000042", None),
            vehicle(None, "eng0042"),
            vehicle(None, "ENG42"),
            vehicle(None, None),
            vehicle("XXX00000000000042", "ENG-0042"),
        ],
    )
    assert answer.errors == []
    found = [[node["propertyId"] for node in entity["linkedProperty"]["nodes"]] for entity in answer.data]
    trailer, digger = key_of(3, "1111"), key_of(1, "1111")
    assert found == [[trailer], [digger], [], [], [digger, trailer]]
    assert [entity["linkedProperty"]["totalCount"] for entity in answer.data] == [1, 1, 0, 0, 2]
    assert answer.statements == 1


async def test_a_person_s_property_and_certificates_come_with_how_they_are_known(property_: Asking):
    selection = """... on Person {
      linkedProperty { nodes { propertyId } }
      firearmCertificates { method { code } score certificate { ... on FirearmCertificate { certificateId state { code }
        weaponsHeld holder { key } address { lines postcode } } } } }"""
    answer = await property_.entities(
        selection,
        [
            {"__typename": "Person", "personId": PERSON, "matchNames": ["HARBOUR ROBIN"], "matchPostcodes": ["QX12AB"]},
            {"__typename": "Person", "personId": key_of(9), "matchNames": [], "matchPostcodes": []},
            {"__typename": "Person", "personId": key_of(8), "matchNames": None, "matchPostcodes": None},
        ],
    )
    assert answer.errors == []
    known, *unknown = answer.data
    assert [node["propertyId"] for node in known["linkedProperty"]["nodes"]] == [key_of(1, "1111"), key_of(3, "1111")]
    assert known["firearmCertificates"] == [
        {
            "method": {"code": "PROBABLE"},
            "score": 0.9,
            "certificate": {
                "certificateId": key_of(1, "6666"),
                "state": {"code": "L"},
                "weaponsHeld": 2,
                "holder": {"key": PERSON},
                "address": None,
            },
        },
        {
            "method": {"code": "ADDRESS"},
            "score": 0.54,
            "certificate": {
                "certificateId": key_of(2, "6666"),
                "state": {"code": "L"},
                "weaponsHeld": 2,
                "holder": None,
                "address": {"lines": ["1 Mill Lane"], "postcode": "QX1 2AB"},
            },
        },
    ]
    assert [person["firearmCertificates"] for person in unknown] == [[], []]
    assert answer.statements == 3


async def test_looking_for_certificates_costs_the_same_for_who_has_no_address(quick: Asking):
    selection = "... on Person { firearmCertificates { score } }"
    nobody = {"__typename": "Person", "personId": key_of(9), "matchNames": [], "matchPostcodes": []}
    somebody = {**nobody, "matchNames": ["HARBOUR ROBIN"], "matchPostcodes": ["QX12AB"]}
    answers = [await quick.entities(selection, [person]) for person in (nobody, somebody)]
    assert [answer.statements for answer in answers] == [2, 2]


@pytest.mark.parametrize(("items", "reports"), [(1, 1), (1, 200), (50, 1)])
async def test_statements_do_not_grow_with_items_or_reports(database_url: str, items: int, reports: int):
    rows = []
    for item in range(1, items + 1):
        rows += an_item(item, ("SERIAL", f"S{item}"), owner_type="Person", owner_key=PERSON)
        rows += [a_report(item * 1000 + number, item) for number in range(reports)]
    selection = """... on Person { linkedProperty(first: 200) { nodes { identifiers { value }
      reports(first: 200) { nodes { state { code } } } } } }"""
    async with asking(app, await written(database_url, rows)) as asks:
        answer = await asks.entities(selection, [{"__typename": "Person", "personId": PERSON}])
    nodes = answer.data[0]["linkedProperty"]["nodes"]
    assert (len(nodes), {len(node["reports"]["nodes"]) for node in nodes}) == (items, {reports})
    assert answer.statements == 3


async def test_entities_are_found_by_their_keys_in_order(quick: Asking):
    answer = await quick.entities(
        "... on PropertyItem { make } ... on FirearmCertificate { weaponsHeld }",
        [
            {"__typename": "PropertyItem", "propertyId": key_of(1, "1111")},
            {"__typename": "FirearmCertificate", "certificateId": key_of(1, "6666")},
            {"__typename": "PropertyItem", "propertyId": "nothing"},
        ],
    )
    assert answer.data == [{"make": "JCB"}, {"weaponsHeld": 2}, None]
    assert answer.statements == 2

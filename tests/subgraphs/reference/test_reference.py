"""The reference subgraph: lists, their values on a day, and codes that a list does not hold."""

from datetime import date

import pytest

from subgraphs.reference.schema import schema
from tests.subgraphs.world import a_list, a_value, serving, written

RETIRED = a_value("RD080", 3, "PUR", valid_from=date(2000, 1, 1), valid_to=date(2020, 12, 31))
ROWS = [*a_list("RD080", "vehicle_colour", "BLU", "RED", "WHI"), RETIRED, *a_list("RD001", "country", "GB")]
VALUES = "values(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { code label resolved } }"


async def test_a_list_answers_to_its_id_and_to_its_key_in_list_order(database_url):
    async with serving("reference", schema, await written(database_url, ROWS)) as gateway:
        by_id = await gateway.ask(f'{{ referenceList(id: "RD080") {{ key {VALUES} }} }}')
        by_key = await gateway.ask(f'{{ referenceList(id: "vehicle_colour") {{ key {VALUES} }} }}')
    assert by_id.data == by_key.data
    values = by_id.data["referenceList"]["values"]
    assert values["nodes"][0] == {"code": "BLU", "label": "Blu", "resolved": True}
    assert (values["totalCount"], values["pageInfo"]["hasNextPage"]) == (4, True)
    assert by_id.disclosures == []


@pytest.mark.parametrize(("day", "count"), [("1999-12-31", 3), ("2000-01-01", 4), ("2020-12-31", 4), ("2021-01-01", 3)])
async def test_a_list_is_as_it_was_on_a_day(database_url, day, count):
    query = 'query ($at: Date) { referenceList(id: "RD080", at: $at) { values { totalCount nodes { code } } } }'
    async with serving("reference", schema, await written(database_url, ROWS)) as gateway:
        answer = await gateway.ask(query, {"at": day})
    values = answer.data["referenceList"]["values"]
    assert values["totalCount"] == len(values["nodes"]) == count


@pytest.mark.parametrize(
    ("code", "at", "resolved"),
    [("BLU", None, True), ("XYZ", None, False), ("PUR", None, True), ("PUR", "2024-01-01", False)],
)
async def test_a_code_the_list_does_not_hold_is_answered_unresolved(database_url, code, at, resolved):
    query = """query ($code: String!, $at: Date) {
      referenceValue(listId: "vehicle_colour", code: $code, at: $at) { code label resolved } }"""
    async with serving("reference", schema, await written(database_url, ROWS)) as gateway:
        answer = await gateway.ask(query, {"code": code, "at": at})
    label = code.title() if resolved else None
    assert answer.data["referenceValue"] == {"code": code, "label": label, "resolved": resolved}


async def test_all_lists_come_in_pages_and_their_values_in_one_statement(database_url):
    query = "{ referenceLists { totalCount nodes { listId values { nodes { code } } } } }"
    async with serving("reference", schema, await written(database_url, ROWS)) as gateway:
        answer = await gateway.ask(query)
    assert [found["listId"] for found in answer.data["referenceLists"]["nodes"]] == ["RD001", "RD080"]
    assert answer.statements == 3


async def test_a_list_nobody_has_is_named_as_such(database_url):
    async with serving("reference", schema, await written(database_url, ROWS)) as gateway:
        answer = await gateway.ask('{ referenceList(id: "RD999") { key } }')
    assert answer.codes == [("UNKNOWN_REFERENCE_LIST", ["referenceList"])]

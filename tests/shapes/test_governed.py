"""The shapes that speak of what the standard directives cannot say, held by the governed service over a graph shaped
like the table's: filters and orderings read what they are about, and what is sealed is as if it were not there."""

import json

import pytest

from tests.shapes.asking import NEEDS_TABLE, OVER_EACH
from tests.shapes.governed import Twins, but_for_the_receipt
from tests.shapes.governed_people import BORN, NINO, SOURCE_ID, TITLE
from tests.shapes.transports import Told
from tests.shapes.world import table

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_TABLE]
FILTERED = {
    "as given": {},
    "by a variable": {
        "query": "query($f: PersonFilter) { people(filter: $f) { totalCount } }",
        "variables": {"f": {"nino": NINO}},
    },
    "of a part": {
        "query": 'query($n: String) { people(filter: {name: "Ann", nino: $n}) { totalCount } }',
        "variables": {"n": NINO},
    },
    "under an alias in a fragment": {
        "query": f'{{ ...P }} fragment P on Query {{ me: people(filter: {{nino: "{NINO}"}}) {{ n: totalCount }} }}'
    },
}
ORDERED = {
    "as given": {},
    "by a variable": {
        "query": "query($o: PersonOrder) { people(orderBy: $o, first: 5) { nodes { id } } }",
        "variables": {"o": "DOB"},
    },
    "by a default": {"query": "query($o: PersonOrder = NINO) { people(orderBy: $o, first: 5) { nodes { id } } }"},
}


def refused(told: Told) -> None:
    """The people are refused, and nothing says anything of them."""
    (error,) = told.errors
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["coordinate"] == "Query.people"
    assert list(told.data.values()) == [None]
    said = but_for_the_receipt(told)  # a hash may hold any four digits
    assert NINO not in said
    assert BORN not in said


@OVER_EACH
@pytest.mark.parametrize("case", FILTERED)
async def test_az40_a_filter_on_a_protected_field_needs_its_right(governed: Twins, transport: str, case: str):
    row = table()["shapes"]["AZ40"] | FILTERED[case]
    refused(await governed.holding.ask(transport, "officer", row))
    assert governed.holding.replies == []
    told = await governed.holding.ask(transport, "detective", row)
    (found,) = told.data.values()
    assert (list(found.values()), told.errors) == ([1], [])


@OVER_EACH
async def test_az40_a_filter_on_what_may_be_read_is_answered(governed: Twins, transport: str):
    row = {"query": '{ people(filter: {name: "Ann"}) { totalCount } }'}
    told = await governed.holding.ask(transport, "officer", row)
    assert (told.data, told.errors) == ({"people": {"totalCount": 1}}, [])


@OVER_EACH
@pytest.mark.parametrize("case", ORDERED)
async def test_az41_an_ordering_by_a_protected_field_needs_its_right(governed: Twins, transport: str, case: str):
    row = table()["shapes"]["AZ41"] | ORDERED[case]
    refused(await governed.holding.ask(transport, "officer", row))
    assert governed.holding.replies == []
    told = await governed.holding.ask(transport, "detective", row)
    assert {each["id"] for each in told.data["people"]["nodes"]} == {"1", "2"}


@OVER_EACH
async def test_az41_an_ordering_by_what_may_be_read_is_answered(governed: Twins, transport: str):
    row = {"query": "{ people(orderBy: NAME, first: 1) { nodes { id } } }"}
    assert (await governed.holding.ask(transport, "officer", row)).data == {"people": {"nodes": [{"id": "1"}]}}


SEALED = {
    "as given": {},
    "with what may be read": {
        "query": '{ search(text: "x") { __typename ... on Person { id } ... on SourceRecord { id title } } }'
    },
    "all of one interface": {"query": "{ records { __typename id title } }"},
    "without the types": {"query": "{ records { title } }"},
    "by the other types": {"query": '{ search(text: "x") { ... on Vehicle { vrm } } }'},
    "at the root": {"query": "{ sources { __typename id } }"},
    "beside introspection": {"query": '{ __type(name: "SourceRecord") { name } records { __typename } }'},
}


@OVER_EACH
@pytest.mark.parametrize("case", SEALED)
async def test_az18_a_sealed_hit_is_neither_typed_nor_counted(governed: Twins, transport: str, case: str):
    row = table()["shapes"]["AZ18"] | SEALED[case]
    told = await governed.holding.ask(transport, "officer", row)
    assert told.errors == []
    twin = await governed.without.ask(transport, "officer", row)
    assert but_for_the_receipt(told) == but_for_the_receipt(twin)
    assert governed.holding.replies == governed.without.replies
    left = b"".join([json.dumps(told.responses).encode(), *governed.holding.replies])
    assert [text for text in (TITLE, SOURCE_ID, "SourceRecord") if text.encode() in left] == []


@OVER_EACH
async def test_az18_who_is_entitled_is_told_of_it(governed: Twins, transport: str):
    told = await governed.holding.ask(transport, "analyst", table()["shapes"]["AZ18"])
    assert [each["__typename"] for each in told.data["search"]] == ["Person", "SourceRecord", "Vehicle"]


@OVER_EACH
async def test_az44_what_is_sealed_is_answered_as_what_never_was(governed: Twins, transport: str):
    row = table()["shapes"]["AZ44"]
    told = await governed.holding.ask(transport, "officer", row)
    assert (told.data, told.errors) == ({"a": None, "b": None}, [])
    twin = await governed.without.ask(transport, "officer", row)
    assert but_for_the_receipt(told) == but_for_the_receipt(twin)
    assert governed.holding.replies == governed.without.replies
    entitled = await governed.holding.ask(transport, "analyst", row)
    assert entitled.data == {"a": {"id": SOURCE_ID}, "b": None}


@OVER_EACH
async def test_az44_one_alone_is_answered_byte_for_byte_as_the_other(governed: Twins, transport: str):
    query = '{ node(id: "%s") { __typename id ... on SourceRecord { title } } }'
    sealed = await governed.holding.ask(transport, "officer", {"query": query % SOURCE_ID})
    never = await governed.holding.ask(transport, "officer", {"query": query % "never-existed"})
    assert but_for_the_receipt(sealed) == but_for_the_receipt(never)

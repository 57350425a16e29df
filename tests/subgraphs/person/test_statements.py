"""Law 6: the number of statements follows the operation, never the rows."""

import pytest

from resolvers.person.tables import disposal
from subgraphs.person import app
from tests.resolvers.products import a_person, a_record, an_address, key_of, written
from tests.subgraphs.asking import asking
from tests.subgraphs.person.case_file import an_arrest, an_offence

QUERY = """
... on Person {
  filedName { last } names { last } addresses(first: 200) { totalCount nodes { lines } }
  warningSignals { text } wantedMissing { nodes { power { code } } }
  arrestReports(first: 200) { totalCount pageInfo { hasNextPage } nodes {
    asn remands { appearanceResult { code } } offences(first: 200) { nodes { disposals { disposalCode { code } } } } } }
}
"""


def people(count: int, children: int) -> list:
    rows = []
    for number in range(1, count + 1):
        rows += a_person(number, "Harbour")
        for child in range(1, children + 1):
            serial = number * 1000 + child
            rows.append(an_address(number, child, [f"{child} Mill Lane"], "QX1 2AB"))
            rows.append(an_arrest(serial, key_of(number)))
            rows.append(an_offence(serial, serial, key_of(number)))
            rows.append(
                a_record(
                    disposal,
                    disposal_id=key_of(serial, "8888"),
                    offence_id=key_of(serial, "7777"),
                    person_id=key_of(number),
                    disposal_code="1015",
                )
            )
    return rows


@pytest.mark.parametrize(("count", "children"), [(1, 1), (1, 200), (50, 1), (20, 20)])
async def test_statements_are_as_many_for_one_as_for_fifty_people_and_for_one_as_for_200_children(
    database_url: str, count: int, children: int
):
    async with asking(app, await written(database_url, people(count, children))) as asks:
        entities = [{"__typename": "Person", "personId": key_of(number)} for number in range(1, count + 1)]
        answer = await asks.entities(QUERY, entities)
    assert answer.errors == []
    assert [len(person["arrestReports"]["nodes"]) for person in answer.data] == [children] * count
    assert {person["addresses"]["totalCount"] for person in answer.data} == {children}
    assert all(
        offence["disposals"] == [{"disposalCode": {"code": "1015"}}]
        for person in answer.data
        for arrest in person["arrestReports"]["nodes"]
        for offence in arrest["offences"]["nodes"]
    )
    # person, names, addresses, their count, warnings, circulations, arrests, their count, remands, offences, results
    assert answer.statements == 11

"""People by name, as a page of a capped, ranked list."""

import pytest

from subgraphs.person import app
from tests.resolvers.products import a_name, a_person, key_of, written_file
from tests.subgraphs.asking import Asking, asking

CROWD = 230
ROWS = [
    *(row for number in range(1, CROWD + 1) for row in a_person(number, "Harbour", "Robin")),
    *a_person(900, "Lantern", "Robin", date_of_birth="1985"),
    *a_name(key_of(900), "Harbour", "Robin", kind="ALIAS", seq=1),
    *a_person(901, "Lantern", "Robin", date_of_birth="1985-03-14"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("persons"), ROWS)


@pytest.fixture
async def persons(file: str):
    async with asking(app, file) as asks:
        yield asks


QUERY = """
query ($name: NameInput!, $born: PartialDate, $first: Int, $after: String, $last: Int, $before: String) {
  persons(name: $name, dateOfBirth: $born, first: $first, after: $after, last: $last, before: $before) {
    totalCount capped pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { personId } edges { nameRank dateRank node { filedName { last } dateOfBirth } }
  }
}
"""


async def test_more_than_200_people_are_capped_and_said_so(persons: Asking):
    answer = await persons.ask(QUERY, name={"last": "Harbour"}, first=200)
    found = answer.data["persons"]
    assert (found["totalCount"], found["capped"]) == (200, True)
    assert found["pageInfo"]["hasNextPage"] is False
    assert [node["personId"] for node in found["nodes"]] == [key_of(number) for number in range(1, 201)]


async def test_asking_for_more_than_200_at_once_is_refused(persons: Asking):
    answer = await persons.ask(QUERY, name={"last": "Harbour"}, first=201)
    assert (answer.data, answer.codes) == ({"persons": None}, ["INVALID_PAGE"])


async def test_pages_one_after_another_are_the_whole_answer(persons: Asking):
    seen, after = [], None
    while True:
        answer = await persons.ask(QUERY, name={"last": "Harbour"}, first=90, after=after)
        found = answer.data["persons"]
        seen += [node["personId"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == [key_of(number) for number in range(1, 201)]


async def test_the_last_page_is_read_backwards(persons: Asking):
    answer = await persons.ask(QUERY, name={"last": "Lantern"}, last=1)
    found = answer.data["persons"]
    assert [node["personId"] for node in found["nodes"]] == [key_of(901)]
    assert found["pageInfo"]["hasPreviousPage"] is True


async def test_each_person_says_how_well_name_and_birth_date_agree(persons: Asking):
    answer = await persons.ask(QUERY, name={"last": "Lantern", "first": ["R"]}, born="1985-03-14")
    assert answer.data["persons"]["edges"] == [
        {"nameRank": 3, "dateRank": 0, "node": {"filedName": {"last": "Lantern"}, "dateOfBirth": "1985-03-14"}},
        {"nameRank": 3, "dateRank": 2, "node": {"filedName": {"last": "Lantern"}, "dateOfBirth": "1985"}},
    ]


@pytest.mark.parametrize("name", ["Lantern", "Harbour", "Nobody"])
async def test_a_search_takes_the_same_statements_whatever_it_finds(persons: Asking, name: str):
    answer = await persons.ask(
        "query ($name: NameInput!) { persons(name: $name) { nodes { sex { code } } } }", name={"last": name}
    )
    assert answer.statements == (1 if name == "Nobody" else 2)


@pytest.mark.parametrize("last", ["", "-", "愛"])
async def test_a_name_with_nothing_to_search_for_is_a_coded_error(persons: Asking, last: str):
    answer = await persons.ask(QUERY, name={"last": last})
    assert (answer.codes, answer.statements) == (["NAME_NOT_SEARCHABLE"], 0)


async def test_a_cursor_of_another_list_is_refused(persons: Asking):
    answer = await persons.ask(QUERY, name={"last": "Lantern"}, after="WyJ4Il0")
    assert answer.codes == ["INVALID_CURSOR"]


async def test_a_birth_date_that_does_not_exist_is_refused(persons: Asking):
    answer = await persons.ask(QUERY, name={"last": "Lantern"}, born="1985-02-30")
    assert answer.codes == ["INVALID_PARTIAL_DATE"]

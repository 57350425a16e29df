"""People by name: who is found, in which order, on both databases."""

from dataclasses import dataclass

import pytest

from resolvers.database import Database
from resolvers.person.search import MOST_PEOPLE, NameQuestion, people_by_name
from resolvers.person.tables import person_birth_date
from tests.resolvers.products import TODAY, a_name, a_person, an_address, key_of, written

PEOPLE = [
    *a_person(1, "Harbour", "Robin", "James", date_of_birth="1985-03-14", sex="M", place_of_birth="Anytown"),
    *a_person(2, "Lantern", "Robin", date_of_birth="1985", sex="F"),
    *a_name(key_of(2), "Harbour", "Robin", kind="ALIAS", seq=1),
    *a_person(3, "Harber", "Robyn", date_of_birth="1985-03", sex="M"),
    *a_person(4, "Harbour-Lantern", "R", date_of_birth="1986-01-01", sex="M"),
    *a_person(5, "O'Quill", "Zoë", date_of_birth="1990-07-07", sex="F"),
    *a_person(6, "Łódź", "Ana"),
    *a_person(7, "van der Pebble", "Jan", date_of_birth="1970-12-31"),
    *a_person(8, "Finn"),  # sounds like VAN
    (person_birth_date, {"person_id": key_of(7), "seq": 0, "value": "1985-03-14"}),
    an_address(5, 0, ["1 Mill Lane", "Otherville"], "QX1 2AB"),
]


@dataclass(frozen=True)
class Case:
    """A question and the people it finds, in order, with their name and date ranks."""

    question: NameQuestion
    found: list[tuple[int, int, int]]


CASES = {
    "the filed name comes before the alias, then sound": Case(
        NameQuestion("Harbour", ("Robin",)), [(1, 1, 0), (2, 2, 0), (4, 3, 0), (3, 5, 0)]
    ),
    "exact leaves out what only sounds alike": Case(
        NameQuestion("HARBOUR", ("robin",), phonetic=False), [(1, 1, 0), (2, 2, 0), (4, 3, 0)]
    ),
    "a further forename nobody recorded lowers the rank": Case(
        NameQuestion("Lantern", ("Robin", "James"), phonetic=False), [(2, 3, 0), (4, 3, 0)]
    ),
    "an initial stands for the forename": Case(
        NameQuestion("Harbour", ("R",), phonetic=False), [(1, 3, 0), (4, 3, 0), (2, 4, 0)]
    ),
    "accents and apostrophes do not matter": Case(NameQuestion("oquill", ("ZOE",), phonetic=False), [(5, 1, 0)]),
    "letters without a decomposition are folded": Case(NameQuestion("lodz", phonetic=False), [(6, 1, 0)]),
    "a curly apostrophe is an apostrophe": Case(NameQuestion("O’Quill", phonetic=False), [(5, 1, 0)]),
    "a two-part surname is found whole however it is joined": Case(
        NameQuestion("harbourlantern", phonetic=False), [(4, 1, 0)]
    ),
    "a two-part surname also finds its parts by sound": Case(
        NameQuestion("Harbour-Lantern"), [(4, 1, 0), (1, 5, 0), (2, 5, 0), (3, 5, 0)]
    ),
    "particles alone find nobody else": Case(NameQuestion("van der Pebble"), [(7, 1, 0)]),
    "a year contains a day and is contained in none": Case(
        NameQuestion("Harbour", date_of_birth="1985", phonetic=False), [(1, 1, 1), (2, 2, 0)]
    ),
    "a day finds those of whom only its year or month is known": Case(
        NameQuestion("Harbour", date_of_birth="1985-03-14"), [(1, 1, 0), (2, 2, 2), (3, 5, 2)]
    ),
    "another birth date finds too, last": Case(
        NameQuestion("Pebble", date_of_birth="1985-03", phonetic=False), [(7, 3, 3)]
    ),
    "sex narrows": Case(NameQuestion("Harbour", sex="F", phonetic=False), [(2, 2, 0)]),
    "place of birth narrows": Case(NameQuestion("Harbour", place="ANYTOWN"), [(1, 1, 0)]),
    "an address narrows by a line of it": Case(NameQuestion("Oquill", place="otherville"), [(5, 1, 0)]),
    "an address narrows by its outward code": Case(NameQuestion("Oquill", place="QX1"), [(5, 1, 0)]),
    "a part of a word is not a place": Case(NameQuestion("Oquill", place="Other"), []),
    "nobody has the name": Case(NameQuestion("Zzyzx"), []),
}


@pytest.fixture
async def database(database_url: str):
    database = Database(await written(database_url, PEOPLE))
    yield database
    await database.close()


async def test_a_name_finds_the_same_people_in_the_same_order_on_both_databases(database: Database):
    async with database.reading(TODAY) as reading:
        answers = {
            name: [
                (int(row["person_id"][-12:]), row["name_rank"], row["date_rank"])
                for row in await reading.rows(people_by_name(case.question))
            ]
            for name, case in CASES.items()
        }
    assert answers == {name: case.found for name, case in CASES.items()}


async def test_one_person_more_than_the_cap_shows_that_there_are_more(database_url: str):
    crowd = [row for number in range(1, MOST_PEOPLE + 20) for row in a_person(number, "Harbour")]
    database = Database(await written(database_url, crowd))
    async with database.reading(TODAY) as reading:
        found = await reading.rows(people_by_name(NameQuestion("Harbour")))
    await database.close()
    assert [row["person_id"] for row in found] == [key_of(number) for number in range(1, MOST_PEOPLE + 2)]


@pytest.mark.parametrize("last", ["", "  ", "'-'", "愛"])
def test_a_surname_of_which_folding_leaves_nothing_is_not_searchable(last: str):
    assert not NameQuestion(last).searchable

"""R1 and R2: nominals that may be the driver or the keeper, with method and score, in few statements."""

import pytest

from subgraphs.person import app
from tests.resolvers.products import a_name, a_person, an_address, key_of, written
from tests.subgraphs.asking import Asking, asking

SELECTION = "... on Driver { matchedPersons { method { code } score person { ... on Person { personId } } } }"
KEEPER = "... on KeeperRecord { matchedPersons { method { code } score person { ... on Person { personId } } } }"
NUMBER = "HARBO803145R99ZZ"

ROWS = [
    *a_person(1, "Harbour", "Robin", date_of_birth="1985-03-14", driver_number_recorded=NUMBER),
    *a_person(2, "Lantern", "Anne", date_of_birth="1960-01-01", driver_number_recorded=NUMBER),
    *a_person(3, "Pebble", "Anne", date_of_birth="1985"),
    *a_name(key_of(3), "Harbour", "R", kind="ALIAS", seq=1),
    *a_person(4, "Harbour", "Anne", date_of_birth="1985-03-14"),
    *a_person(5, "van der Pebble", "Jan", date_of_birth="1970-12-31"),
    an_address(5, 0, ["1 Mill Lane"], "QX1 2AB"),
    *a_person(6, "Harbour", "Robin", date_of_birth="1986-03-14"),
    an_address(6, 0, ["2 Mill Lane"], "QX1 2AB"),
    *(
        row
        for number in range(100, 150)
        for row in a_person(
            number,
            f"Crowd{number}",
            "A",
            date_of_birth="1990-01-01",
            driver_number_recorded=f"CROWD{number}",
        )
    ),
]


@pytest.fixture
async def person(database_url: str):
    async with asking(app, await written(database_url, ROWS)) as asks:
        yield asks


def driver(number: str, name: str | None, born: str | None, postcode: str | None = None) -> dict[str, str | None]:
    facts = {"matchName": name, "dateOfBirth": born, "matchPostcode": postcode}
    return {"__typename": "Driver", "driverNumber": number, **facts}


def keeper(number: int, name: str | None, postcode: str | None) -> dict[str, str | None]:
    facts = {"matchName": name, "matchPostcode": postcode}
    return {"__typename": "KeeperRecord", "keeperRecordId": key_of(number), **facts}


def matches(entity: dict) -> list[tuple[str, float, int]]:
    return [
        (match["method"]["code"], match["score"], int(match["person"]["personId"][-12:]))
        for match in entity["matchedPersons"]
    ]


async def test_a_driver_s_nominals_come_with_method_and_score_the_surest_first(person: Asking):
    answer = await person.entities(
        SELECTION,
        [
            driver(NUMBER, "HARBOUR ROBIN", "1985-03-14"),
            driver("PEBBL712310J99ZZ", "VAN DER PEBBLE JAN", "1970-12-31", "QX12AB"),
            driver("NOBOD712310J99ZZ", "NOBODY", "1970-12-31"),
            driver("NOBOD712310J98ZZ", None, None),
        ],
    )
    assert answer.errors == []
    assert [matches(entity) for entity in answer.data] == [
        [("IDENTIFIER", 0.99, 1), ("NAME_DOB", 0.729, 3), ("IDENTIFIER", 0.025, 2)],
        [("NAME_DOB", 0.94, 5)],
        [],
        [],
    ]


async def test_a_keeper_s_nominals_are_never_sure(person: Asking):
    answer = await person.entities(
        KEEPER,
        [keeper(1, "HARBOUR ROBIN", "QX12AB"), keeper(2, "HARBOUR ROBIN", "QX99ZZ"), keeper(3, None, None)],
    )
    assert [matches(entity) for entity in answer.data] == [[("ADDRESS", 0.6, 6)], [], []]


@pytest.mark.parametrize("count", [1, 50])
async def test_matching_takes_the_same_statements_for_one_driver_and_for_fifty_some_without_birth_date(
    person: Asking, count: int
):
    drivers = [driver(NUMBER, "HARBOUR ROBIN", "1985-03-14")]
    drivers += [
        driver(f"CROWD{number}", f"CROWD{number} A", "1990-01-01" if number % 2 else None)
        for number in range(101, 100 + count)
    ]
    answer = await person.entities(SELECTION, drivers)
    assert len(answer.data) == count
    assert answer.statements == 5

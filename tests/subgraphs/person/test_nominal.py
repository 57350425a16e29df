"""Link analysis from a nominal: what is linked, how far, and in how many statements."""

from datetime import date

import pytest

from resolvers.person.tables import person_association
from subgraphs.person import app
from tests.resolvers.products import a_contact, a_person, an_address, key_of, written
from tests.subgraphs.asking import Asking, asking

LINKS = """
query ($id: ID!, $depth: Int! = 1, $limit: Int! = 50) {
  nominal(id: $id) {
    person { personId }
    links(depth: $depth, limit: $limit) {
      kind label depth lastSeen method { code } score source { personId }
      target { __typename ... on Person { personId } ... on Vehicle { vehicleId } ... on Driver { driverNumber } }
    }
  }
}
"""


def an_association(one: int, other: str, seq: int = 0, other_type: str = "Person", **columns) -> tuple:
    row = {"person_id": key_of(one), "seq": seq, "other_type": other_type, "other_key": other, "type": "ASSOC"}
    return person_association, {**row, **columns}


ROWS = [
    *(row for number in range(1, 9) for row in a_person(number, "Harbour", driver_number_recorded=None)),
    *a_person(9, "Lantern", driver_number_recorded="LANTE803145R99ZZ"),
    an_association(1, key_of(2), confidence=0.8, last_seen=date(2025, 5, 1)),
    an_association(1, key_of(1, "4444"), seq=1, other_type="Vehicle", type="USES", last_seen=date(2025, 7, 1)),
    an_association(3, key_of(1), type="FAM"),
    an_association(6, key_of(1), other_type="Vehicle"),
    an_address(1, 0, ["1 Mill Lane"], "QX1 2AB"),
    an_address(4, 0, ["1, MILL LANE"], "qx12ab", address_to=date(2025, 6, 1)),
    a_contact(1, 0, "07700 900123"),
    a_contact(5, 0, "+44 7700 900123", from_date=date(2024, 1, 1)),
    an_association(2, key_of(9), confidence=0.5, last_seen=date(2025, 8, 1)),
    an_association(9, key_of(1), confidence=0.5),
    *(an_association(8, key_of(number), seq=number) for number in range(1000, 1250)),
    *(row for number in range(1000, 1250) for row in a_person(number, "Crowd")),
]


@pytest.fixture
async def nominal(database_url: str):
    async with asking(app, await written(database_url, ROWS)) as asks:
        yield asks


def shown(link: dict) -> tuple:
    target = link["target"]
    key = target.get("personId") or target.get("vehicleId") or target.get("driverNumber")
    return link["kind"], link["method"]["code"], link["score"], link["lastSeen"], target["__typename"], key


async def test_one_step_finds_associations_both_ways_shared_premises_contacts_and_vehicles(nominal: Asking):
    answer = await nominal.ask(LINKS, id=key_of(1))
    assert answer.errors == []
    assert answer.data["nominal"]["person"] == {"personId": key_of(1)}
    assert [shown(link) for link in answer.data["nominal"]["links"]] == [
        ("USES", "MANUAL", None, "2025-07-01", "Vehicle", key_of(1, "4444")),
        ("SAMEADDR", "ADDRESS", 0.5, "2025-06-01", "Person", key_of(4)),
        ("ASSOC", "MANUAL", 0.8, "2025-05-01", "Person", key_of(2)),
        ("SAMECONTACT", "IDENTIFIER", 0.7, "2024-01-01", "Person", key_of(5)),
        ("ASSOC", "MANUAL", 0.5, None, "Person", key_of(9)),
        ("FAM", "MANUAL", None, None, "Person", key_of(3)),
    ]


async def test_a_second_step_goes_on_from_the_people_found_and_never_back(nominal: Asking):
    answer = await nominal.ask(LINKS, id=key_of(2), depth=2)
    links = answer.data["nominal"]["links"]
    assert {(shown(link)[5], link["depth"]) for link in links} == {
        (key_of(1), 1),
        (key_of(9), 1),
        (key_of(3), 2),
        (key_of(4), 2),
        (key_of(5), 2),
        (key_of(1, "4444"), 2),
        ("LANTE803145R99ZZ", 2),
    }
    assert key_of(2) not in {shown(link)[5] for link in links}


async def test_a_walk_ends_at_its_limit_and_takes_statements_by_step_and_kind(nominal: Asking):
    few = await nominal.ask(LINKS, id=key_of(1), depth=2, limit=200)
    many = await nominal.ask(LINKS, id=key_of(8), depth=2, limit=200)
    assert len(many.data["nominal"]["links"]) == 200
    assert few.statements == many.statements == 1 + 2 * 5 + 1


@pytest.mark.parametrize(("depth", "limit"), [(3, 50), (0, 50), (1, 201), (1, -1)])
async def test_a_walk_beyond_its_budget_is_refused(nominal: Asking, depth: int, limit: int):
    answer = await nominal.ask(LINKS, id=key_of(1), depth=depth, limit=limit)
    assert answer.codes == ["LINKS_TOO_WIDE"]
    assert answer.data["nominal"]["links"] is None


async def test_nobody_has_no_links_and_is_null(nominal: Asking):
    answer = await nominal.ask(LINKS, id="nobody")
    assert (answer.data, answer.errors) == ({"nominal": None}, [])

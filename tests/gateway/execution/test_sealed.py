"""An object of a type that is silent to the caller is not in the answer, even when a subgraph sends it."""

from typing import Any

import pytest
from graphql import build_schema, parse

from authz.decision import Decision, Form
from gateway.execution.projection import ProjectionRun, ProjectionSource

SCHEMA = build_schema("""
type Query { hits: [Hit!]! rows: [[Hit!]!] one: Hit items: [Item] }
union Hit = Open | Sealed
interface Item { id: ID }
type Open implements Item { id: ID text: String }
type Sealed implements Item { id: ID }
""")
SILENT = Decision(Form.SILENT, ("P13",))
DENIALS = {"Sealed.__typename": SILENT, "Sealed.id": SILENT}
OPEN, SEALED = {"__typename": "Open", "id": "o"}, {"__typename": "Sealed", "id": "s"}

ANSWERS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "in a list": (
        "{ hits { __typename ... on Open { id } } }",
        {"hits": [SEALED, OPEN, SEALED]},
        {"hits": [{"__typename": "Open", "id": "o"}]},
    ),
    "of which there is nothing else": ("{ hits { __typename } }", {"hits": [SEALED]}, {"hits": []}),
    "in a list of lists": (
        "{ rows { ... on Open { id } } }",
        {"rows": [[SEALED, OPEN], [SEALED]]},
        {"rows": [[{"id": "o"}], []]},
    ),
    "alone": ("{ one { __typename } }", {"one": SEALED}, {"one": None}),
    "without its type being asked": ("{ items { id } }", {"items": [OPEN, SEALED]}, {"items": [{"id": "o"}]}),
}


def answered(query: str, data: dict[str, Any], denials: dict[str, Decision]) -> tuple[Any, list[dict[str, Any]]]:
    run = ProjectionRun(denials)
    source = ProjectionSource.of(parse(query), None, SCHEMA)
    return source.variant({}).projection.complete(data, None, run), list(run.errors.entries())


@pytest.mark.parametrize("case", ANSWERS)
def test_it_is_as_if_it_were_not_there(case: str):
    query, data, expected = ANSWERS[case]
    assert answered(query, data, DENIALS) == (expected, [])


def test_one_of_which_nobody_says_what_it_is_is_not_taken_for_another():
    data, errors = answered("{ items { id } }", {"items": [{"id": "s"}]}, DENIALS)
    assert data == {"items": [None]}
    assert [error["extensions"]["code"] for error in errors] == ["UNAVAILABLE"]


def test_a_refused_type_stays_and_says_so():
    refused = Decision(Form.DENY, ("P05",))
    data, errors = answered("{ hits { ... on Sealed { id } } }", {"hits": [SEALED]}, {"Sealed.id": refused})
    assert data == {"hits": [{"id": None}]}
    assert [error["extensions"]["code"] for error in errors] == ["ACCESS_DENIED"]

"""What callers are shown of the schema, over HTTP: what they can use, by a token and, where they state none, without
a context."""

import httpx
import pytest
from graphql import build_client_schema, build_schema, get_introspection_query, print_schema, validate_schema

from leds.personas import PERSONAS
from tests.end_to_end.demo import Demo

QUERY = get_introspection_query(specified_by_url=True)


def schema_text(demo: Demo, headers: dict[str, str]) -> str:
    response = httpx.get(f"{demo.origin}/schema.graphql", headers=headers, timeout=60)
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    return response.text


def token_of(headers: dict[str, str]) -> dict[str, str]:
    return {"Authorization": headers["Authorization"]}


def introspected(demo: Demo, headers: dict[str, str], query: str = QUERY) -> dict:
    response = httpx.post(f"{demo.origin}/graphql", json={"query": query}, headers=headers, timeout=60)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_introspection_and_schema_text_are_the_same_valid_schema(demo: Demo, headers, persona: str):
    for sent in (headers[persona], token_of(headers[persona])):
        text = schema_text(demo, sent)
        shown = build_schema(text)
        assert validate_schema(shown) == []
        assert print_schema(build_client_schema(introspected(demo, sent)["data"])) == print_schema(shown)


def test_a_token_alone_shows_what_any_reason_opens_and_reads_nothing(demo: Demo, headers):
    token = token_of(headers["insurer"])
    everything, stated = schema_text(demo, token), schema_text(demo, headers["insurer"])
    assert "For you: in full for reason 8." in everything
    assert "For you: in full." in stated
    refused = demo.post({"query": "{ __schema { queryType { name } } referenceLists { totalCount } }"}, token)
    assert refused.json()["errors"][0]["extensions"]["code"] == "CONTEXT_INCOMPLETE"
    refused = demo.post({"query": "{ nothing }"}, token)
    assert refused.json()["errors"][0]["extensions"]["code"] == "CONTEXT_INCOMPLETE"


def test_a_context_stated_in_part_is_refused(demo: Demo, headers):
    sent = {name: value for name, value in headers["officer"].items() if name != "X-Leds-Purpose"}
    assert demo.post({"query": QUERY}, sent).status_code == 400
    assert httpx.get(f"{demo.origin}/schema.graphql", headers=sent).status_code == 400


def test_nobody_is_shown_anything_without_a_token(demo: Demo):
    for response in (demo.post({"query": QUERY}, {}), httpx.get(f"{demo.origin}/schema.graphql")):
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_MISSING")


def test_what_is_sealed_is_no_part_of_the_schema_but_of_the_one_that_validates(demo: Demo, headers):
    """An unknown field is refused, a sealed one answered like a record that is not there; neither is suggested."""
    sent = headers["officer"]
    assert "PND" not in schema_text(demo, token_of(sent))
    assert "intelReports" in schema_text(demo, token_of(headers["analyst"]))
    kind = introspected(demo, sent, '{ __type(name: "IntelReport") { name } other: __type(name: "Nothing") { name } }')
    assert kind["data"] == {"__type": None, "other": None}
    sealed = demo.ask('{ vehicle(vrm: "AB12CDE") { intelReports(first: 1) { nodes { text } } } }', sent)
    assert "errors" not in sealed
    unknown = demo.post({"query": '{ vehicle(vrm: "AB12CDE") { intelReport { nodes { text } } } }'}, sent).json()
    assert unknown["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "intelReports" not in str(unknown)


def test_what_is_refused_is_valid_all_the_same(demo: Demo, headers):
    assert "keeper" not in schema_text(demo, headers["insurer"]).lower()
    answer = demo.ask('{ vehicle(vrm: "AB12CDE") { k: keeper { sinceDate } } }', headers["insurer"])
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["vehicle", "k"], "ACCESS_DENIED")

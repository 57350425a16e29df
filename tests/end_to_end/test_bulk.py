"""Bulk through the running demo: pages, counts, identifiers one after another, wildcards."""

import contextlib
import json
import sqlite3
import time
from dataclasses import replace
from string import ascii_uppercase

import httpx
import pytest

from leds.personas import statement_headers
from tests.end_to_end.demo import Demo
from tests.end_to_end.streaming import OFFICER, headers_of, listener
from tests.end_to_end.test_attacks import newest

MARKS = [f"QX07Z{one}{two}" for one in "AB" for two in ascii_uppercase]
STOPPED = "ENUMERATION_STOPPED"


def caller(demo: Demo, name: str) -> dict[str, str]:
    """An officer who has asked for nothing yet."""
    stated = statement_headers("officer", name, int(time.time()))
    return headers_of(demo, replace(OFFICER, subject=f"u-20-{name}"), **stated)


def code_of(response: httpx.Response) -> str | None:
    body = response.json()
    return next((error["extensions"]["code"] for error in body.get("errors", ())), None)


def test_marks_asked_for_one_after_another_are_stopped_and_told(demo: Demo):
    headers = caller(demo, "sequence")
    query = "query($v: Vrm!) { vehicle(vrm: $v) { make { code } } }"
    asked = [demo.post({"query": query, "variables": {"v": mark}}, headers) for mark in MARKS[:22]]
    assert [code_of(response) for response in asked] == [None] * 20 + [STOPPED] * 2
    refused = asked[-1].json()["errors"][0]["extensions"]
    assert (asked[-1].status_code, refused["policies"]) == (403, ["P14"])
    assert "reporting tool" in refused["advice"]
    assert "data" not in asked[-1].json()
    alerts = [json.loads(line) for line in demo.leds("alerts", "list", "--json").stdout.splitlines()]
    told = [alert for alert in alerts if alert["user"] == "u-20-sequence"]
    assert [(alert["policy"], alert["rule"]) for alert in told] == [("P14", "MU09")]
    assert not any(mark in json.dumps(told) for mark in MARKS)
    assert not any(mark in demo.output.read_text() for mark in MARKS)
    other = demo.post({"query": query, "variables": {"v": "AB12CDE"}}, headers)
    assert code_of(other) is None, "a look-up of another kind of mark goes on"


def test_one_operation_of_a_hundred_aliases_is_stopped_before_anything_is_fetched(demo: Demo):
    query = "{ " + " ".join(f'a{n}: vehicle(vrm: "{mark}") {{ vrm }}' for n, mark in enumerate(MARKS)) + " }"
    before = demo.work()
    assert code_of(demo.post({"query": query}, caller(demo, "aliases"))) == STOPPED
    assert demo.work() == before


def test_get_and_other_entry_points_count_together(demo: Demo):
    headers = caller(demo, "mixed")
    for mark in MARKS[:10]:
        assert code_of(demo.post({"query": f'{{ vehicleFraudCheck(vrm: "{mark}") {{ asOf }} }}'}, headers)) is None
    found = []
    for mark in MARKS[10:22]:
        query = {"query": f'{{ vehicle(vrm: "{mark.lower()}") {{ vrm }} }}'}
        found.append(code_of(httpx.get(f"{demo.origin}/graphql", params=query, headers=headers)))
    assert found == [None] * 10 + [STOPPED] * 2


async def test_a_socket_is_stopped_as_requests_are(demo: Demo):
    headers = caller(demo, "socket")
    query = "{ " + " ".join(f'a{n}: vehicle(vrm: "{mark}") {{ vrm }}' for n, mark in enumerate(MARKS[:20])) + " }"
    assert code_of(demo.post({"query": query}, headers)) is None
    for operation in (
        f'{{ vehicle(vrm: "{MARKS[21]}") {{ vrm }} }}',
        f'subscription {{ vehicleReportChanged(vrm: "{MARKS[22]}") {{ change }} }}',
    ):
        async with listener(f"{demo.origin}/graphql", headers) as heard:
            await heard.subscribe(operation)
            assert STOPPED in json.dumps(await heard.hear())


def test_who_may_not_look_up_at_all_is_told_that_and_counted_for_nothing(demo: Demo):
    """The matrix speaks first: a refused look-up finds nothing out, and costs its caller nothing."""
    headers = caller(demo, "refused") | {"X-Leds-Reason": "2 - Moving vehicle"}
    urns = [f'a{n}: person(cro: "{cro}") {{ personUrn }}' for n, cro in enumerate(["065656/91H"] * 2)]
    answer = demo.post({"query": "{ " + " ".join(urns) + " }"}, headers).json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"ACCESS_DENIED"}


PAGES = {
    "a search": ('{ persons(name: {last: "Smith"}, first: 5000) { nodes { personUrn } } }', ["persons"]),
    "a search by default": (
        'query($n: Int = 201) { persons(name: {last: "Smith"}, last: $n) { totalCount } }',
        ["persons"],
    ),
    "drivers": (
        '{ d: drivers(name: {last: "Smith"}, dateOfBirth: "1980-01-01", first: 201) { totalCount } }',
        ["d"],
    ),
    "a list of one record": (
        '{ vehicle(vrm: "AB12CDE") { vrm reports(first: 999) { totalCount } } }',
        ["vehicle", "reports"],
    ),
    "links": ('{ nominal(id: "00000000-0000-4000-8000-000000000001") { links(limit: 201) { kind } } }', None),
}  # fmt: skip


@pytest.mark.parametrize("asked", PAGES)
def test_more_than_a_page_of_200_is_refused_where_it_stands(demo: Demo, headers, asked: str):
    query, path = PAGES[asked]
    answer = demo.ask(query, headers["detective"])
    if path is None:
        assert answer["data"] == {"nominal": None}
        return
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["policies"]) == ("ACCESS_DENIED", ["P14"])
    assert error["path"] == path
    assert "reporting tool" in json.dumps(error)
    value = answer["data"]
    for step in path:
        value = value[step]
    assert value is None


def test_a_page_of_200_is_answered(demo: Demo, headers):
    answer = demo.ask('{ persons(name: {last: "Smith"}, first: 200) { nodes { personUrn } } }', headers["detective"])
    assert "errors" not in answer


WILDCARDS = {
    "a mark": ('{ vehicle(vrm: "AB12*") { vrm } }', "INVALID_VRM"),
    "a mark in a variable": ("query($w: Vrm!) { vehicle(vrm: $w) { vrm } }", "INVALID_VRM"),
    "a surname": ('{ persons(name: {last: "SM%TH"}) { totalCount } }', "WILDCARD_REFUSED"),
    "a forename": ('{ persons(name: {last: "SMITH", first: ["J*"]}) { totalCount } }', "WILDCARD_REFUSED"),
    "a surname in a variable": (
        "query($w: String!) { persons(name: {last: $w}) { totalCount } }",
        "WILDCARD_REFUSED",
    ),
    "a place": ('{ persons(name: {last: "SMITH"}, place: "_") { totalCount } }', "WILDCARD_REFUSED"),
    "a driver": ('{ drivers(name: {last: "%"}, dateOfBirth: "1980-01-01") { totalCount } }', "WILDCARD_REFUSED"),
    "a reference": ('{ missing(ref: "MP-26-%") { riskLevel { code } } }', "WILDCARD_REFUSED"),
    "property": ('{ property(identifier: "JCB*") { totalCount } }', "WILDCARD_REFUSED"),
    "an id": ('{ nominal(id: "ca570001-%") { person { personUrn } } }', "WILDCARD_REFUSED"),
}


@pytest.mark.parametrize("way", WILDCARDS)
def test_a_wildcard_is_refused_with_a_code_and_reaches_no_subgraph(demo: Demo, headers, way: str):
    query, code = WILDCARDS[way]
    before = demo.work()
    response = demo.post({"query": query, "variables": {"w": "AB12%"} if "$w" in query else {}}, headers["detective"])
    assert code in response.text
    assert "data" not in response.json()
    assert demo.work() == before


FEW = 'persons(name: {last: "Example", first: ["Robin"]}, match: EXACT)'
NOBODY = 'persons(name: {last: "Xqzzyq"}, match: EXACT)'


def test_few_people_are_not_counted_without_being_shown(demo: Demo, headers):
    bodies = []
    for search in (FEW, NOBODY):
        answer = demo.ask(f"{{ persons: {search} {{ totalCount }} }}", headers["detective"])
        bodies.append((answer["data"], answer.get("errors"), answer["extensions"]["access"]))
    assert bodies[0] == bodies[1], "whether there is anybody is not told either"
    (entry,) = bodies[0][2]
    assert bodies[0][0] == {"persons": {"totalCount": None}}
    assert (entry["path"], entry["form"], entry["policy"]) == (["persons", "totalCount"], "MASK", "P14")


def test_few_people_are_counted_beside_all_of_them_and_each_is_recorded(demo: Demo, headers):
    for selection in ("nodes { filedName { last } }", "nodes { __typename }", "edges { cursor }"):
        answer = demo.ask(f"{{ persons: {FEW} {{ totalCount {selection} }} }}", headers["detective"])
        found = answer["data"]["persons"]
        count = found.pop("totalCount")
        assert 0 < count < 5
        assert [len(entries) for entries in found.values()] == [count]
        assert "access" not in answer["extensions"]
        (entry,) = newest(demo, 1)
        assert len(entry["subjects"]) == count, selection
    nobody = demo.ask(f"{{ {NOBODY} {{ totalCount nodes {{ __typename }} }} }}", headers["detective"])["data"]
    assert nobody == {"persons": {"totalCount": 0, "nodes": []}}


def test_many_people_are_counted(demo: Demo, headers):
    with contextlib.closing(sqlite3.connect(demo.home / "demo.sqlite")) as database:
        ((surname,),) = database.execute(
            "SELECT last_name FROM person_name WHERE type = 'FILED' GROUP BY last_name ORDER BY count(*) DESC LIMIT 1"
        )
    query = "query($last: String!) { persons(name: {last: $last}) { totalCount } }"
    answer = demo.ask(query, headers["detective"], last=surname)
    assert answer["data"]["persons"]["totalCount"] >= 5
    assert newest(demo, 1)[0]["subjects"] == []


def test_a_page_of_nobody_does_not_say_whether_there_is_somebody(demo: Demo, headers):
    answer = demo.ask(f"{{ persons: {FEW[:-1]}, first: 0) {{ pageInfo {{ hasNextPage }} }} }}", headers["detective"])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_PAGE"]

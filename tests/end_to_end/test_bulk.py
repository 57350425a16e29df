"""Bulk through the running demo: pages, counts, identifiers one after another, wildcards."""

import json
import time
from dataclasses import replace
from string import ascii_uppercase

import httpx
import pytest

from leds.personas import statement_headers
from tests.end_to_end.demo import Demo
from tests.end_to_end.streaming import OFFICER, headers_of, listener

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
    alerts = [json.loads(line) for line in (demo.home / "alerts.jsonl").read_text().splitlines()]
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

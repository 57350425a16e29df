"""Everything a client can get wrong, against the running demo: a coded error saying what to do, and no trace."""

import json
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.demo import ROOT, Demo, environment, running_demo
from tests.end_to_end.recorded import newest

MODERN = {"accept": "application/graphql-response+json"}
PLATE = '{ vehicle(vrm: "AB12CDE") { vrm } }'

# name → (body, extra headers, status, code)
WRONG = {
    "malformed JSON": (b'{"query": ', {}, 400, "MALFORMED_JSON"),
    "no UTF-8": (b'{"query": "\xff"}', {}, 400, "MALFORMED_JSON"),
    "not an object": (b"[]", {}, 400, "MALFORMED_REQUEST"),
    "another media type": (b"hello", {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "nothing acceptable": (json.dumps({"query": PLATE}).encode(), {"accept": "image/png"}, 406, "NOT_ACCEPTABLE"),
    "an oversized body": (b'{"query": "' + b"x" * 300_000 + b'"}', {}, 413, "BODY_TOO_LARGE"),
    "a syntax error": (json.dumps({"query": "{ vehicle( "}).encode(), MODERN, 400, "GRAPHQL_PARSE_FAILED"),
    "an unknown field": (
        json.dumps({"query": '{ vehicle(vrm: "AB12CDE") { colur } }'}).encode(),
        MODERN,
        400,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a wrong variable": (
        json.dumps({"query": "query($v: Vrm!) { vehicle(vrm: $v) { vrm } }", "variables": {"v": 7}}).encode(),
        MODERN,
        400,
        "INVALID_VRM",
    ),
    "a missing variable": (
        json.dumps({"query": "query($v: Vrm!) { vehicle(vrm: $v) { vrm } }"}).encode(),
        MODERN,
        400,
        "BAD_VARIABLES",
    ),
    "a wrong check letter": (
        json.dumps(
            {
                "query": "query($u: PersonUrn!) { person(urn: $u) { personUrn } }",
                "variables": {"u": "2001/0171310S"},
            }
        ).encode(),
        MODERN,
        400,
        "INVALID_PERSON_URN",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_request_is_answered_with_its_code_and_what_to_do(demo: Demo, headers, what: str):
    body, extra, status, code = WRONG[what]
    sent = headers["officer"] | {"content-type": "application/json"} | extra
    response = httpx.post(f"{demo.origin}/graphql", content=body, headers=sent)
    assert response.status_code == status, response.text
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["advice"]
    assert "data" not in response.json()
    assert "Traceback" not in response.text
    assert "vehicle " not in error["message"]


def test_a_validation_error_suggests_no_name_of_the_schema(demo: Demo, headers):
    answer = demo.post({"query": '{ vehicle(vrm: "AB12CDE") { colur } }'}, headers["officer"]).json()
    assert "colour" not in json.dumps(answer)


def test_a_mutation_is_not_run_by_get(demo: Demo, headers):
    response = httpx.get(f"{demo.origin}/graphql", params={"query": PLATE}, headers=headers["officer"])
    assert response.json()["data"] == {"vehicle": {"vrm": "AB12CDE"}}
    assert httpx.put(f"{demo.origin}/graphql", headers=headers["officer"]).status_code == 405


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "TOKEN_MISSING"),
        ("Basic dXNlcjpwYXNz", "TOKEN_MALFORMED"),
        ("Bearer nothing", "TOKEN_MALFORMED"),
        ("forged", "TOKEN_UNTRUSTED"),
    ],
)
def test_a_token_that_is_missing_malformed_or_forged_is_refused_with_401(demo: Demo, headers, authorization, code):
    sent = dict(headers["officer"])
    token = sent.pop("Authorization")
    if authorization:
        sent["Authorization"] = token[:-8] + "AAAAAAAA" if authorization == "forged" else authorization
    response = demo.post({"query": PLATE}, sent)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, code)
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert ("invalid_token" in response.headers["www-authenticate"]) is bool(authorization)


def test_all_missing_headers_are_named_in_one_error(demo: Demo, headers):
    sent = dict(headers["officer"])
    for name in ("X-Leds-Justification", "X-Leds-Geolocation"):
        del sent[name]
    response = demo.post({"query": PLATE}, sent)
    error = response.json()["errors"][0]
    assert (response.status_code, error["extensions"]["code"]) == (400, "CONTEXT_INCOMPLETE")
    assert set(error["extensions"]["missing"]) == {"X-Leds-Justification", "X-Leds-Geolocation"}


def test_a_header_that_contradicts_the_token_is_refused(demo: Demo, headers):
    response = demo.post({"query": PLATE}, headers["officer"] | {"X-Leds-System-Name": "SomebodyElse"})
    error = response.json()["errors"][0]
    assert (response.status_code, error["extensions"]["code"]) == (403, "CONTEXT_CONTRADICTS_TOKEN")


def test_a_lookup_by_two_identifiers_says_which_rule_it_breaks(demo: Demo, headers):
    query = '{ vehicle(vrm: "AB12CDE", vin: "11111111111111111") { vrm } }'
    error = demo.ask(query, headers["officer"])["errors"][0]
    assert error["extensions"]["code"] == "AMBIGUOUS_LOOKUP"
    assert error["extensions"]["advice"]


def test_nobody_found_is_null_without_an_error(demo: Demo, headers):
    answer = demo.ask('{ vehicle(vrm: "ZZ99ZZZ") { vrm } }', headers["officer"])
    assert answer["data"] == {"vehicle": None}
    assert "errors" not in answer


def test_a_refused_request_leaves_its_entry_in_the_ledger(demo: Demo, headers):
    demo.post({"query": PLATE}, {name: text for name, text in headers["officer"].items() if "Purpose" not in name})
    (entry,) = newest(demo)
    assert (entry["eventType"], entry["refusedBy"], entry["subjects"]) == ("REFUSE", "CONTEXT_INCOMPLETE", [])
    assert entry["request"]["user"]["id"] == "u-20-4419"


def test_a_second_demo_on_a_taken_port_says_so_and_ends(demo: Demo, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = environment(tmp_path, LEDS_GATEWAY_PORT=str(taken.getsockname()[1]))
        ended = subprocess.run(
            [sys.executable, "-m", "leds", "demo"], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 2
    assert "PORT_IN_USE" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_governed_is_released_while_the_ledger_cannot_be_written(tmp_path: Path):
    with running_demo(tmp_path / "home") as demo:
        officer = demo.headers("officer")
        locker = sqlite3.connect(demo.home / "ledger.sqlite", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        refused = demo.post({"query": PLATE}, officer)
        locker.execute("ROLLBACK")
        locker.close()
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (503, "AUDIT_UNAVAILABLE")
        assert refused.headers["retry-after"]
        assert "data" not in refused.json()
        assert demo.ask(PLATE, officer)["data"]["vehicle"] == {"vrm": "AB12CDE"}


def test_a_reply_larger_than_the_configured_limit_costs_that_subgraph_only(tmp_path: Path):
    with running_demo(tmp_path / "home", LEDS_GATEWAY_MAX_REPLY_BYTES="20000") as demo:
        record = "type { code label } state { code label } circumstances meta { owner version asOf created updated }"
        query = f'{{ vehicle(vrm: "OO00MNY") {{ reports(first: 200) {{ nodes {{ {record} }} }} }} }}'
        answer = demo.ask(query, demo.headers("officer"))
        assert answer["data"] == {"vehicle": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]

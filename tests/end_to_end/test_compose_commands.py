"""`leds compose`, `leds compose diff` and the commands that answer rows, as scripts and CI call them."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.planner import Planner
from leds.rows import answers, composed_row, fetch_count, plan_rows, sequential_depth
from tests.end_to_end.demo import ROOT, environment

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key" "@tag" "@external" '
    '"@requires"]) '
)
A = {
    "name": "a",
    "url": "http://a",
    "sdl": LINK + 'type Query { t: T } type T @key(fields: "id") { id: ID n: Int @tag(name: "x") }',
}
B = {"name": "b", "url": "http://b", "sdl": LINK + 'type T @key(fields: "id") { id: ID b: Int }'}
BROKEN = {"name": "b", "url": "http://b", "sdl": "type Query {\n  t: Missing\n}"}


def leds(*arguments: str, home: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leds", *arguments],
        cwd=ROOT,
        env=environment(home),
        input=stdin,
        capture_output=True,
        text=True,
    )


def written(file: Path, *subgraphs: Mapping[str, str]) -> str:
    file.write_text(json.dumps(subgraphs))
    return str(file)


def supergraph_of(*subgraphs: Mapping[str, str]) -> str:
    return compose([SubgraphDefinition(**item) for item in subgraphs]).supergraph_sdl


def test_a_breaking_change_ends_with_one_unless_told_otherwise(tmp_path: Path):
    old, new = written(tmp_path / "old.json", A, B), written(tmp_path / "new.json", A)
    ended = leds("compose", "diff", old, new, home=tmp_path)
    assert ended.returncode == 1
    assert "breaking  T.b: The field was removed." in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("1 breaking, ")
    assert leds("compose", "diff", old, new, "--fail-on", "never", home=tmp_path).returncode == 0
    back = leds("compose", "diff", new, old, "--json", home=tmp_path)
    assert back.returncode == 0
    document = json.loads(back.stdout)
    assert document["breaking"] == document["dangerous"] == 0
    assert {"severity", "code", "coordinate", "message"} == set(document["changes"][0])


def test_a_dangerous_change_ends_with_one_when_asked(tmp_path: Path):
    old = tmp_path / "old.graphql"
    old.write_text(supergraph_of(A, B))
    new = written(tmp_path / "new.json", A, B | {"url": "http://elsewhere"})
    assert leds("compose", "diff", str(old), new, home=tmp_path).returncode == 0
    assert leds("compose", "diff", str(old), new, "--fail-on", "dangerous", home=tmp_path).returncode == 1


def test_a_file_that_is_no_supergraph_is_named(tmp_path: Path):
    file = tmp_path / "old.graphql"
    file.write_text("type Query { a: Int }")
    ended = leds("compose", "diff", str(file), str(file), home=tmp_path)
    assert ended.returncode == 2
    assert "INVALID_SUPERGRAPH" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_contract_is_composed_and_its_diff_tells_what_clients_lose(tmp_path: Path):
    whole, part = tmp_path / "whole.graphql", tmp_path / "part.graphql"
    subgraphs = written(tmp_path / "subgraphs.json", A, B)
    assert leds("compose", subgraphs, "-o", str(whole), home=tmp_path).returncode == 0
    ended = leds("compose", subgraphs, "--exclude-tags", "x,misspelt", "-o", str(part), home=tmp_path)
    assert ended.returncode == 0
    assert "CONTRACT_TAG_UNUSED" in ended.stderr
    assert "n: Int" in whole.read_text()
    assert "n" not in supergraph_from_sdl(part.read_text()).api_schema.type_map["T"].fields
    document = json.loads(leds("compose", "diff", str(whole), str(part), "--json", home=tmp_path).stdout)
    assert [change["coordinate"] for change in document["changes"] if change["severity"] == "breaking"] == ["T.n"]


def test_a_contract_that_shows_nothing_is_refused(tmp_path: Path):
    ended = leds("compose", written(tmp_path / "s.json", A, B), "--include-tags", "nothing", "--json", home=tmp_path)
    assert ended.returncode == 1
    assert "QUERY_ROOT_TYPE_INACCESSIBLE" in {error["code"] for error in json.loads(ended.stdout)["errors"]}


def test_rows_are_composed_in_one_process_and_a_bad_one_costs_only_its_own_answer(tmp_path: Path):
    rows = [
        json.dumps({"id": "good", "subgraphs": [A, B]}),
        "{not json",
        "",
        json.dumps({"id": 2, "subgraphs": [A, BROKEN]}),
        json.dumps({"id": "last", "subgraphs": [A]}),
    ]
    ended = leds("compose", "--jsonl", home=tmp_path, stdin="\n".join(rows))
    assert ended.returncode == 0
    good, bad, broken, last = map(json.loads, ended.stdout.splitlines())
    assert good == {"id": "good", "supergraph_sdl": supergraph_of(A, B), "hints": good["hints"]}
    assert (bad["id"], bad["errors"][0]["code"]) == (None, "ROW_INVALID")
    assert broken["id"] == 2
    assert broken["errors"][0]["code"] == "INVALID_GRAPHQL"
    assert broken["errors"][0]["locations"][0] == {"subgraph": "b", "line": 2, "column": 6}
    assert last["id"] == "last"


def test_rows_are_planned_with_fetches_and_depth(tmp_path: Path):
    sdl = supergraph_of(A, B)
    rows = [
        {"id": 1, "supergraph_sdl": sdl, "operation": "{ t { n b } }"},
        {"id": 2, "supergraph_sdl": sdl, "operation": "{ t { missing } }"},
        {"id": 3, "supergraph_sdl": "type Query { a: Int }", "operation": "{ a }"},
        {
            "id": 4,
            "supergraph_sdl": sdl,
            "operation": "query A { t { id } } query B { t { b } }",
            "operation_name": "A",
        },
    ]
    ended = leds("inspect", "plan", "--jsonl", home=tmp_path, stdin="\n".join(map(json.dumps, rows)))
    assert ended.returncode == 0
    first, invalid, alien, named = map(json.loads, ended.stdout.splitlines())
    assert (first["id"], first["fetches"], first["depth"]) == (1, 2, 2)
    assert first["plan"] == Planner(supergraph_from_sdl(sdl)).plan(parse("{ t { n b } }")).to_json()
    assert invalid["errors"][0] | {"message": ""} == {
        "code": "GRAPHQL_VALIDATION_FAILED",
        "message": "",
        "locations": [{"line": 1, "column": 7}],
    }
    assert alien["errors"][0]["code"] == "INVALID_SUPERGRAPH"
    assert (named["fetches"], named["depth"]) == (1, 1)


@pytest.mark.parametrize("arguments", [("compose", "--jsonl", "file.json"), ("inspect", "graph", "--jsonl")])
def test_rows_take_no_other_input(tmp_path: Path, arguments: tuple[str, ...]):
    ended = leds(*arguments, home=tmp_path)
    assert ended.returncode == 2
    assert "CONFIGURATION_INVALID" in ended.stderr


def test_each_row_is_answered_before_the_next_is_read(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-m", "leds", "compose", "--jsonl"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    for number in (1, 2):
        process.stdin.write(json.dumps({"id": number, "subgraphs": [A]}) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == number
    process.stdin.close()
    assert process.wait() == 0
    process.stdout.close()


BAD_ROWS = {
    "no object": (b"[]", "ROW_INVALID"),
    "not UTF-8": (b'{"id": "\xff"}', "ROW_INVALID"),
    "nested too deeply": (b"[" * 200_000, "ROW_INVALID"),
    "a number that is none": (b'{"id": NaN}', "ROW_INVALID"),
    "a number out of range": (b'{"id": 1e999}', "ROW_INVALID"),
    "no subgraphs": (b'{"id": 1}', "ROW_INVALID"),
    "subgraphs that are none": (b'{"subgraphs": [1]}', "ROW_INVALID"),
    "a subgraph without schema": (b'{"subgraphs": [{"name": "a"}]}', "ROW_INVALID"),
    "an address that is no text": (b'{"subgraphs": [{"name": "a", "url": 1, "sdl": ""}]}', "ROW_INVALID"),
    "half a character": (b'{"subgraphs": [{"name": "a", "sdl": "\\ud800"}]}', "ROW_INVALID"),
    "a schema that is none": (b'{"subgraphs": [{"name": "a", "sdl": "{"}]}', "INVALID_GRAPHQL"),
}


@pytest.mark.parametrize(("line", "code"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_answered_by_code(line: bytes, code: str):
    (answer,) = map(json.loads, answers([line], composed_row))
    assert [error["code"] for error in answer["errors"]] == [code]


def test_a_fault_of_ours_costs_one_row():
    def failing(row: Mapping[str, Any]) -> dict[str, Any]:
        return {"number": 1 // row["id"]}

    first, second = map(json.loads, answers([b'{"id": 0}', b'{"id": 1}'], failing))
    assert (first["id"], first["errors"][0]["code"]) == (0, "INTERNAL_ERROR")
    assert second == {"id": 1, "number": 1}


def test_a_plan_row_lacks_nothing():
    (answer,) = map(json.loads, answers([b'{"id": 1, "supergraph_sdl": ""}'], plan_rows()))
    assert answer["errors"][0]["message"] == "The row lacks a text `operation`."


FETCH = {"kind": "Fetch", "serviceName": "a"}
PLANS = [
    ({"kind": "QueryPlan"}, 0, 0),
    ({"kind": "QueryPlan", "node": FETCH}, 1, 1),
    ({"kind": "Sequence", "nodes": [FETCH, {"kind": "Flatten", "path": ["a"], "node": FETCH}]}, 2, 2),
    ({"kind": "Parallel", "nodes": [FETCH, {"kind": "Sequence", "nodes": [FETCH, FETCH]}]}, 3, 2),
    ({"kind": "Condition", "condition": "c", "ifClause": FETCH, "elseClause": FETCH}, 2, 1),
    ({"kind": "Sequence", "nodes": [FETCH, {"kind": "Condition", "condition": "c", "ifClause": FETCH}]}, 2, 2),
]


@pytest.mark.parametrize(("plan", "fetches", "depth"), PLANS)
def test_fetches_are_counted_over_branches_and_depth_along_sequences(plan: Any, fetches: int, depth: int):
    assert (fetch_count(plan), sequential_depth(plan)) == (fetches, depth)

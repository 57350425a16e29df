"""`explain` over HTTP and on the command line: what a caller would be shown, without a fetch."""

import json

from tests.end_to_end.demo import EXAMPLES, ROADSIDE, Demo

QUERY = """query($o: String!) { explain(operation: $o) {
  fields { path outcome mask dataset policies missing contact under } } }"""
SEALED = '{ vehicle(vrm: "AB12CDE") { intelReports(first: 1) { nodes { text } } } }'


def explained(demo: Demo, headers: dict[str, str], operation: str) -> dict[str, dict]:
    answer = demo.ask(QUERY, headers, o=operation)
    assert "errors" not in answer
    return {found["path"]: found for found in answer["data"]["explain"]["fields"]}


def test_what_is_explained_is_what_is_answered(demo: Demo, headers):
    operation = '{ vehicle(vrm: "AB12CDE") { vrm keeper { sinceDate } } }'
    found = explained(demo, headers["insurer"], operation)
    answer = demo.ask(operation, headers["insurer"])
    (error,) = answer["errors"]
    assert error["path"] == ["vehicle", "keeper"]
    assert found["vehicle.vrm"]["outcome"] == "FULL"
    keeper = found["vehicle.keeper"]
    assert (keeper["outcome"], keeper["dataset"], keeper["contact"]) == ("DENY", "DVLA.KEEPER", "DVLA")
    assert keeper["policies"] == error["extensions"]["policies"]
    assert keeper["missing"] == error["extensions"]["missing"]
    assert found["vehicle.keeper.sinceDate"]["under"] == "vehicle.keeper"


def test_an_explanation_reads_no_record_and_is_recorded(demo: Demo, headers):
    body = {"query": QUERY, "variables": {"o": ROADSIDE}}
    before = {name: value for name, value in demo.work().items() if not name.startswith("access ")}
    answer = demo.post(body, headers["officer"]).json()
    after = {name: value for name, value in demo.work().items() if not name.startswith("access ")}
    assert after == before
    assert answer["extensions"]["audit"]["entry"]


def test_what_is_sealed_is_explained_as_a_field_that_holds_nothing(demo: Demo, headers):
    (_, sealed, *_) = explained(demo, headers["officer"], SEALED).values()
    assert (sealed["outcome"], sealed["policies"], sealed["missing"]) == ("FULL", [], [])
    assert "errors" not in demo.ask(SEALED, headers["officer"])


def test_an_explanation_needs_token_and_context(demo: Demo, headers):
    assert demo.post({"query": QUERY, "variables": {"o": ROADSIDE}}, {}).status_code == 401
    token = {"Authorization": headers["officer"]["Authorization"]}
    assert demo.post({"query": QUERY, "variables": {"o": ROADSIDE}}, token).status_code == 400


def test_an_operation_that_is_not_valid_is_not_explained(demo: Demo, headers):
    (error,) = demo.ask(QUERY, headers["officer"], o="{ nothing }")["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["explain"], "GRAPHQL_VALIDATION_FAILED")


def test_the_command_prints_the_explanation_as_text_and_json(demo: Demo):
    file = str(EXAMPLES / "roadside.graphql")
    text = demo.leds("explain", file, "--persona", "insurer").stdout
    assert "vehicle.keeper  " in text
    assert "ask: DVLA" in text
    fields = json.loads(demo.leds("explain", file, "--persona", "insurer", "--json").stdout)
    assert {"FULL", "DENY"} <= {found["outcome"] for found in fields}
    ended = demo.leds("explain", file, "--persona", "nobody", check=False)
    assert (ended.returncode, "UNKNOWN_NAME" in ended.stderr) == (2, True)

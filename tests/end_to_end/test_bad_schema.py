"""Schemas that make no graph, given to `leds gateway`: each is refused by its code before anything is served."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from tests.end_to_end.demo import ROOT, environment
from tests.end_to_end.gateway import running_gateway

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) '
QUERY = LINK + 'type Query { t: T other: Int } type T @key(fields: "id") { id: ID! a: Int }'
ODD = '@link(url: "https://example.test/odd/v1.0", for: {purpose})'
SUBGRAPHS = {
    "no GraphQL": ("type Query {", "INVALID_GRAPHQL"),
    "a security feature nobody knows": (
        LINK + ODD.format(purpose="SECURITY") + " type T { b: Int }",
        "UNSUPPORTED_LINKED_FEATURE",
    ),
    "another type for the same field": (
        LINK + 'type T @key(fields: "id") { id: ID! a: String }',
        "FIELD_TYPE_MISMATCH",
    ),
}


def refused(home: Path, *arguments: str) -> str:
    """What `leds gateway` says when it refuses to start."""
    ended = subprocess.run(
        [sys.executable, "-m", "leds", "gateway", "--port", "0", *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    return ended.stderr


@pytest.mark.parametrize("name", SUBGRAPHS)
def test_subgraphs_that_do_not_compose_are_refused(tmp_path: Path, name: str):
    sdl, code = SUBGRAPHS[name]
    file = tmp_path / "subgraphs.json"
    named = [{"name": each, "url": f"http://127.0.0.1:1/{each}"} for each in "ab"]
    file.write_text(json.dumps([named[0] | {"sdl": QUERY}, named[1] | {"sdl": sdl}]))
    assert code in refused(tmp_path, "--subgraphs", str(file))


def test_a_supergraph_that_needs_what_nobody_knows_is_refused(tmp_path: Path):
    sdl = compose([SubgraphDefinition("a", "http://127.0.0.1:1/a", QUERY)]).supergraph_sdl
    file = tmp_path / "supergraph.graphql"
    file.write_text(sdl.replace("schema\n", f"schema {ODD.format(purpose='EXECUTION')}\n", 1))
    assert "INVALID_SUPERGRAPH" in refused(tmp_path, "--supergraph", str(file))


async def test_an_operation_that_no_subgraph_can_answer_is_refused_by_its_code_and_the_next_is_served(tmp_path: Path):
    """Only another composer's supergraph can be so: `Query.other` is said to be nowhere."""
    sdl = compose([SubgraphDefinition("a", "http://127.0.0.1:1/a", QUERY)]).supergraph_sdl
    unanswered = sdl.replace("other: Int", "other: Int @join__field(graph: A, external: true)")
    assert unanswered != sdl
    file = tmp_path / "supergraph.graphql"
    file.write_text(unanswered)
    async with running_gateway(tmp_path, "--supergraph", str(file)) as gateway:
        answer = await gateway.ask("{ other }")
        assert answer["data"] is None
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["PLAN_FIELD_UNREACHABLE"]
        assert await gateway.ask("{ __typename }") == {"data": {"__typename": "Query"}}

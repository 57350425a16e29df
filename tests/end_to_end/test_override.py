"""Progressive @override over real subgraphs: each request is answered from one world, drawn or switched on, and plans
are kept for each set of labels that an operation meets and no other."""

import itertools
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.general import GeneralSettings, general_graph
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline, Surroundings
from tests.end_to_end.demo import ROOT, environment
from tests.end_to_end.gateway import running_gateway
from tests.gateway.kit import ask, served, told
from tests.gateway.shop import LittleSubgraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"]) '
FIELDS = ("n", "m", "named", *(f"other{number}" for number in range(5)))
LABELS = {"n": "percent(30)", "m": "percent(50)", "named": "canary"} | {
    f"other{number}": f"percent({number + 1})" for number in range(5)
}
OLD = f'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! {" ".join(f"{name}: String" for name in FIELDS)} }}'
MOVED = " ".join(f'{name}: String @override(from: "old", label: "{label}")' for name, label in LABELS.items())
NEW = f'type T @key(fields: "id") {{ id: ID! {MOVED} }}'
SDLS = {"old": LINK + OLD, "new": LINK + NEW}


def subgraph(name: str, roots: str) -> LittleSubgraph:
    """A real subgraph that answers each field with its own name."""
    fields = " ".join(f"{each}: String" for each in FIELDS)
    machinery = "scalar _Any union _Entity = T"
    entities = "_entities(representations: [_Any!]!): [_Entity]!"
    schema = build_schema(f"{machinery} type T {{ id: ID! {fields} }} type Query {{ {roots} {entities} }}")
    record = {"__typename": "T", "id": "1"} | dict.fromkeys(FIELDS, name)
    return LittleSubgraph(schema, {"t": lambda info: record}, lambda representation: record)


class World:
    """Both subgraphs, by path."""

    def __init__(self) -> None:
        self.subgraphs = {"old": subgraph("old", "t: T"), "new": subgraph("new", "")}

    @property
    def asked(self) -> dict[str, int]:
        return {name: len(each.bodies) for name, each in self.subgraphs.items() if each.bodies}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.subgraphs[scope["path"].strip("/")](scope, receive, send)


@asynccontextmanager
async def world() -> AsyncIterator[tuple[World, str]]:
    """The running subgraphs and the supergraph with their addresses."""
    app = World()
    async with served(app) as client:
        origin = str(client.base_url).rstrip("/")
        named = [SubgraphDefinition(name, f"{origin}/{name}", sdl) for name, sdl in SDLS.items()]
        yield app, compose(named).supergraph_sdl


class Counting:
    """A graph's planner that counts."""

    def __init__(self, planner: Any) -> None:
        self._planner, self.planned = planner, Counter[frozenset[str] | None]()
        self.overrides = planner.overrides

    def plan(self, document: Any, operation_name: str | None = None, labels: frozenset[str] | None = None) -> Any:
        self.planned[labels] += 1
        return self._planner.plan(document, operation_name, labels)


@asynccontextmanager
async def pipeline_of(graph: Graph, draw: Callable[[], float]) -> AsyncIterator[Pipeline]:
    line = Pipeline(Served(graph), Metrics(), Surroundings(draw=draw))
    try:
        yield line
    finally:
        await line.served.close()


async def answer(line: Pipeline, query: str) -> Any:
    said = told(await ask(line, query))
    assert "errors" not in said, said
    return said["data"]["t"]


@pytest.mark.parametrize(
    ("draws", "expected"),
    [
        ([0.29, 0.49], {"n": "new", "again": "new", "m": "new"}),
        ([0.31, 0.49], {"n": "old", "again": "old", "m": "new"}),
        ([0.29, 0.51], {"n": "new", "again": "new", "m": "old"}),
        ([0.31, 0.51], {"n": "old", "again": "old", "m": "old"}),
    ],
)
async def test_one_draw_for_each_label_decides_for_the_whole_operation(draws, expected):
    async with world() as (app, sdl):
        numbers = iter(draws)
        async with pipeline_of(general_graph(sdl, GeneralSettings()), lambda: next(numbers)) as line:
            assert await answer(line, "{ t { n again: n m } }") == expected
        assert app.asked == {"old": 1} | ({"new": 1} if "new" in expected.values() else {})
        assert list(numbers) == []


async def test_plans_are_kept_for_each_set_of_labels_that_matters_and_no_other():
    async with world() as (_, sdl):
        graph = general_graph(sdl, GeneralSettings())
        planner = Counting(graph.planner)
        source = random.Random(7)
        async with pipeline_of(replace(graph, planner=planner), source.random) as line:
            answers = Counter([json.dumps(await answer(line, "{ t { n } }")) for _ in range(60)])
            assert answers.keys() == {'{"n": "old"}', '{"n": "new"}'}
            assert planner.planned == {frozenset(): 1, frozenset({"percent(30)"}): 1}
            for query in itertools.repeat("{ t { id } }", 5):
                await answer(line, query)
            assert planner.planned == {frozenset(): 2, frozenset({"percent(30)"}): 1}


async def test_the_share_of_requests_in_the_new_world_is_the_percentage():
    async with world() as (_, sdl):
        graph = general_graph(sdl, GeneralSettings())
    document, source = parse("{ t { n m } }"), random.Random(1)
    drawn = Counter(graph.planner.overrides(document).drawn(source.random) for _ in range(10_000))
    expected = {
        frozenset(): 0.35,
        frozenset({"percent(30)"}): 0.15,
        frozenset({"percent(50)"}): 0.35,
        frozenset({"percent(30)", "percent(50)"}): 0.15,
    }
    assert {labels: count / 10_000 for labels, count in drawn.items()} == pytest.approx(expected, abs=0.015)


async def test_a_configured_label_is_on_for_every_request_and_any_other_is_off(tmp_path: Path):
    file = tmp_path / "supergraph.graphql"
    async with world() as (_, sdl):
        file.write_text(sdl, encoding="utf-8")
        switches = ("--override-label", "canary", "--override-label", "percent(1)", "--override-label", "unheard-of")
        async with running_gateway(tmp_path, "--supergraph", str(file), *switches) as gateway:
            on = await gateway.ask("{ t { named other0 } }")
        async with running_gateway(tmp_path, "--supergraph", str(file)) as gateway:
            off = await gateway.ask("{ t { named } }")
            drawn = {(await gateway.ask("{ t { m } }"))["data"]["t"]["m"] for _ in range(100)}
    assert on == {"data": {"t": {"named": "new", "other0": "new"}}}
    assert off == {"data": {"t": {"named": "old"}}}
    assert drawn == {"old", "new"}


def test_a_plan_is_looked_at_with_the_labels_that_are_given(tmp_path: Path):
    listed, operation = tmp_path / "subgraphs.json", tmp_path / "operation.graphql"
    listed.write_text(json.dumps([{"name": name, "url": f"http://{name}", "sdl": sdl} for name, sdl in SDLS.items()]))
    operation.write_text("{ t { named n } }")
    command = ("inspect", "plan", str(operation), "--subgraphs", str(listed))

    def services(*labels: str) -> list[str]:
        options = [part for label in labels for part in ("--override-label", label)]
        ended = subprocess.run(
            [sys.executable, "-m", "leds", *command, *options],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=True,
        )
        return re.findall(r'service: "(\w+)"', ended.stdout)

    assert services() == ["old"]
    assert services("canary") == ["old", "new"]
    assert services("canary", "percent(30)", "percent(5)") == ["old", "new"]

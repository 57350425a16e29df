"""A graph replaced while requests are on it: each request stays on the version it began on, and none is dropped."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.composition.supergraph import supergraph_from_sdl
from gateway.documents.request import HttpRequest
from gateway.errors import AuthenticationUnconfigured
from gateway.execution.executor import Executor
from gateway.execution.transport import SubgraphReply
from gateway.general import GENERAL, GeneralSettings, general_gateway, general_graph
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.reload import Reloader, ReloadOutcome
from tests.gateway.kit import POST, ask, served, told
from tests.gateway.shop import SUPERGRAPH

PLAIN = general_graph(SUPERGRAPH, GeneralSettings())
RENAMED = SUPERGRAPH.replace("  weight: Int!", "  mass: Int!")
NAMES = "{ products { name } }"
RENAME = 'mutation { products: rename(sku: "p1", name: "x") { name } }'


class Held:
    """A products subgraph that answers with its own name once it is let, and says when it was closed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked, self.open, self.closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send(self, body, headers, *, repeatable=False) -> SubgraphReply:
        self.asked.set()
        await self.open.wait()
        product = {"name": self.name}
        data = {"products": product if "rename" in json.loads(body)["query"] else [product]}
        data |= {"rename": product}
        return SubgraphReply(200, json.dumps({"data": data}).encode())

    async def close(self) -> None:
        self.closed.set()


def graph(version: str, subgraph: Held, **fields) -> Graph:
    """The shop in a version of its own over this subgraph."""
    executor = Executor(supergraph_from_sdl(SUPERGRAPH), {"products": subgraph})
    return replace(PLAIN, version=version, executor=executor, **fields)


def names(response) -> str:
    (product,) = told(response)["data"]["products"]
    return product["name"]


async def test_a_request_stays_on_the_graph_it_began_on_and_the_next_one_is_on_the_new():
    old, new = Held("old"), Held("new")
    line = Pipeline(Served(graph("1", old)), Metrics())
    first = asyncio.ensure_future(ask(line, NAMES))
    await old.asked.wait()
    line.served.replace(graph("2", new))
    second = asyncio.ensure_future(ask(line, NAMES))
    await new.asked.wait()
    assert not old.closed.is_set()
    new.open.set()
    assert names(await second) == "new"
    assert not old.closed.is_set()
    old.open.set()
    assert names(await first) == "old"
    async with asyncio.timeout(60):
        await old.closed.wait()
    assert not new.closed.is_set()


async def test_a_mutation_whose_caller_has_gone_keeps_its_graph():
    old = Held("old")
    line = Pipeline(Served(graph("1", old)), Metrics())
    task = asyncio.ensure_future(ask(line, RENAME))
    await old.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    line.served.replace(graph("2", Held("new")))
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=0)
    assert not old.closed.is_set()
    old.open.set()
    async with asyncio.timeout(60):
        await old.closed.wait()


async def test_a_caller_who_goes_away_lets_go_of_the_graph():
    old = Held("old")
    line = Pipeline(Served(graph("1", old)), Metrics())
    task = asyncio.ensure_future(ask(line, NAMES))
    await old.asked.wait()
    line.served.replace(graph("2", Held("new")))
    task.cancel()
    async with asyncio.timeout(60):
        await old.closed.wait()


async def test_closing_waits_for_requests_under_way():
    held = Held("last")
    line = Pipeline(Served(graph("1", held)), Metrics())
    task = asyncio.ensure_future(ask(line, NAMES))
    await held.asked.wait()
    closing = asyncio.ensure_future(line.served.close())
    held.open.set()
    assert names(await task) == "last"
    await closing
    assert held.closed.is_set()


async def test_closing_waits_no_longer_than_a_request_may_take():
    held = Held("hanging")
    line = Pipeline(Served(graph("1", held, deadline=0.01)), Metrics())
    with line.served.current:
        await line.served.close()
    assert not held.closed.is_set()


async def test_stages_of_one_request_are_those_of_one_graph():
    """The decision is made on the old graph, which is replaced meanwhile: it is enforced and checked there too."""
    seen: list[tuple[str, str]] = []
    old, new = Held("old"), Held("new")

    def stages(version: str, during: Callable[[], None] = lambda: None):
        def decide(caller, now):
            seen.append((version, "decide"))
            during()
            return GENERAL.decide(caller, now)

        def check(plan, clearance):
            seen.append((version, "check"))

        return replace(GENERAL, decide=decide, check=check)

    line = Pipeline(Served(graph("0", old)), Metrics())
    second = graph("2", new, stages=stages("2"))
    line.served.replace(graph("1", old, stages=stages("1", lambda: line.served.replace(second))))
    for subgraph in (old, new):
        subgraph.open.set()
    assert [names(await ask(line, NAMES)), names(await ask(line, NAMES))] == ["old", "new"]
    assert seen == [("1", "decide"), ("1", "check"), ("2", "decide"), ("2", "check")]


def reloader(line: Pipeline, *built: Graph | Exception) -> tuple[Reloader, Metrics]:
    """A reloader that makes these one after the other."""
    metrics, left = Metrics(), list(built)

    async def build() -> Graph:
        made = left.pop(0)
        if isinstance(made, Exception):
            raise made
        return made

    return Reloader(line.served, build, metrics), metrics


async def test_a_graph_that_cannot_be_built_leaves_the_last_good_one_and_says_why():
    good, better = Held("good"), Held("better")
    line = Pipeline(Served(graph("1", good)), Metrics())
    faults = (AuthenticationUnconfigured("It has @policy."), KeyError("secret"))
    again, metrics = reloader(line, *faults, graph("2", better))
    for subgraph in (good, better):
        subgraph.open.set()
    for code in ("AUTHENTICATION_UNCONFIGURED", "RELOAD_FAILED"):
        with capture_logs() as logs:
            assert await again.reload() is ReloadOutcome.REFUSED
        (told_to_operator,) = logs
        assert (told_to_operator["event"], told_to_operator["code"]) == ("graph_refused", code)
        assert "secret" not in str(logs)
        assert again.health() == {"version": "1", "refused": code}
        assert b"leds_gateway_reload_refused 1.0" in metrics.exposition()
        assert names(await ask(line, NAMES)) == "good"
    assert await again.reload() is ReloadOutcome.REPLACED
    assert again.health() == {"version": "2", "refused": None}
    assert b"leds_gateway_reload_refused 0.0" in metrics.exposition()
    assert b'leds_gateway_reloads_total{outcome="refused"} 2.0' in metrics.exposition()
    assert names(await ask(line, NAMES)) == "better"


async def test_the_same_graph_again_is_not_taken_up():
    first, same = Held("first"), Held("same")
    line = Pipeline(Served(graph("1", first)), Metrics())
    again, _ = reloader(line, RuntimeError(), graph("1", same))
    await again.reload()
    current = line.served.current
    assert await again.reload() is ReloadOutcome.UNCHANGED
    assert line.served.current is current
    assert same.closed.is_set()
    assert not first.closed.is_set()
    assert again.health() == {"version": "1", "refused": None}


async def test_the_published_schema_and_known_documents_follow_the_graph():
    texts = [SUPERGRAPH, RENAMED]
    weighed = {"query": "{ products { weight } }"}
    gateway = general_gateway(lambda: texts[0])
    async with served(gateway.app) as client:
        before = await client.get("/schema.graphql")
        known = (await client.post("/graphql", json=weighed)).json()
        del texts[0]
        assert await gateway.reloader.reload() is ReloadOutcome.REPLACED
        after = await client.get("/schema.graphql")
        unknown = (await client.post("/graphql", json=weighed)).json()
        health = (await client.get("/health/graph")).json()
    assert ("weight" in before.text, "mass" in before.text) == (True, False)
    assert ("weight" in after.text, "mass" in after.text) == (False, True)
    assert known["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert unknown["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert health == {"version": supergraph_from_sdl(RENAMED).version, "refused": None}


async def test_a_subgraph_address_that_is_none_is_refused_by_name():
    texts = [SUPERGRAPH, SUPERGRAPH.replace("http://127.0.0.1:1/reviews", "ftp://reviews")]
    gateway = general_gateway(lambda: texts[0])
    del texts[0]
    with capture_logs() as logs:
        assert await gateway.reloader.reload() is ReloadOutcome.REFUSED
    assert (logs[0]["code"], "'reviews'" in logs[0]["message"]) == ("INVALID_SUPERGRAPH", True)


async def test_a_request_that_is_none_is_refused_without_a_graph_being_held():
    held = Held("good")
    line = Pipeline(Served(graph("1", held)), Metrics())
    assert (await line.answer(HttpRequest("POST", POST, "", b"{"))).status == 400
    line.served.replace(graph("2", Held("new")))
    async with asyncio.timeout(60):
        await held.closed.wait()

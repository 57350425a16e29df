"""`leds gateway` while its files change under it: the graph follows, no request is dropped or mixed, what is broken is
refused, and the last good graph stays."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.execution.transport import AsgiApp
from tests.end_to_end.gateway import RunningGateway, put_in_place, running_gateway
from tests.gateway.kit import served
from tests.gateway.shop import SUPERGRAPH

QUERY = "{ products { sku name stars reviews { body } } }"
SWAPS, REQUESTS_BETWEEN = 20, 15
WATCHING = ("--watch", "0.02")


def supergraph(origin: str, version: int) -> str:
    """The shop as version `version`: its subgraphs have addresses of their own, and `stars` lives here or there."""
    text = SUPERGRAPH.replace("http://127.0.0.1:1/", f"{origin}/{version}/")
    return text if version % 2 else text.replace("stars: Float @join__field(graph: REVIEWS)", STARS_IN_PRODUCTS)


STARS_IN_PRODUCTS = "stars: Float @join__field(graph: PRODUCTS)"


def answer(version: int) -> dict[str, Any]:
    """What this version answers, and no other."""
    stamp = f"v{version}"
    product = {"sku": "p1", "name": stamp, "stars": float(version), "reviews": [{"body": stamp}]}
    return {"data": {"products": [product]}}


class Shop:
    """The subgraphs of every version, by path `/<version>/<subgraph>`. Each stamps its version on what it says, and
    answers a field that its version does not have with an error. While `open` is not set, nobody is answered."""

    def __init__(self) -> None:
        self.open, self.asked = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.asked.set()
        await self.open.wait()
        _, version, subgraph = scope["path"].split("/")
        reply = json.dumps(self._reply(int(version), subgraph, json.loads(body)["query"])).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(reply)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})

    def _reply(self, version: int, subgraph: str, query: str) -> dict[str, Any]:
        has_stars = subgraph == ("reviews" if version % 2 else "products")
        if re.search(r"\bstars\b", query) and not has_stars:
            return {"errors": [{"message": f"version {version} has no stars in {subgraph}"}]}
        record = {"__typename": "Product", "sku": "p1", "name": f"v{version}", "reviews": [{"body": f"v{version}"}]}
        if has_stars:
            record["stars"] = float(version)
        return {"data": {"products" if subgraph == "products" else "_entities": [record]}}


@asynccontextmanager
async def origin_of(app: AsgiApp) -> AsyncIterator[str]:
    async with served(app) as client:
        yield str(client.base_url).rstrip("/")


@asynccontextmanager
async def watching(home: Path) -> AsyncIterator[tuple[RunningGateway, Path, str, Shop]]:
    """A gateway that watches a supergraph of version 1: the gateway, the file, the subgraphs' origin, the shop."""
    shop, file = Shop(), home / "supergraph.graphql"
    async with origin_of(shop) as origin:
        file.write_text(supergraph(origin, 1), encoding="utf-8")
        async with running_gateway(home, "--supergraph", str(file), *WATCHING) as gateway:
            yield gateway, file, origin, shop


async def test_every_answer_under_load_is_of_exactly_one_version_and_none_fails(tmp_path: Path):
    async with watching(tmp_path) as (gateway, file, origin, _):
        asked: list[asyncio.Task[dict[str, Any]]] = []
        for version in range(2, SWAPS + 2):
            put_in_place(file, sdl := supergraph(origin, version))
            asked += [asyncio.create_task(gateway.ask(QUERY)) for _ in range(REQUESTS_BETWEEN)]
            await gateway.until_served(sdl)
        answers = await asyncio.gather(*asked)
        last = await gateway.ask(QUERY)
        metrics = (await gateway.client.get("/metrics")).text
    known = [answer(version) for version in range(1, SWAPS + 2)]
    assert [each for each in answers if each not in known] == []
    assert len(answers) == SWAPS * REQUESTS_BETWEEN
    assert len({json.dumps(each) for each in answers}) > 2
    assert last == known[-1]
    assert f'leds_gateway_reloads_total{{outcome="replaced"}} {float(SWAPS)}' in metrics


async def test_a_request_under_way_is_answered_by_the_graph_it_began_on(tmp_path: Path):
    async with watching(tmp_path) as (gateway, file, origin, shop):
        shop.open.clear()
        began = asyncio.create_task(gateway.ask(QUERY))
        await shop.asked.wait()
        put_in_place(file, sdl := supergraph(origin, 2))
        await gateway.until_served(sdl)
        shop.open.set()
        assert (await began, await gateway.ask(QUERY)) == (answer(1), answer(2))


BROKEN = {
    "no GraphQL": (lambda sdl: "type Query {", "INVALID_SUPERGRAPH"),
    "no supergraph": (lambda sdl: "type Query { a: Int }", "INVALID_SUPERGRAPH"),
    "half written": (lambda sdl: sdl[: len(sdl) // 2], "INVALID_SUPERGRAPH"),
    "no address": (lambda sdl: re.sub("http://[^/]*/", "gopher://", sdl), "INVALID_SUPERGRAPH"),
    "with rules": (lambda sdl: sdl.replace("latest: Review", "latest: Review @authenticated"), None),
    "empty": (lambda sdl: "", "INVALID_SUPERGRAPH"),
    "removed": (lambda sdl: None, "FILE_UNREADABLE"),
}


async def test_the_last_good_graph_stays_whatever_becomes_of_the_file(tmp_path: Path):
    async with watching(tmp_path) as (gateway, file, origin, _):
        for number, (broken, code) in enumerate(BROKEN.values(), 2):
            good, sdl = await gateway.health(), supergraph(origin, number)
            text = broken(sdl)
            if text is None:
                file.unlink()
            else:
                file.write_text(text, encoding="utf-8")
            said = await gateway.until(lambda said: said["refused"] is not None)
            assert said == {"version": good["version"], "refused": code or "AUTHENTICATION_UNCONFIGURED"}
            assert await gateway.ask(QUERY) == answer(number - 1)
            file.write_text(sdl, encoding="utf-8")
            await gateway.until_served(sdl)
            assert await gateway.ask(QUERY) == answer(number)
        refusals = [line for line in gateway.errors() if line["event"] == "graph_refused"]
    assert [line["code"] for line in refusals] == [code or "AUTHENTICATION_UNCONFIGURED" for _, code in BROKEN.values()]
    assert all(line["message"] and line["still_serving"] and line["level"] == "error" for line in refusals)


ONE_FIELD = "type Query {{ {}: Int }}"


async def test_subgraph_schemas_are_followed_in_files_of_their_own(tmp_path: Path):
    """One changes, then two of them disagree: then what was composed before is served on."""
    sdl, listed = tmp_path / "a.graphql", tmp_path / "subgraphs.json"
    sdl.write_text(ONE_FIELD.format("first"))
    rows = [
        {"name": "a", "url": "http://127.0.0.1:1/a", "sdl": "a.graphql"},
        {"name": "b", "url": "http://127.0.0.1:1/b", "sdl": "type Query { other: String }"},
    ]
    listed.write_text(json.dumps(rows))
    async with running_gateway(tmp_path, "--subgraphs", str(listed), *WATCHING) as gateway:
        first = await gateway.health()
        put_in_place(sdl, ONE_FIELD.format("second"))
        second = await gateway.until(lambda said: said["version"] != first["version"])
        assert "second" in (await gateway.client.get("/schema.graphql")).text
        put_in_place(sdl, ONE_FIELD.format("other"))
        refused = await gateway.until(lambda said: said["refused"] is not None)
        assert refused["version"] == second["version"]
        assert "second" in (await gateway.client.get("/schema.graphql")).text


async def test_sighup_reads_the_file_again(tmp_path: Path):
    shop, file = Shop(), tmp_path / "supergraph.graphql"
    async with origin_of(shop) as origin:
        file.write_text(supergraph(origin, 1), encoding="utf-8")
        async with running_gateway(tmp_path, "--supergraph", str(file), "--watch", "0") as gateway:
            file.write_text(sdl := supergraph(origin, 2), encoding="utf-8")
            assert await gateway.ask(QUERY) == answer(1)
            gateway.hang_up()
            await gateway.until_served(sdl)
            assert await gateway.ask(QUERY) == answer(2)


async def test_sigterm_ends_the_gateway_after_the_requests_under_way_and_frees_its_port(tmp_path: Path):
    async with watching(tmp_path) as (gateway, _, _, shop):
        address = (gateway.client.base_url.host, gateway.client.base_url.port or 0)
        shop.open.clear()
        began = asyncio.create_task(gateway.ask(QUERY))
        await shop.asked.wait()
        gateway.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            while await asyncio.to_thread(accepts, address):
                pass
        assert gateway.process.returncode is None
        shop.open.set()
        assert await began == answer(1)
        assert await gateway.process.wait() == 0
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(address)


def accepts(address: tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError:
        return False
    return True


async def test_a_gateway_whose_subgraphs_cannot_be_reached_starts_and_says_so_field_by_field(tmp_path: Path):
    file = tmp_path / "supergraph.graphql"
    file.write_text(SUPERGRAPH)
    async with running_gateway(tmp_path, "--supergraph", str(file)) as gateway:
        told = await gateway.ask("{ __typename latest { body } }")
        assert re.fullmatch(r"gateway on http://127\.0\.0\.1:\d+/graphql\n", gateway.said)
    assert told["data"] == {"__typename": "Query", "latest": None}
    assert [(each["path"], each["extensions"]["code"]) for each in told["errors"]] == [(["latest"], "UNAVAILABLE")]

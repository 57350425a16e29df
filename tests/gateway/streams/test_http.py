"""SSE and multipart over real HTTP: what is streamed, how it ends, and what is answered plainly instead."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.execution.transport import HttpTransport
from gateway.streams.http import EventStream, Multipart, format_of
from tests.gateway.streams.kit import FAST, WATCH, Market, listening, market

SSE = {"accept": "text/event-stream"}
MULTIPART = {"accept": "multipart/mixed;subscriptionSpec=1.0, application/json"}
BODY = {"query": WATCH, "variables": {"sku": "1"}}


@asynccontextmanager
async def asked(
    shop: Market, headers: dict[str, str], body: dict[str, Any] = BODY
) -> AsyncIterator[tuple[httpx.Response, AsyncIterator[bytes]]]:
    async with (
        listening(shop.app) as address,
        httpx.AsyncClient(trust_env=False, timeout=10) as client,
        client.stream("POST", f"http://{address}/graphql", json=body, headers=headers) as response,
    ):
        yield response, response.aiter_raw()


async def read_until(parts: AsyncIterator[bytes], end: bytes) -> bytes:
    found = b""
    async with asyncio.timeout(60):
        while end not in found:
            found += await anext(parts)
    return found


async def test_events_are_server_sent():
    shop = market()
    async with asked(shop, SSE) as (response, parts):
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"
        await shop.prices.opened.wait()
        shop.prices.change({"sku": "1", "price": 10})
        shop.prices.change(None)
        text = await read_until(parts, b"event: complete")
    events = [line.removeprefix("data: ") for line in text.decode().split("\n") if line.startswith("data: {")]
    assert [json.loads(event)["data"]["priceChanged"] for event in events] == [
        {"sku": "1", "price": 10, "name": "Lantern"}
    ]


async def test_events_are_parts_that_can_be_read_at_once():
    shop = market()
    async with asked(shop, MULTIPART) as (response, parts):
        assert response.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        await shop.prices.opened.wait()
        shop.prices.change({"sku": "1", "price": 10})
        first = await read_until(parts, b"}\r\n--graphql")
        shop.prices.change(None)
        rest = await read_until(parts, b"--\r\n")
    head, _, body = first.split(b"\r\n--graphql")[1].partition(b"\r\n\r\n")
    assert head == b"\r\nContent-Type: application/json"
    assert json.loads(body)["payload"]["data"]["priceChanged"]["name"] == "Lantern"
    assert rest.endswith(b"--\r\n")


@pytest.mark.parametrize("headers", [SSE, MULTIPART], ids=["sse", "multipart"])
async def test_a_stream_that_cannot_go_on_says_why(headers: dict[str, str]):
    shop = market()
    async with asked(shop, headers) as (_, parts):
        await shop.prices.opened.wait()
        shop.prices.change(b"event: next\ndata: " + b"x" * 40_000_000)
        text = await read_until(parts, b"SUBSCRIPTION_SOURCE_LOST")
    assert b"prices" in text


@pytest.mark.parametrize("headers", [SSE, MULTIPART], ids=["sse", "multipart"])
async def test_a_quiet_stream_shows_signs_of_life(headers: dict[str, str]):
    shop = market(limits=replace(FAST, keep_alive_seconds=0.05))
    async with asked(shop, headers) as (_, parts):
        sign = b":\n\n" if headers is SSE else b"\r\n\r\n{}\r\n--graphql"
        assert (await read_until(parts, sign * 2 if headers is SSE else sign)).count(sign)


@pytest.mark.parametrize("headers", [SSE, MULTIPART], ids=["sse", "multipart"])
async def test_a_client_that_goes_away_ends_the_stream_at_the_subgraph(headers: dict[str, str]):
    shop = market()
    async with asked(shop, headers):
        await shop.prices.opened.wait()
        assert shop.prices.open == 1
    await asyncio.wait_for(shop.prices.closed.wait(), 60)
    assert shop.prices.open == 0


async def test_a_query_is_streamed_as_one_event_or_answered_plainly_to_who_reads_both():
    body = {"query": '{ product(sku: "1") { name } }'}
    async with asked(market(), SSE, body) as (response, parts):
        assert b'"Lantern"' in await read_until(parts, b"event: complete")
    async with asked(market(), MULTIPART, body) as (response, parts):
        assert response.headers["content-type"].startswith("application/json")
        assert b'"Lantern"' in await response.aread()


@pytest.mark.parametrize("headers", [SSE, MULTIPART], ids=["sse", "multipart"])
async def test_what_is_refused_before_it_begins_is_a_plain_response(headers: dict[str, str]):
    async with asked(market(), headers, {"query": 1}) as (response, _):
        assert response.status_code == 400
        assert json.loads(await response.aread())["errors"][0]["extensions"]["code"] == "MALFORMED_REQUEST"


async def test_a_subscription_without_a_stream_is_told_how_to_ask():
    async with asked(market(), {"accept": "application/json"}) as (response, _):
        error = json.loads(await response.aread())["errors"][0]
    assert error["extensions"]["code"] == "SUBSCRIPTION_UNSUPPORTED"
    assert "text/event-stream" in error["extensions"]["advice"]


async def test_events_come_from_another_process_over_http():
    source = market()
    async with listening(source.prices) as prices, listening(source.names) as names:
        transports = {"prices": HttpTransport(f"http://{prices}/"), "names": HttpTransport(f"http://{names}/")}
        shop = market(transports=transports)
        async with asked(shop, SSE) as (_, parts):
            await source.prices.opened.wait()
            source.prices.change({"sku": "2", "price": 20})
            assert b'"price":20,"name":"Compass"' in await read_until(parts, b"}\n\n")
        await asyncio.wait_for(source.prices.closed.wait(), 60)
        source.prices.refusal = 503
        async with asked(shop, SSE) as (_, parts):
            assert b"refused the subscription (503)" in await read_until(parts, b"SUBSCRIPTION_SOURCE_LOST")


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("text/event-stream", EventStream),
        ("TEXT/EVENT-STREAM;q=1, */*", EventStream),
        ('multipart/mixed; boundary="-"; subscriptionSpec="1.0"', Multipart),
        ("multipart/mixed;deferSpec=20220824, application/json", type(None)),
        ("multipart/mixed", type(None)),
        ("application/json", type(None)),
        ("", type(None)),
    ],
)
def test_the_accept_header_says_which_stream(accept: str, found: type):
    assert type(format_of(accept)) is found

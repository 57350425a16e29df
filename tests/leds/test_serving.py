"""A server that is to stop ends its streams and finishes everything else."""

import asyncio
import contextlib

import httpx

from leds.serving import EndingStreams
from tests.gateway.streams.kit import WATCH, listening, market


async def test_a_stream_is_ended_and_a_query_is_finished_once_the_server_is_to_stop():
    shop, ending = market(), asyncio.Event()
    body = {"query": WATCH, "variables": {"sku": "1"}}
    async with (
        listening(EndingStreams(shop.app, ending)) as address,
        httpx.AsyncClient(trust_env=False, timeout=10, base_url=f"http://{address}") as client,
    ):
        async with client.stream("POST", "/graphql", json=body, headers={"accept": "text/event-stream"}) as response:
            await shop.prices.opened.wait()
            assert shop.prices.open == 1
            ending.set()
            with contextlib.suppress(httpx.RemoteProtocolError):
                await asyncio.wait_for(response.aread(), 60)
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
        answer = await client.post("/graphql", json={"query": '{ product(sku: "1") { name } }'})
        assert answer.json()["data"] == {"product": {"name": "Lantern"}}

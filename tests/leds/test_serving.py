"""A server that is to stop ends its streams and finishes everything else."""

import asyncio
import contextlib
import socket

import httpx
import pytest

from leds.errors import ConfigurationError, PortInUse
from leds.serving import EndingStreams, require_free_port
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


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_no_address_of_this_machine_is_refused_by_name(host: str):
    with pytest.raises(ConfigurationError, match=host):
        require_free_port(host, 0)


def test_a_port_that_somebody_listens_on_is_refused_by_name():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            require_free_port("127.0.0.1", port)

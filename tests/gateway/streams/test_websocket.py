"""graphql-transport-ws over real sockets: every message of the protocol, every way of closing, and events that join."""

import asyncio
from dataclasses import replace

import pytest

from tests.gateway.streams.kit import FAST, listening, market, socket

NEVER = {"sku": "1", "price": 1}


async def test_an_event_is_joined_with_what_other_subgraphs_know():
    shop = market()
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a")
        await shop.prices.opened.wait()
        shop.prices.change({"sku": "1", "price": 10})
        shop.prices.change({"sku": "2", "price": 20})
        first, second = await client.hear(), await client.hear()
        shop.prices.change(None)
        assert await client.hear() == {"id": "a", "type": "complete"}
    assert [(each["id"], each["type"]) for each in (first, second)] == [("a", "next"), ("a", "next")]
    assert first["payload"]["data"] == {"priceChanged": {"sku": "1", "price": 10, "name": "Lantern"}}
    assert second["payload"]["data"] == {"priceChanged": {"sku": "2", "price": 20, "name": "Compass"}}
    assert shop.names.asked == 2


async def test_queries_and_mutations_are_answered_and_completed_on_the_same_socket():
    async with listening(market().app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("q", '{ product(sku: "1") { name } }')
        assert (await client.hear())["payload"]["data"] == {"product": {"name": "Lantern"}}
        assert await client.hear() == {"id": "q", "type": "complete"}
        await client.subscribe("m", 'mutation { rename(sku: "1", name: "Lamp") { name } }')
        assert (await client.hear())["payload"]["data"] == {"rename": {"name": "Lamp"}}
        assert await client.hear() == {"id": "m", "type": "complete"}


async def test_what_is_no_operation_is_an_error_of_that_id_and_the_socket_goes_on():
    async with listening(market().app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a", "{ nothing }")
        refused = await client.hear()
        assert (refused["id"], refused["type"]) == ("a", "error")
        assert refused["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        await client.subscribe("a", "subscription { }")
        assert (await client.hear())["payload"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
        await client.subscribe("a", '{ product(sku: "1") { name } }')
        assert (await client.hear())["type"] == "next"


async def test_a_ping_is_answered_with_its_payload_before_and_after_the_connection_is_acknowledged():
    async with listening(market().app) as address, socket(address) as client:
        await client.say(type="ping", payload={"a": 1})
        assert await client.hear() == {"type": "pong", "payload": {"a": 1}}
        await client.init()
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}
        await client.say(type="pong")
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}


async def test_completing_ends_the_stream_at_the_subgraph():
    shop = market()
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a")
        await shop.prices.opened.wait()
        assert shop.prices.open == 1
        await client.say(type="complete", id="a")
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
        assert shop.prices.open == 0


async def test_a_client_that_goes_away_ends_its_streams_at_the_subgraph():
    shop = market()
    async with listening(shop.app) as address:
        async with socket(address) as client:
            await client.init()
            await client.subscribe("a")
            await shop.prices.opened.wait()
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
    assert shop.prices.open == 0


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type":"subscribe","id":"a","payload":{"query":"{ product(sku: 1) { name } }"}}', 4401),
        ('{"type":"complete","id":"a"}', 4401),
        ('{"type":"start","id":"a"}', 4400),
        ('{"type":"connection_ack"}', 4400),
        ("nonsense", 4400),
        ("[]", 4400),
        ('{"type":"subscribe","id":1,"payload":{}}', 4400),
        ('{"type":"subscribe","id":"a"}', 4400),
        ('{"type":"subscribe","id":"","payload":{}}', 4400),
        ('{"type":"connection_init","payload":{"a":1}}', 4400),
        ('{"type":"connection_init","payload":{"a":"1","A":"2"}}', 4400),
        ('{"type":"connection_init","payload":[]}', 4400),
        ("[" * 100_000, 4400),
        (b"\x00\x01", 4400),
    ],
    ids=str,
)
async def test_what_the_protocol_does_not_allow_first_closes_the_socket(first: str | bytes, code: int):
    shop = market()
    async with listening(shop.app) as address, socket(address) as client:
        await client.connection.send(first)
        assert (await client.closed())[0] == code
    assert shop.names.asked == 0


@pytest.mark.parametrize("again", [True, False])
async def test_a_second_initialisation_or_a_second_subscriber_of_one_id_closes_the_socket(again: bool):
    shop = market()
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        if again:
            await client.say(type="connection_init")
        else:
            await client.subscribe("a")
            await client.subscribe("a")
        assert (await client.closed())[0] == (4429 if again else 4409)


async def test_a_message_beyond_the_limit_closes_the_socket():
    async with listening(market().app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a", "{ " + " " * FAST.largest_message + "}")
        assert (await client.closed())[0] == 4400


async def test_a_socket_that_does_not_say_who_it_is_is_closed():
    shop = market(limits=replace(FAST, init_seconds=0.05))
    async with listening(shop.app) as address, socket(address) as client:
        assert (await client.closed())[0] == 4408


@pytest.mark.parametrize(("subprotocol", "code"), [("graphql-ws", 4400), ("mqtt", 4406)])
async def test_another_subprotocol_is_not_spoken(subprotocol: str, code: int):
    async with listening(market().app) as address, socket(address, subprotocol) as client:
        assert (await client.closed())[0] == code


async def test_a_client_that_also_speaks_the_legacy_subprotocol_is_served():
    async with listening(market().app) as address, socket(address, "graphql-ws", "graphql-transport-ws") as client:
        await client.init()


async def test_subscriptions_of_one_connection_are_limited_one_by_one():
    shop = market(limits=replace(FAST, per_connection=2))
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        for id_ in "abc":
            await client.subscribe(id_)
        refused = await client.hear()
        assert (refused["id"], refused["type"]) == ("c", "error")
        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await client.say(type="complete", id="a")
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
        await client.subscribe("d", '{ product(sku: "1") { name } }')
        assert (await client.hear())["id"] == "d"


async def test_all_subscriptions_together_are_limited():
    shop = market(limits=replace(FAST, total=1))
    async with listening(shop.app) as address, socket(address) as one, socket(address) as other:
        await one.init()
        await one.subscribe("a")
        await shop.prices.opened.wait()
        await other.init()
        await other.subscribe("a")
        assert (await other.hear())["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"


@pytest.mark.parametrize("broken", [b"event: next\ndata: nonsense\n\n", b'event: next\ndata: {"data":null}\n\n'])
async def test_an_event_that_is_no_response_costs_its_fields_and_the_stream_goes_on(broken: bytes):
    shop = market()
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a")
        await shop.prices.opened.wait()
        shop.prices.change(broken)
        lost = await client.hear()
        assert lost["payload"]["data"] == {"priceChanged": None}
        assert lost["payload"]["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        shop.prices.change(NEVER)
        assert (await client.hear())["payload"]["data"]["priceChanged"]["price"] == 1


async def test_a_source_that_refuses_is_an_error_and_the_socket_goes_on():
    shop = market()
    shop.prices.refusal = 401
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a")
        refused = await client.hear()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "SUBSCRIPTION_SOURCE_LOST")
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}

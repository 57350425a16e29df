"""Governed streams: every event is decided and recorded anew; whoever may no longer have it is told why."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from authz.audit.errors import AuditUnavailable
from authz.audit.leaf import Outcome
from authz.decision import Decision, Form
from authz.errors import TokenExpired
from authz.safety import OfficerSafety
from gateway.graph import Graph
from tests.gateway.kit import Edges, Entry
from tests.gateway.streams.kit import FAST, Socket, listening, market, socket

DENIED = Decision(Form.DENY, ("P05",), "PRICES")
TEN = {"sku": "1", "price": 10}


async def subscribed(client: Socket, shop: Any, who: str = "ann") -> None:
    await client.init(Authorization=who)
    await client.subscribe("a")
    await asyncio.wait_for(shop.prices.opened.wait(), 60)


async def ended(client: Socket) -> tuple[str, tuple[int, str]]:
    """The code of the operation's error, and how the socket was closed."""
    last = await client.hear()
    assert last["type"] == "error", last
    return last["payload"][0]["extensions"]["code"], await client.closed()


async def test_nobody_is_heard_without_a_token_and_the_refusal_is_recorded():
    edges = Edges()
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await client.say(type="connection_init")
        assert await client.closed() == (4401, "TOKEN_MISSING")
    assert [answer.refused_by for _, answer in edges.recorded] == ["TOKEN_MISSING"]
    assert shop.prices.headers == []


async def test_a_subscription_and_each_of_its_events_are_recorded_before_they_leave():
    edges = Edges()
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await subscribed(client, shop)
        assert (len(edges.intended), edges.recorded) == (1, [])
        for number in (0, 1):
            shop.prices.change(TEN)
            audit = (await client.hear())["payload"]["extensions"]["audit"]
            assert (audit["entry"], audit["index"]) == ("I1", number)
    assert [answer.part for _, answer in edges.recorded] == [0, 1]
    asked = {(request.principal.subject, request.operation.hash) for request, _ in edges.recorded if request.principal}
    assert len(asked) == 1
    assert [subgraph for subgraph, _ in edges.signed].count("names") == 2


async def test_what_may_not_be_shown_is_not_asked_of_the_subgraphs_and_null_in_every_event():
    edges = Edges(denied={"ann": {"Product.name": DENIED}})
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await subscribed(client, shop)
        shop.prices.change(TEN)
        event = await client.hear()
    assert event["payload"]["data"]["priceChanged"] == {"sku": "1", "price": 10, "name": None}
    assert [error["extensions"]["code"] for error in event["payload"]["errors"]] == ["ACCESS_DENIED"]


async def test_a_context_that_is_not_complete_refuses_the_operation_and_says_what_is_missing():
    edges = Edges()
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await client.init(**{"Authorization": "ann", "X-Leds-Purpose": ""})
        await client.subscribe("a")
        refused = await client.hear()
    assert refused["payload"][0]["extensions"]["missing"] == ["X-Leds-Purpose"]
    assert [answer.refused_by for _, answer in edges.recorded] == ["CONTEXT_INCOMPLETE"]


def _expire(edges: Edges) -> None:
    async def expired(headers: Any) -> Any:
        raise TokenExpired("The access token has expired.")

    edges.authenticating = expired


def _revoke(edges: Edges) -> None:
    edges.denied = {"ann": {"Product.price": DENIED}}


ENDINGS: dict[str, tuple[Callable[[Edges], None], int]] = {
    "TOKEN_EXPIRED": (_expire, 4401),
    "SUBSCRIPTION_REVOKED": (_revoke, 4403),
}


class Changing(Edges):
    """Edges whose facts change: who may what is looked up anew, as it is when facts have a new version."""

    authenticating: Any = None

    def stages(self) -> Any:
        found = super().stages()

        async def authenticate(headers: Any) -> Any:
            return await (self.authenticating or self.authenticate)(headers)

        def decide(known: Any, now: Any) -> Any:
            clearance = found.decide(known, now)
            return replace(clearance, key=f"{clearance.key}") if not self.denied else replace(clearance, key="ann")

        return replace(found, authenticate=authenticate, decide=decide)


@pytest.mark.parametrize("event", [True, False], ids=["at the next event", "although nothing happens"])
@pytest.mark.parametrize("code", ENDINGS)
async def test_whoever_may_no_longer_is_told_so_and_the_socket_is_closed(code: str, event: bool):
    edges = Changing()
    shop = market(edges.stages(), replace(FAST, recheck_seconds=60) if event else FAST)
    change, close = ENDINGS[code]
    async with listening(shop.app) as address, socket(address) as client:
        await subscribed(client, shop)
        shop.prices.change(TEN)
        assert (await client.hear())["type"] == "next"
        change(edges)
        shop.served.replace(shop.graph(edges.stages()))
        if event:
            shop.prices.change(TEN)
        assert await ended(client) == (code, (close, code))
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
    assert (edges.recorded[-1][1].outcome, edges.recorded[-1][1].refused_by) == (Outcome.REFUSED, code)


async def test_a_new_version_that_changes_nothing_for_the_subscriber_lets_the_stream_go_on():
    edges = Changing()
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await subscribed(client, shop)
        shop.served.replace(shop.graph(edges.stages()))
        shop.prices.change(TEN)
        assert (await client.hear())["payload"]["data"]["priceChanged"]["price"] == 10


async def test_another_schema_ends_the_subscription_and_the_socket_goes_on():
    edges = Edges()
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await subscribed(client, shop)
        other: Graph = replace(shop.graph(edges.stages()), version="another")
        shop.served.replace(other)
        assert (await client.hear())["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_GRAPH_REPLACED"
        await client.subscribe("b", '{ product(sku: "1") { name } }')
        assert (await client.hear())["id"] == "b"


async def test_an_event_that_cannot_be_recorded_does_not_leave():
    edges = Edges()
    shop = market(edges.stages())
    async with listening(shop.app) as address, socket(address) as client:
        await subscribed(client, shop)
        edges.ledger_fails = RuntimeError("no ledger")
        shop.prices.change(TEN)
        last = await client.hear()
    assert (last["type"], last["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL_ERROR")


class Opening:
    """A fallback that would answer everything, and tells when it is asked to."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def reduced(self, document, name, enforced, clearance, conditions) -> OfficerSafety:
        self.asked.append("reduced")
        return OfficerSafety(enforced.document, enforced.denials, whole=True)

    async def intend(self, request) -> Entry:
        self.asked.append("intend")
        return Entry("S1", 0)

    async def record(self, request, answer, intent) -> Entry:
        self.asked.append("record")
        return Entry("S1", 0)


@pytest.mark.parametrize("before_it_is_opened", [True, False])
async def test_no_subscription_is_answered_without_the_ledger(before_it_is_opened: bool):
    edges, opening = Edges(), Opening()
    shop = market(replace(edges.stages(), without_ledger=opening))
    async with listening(shop.app) as address, socket(address) as client:
        if before_it_is_opened:
            edges.ledger_fails = AuditUnavailable("no ledger")
            await client.init(Authorization="ann")
            await client.subscribe("a")
        else:
            await subscribed(client, shop)
            edges.ledger_fails = AuditUnavailable("no ledger")
            shop.prices.change(TEN)
        last = await client.hear()
    assert (last["type"], last["payload"][0]["extensions"]["code"]) == ("error", "AUDIT_UNAVAILABLE")
    assert opening.asked == []


async def test_one_identity_holds_a_number_of_subscriptions_over_all_its_sockets():
    edges = Edges()
    shop = market(edges.stages(), replace(FAST, per_identity=1))
    async with listening(shop.app) as address, socket(address) as one, socket(address) as other:
        await subscribed(one, shop)
        await other.init(Authorization="ann")
        await other.subscribe("a")
        assert (await other.hear())["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await one.say(type="complete", id="a")
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
        shop.prices.opened.clear()
        await other.subscribe("b")
        await asyncio.wait_for(shop.prices.opened.wait(), 60)


async def all_of(client: Socket) -> None:
    while True:
        await client.hear()


async def test_a_client_that_does_not_read_is_closed_and_nothing_is_kept_for_it():
    shop = market(limits=replace(FAST, slow_seconds=0.2))
    async with listening(shop.app) as address, socket(address) as client:
        await client.init()
        await client.subscribe("a", "subscription ($sku: ID!) { priceChanged(sku: $sku) { sku } }")
        await shop.prices.opened.wait()
        # More than the sockets' buffers take, and nothing that compression makes small.
        large = os.urandom(250_000).hex()
        for _ in range(60):
            shop.prices.change({"sku": large})
        await asyncio.wait_for(shop.prices.closed.wait(), 60)
        assert shop.prices.open == 0
        with pytest.raises(ConnectionClosedError):
            await all_of(client)
        assert await client.closed() == (4413, "SLOW_CONSUMER")

"""`vehicleReportChanged`: whoever changes a report, a subscriber who may see it hears of it, and nobody else does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from authz.grant import request_signer
from gateway.execution.exchange import TransportError
from gateway.execution.signed_transport import SignedTransport
from gateway.execution.stream_transport import ACCEPTED
from gateway.execution.transport import AsgiTransport
from resolvers.vehicle import tables as t
from resolvers.vehicle.feed import ReportFeed
from subgraphs.service import Subgraph
from subgraphs.vehicle import CHANGES, schema
from tests.authz.callers import NOON, OFFICER, ROADSIDE
from tests.subgraphs.world import RING, a_block, a_report, a_vehicle, key_of, settings, written

WATCH = """subscription ($vrm: Vrm!) { vehicleReportChanged(vrm: $vrm) {
  change vehicleReportId report { state { code } } vehicle { vrm } } }"""


class World:
    """A vehicle subgraph that is listened to, and the database behind it, which others write to as well."""

    def __init__(self, app: Subgraph, url: str, clock: list[datetime]) -> None:
        self.app, self.clock = app, clock
        self._engine = create_async_engine(url)
        self._numbers = iter(range(1_000_000))

    async def write(self, statement: Any) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def amend(self, number: int, **columns: Any) -> None:
        report = t.vehicle_report
        changed = report.update().where(report.c.vehicle_report_id == key_of(number, "2222"))
        await self.write(changed.values(version=report.c.version + 1, **columns))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def listening(self, vrm: str = "QX01AAA", who: Any = OFFICER, query: str = WATCH) -> AsyncIterator["Events"]:
        body = msgspec.json.encode({"query": query, "variables": {"vrm": vrm}})
        nonces = lambda: f"stream-{next(self._numbers)}"  # noqa: E731 - a supply of nonces
        sign = request_signer(lambda _name: RING, who, ROADSIDE, NOON.timestamp, nonces)
        transport = SignedTransport(AsgiTransport(self.app), "vehicle", RING, NOON.timestamp)
        async with aclosing(transport.events(body, sign("vehicle", body))) as events:
            assert await anext(events) is ACCEPTED
            yield Events(events)


class Events:
    """What a listener hears."""

    def __init__(self, events: Any) -> None:
        self._events = events

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            return json.loads(await anext(self._events))

    async def changed(self) -> dict[str, Any]:
        answer = await self.next()
        assert "errors" not in answer, answer
        return answer["data"]["vehicleReportChanged"]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    await written(database_url, [a_vehicle(1), a_vehicle(2), a_report(1), a_report(2), a_report(3), a_block(3)])
    app, clock = Subgraph("vehicle", schema, CHANGES, ReportFeed), [NOON]
    await app.start(replace(settings(database_url), clock=lambda: clock[0], feed_seconds=0.05))
    found = World(app, database_url, clock)
    yield found
    await found.close()
    await app.stop()


async def test_a_change_by_another_process_is_heard_with_the_report_as_it_is_now(world: World):
    async with world.listening() as events:
        await world.amend(1, state="RECOVERED")
        assert await events.changed() == {
            "change": "AMENDED",
            "vehicleReportId": key_of(1, "2222"),
            "report": {"state": {"code": "RECOVERED"}},
            "vehicle": {"vrm": "QX01AAA"},
        }


async def test_raised_amended_and_removed_are_told_apart(world: World):
    async with world.listening() as events:
        _, row = a_report(7)
        await world.write(t.vehicle_report.insert().values({"lag_seconds": 0, **row}))
        assert (await events.changed())["change"] == "RAISED"
        await world.amend(7, circumstances="Seen again.")
        assert (await events.changed())["change"] == "AMENDED"
        await world.write(t.vehicle_report.delete().where(t.vehicle_report.c.vehicle_report_id == key_of(7, "2222")))
        removed = await events.changed()
        assert (removed["change"], removed["vehicleReportId"], removed["report"]) == (
            "REMOVED",
            key_of(7, "2222"),
            None,
        )


async def test_each_event_says_what_it_disclosed(world: World):
    async with world.listening() as events:
        await world.amend(1, state="RECOVERED")
        extensions = (await events.next())["extensions"]
    assert {found["type"] for found in extensions["disclosures"]} == {"Vehicle"}
    fields = {name for found in extensions["disclosures"] for name in found["fields"]}
    assert {"Subscription.vehicleReportChanged", "VehicleReportChange.change", "VehicleReport.state"} <= fields


async def test_what_happens_to_a_blocked_report_or_to_another_vehicle_is_not_heard(world: World):
    async with world.listening() as events:
        await world.amend(3, state="RECOVERED")
        _, row = a_report(8, vehicle=2)
        await world.write(t.vehicle_report.insert().values({"lag_seconds": 0, **row}))
        await world.amend(2, circumstances="Heard.")
        heard = await events.changed()
        assert (heard["change"], heard["vehicleReportId"]) == ("AMENDED", key_of(2, "2222"))


async def test_a_report_that_becomes_blocked_is_gone_like_one_that_was_removed(world: World):
    async with world.listening() as events:
        _, block = a_block(1)
        await world.write(t.vehicle_report_block.insert().values(block))
        await world.amend(1, state="RECOVERED")
        heard = await events.changed()
        assert (heard["change"], heard["report"]) == ("REMOVED", None)


async def test_a_mark_nobody_bears_is_listened_to_like_any_other(world: World):
    async with world.listening("QX99AAA"):
        pass


async def test_an_expired_token_ends_the_stream(world: World):
    async with world.listening() as events:
        world.clock[0] = NOON + timedelta(hours=1)
        await world.amend(1, state="RECOVERED")
        with pytest.raises(TransportError):
            await events.next()


async def test_who_may_not_read_reports_does_not_listen_to_them(world: World):
    with pytest.raises(TransportError) as refused:
        async with world.listening(who=replace(OFFICER, roles=("org_admin",))):
            pass
    assert refused.value.status == "refused"


@pytest.mark.parametrize(
    "query", ["{ rrdReview(reviewId: 1) { state } }", "subscription { nothing }", "subscription {"]
)
async def test_only_a_valid_subscription_is_answered_with_a_stream(world: World, query: str):
    with pytest.raises(TransportError):
        async with world.listening(query=query):
            pass

"""Subscriptions through the whole service: whoever changes a report, its subscribers hear of it, and the ledger too."""

import asyncio

import httpx
import pytest

from tests.end_to_end.demo import Demo
from tests.end_to_end.recorded import newest, recorded
from tests.end_to_end.streaming import (
    OFFICER,
    UPDATER,
    UPDATING,
    VRM,
    WATCH,
    amend,
    headers_of,
    listener,
    next_event,
)

STREAM = {"Accept": "text/event-stream"}


async def test_an_event_is_heard_over_sse_joined_and_in_the_ledger(demo: Demo):
    body = {"query": WATCH, "variables": {"vrm": VRM}}
    headers = headers_of(demo, OFFICER) | STREAM
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        client.stream("POST", f"{demo.origin}/graphql", json=body, headers=headers) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        lines = response.aiter_lines()
        amend(demo, "Seen on the A38.")
        event = await next_event(lines)
    changed = event["data"]["vehicleReportChanged"]
    assert changed["change"] == "AMENDED"
    assert changed["report"] == {"circumstances": "Seen on the A38.", "state": {"code": "CONFIRMED"}}
    assert changed["vehicle"]["vrm"] == VRM
    entry = await asyncio.to_thread(recorded, demo, event)
    asked = entry["request"]
    assert (asked["operation"]["name"], asked["user"]["id"]) == ("Watch", OFFICER.subject)
    fields = {name for subject in entry["subjects"] for form in subject["forms"] for name in form["fields"]}
    assert {"VehicleReport.circumstances", "Subscription.vehicleReportChanged", "vrm"} <= fields


async def test_an_event_is_heard_over_a_websocket(demo: Demo):
    async with listener(f"{demo.origin}/graphql", headers_of(demo, OFFICER)) as socket:
        await socket.subscribe(WATCH, vrm=VRM)
        heard = asyncio.ensure_future(socket.hear())
        number = 0
        while not heard.done():
            # The protocol does not say when a subscription is listened to: it is once an event is heard.
            number += 1
            amend(demo, f"Seen {number} times.")
            await asyncio.wait({heard}, timeout=1)
        message = heard.result()
        assert (message["id"], message["type"]) == ("a", "next")
        assert message["payload"]["data"]["vehicleReportChanged"]["report"]["circumstances"].startswith("Seen ")


async def test_a_token_that_expires_ends_the_stream_within_five_seconds_of_its_leeway(demo: Demo):
    async with listener(f"{demo.origin}/graphql", headers_of(demo, OFFICER, seconds=1)) as socket:
        started = asyncio.get_running_loop().time()
        await socket.subscribe(WATCH, vrm=VRM)
        message = await socket.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "TOKEN_EXPIRED")
        async with asyncio.timeout(60):
            await socket.connection.wait_closed()
        assert socket.connection.close_code == 4401
        # One second of life, five of leeway for clocks, five to notice.
        assert asyncio.get_running_loop().time() - started < 11
    assert "TOKEN_EXPIRED" in {entry["refusedBy"] for entry in await asyncio.to_thread(newest, demo, 3)}


@pytest.mark.parametrize("headers", [STREAM, {"Accept": "multipart/mixed;subscriptionSpec=1.0, application/json"}])
async def test_what_may_not_be_listened_to_is_refused_and_recorded(demo: Demo, headers: dict[str, str]):
    body = {"query": 'subscription { vehicleReportChanged(vrm: "AB12CDE") { change } }'}
    asking = headers_of(demo, UPDATER, **{**UPDATING, "X-Leds-Reason": "0 - Transaction log and other audit checks",
                                          "X-Leds-Purpose": "CO1"})  # fmt: skip
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        response = await client.post(f"{demo.origin}/graphql", json=body, headers=asking | headers)
    assert "ACCESS_DENIED" in response.text
    (entry,) = await asyncio.to_thread(newest, demo, 1)
    assert entry["eventType"] == "REFUSE"


async def test_without_a_token_nothing_is_heard(demo: Demo):
    body = {"query": WATCH, "variables": {"vrm": VRM}}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        response = await client.post(f"{demo.origin}/graphql", json=body, headers=STREAM)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_MISSING")

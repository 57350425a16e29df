"""Callers of the demo who change records and listen: tokens made with the demo's keys, and sockets."""

import asyncio
import contextlib
import json
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from authz.principal import Principal
from leds.data.cast.identities import LOST_CONFIRMED_VRM, cast_key
from leds.issuer.tokens import TokenSubject, access_token, principal_claims
from leds.keys import ensure_keys
from leds.personas import PERSONAS, statement_headers
from tests.end_to_end.demo import Demo

OFFICER = PERSONAS["officer"].principal
UPDATER = replace(
    PERSONAS["analyst"].principal,
    subject="u-20-3301",
    name="Bureau Example",
    roles=("bureau_update",),
    training=("COP", "NM-ENQ", "OFF-PRE", "OFF-RES", "VP-ENQ"),
)
REVIEWER = replace(UPDATER, subject="u-20-3302", name="Reviewer Example", roles=("rrd_reviewer",))
UPDATING = {"X-Leds-Reason": "9 - Update/Confirm/Broadcast", "X-Leds-Purpose": "CO3"}
WAITING_SECONDS = 90
WATCH = """subscription Watch($vrm: Vrm!) { vehicleReportChanged(vrm: $vrm) {
  change report { circumstances state { code } } vehicle { vrm keeper { name { ... on PersonName { last } } } } } }"""
REPORT, VRM = cast_key(2, 44), LOST_CONFIRMED_VRM


def headers_of(demo: Demo, who: Principal, seconds: int = 600, **changes: str) -> dict[str, str]:
    """The headers of a request by somebody, with a token of the demo's issuer that lives so many seconds."""
    now = int(time.time())
    keys = ensure_keys(demo.home / "keys")
    subject = TokenSubject("leds-command-line", "leds", principal_claims(who), str(uuid.uuid4()))
    token = access_token(subject, keys.issuer, now, seconds, issuer=f"{demo.origin}/oidc", audience="leds-graph")
    persona = "officer" if who is OFFICER else "analyst"
    return {"Authorization": f"Bearer {token}", **statement_headers(persona, subject.token_id, now), **changes}


class Listener:
    """A socket of graphql-transport-ws that has been acknowledged."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def subscribe(self, query: str, **variables: Any) -> None:
        """Subscribe under the id `a`."""
        payload = {"query": query, "variables": variables}
        await self.connection.send(json.dumps({"type": "subscribe", "id": "a", "payload": payload}))

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(WAITING_SECONDS):
            return json.loads(await self.connection.recv())


@asynccontextmanager
async def listener(url: str, headers: dict[str, str]) -> AsyncIterator[Listener]:
    """A socket at `url` (http), opened by somebody."""
    address = url.replace("http://", "ws://")
    async with connect(address, subprotocols=["graphql-transport-ws"], proxy=None, close_timeout=1) as connection:  # type: ignore[list-item]
        await connection.send(json.dumps({"type": "connection_init", "payload": headers}))
        async with asyncio.timeout(WAITING_SECONDS):
            assert json.loads(await connection.recv()) == {"type": "connection_ack"}
        yield Listener(connection)


def amend(demo: Demo, text: str) -> None:
    """Change the report as another program would."""
    with contextlib.closing(sqlite3.connect(demo.home / "demo.sqlite", timeout=10)) as connection, connection:
        connection.execute(
            "UPDATE vehicle_report SET version = version + 1, circumstances = ? WHERE vehicle_report_id = ?",
            (text, REPORT),
        )


async def next_event(lines: Any) -> dict[str, Any]:
    """The next event of an event stream's lines."""
    async with asyncio.timeout(60):
        async for line in lines:
            if line.startswith("data: {"):
                return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")

"""One request over each transport; what came of it as one value, so that transports can be held to the same table."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.gateway.streams.kit import socket

Request = Mapping[str, Any]
SECONDS = 90


@dataclass(frozen=True)
class Told:
    """Every response of one operation, in order; the HTTP status, or the code a socket was closed with."""

    responses: tuple[dict[str, Any], ...]
    status: int = 200

    @property
    def data(self) -> Any:
        """The data of the only response."""
        (response,) = self.responses
        return response.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of every response."""
        return [error for response in self.responses for error in response.get("errors", ())]

    @property
    def codes(self) -> list[str]:
        """Their codes."""
        return [error["extensions"]["code"] for error in self.errors]


async def by_post(client: httpx.AsyncClient, request: Request, headers: Mapping[str, str]) -> Told:
    """POST with a JSON body."""
    response = await client.post("/graphql", json=dict(request), headers=dict(headers))
    return Told((response.json(),), response.status_code)


async def by_get(client: httpx.AsyncClient, request: Request, headers: Mapping[str, str]) -> Told:
    """GET with URL parameters."""
    given = {name: value if isinstance(value, str) else json.dumps(value) for name, value in request.items() if value}
    response = await client.get("/graphql", params=given, headers=dict(headers))
    return Told((response.json(),), response.status_code)


async def by_websocket(client: httpx.AsyncClient, request: Request, headers: Mapping[str, str]) -> Told:
    """graphql-transport-ws: the caller in `connection_init`, one operation."""
    responses: list[dict[str, Any]] = []
    async with socket(client.base_url.netloc.decode()) as speaker:
        await speaker.init(**{name.title(): value for name, value in headers.items()})
        await speaker.say(type="subscribe", id="1", payload=dict(request))
        while (message := await speaker.hear())["type"] == "next":
            responses.append(message["payload"])
        if message["type"] == "error":
            responses.append({"errors": message["payload"]})
    return Told(tuple(responses))


async def by_sse(client: httpx.AsyncClient, request: Request, headers: Mapping[str, str]) -> Told:
    """GraphQL over SSE, distinct connections."""
    async with asyncio.timeout(SECONDS):
        response = await client.post("/graphql", json=dict(request), headers={**headers, "accept": "text/event-stream"})
    if not response.headers["content-type"].startswith("text/event-stream"):
        return Told((response.json(),), response.status_code)
    assert response.text.rstrip().endswith("event: complete\ndata:")
    events = [line.removeprefix("data:").strip() for line in response.text.splitlines() if line.startswith("data:")]
    return Told(tuple(json.loads(event) for event in events if event))


async def by_multipart(client: httpx.AsyncClient, request: Request, headers: Mapping[str, str]) -> Told:
    """multipart/mixed with `subscriptionSpec=1.0`; what is no stream is answered plainly."""
    accept = {"accept": "multipart/mixed;subscriptionSpec=1.0, application/json"}
    async with asyncio.timeout(SECONDS):
        response = await client.post("/graphql", json=dict(request), headers={**headers, **accept})
    if not response.headers["content-type"].startswith("multipart/"):
        return Told((response.json(),), response.status_code)
    assert response.text.endswith("--graphql--\r\n")
    parts = (part.partition("\r\n\r\n")[2].strip() for part in response.text.split("--graphql"))
    found = [json.loads(part) for part in parts if part and part != "{}"]
    return Told(
        tuple((each["payload"] or {}) | ({"errors": each["errors"]} if "errors" in each else {}) for each in found)
    )


TRANSPORTS: dict[str, Callable[[httpx.AsyncClient, Request, Mapping[str, str]], Awaitable[Told]]] = {
    "POST": by_post,
    "GET": by_get,
    "WebSocket": by_websocket,
    "SSE": by_sse,
    "multipart": by_multipart,
}
STREAMS = ("WebSocket", "SSE", "multipart")

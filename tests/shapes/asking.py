"""Asks as a shape's caller, over one transport, and reads denials; skips where the shared table is absent."""

from typing import Any

import pytest

from tests.shapes.transports import TRANSPORTS, Told
from tests.shapes.world import FOLDER, World, bearer, table

NEEDS_TABLE = pytest.mark.skipif(
    FOLDER is None, reason="no conformance folder: set LEDS_SHARED or put shared/ beside the repository"
)
OVER_EACH = pytest.mark.parametrize("transport", TRANSPORTS)


async def ask(world: World, transport: str, shape: str, **changes: Any) -> Told:
    """What the shape's caller is told over this transport."""
    row = table()["shapes"][shape] | changes
    return await send(world, transport, bearer(row["claims"]), row["query"], row["variables"], row["operationName"])


async def send(
    world: World,
    transport: str,
    headers: dict[str, str],
    query: str,
    variables: dict[str, Any] | None = None,
    operation_name: str | None = None,
) -> Told:
    """What comes of an operation over this transport."""
    named = {"query": query, "variables": variables, "operationName": operation_name}
    request = {name: value for name, value in named.items() if value is not None}
    return await TRANSPORTS[transport](world.client, request, headers)


def denied(told: Told) -> dict[tuple[str | int, ...], str]:
    """The coordinate denied at each path; every error must be a denial that says what is missing."""
    for error in told.errors:
        assert error["extensions"]["code"] == "ACCESS_DENIED", error
        assert error["extensions"]["missing"], error
    found = {tuple(error["path"]): error["extensions"]["coordinate"] for error in told.errors}
    assert len(found) == len(told.errors)
    return found

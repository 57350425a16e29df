"""One running world for each mode and composer, shared by every test of the shapes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.shapes.world import FOLDER, MODES, World

# A process of its own is held to the rules that nobody but the gateway has propagated.
WORLDS = [("embedded", "composed here"), ("embedded", "composed elsewhere"), ("deployed", "composed elsewhere")]
NO_FOLDER = "no conformance folder: set LEDS_SHARED or put shared/ beside the repository"


@pytest_asyncio.fixture(
    loop_scope="session", scope="session", params=WORLDS, ids=[f"{mode}, {composer}" for mode, composer in WORLDS]
)
async def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway over the world of shapes."""
    if FOLDER is None:
        pytest.skip(NO_FOLDER)
    mode, composer = request.param
    async with MODES[mode](composer, tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture(autouse=True)
def in_order(request: pytest.FixtureRequest) -> None:
    """Nothing of an earlier test counts as asked in this one."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").forget()

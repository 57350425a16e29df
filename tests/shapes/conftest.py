"""One running world for each mode and composer, shared by every test of the shapes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.gateway.archive import with_rules
from tests.shapes.governed import SERVICES, Twins, twins
from tests.shapes.world import FOLDER, MODES, World, embedded, stated, unpropagated

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


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def moved(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway whose rule on the summaries of reports stands on their interface, and nowhere else."""
    if FOLDER is None:
        pytest.skip(NO_FOLDER)
    rules = stated()
    of_types = {rules.pop(f"{name}.summary") for name in ("CrimeReport", "IntelReport")}
    sdl = with_rules(unpropagated(), rules | {"Report.summary": of_types.pop()})
    async with embedded("composed elsewhere", tmp_path_factory.mktemp("moved"), sdl) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="session", params=SERVICES)
async def governed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Twins]:
    """The governed service over a world with a source's record, and over its twin."""
    if FOLDER is None:
        pytest.skip(NO_FOLDER)
    async with twins(request.param, tmp_path_factory.mktemp("governed")) as running:
        yield running


@pytest.fixture(autouse=True)
def in_order(request: pytest.FixtureRequest) -> None:
    """Nothing of an earlier test counts as asked in this one."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").forget()

"""Whatever a subgraph does on the wire or says in a reply costs its own fields, each with a code at its path."""

import asyncio

import pytest

from gateway.general import GeneralSettings, general_graph
from gateway.graph import Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from tests.gateway.execution.hostile import CASES, check, world
from tests.gateway.kit import ask, told

MAX_REPLY = 500_000
PATIENT = GeneralSettings(fetch_seconds=20, max_reply=MAX_REPLY)
HURRIED = GeneralSettings(fetch_seconds=1, max_reply=MAX_REPLY)


@pytest.mark.parametrize("settings", [PATIENT, HURRIED], ids=["at once", "until the deadline"])
async def test_a_hostile_subgraph_costs_its_own_fields_only(settings: GeneralSettings, subtests: pytest.Subtests):
    cases = {name: case for name, case in CASES.items() if case.slow is (settings is HURRIED)}
    async with world() as (hostile, sdl), asyncio.timeout(60):
        served = Served(general_graph(sdl, settings))
        line = Pipeline(served, Metrics())
        for name, case in cases.items():
            with subtests.test(name):
                hostile.case = case
                response = await ask(line, case.query)
                assert response.status == 200
                check(case, told(response))
        hostile.case = CASES["good"]
        check(CASES["good"], told(await ask(line, CASES["good"].query)))
        await served.close()
    assert len(cases) >= 3

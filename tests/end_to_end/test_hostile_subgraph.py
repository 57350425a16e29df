"""The running `leds gateway` beside a subgraph that lies, stalls and breaks off: what it costs, and that it goes on."""

from pathlib import Path

import pytest

from tests.end_to_end.gateway import running_gateway
from tests.gateway.execution.hostile import CASES, check, world


async def test_a_hostile_subgraph_costs_its_own_fields_only(tmp_path: Path, subtests: pytest.Subtests):
    """All cases that end by themselves: this gateway's deadlines are longer than a test may be."""
    file = tmp_path / "supergraph.graphql"
    async with world() as (hostile, sdl):
        file.write_text(sdl, encoding="utf-8")
        async with running_gateway(tmp_path, "--supergraph", str(file)) as gateway:
            for name, case in CASES.items():
                if not case.slow:
                    with subtests.test(name):
                        hostile.case = case
                        check(case, await gateway.ask(case.query))
            hostile.case = CASES["good"]
            check(CASES["good"], await gateway.ask(CASES["good"].query))
            metrics = (await gateway.client.get("/metrics")).text
    assert gateway.errors() == []
    statuses = {"ok", "malformed", "unreachable", "oversized", "errors"}
    assert {status for status in statuses if f'status="{status}"' in metrics} == statuses

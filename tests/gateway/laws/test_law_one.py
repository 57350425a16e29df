"""Law 1: over any subgraphs, world and operation, the gateway answers as one server over the same world would.

`SEED=n` tries other operations and worlds, `OPERATIONS=n` so many times as many.
"""

import os
from collections.abc import Callable
from functools import cache
from random import Random

import pytest

from gateway.composition.compose import SubgraphDefinition
from tests.gateway.laws.counterexample import BUILD, smallest
from tests.gateway.laws.law import Federation, disagreement, federation_of
from tests.gateway.laws.operations import random_operation
from tests.gateway.laws.sources import audit_sources, case_sources, context_sources, own_sources
from tests.gateway.laws.world import Chances, World
from tests.gateway.planning.corpora import ABSENT
from tests.laws.report import CASES, SEED

TIMES = int(os.environ.get("OPERATIONS", "1"))
FAULTS = (Chances(), Chances(null=150), Chances(null=60, error=120))
# The audit wants errors for these: their subgraphs leave fields that nobody can be asked for.
UNSATISFIABLE = {"corrupted-supergraph-node-id", "non-resolvable-interface-object"}
pytestmark = pytest.mark.law("one-server")
SOURCES = {**case_sources(), **audit_sources(), **own_sources(), **context_sources()}


@cache
def federation(name: str) -> Federation:
    return federation_of(SOURCES[name])


async def check(name: str, subgraphs: tuple[SubgraphDefinition, ...], number: int) -> bool:
    """One operation in one world; False where no valid operation was found."""
    composed = federation(name)
    operation = random_operation(composed.ground.supergraph.api_schema, Random(f"{name} {SEED} {number}"))
    if operation is None:
        return False
    world = World(composed.ground, SEED * 1_000_000 + number, FAULTS[number % len(FAULTS)])
    found = await disagreement(composed, world, operation)
    if found:
        example = await smallest(subgraphs, composed, world, operation)
        file = BUILD / f"{name}-{SEED}-{number}.json"
        example.save(file)
        why = await example.found(composed)
        pytest.fail(f"{file}\n{example.operation.text}\n{dict(example.operation.variables)}\n{why}", pytrace=False)
    return True


async def check_all(name: str, operations: int, record: Callable[[str, object], None]) -> None:
    record(CASES, operations * TIMES)
    tried = [await check(name, SOURCES[name], number) for number in range(operations * TIMES)]
    assert sum(tried) * 2 > len(tried)


@pytest.mark.parametrize("name", case_sources())
async def test_the_planning_cases_answer_as_one_server_would(name: str, record_property):
    await check_all(name, 6, record_property)


@pytest.mark.parametrize("name", context_sources())
async def test_fields_fed_from_contexts_answer_as_one_server_would(name: str, record_property):
    await check_all(name, 12, record_property)


async def test_our_own_subgraphs_answer_as_one_server_would(record_property):
    await check_all("leds", 25, record_property)


@pytest.mark.skipif(not audit_sources(), reason=ABSENT)
@pytest.mark.parametrize("name", sorted(audit_sources().keys() - UNSATISFIABLE) or ["-"])
async def test_the_subgraphs_of_the_audit_answer_as_one_server_would(name: str, record_property):
    await check_all(name, 6, record_property)

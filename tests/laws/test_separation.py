"""Separation: what a caller loses changes no byte of an answer that did not show it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLSchema, OperationDefinitionNode, parse

from authz.facts import Facts
from gateway.execution.collect import coordinates_in
from tests.laws.canary_world import World, canary_world
from tests.laws.random_callers import Asking, random_asking
from tests.laws.report import CASES, SEED, cases

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTIONS = 60
PND = "PND-USER"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with canary_world(tmp_path_factory.mktemp("separation")) as running:
        yield running


def trained(random: Random, facts: Facts) -> Asking:
    """A random caller with training for PND; every second one works with it."""
    asking = random_asking(random, facts)
    roles = ("intel_analyst",) if random.random() < 0.5 else asking.principal.roles
    training = tuple(sorted({*asking.principal.training, PND}))
    return replace(asking, principal=replace(asking.principal, roles=roles, training=training))


def without(asking: Asking, training: str) -> Asking:
    kept = tuple(name for name in asking.principal.training if name != training)
    return replace(asking, principal=replace(asking.principal, training=kept))


def said(answer: bytes) -> str:
    """An answer without what is another for each request: its receipt, and the ids it is found again by."""
    told = json.loads(answer)
    told.get("extensions", {}).pop("audit", None)
    for error in told.get("errors", ()):
        error["extensions"].pop("correlationId", None)
    return json.dumps(told)


@pytest.mark.law("separation-from-pnd")
async def test_without_training_for_pnd_no_byte_changes_of_an_answer_that_did_not_show_it(
    world: World, record_property: Any
):
    random, showing = Random(f"separation {SEED}"), 0
    for _ in range(cases(QUESTIONS)):
        query, asking = world.questions.query(), trained(random, world.decider.facts)
        answer, replies = await world.answer(query, asking)
        if any(b"PND." in body for body in (answer, *replies)):
            showing += 1
            continue
        lesser, fewer = await world.answer(query, without(asking, PND))
        assert said(lesser) == said(answer), f"{asking}\n{query}"
        assert not any(b"PND." in body for body in (lesser, *fewer)), f"{asking}\n{query}"
    record_property(CASES, cases(QUESTIONS) - showing)
    assert 0 < showing < cases(QUESTIONS)


@pytest.mark.law("separation-of-datasets")
async def test_what_training_takes_away_changes_no_byte_of_an_answer_that_did_not_ask_for_it(
    world: World, record_property: Any
):
    random, compared = Random(f"training {SEED}"), 0
    for _ in range(cases(QUESTIONS)):
        query, more = world.questions.query(), random_asking(random, world.decider.facts)
        if not more.principal.training:
            continue
        less = without(more, random.choice(more.principal.training))
        if decides_otherwise(world, more, less, asked_by(query, world)):
            continue
        compared += 1
        (before, _), (after, _) = await world.answer(query, more), await world.answer(query, less)
        assert said(after) == said(before), f"{more}\n{less}\n{query}"
    record_property(CASES, compared)
    assert compared


def decides_otherwise(world: World, one: Asking, other: Asking, coordinates: set[str]) -> bool:
    """Whether two callers have another decision on one of these coordinates, or what they state is refused."""
    before, after = world.clearance(one), world.clearance(other)
    if before is None or after is None:
        return True
    return any(before.decision(name) != after.decision(name) for name in coordinates)


def asked_by(query: str, world: World) -> set[str]:
    """Every coordinate that a query selects, and those that its arguments read."""
    schema: GraphQLSchema = world.questions.schema
    (operation,) = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert schema.query_type
    selected = coordinates_in(schema.query_type, operation.selection_set, schema, {}, {})
    inputs = world.decider.rules.inputs.items()
    reads = {read for used, read_by in inputs if used.partition("(")[0] in selected for read in read_by}
    return set(selected) | reads

"""Each case's plan, and that it answers as one server would."""

import os
from random import Random

import pytest
from graphql import parse
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.planning.planner import Planner
from tests.gateway.laws.operations import random_operation
from tests.gateway.planning.case_folders import Case, cases, planner_of
from tests.gateway.planning.gateways import answer
from tests.gateway.planning.universe import sample_variables

UPDATING = bool(os.environ.get("LEDS_UPDATE_CASES"))
NAMES = [case.name for case in cases()]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_plan_is_the_expected_one(case: Case):
    text = f"{planner_of(case.name).plan(parse(case.operation))}\n"
    if UPDATING:
        case.plan.write_text(text, encoding="utf-8")
    assert text == case.plan.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
@pytest.mark.parametrize("flag", [True, False])
async def test_the_plan_answers_as_one_server_would(case: Case, flag: bool):
    planner = planner_of(case.name)
    variables = sample_variables(planner.supergraph, case.operation, flag)
    found = await answer(planner, case.operation, variables)
    assert found.faults == ()
    assert found.errors == ()
    assert found.data == found.expected


@settings(max_examples=30, deadline=None)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32))
def test_an_operation_always_has_the_same_plan(name: str, seed: int):
    planner = planner_of(name)
    if operation := random_operation(planner.supergraph.api_schema, Random(seed)):
        document = parse(operation.text)
        assert Planner(planner.supergraph).plan(document).to_json() == planner.plan(document).to_json()

"""Whoever asks whatever: no value leaves the service, or a subgraph, that the caller may not be shown as it is: because
of its field, or because of its row.

Every governed text of chosen columns is unique, so that one is known wherever it turns up.
"""

from collections.abc import AsyncIterator
from random import Random

import pytest
import pytest_asyncio

from tests.laws.canary_world import World, canary_world
from tests.laws.random_callers import random_asking
from tests.laws.report import CASES, SEED, cases

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTIONS = 300


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with canary_world(tmp_path_factory.mktemp("canaries")) as running:
        yield running


@pytest.mark.law("canaries")
async def test_no_canary_leaves_that_the_caller_may_not_be_shown(world: World, record_property):
    count = cases(QUESTIONS)
    record_property(CASES, count)
    random, shown, withheld, closed_records = Random(f"callers {SEED}"), set(), set(), set()
    for _ in range(count):
        query, asking = world.questions.query(), random_asking(random, world.decider.facts)
        answer, replies, closed = await world.ask(query, asking)
        told, replied = world.canaries.seen([answer]), world.canaries.seen(replies)
        for which in (closed.by_field, closed.by_row):
            assert told & which == set(), f"{asking}\n{query}"
            assert replied & which == set(), f"in a subgraph's reply\n{asking}\n{query}"
        shown |= told
        withheld |= closed.by_field
        subjects = {world.canaries.subjects[number] for number in closed.by_row}
        closed_records |= {(kind, key) for kind, key in subjects if f'"{key}"' in query}
    # All of it happens, or nothing was shown of anything.
    assert len({world.canaries.coordinates[number] for number in shown}) > 5
    assert withheld
    assert len(closed_records) > 5, "records were seldom asked for that are closed to the caller"

"""Whoever asks whatever: no value leaves the service, or a subgraph, that the caller may not be shown as it is: because
of its field, or because of its row.

Every governed text of chosen columns is unique, so that one is known wherever it turns up; four records in ten are
under some control.
"""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random

import msgspec
import pytest
import pytest_asyncio

from authz.context import context_from_headers
from authz.decide import Decider
from authz.facts import packaged_facts
from authz.principal import Principal
from authz.rules import rules_from_sdl
from gateway.composition.compose import compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.documents.request import HttpRequest
from leds.config import SubgraphSection, load_configuration
from leds.demo import Embedded, embedded
from leds.demo_data import prepare, recipe_for
from leds.federation import embedded_definitions
from schema.errors import CodedError
from tests.laws import recorded
from tests.laws.canaries import Canaries, keys_of, not_whole, set_canaries
from tests.laws.controlled import Register, register_of, set_controls
from tests.laws.random_callers import Asking, random_asking
from tests.laws.random_questions import Questions
from tests.laws.report import CASES, SEED, cases

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = 60
QUESTIONS = 120


@dataclass(frozen=True, slots=True)
class Closed:
    """The canaries that a caller may not be shown: because of their fields, and because of their rows alone."""

    by_field: frozenset[int]
    by_row: frozenset[int]


@dataclass(frozen=True, slots=True)
class World:
    """The running service over a world of canaries, and the decision it is held to."""

    service: Embedded
    canaries: Canaries
    register: Register
    decider: Decider
    questions: Questions

    async def ask(self, query: str, asking: Asking) -> tuple[bytes, list[bytes], Closed]:
        """The answer, what subgraphs replied meanwhile, and what this caller may not be shown whole."""
        headers = asking.headers(self.service, int(time.time()))
        for each in recorded.BY_NAME.values():
            each.taken()
        body = json.dumps({"query": query}).encode()
        response = await self.service.governed.pipeline.answer(HttpRequest("POST", headers, "", body))
        replies = [reply for each in recorded.BY_NAME.values() for reply in each.taken()]
        every = set(self.canaries.coordinates.values())
        try:
            context = context_from_headers(headers, asking.principal, self.decider.facts)
        except CodedError:
            return response.body, replies, Closed(frozenset(self.canaries.coordinates), frozenset())
        clearance = self.decider.clearance(asking.principal, context, datetime.now(UTC))
        return response.body, replies, self.closed(set(not_whole(clearance, every)), asking.principal)

    def closed(self, coordinates: set[str], caller: Principal) -> "Closed":
        """The canaries of these coordinates, and those of rows that are closed to the caller."""
        closes = cache(lambda subject: self.register.closes(subject, caller))
        fields = {number for number, name in self.canaries.coordinates.items() if name in coordinates}
        rows = {number for number, subject in self.canaries.subjects.items() if closes(subject)}
        return Closed(frozenset(fields), frozenset(rows - fields))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home: Path = tmp_path_factory.mktemp("canaries")
    database, today = home / "demo.sqlite", date.today()
    prepare(database, recipe_for(today, people=PEOPLE), today, lambda text: None)
    set_controls(database, Random(f"controls {SEED}"))
    canaries, register = set_canaries(database), register_of(database, today)
    sections = {name: SubgraphSection(app=f"{recorded.__name__}:{name}") for name in recorded.BY_NAME}
    configuration = msgspec.structs.replace(load_configuration(None, {}), subgraphs=sections)
    definitions = embedded_definitions()
    decider = Decider(rules_from_sdl({each.name: each.sdl for each in definitions}), packaged_facts())
    schema = supergraph_from_sdl(compose(definitions).supergraph_sdl).api_schema
    roots = {
        "vehicle": ("vrm", keys_of(database, "vehicle", "vrm")),
        "person": ("id", keys_of(database, "person", "person_id")),
        "driver": ("number", keys_of(database, "driver", "driver_number")),
        "missing": ("ref", keys_of(database, "missing_report", "national_reference")),
        "intelReport": ("id", keys_of(database, "intel_report", "intel_report_id")),
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LEDS_HOME", str(home))
        async with embedded(configuration) as service:
            yield World(service, canaries, register, decider, Questions(schema, roots, Random(SEED)))


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

"""The running service over a world in which every governed text of chosen columns is unique and four records in ten are
under some control; what a caller is told in it, and what may not be told them."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random

import msgspec
import pytest

from authz.context import context_from_headers
from authz.decide import Decider
from authz.decision import Clearance
from authz.facts import packaged_facts
from authz.principal import Principal
from authz.rules import rules_from_sdl
from gateway.composition.compose import compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.documents.request import HttpRequest
from leds.config import BulkSection, SubgraphSection, load_configuration
from leds.demo import Embedded, embedded
from leds.demo_data import prepare, recipe_for
from leds.federation import embedded_definitions
from schema.errors import CodedError
from tests.laws import recorded
from tests.laws.canaries import Canaries, keys_of, not_whole, set_canaries
from tests.laws.controlled import Register, register_of, set_controls
from tests.laws.random_callers import Asking
from tests.laws.random_questions import Questions
from tests.laws.report import SEED

PEOPLE = 60
MANY = 10**9


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
        answer, replies = await self.answer(query, asking)
        clearance = self.clearance(asking)
        if clearance is None:
            return answer, replies, Closed(frozenset(self.canaries.coordinates), frozenset())
        every = set(self.canaries.coordinates.values())
        return answer, replies, self.closed(set(not_whole(clearance, every)), asking.principal)

    async def answer(self, query: str, asking: Asking) -> tuple[bytes, list[bytes]]:
        """The answer, and what subgraphs replied meanwhile."""
        headers = asking.headers(self.service, int(time.time()))
        for each in recorded.BY_NAME.values():
            each.taken()
        body = json.dumps({"query": query}).encode()
        response = await self.service.governed.pipeline.answer(HttpRequest("POST", headers, "", body))
        return response.body, [reply for each in recorded.BY_NAME.values() for reply in each.taken()]

    def clearance(self, asking: Asking) -> Clearance | None:
        """What the caller may be shown; None where what they state is refused."""
        headers = asking.headers(self.service, int(time.time()))
        try:
            context = context_from_headers(headers, asking.principal, self.decider.facts)
        except CodedError:
            return None
        return self.decider.clearance(asking.principal, context, datetime.now(UTC))

    def closed(self, coordinates: set[str], caller: Principal) -> "Closed":
        """The canaries of these coordinates, and those of rows that are closed to the caller."""
        closes = cache(lambda subject: self.register.closes(subject, caller))
        fields = {number for number, name in self.canaries.coordinates.items() if name in coordinates}
        rows = {number for number, subject in self.canaries.subjects.items() if closes(subject)}
        return Closed(frozenset(fields), frozenset(rows - fields))


@asynccontextmanager
async def canary_world(home: Path) -> AsyncIterator[World]:
    """The service over a world of canaries, its state in this folder."""
    database, today = home / "demo.sqlite", date.today()
    prepare(database, recipe_for(today, people=PEOPLE), today, lambda text: None)
    set_controls(database, Random(f"controls {SEED}"))
    canaries, register = set_canaries(database), register_of(database, today)
    sections = {name: SubgraphSection(app=f"{recorded.__name__}:{name}") for name in recorded.BY_NAME}
    # Thousands of random look-ups by a handful of people are what bulk limits stop: they have tests of their own.
    unbounded = BulkSection(lookups=MANY, neighbours=MANY)
    configuration = msgspec.structs.replace(load_configuration(None, {}), subgraphs=sections, bulk=unbounded)
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

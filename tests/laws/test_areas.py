"""More areas never show a safeguarding partner less: a missing episode of another area is only said to exist.

Areas are about rows, so rows are asked: of the subgraph, because the partners' agreement has no way in to it yet.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from authz.principal import Principal
from leds.demo_data import prepare, recipe_for
from resolvers.migrations.all_tables import metadata
from subgraphs.missing import app
from tests.authz.callers import NOON, caller, context
from tests.laws.canaries import keys_of
from tests.laws.controlled import SINCE
from tests.laws.report import CASES, SEED, cases
from tests.subgraphs.world import Gateway, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTIONS = 60
AREAS = ("01", "06", "20", "96", "SC", "WM")
HEIGHT = {"EXISTS": 0, "MASK": 1}
AT_ONCE = 5
ASKED = """query ($of: [_Any!]!) { _entities(representations: $of) { ... on MissingReport {
  status { code } riskLevel { code } factors { code } childUnder18 contact { value } episodeStart
} } }"""
Place = tuple[str | int, ...]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def missing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Gateway, list[str]]]:
    """The missing product over episodes of which every second one has an area of its own, and their keys."""
    database: Path = tmp_path_factory.mktemp("areas") / "demo.sqlite"
    prepare(database, recipe_for(NOON.date(), people=60), NOON.date(), lambda text: None)
    keys = keys_of(database, "missing_report", "missing_id")
    set_areas(database, keys, Random(f"own areas {SEED}"))
    async with serving("missing", app.schema, f"sqlite+aiosqlite:///{database}") as gateway:
        yield gateway, keys


def set_areas(database: Path, keys: list[str], random: Random) -> None:
    """Give every second episode that has none an area of its own."""
    register = metadata.tables["record_control"]
    engine = sa.create_engine(f"sqlite:///{database}")
    try:
        with engine.begin() as connection:
            held = set(connection.scalars(sa.select(register.c.subject_key)).all())
            for key in (key for key in keys if key not in held and random.random() < 0.5):
                said = {"kind": "own_area", "owner": random.choice(AREAS[:4]), "area": random.choice(AREAS)}
                row = {"subject_type": "MissingReport", "subject_key": key, "from_date": SINCE, **said}
                connection.execute(sa.insert(register).values(**row))
    finally:
        engine.dispose()


def partner(areas: tuple[str, ...]) -> Principal:
    found = caller("safeguarding_partner", "ORG-SG-A", "CONNECTED", "BPSS", ("COP", "MISPER", "NM-ENQ", "VP-ENQ"))
    return replace(found, areas=areas)


@pytest.mark.law("more-areas-never-show-less")
async def test_more_areas_never_show_less(missing: tuple[Gateway, list[str]], record_property: Any):
    gateway, keys = missing
    record_property(CASES, cases(QUESTIONS))
    random, opened = Random(f"areas {SEED}"), 0
    for _ in range(cases(QUESTIONS)):
        few = random.sample(AREAS, random.randint(1, 3))
        many = {*few, *random.sample(AREAS, random.randint(1, 3))}
        asked = [{"__typename": "MissingReport", "missingId": key} for key in random.sample(keys, AT_ONCE)]
        before, after = [
            (
                await gateway.ask(
                    ASKED, {"of": asked}, partner(tuple(sorted(each))), context("7", "SG1", "PartnerConnect")
                )
            ).body
            for each in (few, many)
        ]
        assert not_kept(before, after) == [], f"{few} {many}"
        opened += before["data"] != after["data"]
    assert opened


def not_kept(before: dict[str, Any], after: dict[str, Any]) -> list[Place]:
    """Where the second answer shows less than the first: another value, a lower form, or a refusal."""
    kept, heights = dict(_leaves(after["data"], ())), _heights(before)
    shown = {place: value for place, value in _leaves(before["data"], ()) if value is not None}
    lost = [place for place, value in shown.items() if kept.get(place) != value]
    lower = [place for place, height in _heights(after).items() if height < heights.get(place, -1)]
    refused = _refused(after) - _refused(before)
    return [*lost, *lower, *refused]


def _heights(answer: dict[str, Any]) -> dict[Place, int]:
    return {tuple(each["path"]): HEIGHT[each["form"]] for each in answer["extensions"].get("access", ())}


def _refused(answer: dict[str, Any]) -> set[Place]:
    return {tuple(error["path"]) for error in answer.get("errors", ())}


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*place, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _leaves(item, (*place, position))
    else:
        yield place, value

"""Plans beside the best there can be, which trying every plan of a small operation finds."""

import os
from collections.abc import Iterator
from random import Random

import pytest
from graphql import parse, validate

from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.errors import CompositionFailed
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.errors import UnplannableField
from gateway.planning.planner import Planner
from tests.gateway.planning.case_folders import cases, planner_of
from tests.gateway.planning.corpora import ABSENT, CORPORA, audit_suites, planner_rows
from tests.gateway.planning.fewest import NotJudged, fewest
from tests.gateway.planning.operations import plain_query
from tests.gateway.planning.plan_size import size
from tests.gateway.planning.small_federations import small_federation

SEED = int(os.environ.get("SEED", "1"))
TIMES = int(os.environ.get("OPERATIONS", "1"))
MOST_FETCHES = 6


def judged(planner: Planner, query: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Fetches and depth of our plan and of the best one; None where this is not to be had."""
    document = parse(query)
    if validate(planner.supergraph.api_schema, document):
        return None
    try:
        stages = planner.stages(document)
        fetches, depth = size(stages.plan.node)
        if fetches > MOST_FETCHES:
            return None
        return (fetches, depth), fewest(planner.graph, stages.operation, fetches, depth)
    except (UnplannableField, NotJudged):
        return None


def compared(planner: Planner, name: str, operations: int) -> Iterator[tuple[bool, str]]:
    """For each random operation that could be judged: whether no plan is shorter, and the operation."""
    for number in range(operations * TIMES):
        query = plain_query(planner.supergraph.api_schema, Random(f"{name} {SEED} {number}"))
        if found := judged(planner, query):
            ours, best = found
            yield ours == best, f"{name}: {ours} instead of {best} for {query}"


def test_plans_of_the_cases_are_the_shortest_there_are():
    found = [item for case in cases() for item in compared(planner_of(case.name), case.name, 6)]
    assert [text for right, text in found if not right] == []
    assert len(found) >= 40


@pytest.mark.skipif(not CORPORA.is_dir(), reason=ABSENT)
def test_plans_over_recorded_supergraphs_are_the_shortest_there_are():
    supergraphs = {row["supergraph_sdl"]: row["id"] for row in planner_rows() if row["join_version"] != "0.1"}
    supergraphs |= {suite["supergraph_sdl"]: suite["suite"] for suite in audit_suites()}
    found = [item for sdl, name in supergraphs.items() for item in compared(Planner(supergraph_from_sdl(sdl)), name, 3)]
    assert [text for right, text in found if not right] == []
    assert len(found) >= 300


def test_plans_over_random_federations_are_hardly_ever_longer_than_the_shortest():
    found = [item for number in range(60 * TIMES) for item in over_a_federation(f"{SEED} {number}")]
    longer = [text for right, text in found if not right]
    assert len(longer) * 200 <= len(found), "\n".join(longer)
    assert len(found) >= 100


def over_a_federation(seed: str) -> Iterator[tuple[bool, str]]:
    """As `compared`, over a federation made by chance; nothing where it does not compose."""
    sdls = small_federation(Random(seed))
    subgraphs = [SubgraphDefinition(f"s{n}", f"http://s{n}.invalid/", sdl) for n, sdl in enumerate(sdls)]
    try:
        composition = compose(subgraphs)
    except CompositionFailed:
        return

    planner = Planner(supergraph_from_sdl(composition.supergraph_sdl))
    for number in range(4):
        query = plain_query(planner.supergraph.api_schema, Random(f"{seed} {number}"), depth=3)
        if found := judged(planner, query):
            yield found[0] == found[1], f"{seed}: {found[0]} instead of {found[1]} for {query}"


def test_an_entity_s_field_in_another_subgraph_takes_two_fetches_at_best():
    planner = planner_of("an_entity_is_looked_up_by_its_key")
    assert judged(planner, '{ vehicle(vrm: "AB12CDE") { make insured } }') == ((2, 2), (2, 2))

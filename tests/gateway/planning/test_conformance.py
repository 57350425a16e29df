"""Agreement with the shared corpora: plans no worse than the peers', and answers as one server would give them."""

from functools import cache

import pytest
from graphql import parse, validate

from gateway.composition.supergraph import supergraph_from_sdl
from gateway.execution.program import compile_program
from gateway.planning.check import coordinates_of
from gateway.planning.errors import UnplannableField
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner
from tests.gateway.planning.corpora import ABSENT, CORPORA, audit_queries, labels_of, peer_plans, planner_rows
from tests.gateway.planning.gateways import answer
from tests.gateway.planning.plan_size import size
from tests.gateway.planning.universe import sample_variables

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=ABSENT)

# Rows where our plan has more fetches because the recorded one loses an argument (`f3(params: $p2)` of p0261).
KNOWINGLY_LONGER = {"p0261"}
# Here Apollo's plan sends one price for two currencies, which the audit counts as wrong.
WRONG_AT_PEER = {"requires-with-argument-conflict"}
# The audit wants an error for these (the supergraph has no path), or the world cannot make such an object.
WORLDLESS = {"corrupted-supergraph-node-id", "non-resolvable-interface-object"}


@cache
def planner_of(sdl: str, labels: frozenset[str] = frozenset()) -> Planner:
    return Planner(supergraph_from_sdl(sdl), labels)


def test_plans_are_never_longer_than_the_recorded_ones():
    longer = []
    for row in planner_rows():
        planner = planner_of(row["supergraph_sdl"], labels_of(row))
        fetches, depth = size(planner.plan(parse(row["operation"]), row["operation_name"]).node)
        if fetches > row["fetches"] or depth > row["depth"]:
            longer.append(row["id"])
    assert set(longer) <= KNOWINGLY_LONGER


def test_plans_of_audit_queries_are_never_longer_than_apollos():
    longer = []
    for suite, number, query in audit_queries():
        planner = planner_of(suite["supergraph_sdl"])
        peer = peer_plans()[suite["suite"], number].get("apollo")
        if peer and suite["suite"] not in WRONG_AT_PEER and not validate(planner.supergraph.api_schema, parse(query)):
            try:
                fetches, depth = size(planner.plan(parse(query)).node)
            except UnplannableField:
                continue
            if (depth, fetches) > (peer["depth"], peer["fetches"]):
                longer.append((suite["suite"], number, (fetches, depth), (peer["fetches"], peer["depth"])))
    assert longer == []


def test_no_peer_asks_subgraphs_less_often_for_an_audit_query():
    """The second peer's plans count fetches combined into one request (`BatchFetch`), and so does this."""
    more = []
    for suite, number, query in audit_queries():
        planner, document = planner_of(suite["supergraph_sdl"]), parse(query)
        peers = peer_plans()[suite["suite"], number].values()
        if peers and not validate(planner.supergraph.api_schema, document):
            try:
                plan = planner.plan(document)
            except UnplannableField:
                continue
            levels = compile_program(plan, document, None, planner.supergraph.api_schema).levels
            requests, depth = sum(map(len, levels)), size(plan.node)[1]
            if any(requests > peer["fetches"] or depth > peer["depth"] for peer in peers):
                more.append((suite["suite"], number, requests, depth))
    assert more == []


@pytest.mark.parametrize("flag", [True, False])
async def test_recorded_operations_are_answered_as_one_server_would(flag: bool):
    wrong, asked = [], 0
    for row in planner_rows():
        planner = planner_of(row["supergraph_sdl"], labels_of(row))
        if row["operation_kind"] == "subscription" or validate(planner.supergraph.api_schema, parse(row["operation"])):
            continue
        if not flag and "Boolean" not in row["operation"]:
            continue
        variables = sample_variables(planner.supergraph, row["operation"], flag)
        found = await answer(planner, row["operation"], variables, row["operation_name"])
        asked += 1
        if not found.right:
            wrong.append((row["id"], found.faults, found.errors))
    assert wrong == []
    assert asked >= (280 if flag else 25)


async def test_audit_queries_are_answered_as_one_server_would():
    wrong = []
    for suite, number, query in audit_queries():
        planner = planner_of(suite["supergraph_sdl"])
        if suite["suite"] in WORLDLESS or validate(planner.supergraph.api_schema, parse(query)):
            continue
        found = await answer(planner, query.replace("{{RANDOM_ID}}", "r1"), {})
        if not found.right:
            wrong.append((suite["suite"], number, found.faults, found.errors))
    assert wrong == []


def test_every_fetch_asks_only_for_what_the_supergraph_has():
    for row in planner_rows():
        planner = planner_of(row["supergraph_sdl"], labels_of(row))
        plan = planner.plan(parse(row["operation"]), row["operation_name"])
        for fetch in fetches_of(plan):
            assert coordinates_of(fetch, planner.supergraph.full_schema) is not None

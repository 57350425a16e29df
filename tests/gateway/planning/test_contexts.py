"""Plans for arguments fed from contexts: where values are fetched, what waits for them, what shares a fetch."""

import json
from functools import cache

import pytest
from graphql import parse

from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.check import coordinates_of
from gateway.planning.errors import PlanTooComplex, UnplannableField
from gateway.planning.plan import KeyRenamer, QueryPlan, fetches_of, plan_from_json
from gateway.planning.planner import Planner
from tests.gateway.laws.law import federation_of
from tests.gateway.laws.sources import context_sources
from tests.gateway.planning.corpora import ABSENT, CORPORA
from tests.gateway.planning.plan_size import size


@cache
def planner_of(name: str) -> Planner:
    return federation_of(context_sources()[name]).planner


def plan(name: str, operation: str) -> QueryPlan:
    return planner_of(name).plan(parse(operation))


def rewrites(found: QueryPlan) -> list[tuple[str, ...]]:
    return [rewrite.path for fetch in fetches_of(found) for rewrite in fetch.context_rewrites]


@pytest.mark.skipif(not CORPORA.is_dir(), reason=ABSENT)
def test_plans_are_never_longer_than_the_recorded_ones():
    lines = (CORPORA / "planner.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if "context" in row["tags"]]
    assert rows
    for row in rows:
        found = Planner(supergraph_from_sdl(row["supergraph_sdl"])).plan(parse(row["operation"]), row["operation_name"])
        fetches, depth = size(found.node)
        assert fetches <= row["fetches"], row["id"]
        assert depth <= row["depth"], row["id"]
        theirs = fetches_of(plan_from_json(row["plan"]))
        names = {rewrite.name for fetch in theirs for rewrite in fetch.context_rewrites}
        assert {rewrite.name for fetch in fetches_of(found) for rewrite in fetch.context_rewrites} == names


def test_the_value_is_fetched_where_it_can_be_had_and_waited_for():
    found = plan("readers", "{ reader { ... on Team { first { summary } } } }")
    assert [fetch.subgraph for fetch in fetches_of(found)] == ["people", "teams", "records"]
    assert rewrites(found) == [("..", "... on Team", "tongue")]


def test_objects_that_do_not_set_the_context_leave_it_to_those_around_them():
    found = plan("readers", "{ thing { ... on Stone { first { summary } } } }")
    assert rewrites(found) == [("..", "..", "... on Query", "motto")]
    mixed = plan("readers", "{ thing { ... on Stone { first { summary } } ... on Person { first { summary } } } }")
    assert set(rewrites(mixed)) == {("..", "..", "... on Query", "motto"), ("..", "... on Person", "language")}


def test_the_nearest_object_counts_and_what_it_lacks_is_not_searched_further_up():
    found = plan("readers", "{ thing { ... on Team { captain { first { owner { first { summary } } } } } } }")
    assert rewrites(found) == [("..", "... on Person", "language")]


def test_a_field_below_the_object_looked_up_needs_no_look_up_of_its_own():
    found = plan("accounts", "{ customer { accounts { spent { pence } } } }")
    assert [fetch.subgraph for fetch in fetches_of(found)] == ["shop", "retail"]
    assert rewrites(found) == [("... on Customer", "identifiers", "third"), ("... on Customer", "member")]


def test_what_one_request_brings_and_reads_takes_two():
    found = plan("accounts", "{ customer { accounts { bonus opened } } }")
    assert [fetch.subgraph for fetch in fetches_of(found)] == ["shop", "retail", "retail"]
    [_, first, second] = fetches_of(found)
    assert "opened" in first.operation
    assert "grade" in first.operation
    assert second.operation.endswith("{...on Customer{accounts{bonus(grade:$contextualArgument_2_2)}}}}")


def test_a_context_may_be_read_from_a_field_that_reads_one():
    found = plan("nearest", "{ trunk { leaf { vein { hue } } } }")
    assert [fetch.subgraph for fetch in fetches_of(found)] == ["tree", "colours", "colours", "colours"]
    assert ("... on Leaf", "colour") in rewrites(found)


def test_the_clients_keys_do_not_meet_those_of_a_context():
    found = plan("readers", "{ people { language: id first { summary } } }")
    [path] = rewrites(found)
    assert path[-1] == "_0_language"
    assert f"{path[-1]}:language" in fetches_of(found)[0].operation


def test_the_clients_variables_do_not_meet_those_of_a_context():
    operation = (
        "query ($contextualArgument_2_0: Boolean) { people { first { summary(short: $contextualArgument_2_0) } } }"
    )
    fetch = fetches_of(plan("readers", operation))[1]
    [renamer] = fetch.context_rewrites
    assert renamer.name not in ("contextualArgument_2_0", "")
    assert fetch.variables == ("contextualArgument_2_0", renamer.name)
    assert f"short:$contextualArgument_2_0,in:${renamer.name}" in fetch.operation


def test_a_context_is_fetched_only_under_the_conditions_of_what_reads_it():
    found = plan("readers", "query ($on: Boolean!) { people { id first { plain summary @include(if: $on) } } }")
    assert "language@include(if:$on)" in fetches_of(found)[0].operation


def test_the_check_sees_what_is_read_from_a_context():
    planner = planner_of("readers")
    found = planner.plan(parse("{ people { first { summary } } }"))
    read = frozenset().union(*(coordinates_of(fetch, planner.supergraph.full_schema) for fetch in fetches_of(found)))
    assert {"Person.language", "Record.summary"} <= read


def test_a_context_that_waits_for_itself_is_refused():
    sdl = planner_of("nearest").supergraph.sdl
    circular = sdl.replace('selection: " { tint }"', 'selection: " { leaf { colour } }"')
    assert circular != sdl
    with pytest.raises((UnplannableField, PlanTooComplex)):
        Planner(supergraph_from_sdl(circular)).plan(parse("{ trunk { leaf { colour } } }"))


def test_a_context_that_nothing_sets_is_refused_by_name():
    sdl = planner_of("accounts").supergraph.sdl.replace('@context(name: "retail__retail")', "")
    with pytest.raises(UnplannableField, match=r"Accounts\.bonus reads a context"):
        Planner(supergraph_from_sdl(sdl)).plan(parse("{ customer { accounts { bonus } } }"))


def test_apollos_rewrites_survive_their_serialised_form():
    found = plan("accounts", "{ customer { accounts { spent { pence } } } }")
    assert plan_from_json(json.loads(json.dumps(found.to_json()))) == found
    assert fetches_of(found)[1].context_rewrites[1] == KeyRenamer(
        ("... on Customer", "member"), "contextualArgument_2_1"
    )

"""What the planner refuses, leaves out and puts into words."""

import json

import pytest
from graphql import parse

from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.errors import (
    PlanningError,
    PlanTooComplex,
    UnknownOperation,
    UnplannableField,
)
from gateway.planning.inspect import OPERATION_STAGES, SUPERGRAPH_STAGES, inspect_operation, inspect_supergraph
from gateway.planning.plan import Fetch, Flatten, KeyRenamer, QueryPlan, ValueSetter, fetches_of, plan_from_json
from gateway.planning.planner import Planner
from tests.gateway.planning.case_folders import cases, planner_of

ITEMS = "what_a_field_requires_is_fetched_first"
ACCOUNTS = "members_of_different_shape_are_told_apart"


def plan(case: str, operation: str, name: str | None = None) -> QueryPlan:
    return planner_of(case).plan(parse(operation), name)


def operations(found: QueryPlan) -> list[str]:
    return [fetch.operation for fetch in fetches_of(found)]


@pytest.mark.parametrize("operation", ["{ __typename }", "{ __schema { queryType { name } } t: __typename }"])
def test_introspection_is_not_planned(operation: str):
    assert plan(ITEMS, operation) == QueryPlan(None)


def test_what_is_never_included_is_not_fetched():
    assert operations(plan(ITEMS, "{ items { id postage @include(if: false) ... @skip(if: true) { weight } } }")) == [
        "{items{id}}"
    ]


def test_an_object_of_which_nothing_is_wanted_is_still_asked_for():
    assert operations(plan(ITEMS, "{ items { id @include(if: false) } }")) == ["{items{__typename}}"]


def test_conditions_that_exclude_each_other_are_left_out():
    query = "query ($a: Boolean!) { items @include(if: $a) { id weight @skip(if: $a) } }"
    assert operations(plan(ITEMS, query)) == ["{items{id}}"]


def test_a_condition_holds_once_for_all_that_is_below_it():
    query = "query ($a: Boolean!) { items { id ... @include(if: $a) { id dimensions @include(if: $a) { wide } } } }"
    [first, second] = operations(plan(ITEMS, query))
    assert first == "query($a:Boolean!){items{__typename id id@include(if:$a)}}"
    assert second == "query($representations:[_Any!]!){_entities(representations:$representations)" + (
        "{...on Item{dimensions{wide}}}}"
    )


def test_variables_keep_their_defaults_and_go_only_where_they_are_used():
    query = """query ($lang: String = "a: b", $on: Boolean!) {
        hit @include(if: $on) { ... on Left { target { text(lang: $lang) } } }
    }"""
    first, second = fetches_of(plan("one_key_for_two_fields_is_told_apart_by_type", query))
    assert first.variables == ()
    assert second.variables == ("lang",)
    assert '$lang:String="a: b"' in second.operation


def test_the_named_operation_is_planned():
    document = "query One { items { id } } query Two { items { weight } }"
    assert len(fetches_of(plan(ITEMS, document, "One"))) == 1
    assert len(fetches_of(plan(ITEMS, document, "Two"))) == 2
    for name in (None, "Three"):
        with pytest.raises(UnknownOperation):
            plan(ITEMS, document, name)


def test_a_field_no_subgraph_can_be_asked_for_is_named():
    planner = planner_of("an_entity_is_looked_up_by_its_key")
    broken = planner.supergraph.sdl.replace('join__type(graph: INSURANCE, key: "vrm")', "join__type(graph: INSURANCE)")
    with pytest.raises(UnplannableField, match=r"Query\.vehicle\.insured"):
        Planner(supergraph_from_sdl(broken)).plan(parse('{ vehicle(vrm: "AB12CDE") { make insured } }'))


def test_interface_objects_are_looked_up_under_their_own_name():
    found = plan("an_interface_object_learns_its_types_elsewhere", "{ media { ... on Book { stars } } }")
    assert fetches_of(found)[1].input_rewrites == (ValueSetter(("... on Book", "__typename"), "Media"),)


def test_invented_aliases_are_undone_at_every_depth():
    [fetch, _] = fetches_of(plan(ACCOUNTS, next(case.operation for case in cases() if case.name == ACCOUNTS)))
    assert fetch.output_rewrites == (
        KeyRenamer(("accounts", "... on Admin", "id__alias_0"), "id"),
        KeyRenamer(("accounts", "... on User", "friends", "... on Admin", "id__alias_1"), "id"),
        KeyRenamer(("accounts", "... on Admin", "friends", "... on Admin", "id__alias_1"), "id"),
    )


def test_repeated_spreads_do_not_multiply():
    fragments = "".join(
        f" fragment F{n} on Item {{ id ...F{n + 1} ...F{n + 1} ... on Item {{ ...F{n + 1} }} }}" for n in range(40)
    )
    document = f"{{ items {{ ...F0 }} }}{fragments} fragment F40 on Item {{ weight }}"
    assert len(fetches_of(plan(ITEMS, document))) == 2


def test_an_operation_that_nests_too_deeply_is_refused():
    deep = "{ accounts " + "{ ... on User { friends " * 60 + "{ __typename }" + " } }" * 60 + " }"
    with pytest.raises(PlanTooComplex):
        plan(ACCOUNTS, deep)


def test_an_operation_with_more_conditions_than_can_be_told_apart_is_refused():
    names = [f"v{n}" for n in range(20)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fragments = "".join(
        f" fragment F{n} on Item {{ ...F{n + 1} @include(if: $v{n}) ...F{n + 1} @skip(if: $v{n}) }}" for n in range(20)
    )
    document = f"query ({declared}) {{ items {{ ...F0 }} }}{fragments} fragment F20 on Item {{ id }}"
    with pytest.raises(PlanningError) as caught:
        plan(ITEMS, document)
    assert caught.value.code == "PLAN_TOO_COMPLEX"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_plan_survives_its_serialised_form(case):
    found = planner_of(case.name).plan(parse(case.operation))
    assert plan_from_json(json.loads(json.dumps(found.to_json()))) == found


def test_an_empty_plan_prints_as_one():
    assert str(QueryPlan(None)) == "QueryPlan {}"
    assert "Fetch" in str(QueryPlan(Flatten(("a", "@"), Fetch("a", "{a}"))))


@pytest.mark.parametrize("stage", SUPERGRAPH_STAGES)
def test_supergraph_stages_can_be_looked_at(stage: str):
    found = inspect_supergraph(stage, planner_of(ITEMS))
    assert "postage" in found.text
    assert "postage" in json.dumps(found.data)


@pytest.mark.parametrize("stage", OPERATION_STAGES)
def test_operation_stages_can_be_looked_at(stage: str):
    found = inspect_operation(stage, planner_of(ITEMS), parse("{ items { postage } }"))
    assert "postage" in found.text
    assert "postage" in json.dumps(found.data)


def test_a_spent_budget_is_an_error_of_its_own():
    planner = Planner(planner_of(ITEMS).supergraph, budget=-1000)
    with pytest.raises(PlanTooComplex):
        planner.plan(parse("{ items { postage } }"))


def test_a_field_whose_context_nothing_above_it_sets_is_refused_by_name():
    planner = planner_of("an_entity_is_looked_up_by_its_key")
    context = '[{name: "x", type: "ID", context: "c", selection: "{ vrm }"}]'
    sdl = planner.supergraph.sdl.replace(
        "insured: Boolean @join__field(graph: INSURANCE)",
        f"insured: Boolean @join__field(graph: INSURANCE, contextArguments: {context})",
    )
    assert sdl != planner.supergraph.sdl
    with pytest.raises(UnplannableField, match=r"Vehicle\.insured reads a context"):
        Planner(supergraph_from_sdl(sdl)).plan(parse('{ vehicle(vrm: "AB12CDE") { insured } }'))


def test_what_all_types_of_an_interface_provide_is_provided_by_its_field():
    planner = composed(
        """type Query { product: Product } interface Product { twin: Product }
        type Book implements Product @key(fields: "id") {
            id: ID! twin: Book @provides(fields: "price") price: Float @external
        }""",
        'type Book @key(fields: "id") { id: ID! price: Float @shareable }',
    )
    assert len(fetches_of(planner.plan(parse("{ product { twin { ... on Book { price } } } }")))) == 1


def test_a_mesh_of_keys_and_shared_links_is_planned_within_the_budget():
    keys = " ".join(f'@key(fields: "k{number}")' for number in range(6))
    shared = " ".join(f"k{number}: ID!" for number in range(6)) + " l: E @shareable m: E @shareable"
    mesh = [f"type Query {{ e{n}: E }} type E {keys} {{ {shared} f{n}: Int }}" for n in range(9)]
    planner, body = composed(*mesh), " ".join(f"f{n}" for n in range(9))
    for _ in range(3):
        body = f"{' '.join(f'f{n}' for n in range(9))} l {{ {body} }} m {{ {body} }}"
    fetches = fetches_of(planner.plan(parse(f"{{ e0 {{ {body} }} }}")))
    assert len(fetches) < 60
    assert len(fetches_of(Planner(planner.supergraph, budget=0).plan(parse(f"{{ e0 {{ {body} }} }}")))) >= len(fetches)


def composed(*sdls: str) -> Planner:
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
        'import: ["@key", "@shareable", "@external", "@provides"]) '
    )
    subgraphs = [SubgraphDefinition(f"s{n}", f"http://s{n}.invalid/", link + sdl) for n, sdl in enumerate(sdls)]
    return Planner(supergraph_from_sdl(compose(subgraphs).supergraph_sdl))

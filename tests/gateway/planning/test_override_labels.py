"""Progressive @override: which labels an operation can meet, which are on, and what it is then planned as."""

import random
from collections.abc import Sequence

import pytest
from graphql import parse

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.override_labels import Overrides
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@override", "@requires", "@external", "@shareable", "@interfaceObject"]) '
)
OLD = """
type Query { t: T  node: Node  other: Other }
interface Node { id: ID! }
type T implements Node @key(fields: "id") { id: ID! a: Int b: Int c: Int d: Int e: Int half: Int never: Int always: Int
  named: Int size: Int }
type Other @key(fields: "id code") { id: ID! code: Int a: Int }
"""
NEW = """
type T @key(fields: "id") { id: ID!
  a: Int @override(from: "old", label: "percent(10)")
  b: Int @override(from: "old", label: "percent(20)")
  c: Int @override(from: "old", label: "percent(30)")
  d: Int @override(from: "old", label: "percent(40)")
  half: Int @override(from: "old", label: "percent(0.5)")
  never: Int @override(from: "old", label: "percent(0)")
  always: Int @override(from: "old", label: "percent(100)")
  named: Int @override(from: "old", label: "canary")
}
"""
WEIGHING = """
type T @key(fields: "id") { id: ID! size: Int @external weight: Int @requires(fields: "size") }
"""
MOVED_SIZE = """size: Int @join__field(graph: OLD, overrideLabel: "percent(7)")
    @join__field(graph: NEW, override: "old", overrideLabel: "percent(7)")
    @join__field(graph: WEIGHING, external: true)"""
NAMES = ("old", "new", "weighing")


def planner_of(*sdls: str, labels: Sequence[str] = ()) -> Planner:
    """A planner over these subgraphs, named in order."""
    named = [SubgraphDefinition(name, f"http://{name}", LINK + sdl) for name, sdl in zip(NAMES, sdls, strict=False)]
    return Planner(supergraph_from_sdl(compose(named).supergraph_sdl), frozenset(labels))


BOTH = planner_of(OLD, NEW)


def overrides(query: str, planner: Planner = BOTH) -> Overrides:
    return planner.overrides(parse(query))


def fetched_from(query: str, labels: Sequence[str] | None, planner: Planner = BOTH) -> list[str]:
    plan = planner.plan(parse(query), labels=None if labels is None else frozenset(labels))
    return [fetch.subgraph for fetch in fetches_of(plan)]


@pytest.mark.parametrize(
    ("query", "chances"),
    [
        ("{ t { id } }", ()),
        ("{ __typename }", ()),
        ("{ t { a } }", (("percent(10)", 10.0),)),
        ("{ t { x: b y: d } }", (("percent(20)", 20.0), ("percent(40)", 40.0))),
        ("{ node { ... on T { c } } }", (("percent(30)", 30.0),)),
        ("query($no: Boolean!) { t { a @include(if: $no) } }", (("percent(10)", 10.0),)),
        ("{ t { half } }", (("percent(0.5)", 0.5),)),
        ("{ other { a } }", ()),
        ("{ t { e never named } }", ()),
    ],
)
def test_only_labels_that_the_operation_meets_are_drawn(query, chances):
    assert overrides(query) == Overrides(frozenset(), chances)


def test_a_hundred_percent_is_on_without_a_draw_and_none_is_off():
    def draw() -> float:
        raise AssertionError("nothing is left to chance")

    assert overrides("{ t { always never named } }").drawn(draw) == {"percent(100)"}


def test_labels_of_keys_and_of_what_a_field_requires_are_met_by_it():
    """Our composition lets no input rest on a field that moves; other composers may."""
    text = planner_of(OLD, NEW, WEIGHING).supergraph.sdl
    moved = text.replace("size: Int @join__field(graph: OLD)", MOVED_SIZE)
    assert moved != text
    planner = Planner(supergraph_from_sdl(moved))
    assert overrides("{ t { weight } }", planner) == Overrides(chances=(("percent(7)", 7.0),))
    assert overrides("{ t { e } }", planner) == Overrides()
    keyed = text.replace("code: Int", 'code: Int @join__field(graph: OLD, overrideLabel: "percent(8)")')
    assert overrides("{ other { a } }", Planner(supergraph_from_sdl(keyed))).chances == (("percent(8)", 8.0),)


def test_labels_below_an_interface_are_met_through_it():
    shop = """
    type Query { items: [Item] }
    interface Item { price: Int }
    type Book implements Item @key(fields: "id") { id: ID! price: Int }
    """
    moved = 'type Book @key(fields: "id") { id: ID! price: Int @override(from: "old", label: "percent(5)") }'
    assert overrides("{ items { price } }", planner_of(shop, moved)).chances == (("percent(5)", 5.0),)


def test_configured_labels_are_on_where_they_are_met_and_others_stay_off():
    planner = planner_of(OLD, NEW, labels=["canary", "percent(40)", "nobody"])
    assert overrides("{ t { named d a } }", planner) == Overrides(
        frozenset({"canary", "percent(40)"}), (("percent(10)", 10.0),)
    )
    assert overrides("{ t { e } }", planner) == Overrides()


def test_each_label_is_drawn_once_in_the_order_of_its_name():
    numbers = iter([0.09, 0.5, 0.3])
    met = overrides("{ t { a a2: a b c } }")
    assert met.drawn(lambda: next(numbers)) == {"percent(10)"}
    assert list(numbers) == []


@pytest.mark.parametrize(("query", "share"), [("{ t { half } }", 0.005), ("{ t { c } }", 0.3), ("{ t { never } }", 0)])
def test_the_share_of_requests_is_the_percentage(query, share):
    met, source = overrides(query), random.Random(20)
    on = sum(bool(met.drawn(source.random)) for _ in range(10_000))
    assert on == pytest.approx(10_000 * share, rel=0.15)


def test_the_largest_draw_is_below_a_hundred_percent_and_the_smallest_above_none():
    almost = Overrides(chances=(("percent(99.99999999)", 99.99999999),))
    assert almost.drawn(lambda: 0.0) == {"percent(99.99999999)"}
    assert almost.drawn(lambda: 1 - 2**-53) == frozenset()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], ["old"]),
        (["percent(10)"], ["old", "new"]),
        (["percent(20)"], ["old"]),
        (["percent(10)", "percent(20)", "unknown"], ["old", "new"]),
        (None, ["old"]),
    ],
)
def test_the_plan_follows_the_labels_that_are_on(labels, expected):
    assert fetched_from("{ t { a } }", labels) == expected


def test_configured_labels_are_planned_by_default():
    configured = planner_of(OLD, NEW, labels=["canary"])
    assert fetched_from("{ t { named } }", None, configured) == ["old", "new"]
    assert fetched_from("{ t { named } }", [], configured) == ["old"]


def test_the_same_labels_give_the_same_plan():
    again = planner_of(OLD, NEW)
    document = parse("{ t { a b c } }")
    on = frozenset({"percent(10)", "percent(30)"})
    assert again.plan(document, labels=on) == BOTH.plan(document, labels=on)

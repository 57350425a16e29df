"""Which fetches become one, and which stay apart."""

from gateway.planning.fetches import FetchGraph, FetchStep, levels
from gateway.planning.optimise import joined, optimised
from gateway.planning.selections import Conditions, Field, Fragment, Selections

ON: Conditions = (("on", True),)


def of_item(*names: str) -> Selections:
    return (Fragment("Item", tuple(Field(name, name) for name in names)),)


def step(number: int, subgraph: str, parents: set[int], asks: str = "x", **more: object) -> FetchStep:
    values = {"requires": of_item("id"), "path": ("item",)} | more if parents else {"requires": (), "path": ()} | more
    return FetchStep(number, subgraph, kind="query", selections=of_item(asks), parents=frozenset(parents), **values)  # type: ignore[arg-type]


def merged_ids(*steps: FetchStep) -> list[int]:
    return [item.id for item in optimised(FetchGraph(steps)).steps]


ROOT = step(0, "a", set())


def test_lookups_of_the_same_objects_become_one():
    first, second = step(1, "b", {0}, "x"), step(2, "b", {0}, "y")
    [_, both] = optimised(FetchGraph((ROOT, first, second))).steps
    assert both.selections == of_item("x", "y")


def test_different_places_and_subgraphs_stay_apart():
    assert merged_ids(ROOT, step(1, "b", {0}), step(2, "b", {0}, path=("other",)), step(3, "c", {0})) == [0, 1, 2, 3]


def test_a_fetch_waits_for_a_later_one_when_that_lengthens_nothing():
    assert merged_ids(ROOT, step(1, "b", {0}), step(2, "c", {0}), step(3, "b", {2})) == [0, 2, 1]


def test_a_fetch_does_not_wait_when_others_would_come_later_for_it():
    steps = (ROOT, step(1, "b", {0}), step(2, "c", {0}), step(3, "b", {2}), step(4, "d", {1}), step(5, "e", {4}))
    assert sorted(merged_ids(*steps)) == [0, 1, 2, 3, 4, 5]
    assert max(levels({item.id: item for item in steps}).values()) == 3


def test_a_fetch_is_never_merged_with_what_it_waits_for():
    assert merged_ids(ROOT, step(1, "b", {0}), step(2, "c", {1}), step(3, "b", {2})) == [0, 1, 2, 3]


def test_one_name_for_two_values_keeps_representations_apart():
    aliased = (Fragment("Item", (Field("_0_price", "price"),)),)
    assert merged_ids(ROOT, step(1, "b", {0}, requires=of_item("price")), step(2, "b", {0}, requires=aliased)) == [
        0,
        1,
        2,
    ]


def test_lookups_under_other_conditions_become_one_only_with_the_same_inputs():
    conditional = frozenset({ON})
    same = step(2, "b", {0}, conditions=conditional)
    more = step(2, "b", {0}, conditions=conditional, requires=of_item("id", "price"))
    assert merged_ids(ROOT, step(1, "b", {0}), same) == [0, 1]
    assert merged_ids(ROOT, step(1, "b", {0}), more) == [0, 1, 2]
    assert merged_ids(ROOT, step(1, "b", {0}, conditions=conditional), more) == [0, 1]


def test_neighbouring_mutations_of_one_subgraph_become_one_unless_something_follows_the_first():
    first, second = FetchGraph((step(0, "a", set(), "x"),)), FetchGraph((step(0, "a", set(), "y"), step(1, "b", {0})))
    [both] = joined((first, second))
    assert [item.selections for item in both.steps] == [(*of_item("x"), *of_item("y")), of_item("x")]
    assert len(joined((second, first))) == 2
    assert len(joined((first, FetchGraph((step(0, "b", set()),))))) == 2

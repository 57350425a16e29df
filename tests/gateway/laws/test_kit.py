"""That the kit of the laws sees what is wrong, makes it small, and keeps it in a file."""

import json
from random import Random

import pytest
from graphql import parse, validate

from gateway.composition.compose import SubgraphDefinition
from gateway.execution.transport import AsgiTransport
from tests.gateway.laws.counterexample import Counterexample, smallest
from tests.gateway.laws.law import Answer, Federation, compared, disagreement, federation_of, monolith
from tests.gateway.laws.operations import Operation, random_operation
from tests.gateway.laws.shrink import shrunk
from tests.gateway.laws.sources import CASES, case_sources
from tests.gateway.laws.world import Chances, World

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@external", "@requires", "@provides", "@override"]) '
)
SUBGRAPHS = (
    SubgraphDefinition(
        "shop",
        "http://shop.invalid/",
        LINK
        + 'type Item @key(fields: "id") { id: ID! weight: Int name: String stock: Int } type Query { items: [Item!]! }',
    ),
    SubgraphDefinition(
        "post",
        "http://post.invalid/",
        LINK + 'type Item @key(fields: "id") { id: ID! weight: Int @external '
        'postage: Int @requires(fields: "weight") stock: Int @override(from: "shop") }',
    ),
)
FEDERATION = federation_of(SUBGRAPHS)
QUERY = (
    "query ($on: Boolean!) { items { id ...F postage @include(if: $on) x: name } } fragment F on Item { stock weight }"
)


def world(chances: Chances | None = None) -> World:
    return World(FEDERATION.ground, 1, chances or Chances())


async def ask(subgraph: int, query: str, representations: list[object]) -> list[str]:
    """What is wrong with a request to a subgraph."""
    server = FEDERATION.servers[subgraph]
    server.serve(world())
    text = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Item {{ {query} }} }} }}"
    body = json.dumps({"query": text, "variables": {"r": representations}}).encode()
    assert (await AsgiTransport(server).send(body, {})).status == 200
    return list(server.faults)


def item(*names: str) -> dict[str, object]:
    """A true representation of the first item."""
    made = world()
    thing = next(made.things("Item"))
    return {"__typename": "Item", **{name: made.value(thing, name, {}) for name in names}}


async def test_true_representations_are_no_fault():
    assert await ask(1, "stock", [item("id")]) == []
    assert await ask(1, "postage", [item("id", "weight")]) == []


@pytest.mark.parametrize(
    ("subgraph", "query", "representation", "fault"),
    [
        (1, "stock", {"__typename": "Item", "id": "nobody"}, "nothing is known by"),
        (1, "stock", {"id": "nobody"}, "nothing is known by"),
        (1, "postage", item("id"), "without its true weight"),
        (1, "postage", item("id") | {"weight": -1}, "without its true weight"),
        (1, "weight", item("id"), "resolved elsewhere"),
        (0, "stock", item("id"), "resolved elsewhere"),
        (0, "postage", item("id"), "Cannot query field"),
    ],
)
async def test_a_subgraph_says_what_it_could_not_have_answered(subgraph, query, representation, fault):
    [found] = await ask(subgraph, query, [representation])
    assert fault in found


@pytest.mark.parametrize("kept", [("id", "weight"), ("id",)])
async def test_a_gateway_that_is_wrong_is_found_out(kept):
    """Planned for subgraphs in which nothing is required, the gateway sends too little."""
    wrong = federation_of(
        [SUBGRAPHS[0], _without(SUBGRAPHS[1], ' @requires(fields: "weight")', " weight: Int @external")]
    )
    mixed = Federation(FEDERATION.ground, wrong.planner, FEDERATION.executor, FEDERATION.servers)
    text = f"query ($on: Boolean!) {{ items {{ {' '.join(kept)} postage @include(if: $on) }} }}"
    operation = Operation(text, {"on": True})
    example = await smallest(SUBGRAPHS, mixed, world(Chances(null=500)), operation)
    assert example.operation.text.split() == ["{", "items", "{", "postage", "}", "}"]
    assert example.chances == Chances()
    assert "without its true weight" in (await example.found(mixed) or "")
    assert await example.found() is None


def _without(subgraph: SubgraphDefinition, *texts: str) -> SubgraphDefinition:
    sdl = subgraph.sdl
    for text in texts:
        assert text in sdl
        sdl = sdl.replace(text, "")
    return SubgraphDefinition(subgraph.name, subgraph.url, sdl)


DATA = {"a": [{"b": None}, {"b": 1}], "c": None}


@pytest.mark.parametrize(
    ("data", "errors", "says"),
    [
        (DATA, [("a", 0, "b"), ("c", "d", "e")], None),
        (DATA, [("a", 0, "b"), ("c", "d", "f")], None),
        (DATA | {"c": 1}, [("a", 0, "b"), ("c", "d", "e")], "at ('c',): 1 instead of None"),
        ({"a": [{"b": None}, {"b": 2}], "c": None}, [], "at ('a', 1, 'b'): 2 instead of 1"),
        ({"c": None, "a": DATA["a"]}, [("a", 0, "b"), ("c", "d")], "another order"),
        (DATA, [("a", 0, "b")], "nulls with an error"),
        (DATA, [("c",)], "nulls with an error"),
        (DATA, [("a", 0, "b"), ("a", 0, "b"), ("c", "d")], "more than one error"),
    ],
)
def test_two_answers_are_compared_to_the_paths_of_their_errors(data, errors, says):
    found = compared(Answer(data, tuple(errors)), Answer(DATA, (("a", 0, "b"), ("c", "d", "e"))))
    assert found is None if says is None else says in (found or "")


async def test_a_failing_operation_is_made_as_small_as_it_can_be():
    async def fails(operation: Operation) -> bool:
        return "postage" in operation.text

    small = await shrunk(Operation(QUERY, {"on": True}), FEDERATION.ground.supergraph.api_schema, fails)
    assert small.text.split() == ["{", "items", "{", "postage", "}", "}"]
    assert small.variables == {}


async def test_a_counterexample_is_kept_in_a_file(tmp_path):
    example = Counterexample(SUBGRAPHS, 7, Chances(1, 2), Operation(QUERY, {"on": True}))
    example.save(tmp_path / "deep" / "file.json")
    assert Counterexample.load(tmp_path / "deep" / "file.json") == example
    assert await example.found() is None


def test_random_operations_are_valid_and_follow_from_their_source():
    schema = FEDERATION.ground.supergraph.api_schema
    operations = [random_operation(schema, Random(seed)) for seed in range(30)]
    assert operations == [random_operation(schema, Random(seed)) for seed in range(30)]
    for operation in operations:
        assert operation is None or validate(schema, parse(operation.text)) == []
    assert len({operation.text for operation in operations if operation}) > 25


async def test_worlds_differ_and_hold_nulls_and_errors_that_the_gateway_tells_alike():
    federation = federation_of(case_sources()["nested_keys_are_sent_whole"])
    text = (CASES / "nested_keys_are_sent_whole" / "operation.graphql").read_text(encoding="utf-8")
    answers = set()
    for seed in range(20):
        made = World(federation.ground, seed, Chances(null=200, error=200))
        answers.add(str(monolith(made, Operation(text))))
        assert await disagreement(federation, made, Operation(text)) is None
    assert len(answers) > 12
    assert any("None" in answer for answer in answers)

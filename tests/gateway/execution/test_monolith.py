"""The same answer as a monolith (law 1): projecting data equals graphql-core executing over it."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from graphql import build_schema, execute_sync, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.decision import Decision, Form
from gateway.execution.projection import ProjectionRun, ProjectionSource

SCHEMA = build_schema("""
    enum Size { SMALL LARGE }
    scalar Any
    interface Node { id: ID! next: Node }
    type Box implements Node { id: ID! next: Node size: Size lid: Lid! lids: [Lid!] grid: [[Int!]]! note: String }
    type Lid implements Node { id: ID! next: Node note: Int! box: Box boxes: [Box]! any: Any }
    union Thing = Box | Lid
    type Query { node: Node box: Box! lid: Lid things: [Thing!] must: [Thing!]! flag: Boolean ratio: Float }
""")
QUERY = """
    query ($yes: Boolean = true, $no: Boolean = false) {
      flag ratio kind: __typename
      node { ...Any next { __typename id ... on Box { n: note } ... on Lid { n2: note } } }
      box { size lid { note any } lids { note box { id } } grid note @skip(if: $yes) }
      lid { boxes { id lid { id note } } note @include(if: $yes) hidden: note @include(if: $no) }
      things { __typename ... on Node { id } ... on Box { lid { note } } ... { ... on Lid { box { grid } } } }
      must { ... on Lid @skip(if: $no) { t: id } ... on Box { t: id } }
      box { lid { id } }
    }
    fragment Any on Node { id ... on Lid { box { size } box { note } } ... on Box { note } }
"""
DOCUMENT = parse(QUERY)
SOURCE = ProjectionSource.of(DOCUMENT, None, SCHEMA)
LEAVES: dict[str, Callable[[Random], Any]] = {
    "Int": lambda chance: chance.randint(-(2**31), 2**31 - 1),
    "Float": lambda chance: chance.uniform(-1e9, 1e9),
    "Boolean": lambda chance: chance.random() < 0.5,
    "String": lambda chance: chance.choice(["", "a", "é\u0000"]),
    "ID": lambda chance: chance.choice(["", "1", "x"]),
    "Any": lambda chance: chance.choice([1, [1, [2]], {"a": None}]),
    "Size": lambda chance: chance.choice(["SMALL", "LARGE"]),
}


def value_of(kind: Any, depth: int, chance: Random) -> Any:
    """Data of a type as subgraphs might send it, with nulls also where the schema forbids them."""
    if str(kind).endswith("!"):
        return value_of(kind.of_type, depth, chance)
    if chance.random() < 0.12:
        return None
    if hasattr(kind, "of_type"):
        return [value_of(kind.of_type, depth, chance) for _ in range(chance.randint(0, 2))]
    if kind.name in LEAVES:
        return LEAVES[kind.name](chance)
    names = ["Box", "Lid"] if kind.name in ("Node", "Thing") else [kind.name]
    return object_of(chance.choice(names), depth - 1, chance) if depth else None


def object_of(name: str, depth: int, chance: Random) -> dict[str, Any]:
    fields = SCHEMA.get_type(name).fields  # type: ignore[union-attr]
    return {"__typename": name, **{key: value_of(each.type, depth, chance) for key, each in fields.items()}}


def with_aliases(value: Any) -> Any:
    """Data by response key, as subgraphs answer."""
    if isinstance(value, list):
        return [with_aliases(item) for item in value]
    if not isinstance(value, dict) or "__typename" not in value:
        return value
    named = {key: with_aliases(item) for key, item in value.items()}
    return named | {"n": named.get("note"), "n2": named.get("note"), "hidden": named.get("note"), "t": named.get("id")}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_projection_equals_execution_over_the_same_data(seed, yes):
    data = object_of("Query", 4, Random(seed))
    variables = {"yes": yes}
    expected = execute_sync(
        SCHEMA,
        DOCUMENT,
        root_value=data,
        variable_values=variables,
        field_resolver=lambda source, info: source.get(info.field_name),
        type_resolver=lambda value, info, kind: value["__typename"],
    )
    run = ProjectionRun()
    got = SOURCE.variant(variables).projection.complete(with_aliases(data), None, run)
    assert got == expected.data
    assert _key_order(got) == _key_order(expected.data)
    # Which of several null siblings is met first is left open; what was nulled is not. Every null has its error.
    assert bool(run.errors.entries()) == bool(expected.errors)
    told, wanted = (
        {tuple(error["path"]) for error in run.errors.entries()},
        {tuple(error.path) for error in expected.errors or ()},
    )
    assert told <= wanted


def _key_order(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _key_order(item)) for key, item in value.items()]
    return [_key_order(item) for item in value] if isinstance(value, list) else None


def test_the_query_of_the_law_is_valid():
    assert validate(SCHEMA, DOCUMENT) == []


WRONG = [
    ("Int", "1"),
    ("Int", 2**31),
    ("Int", 1.5),
    ("Int", True),
    ("Int", [1]),
    ("Float", "1"),
    ("Float", True),
    ("String", 1),
    ("String", {}),
    ("Boolean", 1),
    ("Boolean", "true"),
    ("ID", 1.5),
    ("ID", True),
    ("Size", "HUGE"),
    ("Size", 1),
    ("Any", [[[]]] * 1),
]
DEEP: Any = []
for _ in range(100):
    DEEP = [DEEP]


@pytest.mark.parametrize(("kind", "value"), [*WRONG[:-1], ("Any", DEEP)], ids=lambda value: str(value)[:20])
def test_a_leaf_of_another_type_is_null_with_an_error_that_does_not_repeat_it(kind, value):
    schema = build_schema(f"scalar Any enum Size {{ SMALL }} type Query {{ a: {kind} b: [{kind}!] }}")
    run = ProjectionRun()
    projection = ProjectionSource.of(parse("{ a b }"), None, schema).variant({}).projection
    assert projection.complete({"a": value, "b": [value]}, None, run) == {"a": None, "b": None}
    assert [error["path"] for error in run.errors.entries()] == [["a"], ["b", 0]]
    assert "HUGE" not in str(run.errors.entries())


@pytest.mark.parametrize(
    ("kind", "value", "shown"), [("Int", 3.0, 3), ("ID", 7, "7"), ("Float", 3, 3), ("Any", {"a": [1]}, {"a": [1]})]
)
def test_a_leaf_is_coerced_as_the_specification_allows(kind, value, shown):
    schema = build_schema(f"scalar Any type Query {{ a: {kind} }}")
    run = ProjectionRun()
    assert ProjectionSource.of(parse("{ a }"), None, schema).variant({}).projection.complete(
        {"a": value}, None, run
    ) == {"a": shown}
    assert run.errors.entries() == ()


NODE = "{ node { id } }"


@pytest.mark.parametrize(
    ("query", "node", "shown"),
    [
        (NODE, {"__typename": "Secret", "id": "1"}, None),
        (NODE, {"__typename": "Node", "id": "1"}, {"id": "1"}),
        (NODE, {"id": "1"}, {"id": "1"}),
        ("{ node { __typename id } }", {"__typename": "Node", "id": "1"}, None),
        ("{ node { id ... on Box { note } } }", {"id": "1"}, None),
        ("{ node { id ... on Node { next { id } } } }", {"id": "1", "next": None}, {"id": "1", "next": None}),
    ],
)
def test_a_runtime_type_that_the_api_does_not_know_is_never_shown(query, node, shown):
    run = ProjectionRun()
    got = ProjectionSource.of(parse(query), None, SCHEMA).variant({}).projection.complete({"node": node}, None, run)
    assert got == {"node": shown}
    assert bool(run.errors.entries()) == (shown is None)
    assert "Secret" not in str(run.errors.entries())


def test_with_denials_a_value_without_its_type_is_not_shown():
    run = ProjectionRun({"Lid.id": Decision(Form.DENY)})
    source = ProjectionSource.of(parse(NODE), None, SCHEMA)
    for node in ({"id": "canary"}, {"__typename": "Node", "id": "canary"}):
        assert source.variant({}).projection.complete({"node": node}, None, run) == {"node": None}


def test_a_denial_is_judged_on_the_type_that_came_back():
    run = ProjectionRun({"Lid.id": Decision(Form.DENY)})
    source = ProjectionSource.of(parse("{ things { ... on Node { id } } }"), None, SCHEMA)
    data = {"things": [{"__typename": "Lid", "id": "canary"}, {"__typename": "Box", "id": "b"}]}
    assert source.variant({}).projection.complete(data, None, run) == {"things": None}
    assert [error["path"] for error in run.errors.entries()] == [["things", 0, "id"]]

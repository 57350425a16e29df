"""A client's own directives reach the subgraphs that know them, with their variables, and no other."""

import pytest
from graphql import parse, validate

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.directives import known_by
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"]) '
    '@link(url: "https://example.test/mine/v1.0", import: ["@mine"]) '
)
LIVE = "directive @live(every: Int, where: [W!]) repeatable on FIELD | QUERY | MUTATION input W { n: Int } "
MINE = "directive @mine(n: Int) on FIELD | FIELD_DEFINITION "
A = (
    LINK
    + LIVE
    + MINE
    + 'extend schema @composeDirective(name: "@mine") '
    + 'type Query { t: T @mine(n: 1) } type Mutation { set: T } type T @key(fields: "id") { id: ID! a: Int }'
)
B = LINK.replace(', "@composeDirective"', "") + LIVE + 'type T @key(fields: "id") { id: ID! b: Int }'
COMPOSED = compose([SubgraphDefinition("a", "http://a", A), SubgraphDefinition("b", "http://b", B)]).supergraph_sdl
BOTH = Planner(supergraph_from_sdl(COMPOSED))


def fetches(operation: str, planner: Planner = BOTH) -> list[tuple[str, str, tuple[str, ...]]]:
    """Subgraph, operation and variables of every fetch; what is asked is valid where all directives are known."""
    document = parse(operation)
    assert validate(planner.supergraph.api_schema, document) == []
    return [(fetch.subgraph, fetch.operation, fetch.variables) for fetch in fetches_of(planner.plan(document))]


ENTITIES = "{_entities(representations:$representations){...on T{"

CASES = {
    "on fields of each subgraph": (
        "{ t { a @live b @live(every: 3) } }",
        [
            ("a", "{t{__typename a@live id}}", ()),
            ("b", f"query($representations:[_Any!]!){ENTITIES}b@live(every:3)}}}}}}", ()),
        ],
    ),
    "on objects": ("{ t @live { a } }", [("a", "{t@live{a}}", ())]),
    "with variables, beside conditions": (
        "query($n: Int, $m: Int, $if: Boolean!) "
        "{ t { a @skip(if: $if) @live(every: $n) @live(where: [{ n: $m }]) b @include(if: $if) } }",
        None,
    ),
    "on the operation, and every query made for it": (
        "query($n: Int) @live(every: $n) { t { b } }",
        [
            ("a", "query($n:Int)@live(every:$n){t{__typename id}}", ("n",)),
            ("b", f"query($representations:[_Any!]!,$n:Int)@live(every:$n){ENTITIES}b}}}}}}", ("n",)),
        ],
    ),
    "on a mutation, and not on the queries after it": (
        "mutation @live { set { b } }",
        [
            ("a", "mutation@live{set{__typename id}}", ()),
            ("b", f"query($representations:[_Any!]!){ENTITIES}b}}}}}}", ()),
        ],
    ),
    "apart where they differ": ("{ t { a @live a } }", [("a", "{t{a@live a}}", ())]),
    "that nobody is sure to know": ("{ t @mine(n: 2) { a } }", [("a", "{t{a}}", ())]),
    "none": ("{ t { a } }", [("a", "{t{a}}", ())]),
}


@pytest.mark.parametrize("name", [name for name, (_, expected) in CASES.items() if expected])
def test_directives_are_sent(name: str):
    operation, expected = CASES[name]
    assert fetches(operation) == expected


def test_directives_stand_beside_conditions_and_bring_their_variables():
    first, second = fetches(CASES["with variables, beside conditions"][0])
    assert "a@live(every:$n)@live(where:[{n:$m}])@skip(if:$if)" in first[1].replace(" ", "")
    assert first[2] == ("n", "m", "if")
    assert "live" not in second[1]


def test_every_subgraph_knows_what_is_in_the_supergraph_because_all_define_it():
    assert known_by(BOTH.supergraph) == {"live": frozenset("ab"), "mine": frozenset()}


def test_a_composed_directive_is_known_where_the_supergraph_says_so():
    said = COMPOSED.replace("type T\n", 'type T @join__directive(graphs: [A], name: "mine", args: {n: 1})\n', 1)
    assert said != COMPOSED
    planner = Planner(supergraph_from_sdl(said))
    assert known_by(planner.supergraph)["mine"] == {"a"}
    assert [each[1] for each in fetches("query($n: Int) { t { a @mine(n: $n) b @mine(n: $n) } }", planner)] == [
        "query($n:Int){t{__typename a@mine(n:$n) id}}",
        f"query($representations:[_Any!]!){ENTITIES}b}}}}}}",
    ]

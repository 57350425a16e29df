"""What law 1 found before and has to hold from then on, made small."""

import pytest

from gateway.composition.compose import SubgraphDefinition
from tests.gateway.laws.law import disagreement, federation_of
from tests.gateway.laws.operations import Operation
from tests.gateway.laws.world import World

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@interfaceObject"]) '
)
MUTATIONS = (
    "type Query { a: Int } type Mutation { set(to: Int!): Int! clear(id: Int!): Row! }"
    'type Row @key(fields: "id") { id: ID! old: Int! }',
    'type Row @key(fields: "id") { id: ID! count: Int! }',
)
USERS = (
    'interface User @key(fields: "id") { id: ID! } '
    'type Admin implements User @key(fields: "id") { id: ID! level: Int }'
    'type Guest implements User @key(fields: "id") { id: ID! } type Query { me: User }',
    'type User @key(fields: "id") @interfaceObject { id: ID! name: String } type Query { users: [User!]! }',
)
MEDIA = (
    "union Media = Book | Song type Book { title: String @shareable } type Song { title: String @shareable } "
    "type Query { hit: Book @shareable song: Media }",
    "union Media = Book | Film type Book { title: String @shareable } type Film { title: String @shareable } "
    "type Query { hit: Media @shareable }",
)
FOUND = {
    "a fragment that is left out asks for no type": (
        USERS,
        Operation(
            "query ($off: Boolean!) { users { name ... on Admin @include(if: $off) { level } } }", {"off": False}
        ),
    ),
    "a mutation that is always made does not wait for the condition of its neighbour": (
        MUTATIONS,
        Operation("mutation ($on: Boolean!) { set(to: 1) x: set(to: 2) @include(if: $on) }", {"on": False}),
    ),
    "a mutation that is not made does not keep its neighbour from being made": (
        MUTATIONS,
        Operation("mutation ($on: Boolean!) { set(to: 1) @skip(if: $on) x: set(to: 2) }", {"on": True}),
    ),
    "a union that a subgraph knows as one type still says its type": (
        MEDIA,
        Operation("{ hit { kind: __typename } }"),
    ),
    "a fragment on the one type that a subgraph knows of a union": (
        MEDIA,
        Operation("{ hit { ... on Film { t: title } ... on Book { title } } }"),
    ),
}


@pytest.mark.parametrize("name", FOUND)
async def test_found_before(name: str):
    sdls, operation = FOUND[name]
    subgraphs = [SubgraphDefinition(f"s{index}", "http://s.invalid/", LINK + sdl) for index, sdl in enumerate(sdls)]
    federation = federation_of(subgraphs)
    for seed in range(4):
        assert await disagreement(federation, World(federation.ground, seed), operation) is None


async def test_a_mutation_asked_for_twice_is_made_once():
    federation = federation_of(
        [SubgraphDefinition(f"s{index}", "http://s.invalid/", LINK + sdl) for index, sdl in enumerate(MUTATIONS)]
    )
    text = "mutation ($on: Boolean!) { clear(id: 1) { count } ... @include(if: $on) { clear(id: 1) { old } } }"
    operation = Operation(text, {"on": True})
    assert await disagreement(federation, World(federation.ground, 1), operation) is None
    [first, second] = federation.servers
    assert [first.asked, second.asked] == [1, 1]

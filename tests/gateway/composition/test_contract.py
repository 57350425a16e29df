"""Each row: a schema, the tags a contract includes and excludes, and the API that clients then see."""

import pytest
from graphql import GraphQLSchema, build_schema, lexicographic_sort_schema, print_schema

from gateway.composition.compose import compose
from gateway.composition.contract import Contract
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from gateway.composition.supergraph import supergraph_from_sdl
from tests.gateway.composition.subgraphs import subgraphs


def contract(include: str = "", exclude: str = "") -> Contract:
    return Contract(frozenset(include.split()), frozenset(exclude.split()))


def printed(schema: GraphQLSchema) -> str:
    return print_schema(lexicographic_sort_schema(schema))


SHOWN = {
    "an excluded field": (
        'type Query { a: Int b: Int @tag(name: "x") }',
        contract(exclude="x"),
        "type Query { a: Int }",
    ),
    "exclude wins over include": (
        'type Query { a: Int @tag(name: "in") b: Int @tag(name: "in") @tag(name: "x") }',
        contract("in", "x"),
        "type Query { a: Int }",
    ),
    "only what is included": (
        'type Query { a: Int @tag(name: "in") b: Int @tag(name: "other") c: Int }',
        contract("in"),
        "type Query { a: Int }",
    ),
    "an included type shows all of its fields": (
        'type Query { t: T @tag(name: "in") } type T @tag(name: "in") { a: Int b: Int @tag(name: "x") c: Int }',
        contract("in", "x"),
        "type Query { t: T } type T { a: Int c: Int }",
    ),
    "types that nothing leads to go": (
        'type Query { a: Int t: T @tag(name: "x") } type T { e(i: I): E u: U } enum E { A } input I { s: S } scalar S '
        "union U = V type V { a: Int }",
        contract(exclude="x"),
        "type Query { a: Int }",
    ),
    "implementations of a returned interface stay": (
        'type Query { n: N @tag(name: "in") } interface N @tag(name: "in") { a: Int } '
        'type T implements N @tag(name: "in") { a: Int }',
        contract("in"),
        "type Query { n: N } interface N { a: Int } type T implements N { a: Int }",
    ),
    "an interface only implemented stays, without its other implementations": (
        'type Query { t: T u: U @tag(name: "x") } interface N { a: Int } type T implements N { a: Int } '
        "type U implements N { a: Int }",
        contract(exclude="x"),
        "type Query { t: T } interface N { a: Int } type T implements N { a: Int }",
    ),
    "enums, inputs and arguments are in unless excluded": (
        'type Query { a(i: I, j: Int @tag(name: "x")): E @tag(name: "in") } '
        'enum E { A B @tag(name: "x") } input I { x: Int y: Int @tag(name: "x") }',
        contract("in", "x"),
        "type Query { a(i: I): E } enum E { A } input I { x: Int }",
    ),
    "a union has to be included": (
        'type Query { a: Int @tag(name: "in") u: U t: T @tag(name: "in") } union U = T '
        'type T @tag(name: "in") { a: Int }',
        contract("in"),
        "type Query { a: Int t: T } type T { a: Int }",
    ),
    "a type whose fields are all excluded goes with them": (
        'type Query { a: Int t: T @tag(name: "x") } type T { a: Int @tag(name: "x") }',
        contract(exclude="x"),
        "type Query { a: Int }",
    ),
    "input types of the operations' directives stay": (
        "directive @f(i: I) on FIELD input I { x: Int } type Query { a: Int }",
        contract(exclude="x"),
        "directive @f(i: I) on FIELD input I { x: Int } type Query { a: Int }",
    ),
    "what is @inaccessible stays so": (
        "type Query { a: Int b: Int @inaccessible }",
        contract(exclude="x"),
        "type Query { a: Int }",
    ),
}


@pytest.mark.parametrize(("sdl", "agreed", "api"), SHOWN.values(), ids=SHOWN)
def test_clients_see_what_the_contract_shows(sdl: str, agreed: Contract, api: str):
    composition = compose(subgraphs(sdl), agreed)
    assert printed(supergraph_from_sdl(composition.supergraph_sdl).api_schema) == printed(build_schema(api))


REFUSED = {
    "a visible field of a hidden type": (
        'type Query { a: Int t: T } type T @tag(name: "x") { a: Int }',
        contract(exclude="x"),
        {"REFERENCED_INACCESSIBLE"},
    ),
    "an included field whose type shows nothing": (
        'type Query { t: T @tag(name: "in") } type T { a: Int }',
        contract("in"),
        {"REFERENCED_INACCESSIBLE"},
    ),
    "a required argument": (
        'type Query { a(x: Int! @tag(name: "x")): Int }',
        contract(exclude="x"),
        {"REQUIRED_INACCESSIBLE"},
    ),
    "a required input field": (
        'type Query { a(i: I): Int } input I { x: Int! @tag(name: "x") y: Int }',
        contract(exclude="x"),
        {"REQUIRED_INACCESSIBLE"},
    ),
    "a field of a visible interface": (
        'type Query { n: N } interface N { a: Int b: Int } type T implements N { a: Int @tag(name: "x") b: Int }',
        contract(exclude="x"),
        {"IMPLEMENTED_BY_INACCESSIBLE"},
    ),
    "a default that uses a hidden value": (
        'type Query { a(e: E = B): Int } enum E { A B @tag(name: "x") }',
        contract(exclude="x"),
        {"DEFAULT_VALUE_USES_INACCESSIBLE"},
    ),
    "no query left": ("type Query { a: Int }", contract("in"), {"QUERY_ROOT_TYPE_INACCESSIBLE"}),
}


@pytest.mark.parametrize(("sdl", "agreed", "codes"), REFUSED.values(), ids=REFUSED)
def test_a_contract_that_hides_what_is_needed_does_not_compose(sdl: str, agreed: Contract, codes: set[str]):
    with pytest.raises(CompositionFailed) as failed:
        compose(subgraphs(sdl), agreed)
    assert {error.code for error in failed.value.errors} == codes


ENTITY = (
    'type Query { t: T } type T @key(fields: "id") { id: ID @tag(name: "x") a: Int }',
    'type T @key(fields: "id") { id: ID b: Int c: Int @tag(name: "x") d: Int @requires(fields: "a") a: Int @external }',
)


def test_keys_and_requirements_that_are_hidden_still_join():
    supergraph = supergraph_from_sdl(compose(subgraphs(*ENTITY), contract(exclude="x")).supergraph_sdl)
    assert printed(supergraph.api_schema) == printed(
        build_schema("type Query { t: T } type T { a: Int b: Int d: Int }")
    )
    assert [key.fields for key in supergraph.types["T"]["B"].keys] == ["id"]
    assert "id" in supergraph.types["T"]["A"].fields


def test_a_contract_with_a_renamed_tag_reads_it():
    sdl = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: [{name: "@tag", as: "@label"}]) '
        'type Query { a: Int b: Int @label(name: "x") }'
    )
    definition = SubgraphDefinition("A", "", sdl)
    supergraph = supergraph_from_sdl(compose([definition], contract(exclude="x")).supergraph_sdl)
    assert printed(supergraph.api_schema) == printed(build_schema("type Query { a: Int }"))


def test_no_contract_is_no_change():
    assert compose(subgraphs(*ENTITY), Contract()) == compose(subgraphs(*ENTITY))


def test_a_tag_that_nothing_carries_is_hinted():
    hints = compose(subgraphs(*ENTITY), contract(exclude="x misspelt")).hints
    assert [hint.message for hint in hints if hint.code == "CONTRACT_TAG_UNUSED"] == [
        'The contract names the tag "misspelt", which no element carries.'
    ]


def test_a_contract_does_not_depend_on_the_order_of_subgraphs():
    agreed = contract(exclude="x")
    given = subgraphs(*ENTITY)
    assert compose(given, agreed).supergraph_sdl == compose(given[::-1], agreed).supergraph_sdl

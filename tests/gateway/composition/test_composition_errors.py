"""Each row: schemas that do not compose (A, B, C), the code they fail with, and what the message names."""

import pytest

from gateway.composition.compose import compose
from gateway.composition.errors import CODES, CompositionFailed
from tests.gateway.composition.subgraphs import subgraphs

Q = "type Query { q: Int } "

CASES = {
    "syntax": (["type Query {"], "INVALID_GRAPHQL", "Syntax Error"),
    "unknown type": (["type Query { a: Missing }"], "INVALID_GRAPHQL", "Missing"),
    "a field set with an unknown field": ([Q + 'type T @key(fields: "x") { id: ID }'], "KEY_INVALID_FIELDS", '"x"'),
    "an external nobody uses": ([Q + "type T { a: Int @external }"], "EXTERNAL_UNUSED", '"T.a"'),
    "a field that requires what it has": (
        [Q + 'type T { a: Int b: Int @requires(fields: "a") }'],
        "REQUIRES_FIELDS_MISSING_EXTERNAL",
        '"T.a"',
    ),
    "provides on a scalar": (
        ['type Query { q: Int @provides(fields: "x") }'],
        "PROVIDES_ON_NON_OBJECT_FIELD",
        "Query.q",
    ),
    "an interface object without key": (
        [Q + "type M @interfaceObject { id: ID }"],
        "INTERFACE_OBJECT_USAGE_ERROR",
        '"M"',
    ),
    "override on an interface": (
        [Q + 'interface I { a: Int @override(from: "B") }'],
        "OVERRIDE_ON_INTERFACE",
        "I.a",
    ),
    "no queries": (["type T { a: Int }"], "NO_QUERIES", "query"),
    "kinds": ([Q + "type T { a: Int }", "scalar T"], "TYPE_KIND_MISMATCH", '"T"'),
    "field types": (
        ["type Query { a: Int @shareable }", "type Query { a: String @shareable }"],
        "FIELD_TYPE_MISMATCH",
        '"Query.a"',
    ),
    "argument types": (
        ["type Query { a(x: Int): Int @shareable }", "type Query { a(x: String): Int @shareable }"],
        "FIELD_ARGUMENT_TYPE_MISMATCH",
        '"Query.a(x:)"',
    ),
    "defaults": (
        ["type Query { a(x: Int = 1): Int @shareable }", "type Query { a(x: Int = 2): Int @shareable }"],
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        '"Query.a(x:)"',
    ),
    "a required argument missing elsewhere": (
        ["type Query { a(x: Int!): Int @shareable }", "type Query { a: Int @shareable }"],
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        '"Query.a(x:)"',
    ),
    "a required input field missing elsewhere": (
        ["type Query { a(i: I): Int @shareable } input I { x: Int! y: Int }", "input I { y: Int }"],
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        '"I.x"',
    ),
    "an enum used both ways": (
        ["type Query { a(e: E): E @shareable } enum E { X Y }", "enum E { X }"],
        "ENUM_VALUE_MISMATCH",
        '"Y"',
    ),
    "a field external everywhere": (
        [Q + 'type T @key(fields: "id") { id: ID! a: Int @external b: Int @requires(fields: "a") }'],
        "EXTERNAL_MISSING_ON_BASE",
        '"T.a"',
    ),
    "an override of itself": (['type Query { a: Int @override(from: "A") }'], "OVERRIDE_FROM_SELF_ERROR", '"Query.a"'),
    "an override of an override": (
        ['type Query { a: Int @override(from: "B") }', 'type Query { a: Int @override(from: "A") }'],
        "OVERRIDE_SOURCE_HAS_OVERRIDE",
        '"Query.a"',
    ),
    "a missing interface field": (
        [
            "interface I { a: Int } type S implements I { a: Int } type Query { i: I }",
            "interface I { b: Int } type T implements I { b: Int }",
        ],
        "INTERFACE_FIELD_NO_IMPLEM",
        '"I.a"',
    ),
    "merging that breaks an interface": (
        [
            "interface I { a: Int! } type T implements I @shareable { a: Int! } type Query { i: I }",
            "type T @shareable { a: Int }",
        ],
        "INVALID_GRAPHQL",
        "I.a",
    ),
    "guarded data read without the guard": (
        [
            'type T @key(fields: "id") { id: ID! s: Int @external d: Int @requires(fields: "s") } type Query { t: T }',
            'type T @key(fields: "id") { id: ID! s: Int @policy(policies: [["p"]]) }',
        ],
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        '"T.d"',
    ),
    "a hidden query root": (["type Query @inaccessible { a: Int }"], "QUERY_ROOT_TYPE_INACCESSIBLE", "Query"),
    "a type with nothing to see": (
        ["type T { a: Int @inaccessible } type Query { t: T }"],
        "ONLY_INACCESSIBLE_CHILDREN",
        '"T"',
    ),
    "a field of a hidden type": (
        ["type T @inaccessible { a: Int } type Query { t: T b: Int }"],
        "REFERENCED_INACCESSIBLE",
        "Query.t",
    ),
    "a hidden required argument": (
        ["type Query { a(x: Int! @inaccessible): Int }"],
        "REQUIRED_INACCESSIBLE",
        "Query.a(x:)",
    ),
    "a default that is hidden": (
        ["enum E { X @inaccessible Y } type Query { a(e: E = X): Int }"],
        "DEFAULT_VALUE_USES_INACCESSIBLE",
        "Query.a(e:)",
    ),
    "a hidden implementation": (
        ["interface I { a: Int } type T implements I { a: Int @inaccessible b: Int } type Query { i: I }"],
        "IMPLEMENTED_BY_INACCESSIBLE",
        "T.a",
    ),
    "a directive of no specification": (
        ['extend schema @composeDirective(name: "@x") directive @x on OBJECT ' + Q],
        "DIRECTIVE_COMPOSITION_ERROR",
        "@x",
    ),
    "a context never set": (
        [Q + 'type T @key(fields: "id") { id: ID! a(x: Int @fromContext(field: "$c { y }")): Int }'],
        "CONTEXT_NOT_SET",
        '"c"',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_composition_fails_with(case: str) -> None:
    schemas, code, named = CASES[case]
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(*schemas))
    found = {error.code: error.message for error in caught.value.errors}
    assert code in found, found
    assert named in found[code]
    assert set(found) <= set(CODES)


UNSATISFIABLE = {
    "a value type's field that another subgraph has": (
        ["type T { a: Int @shareable } type Query { t: T }", "type T { a: Int @shareable b: Int }"],
        'has field "T.b", because type "T" has no @key defined in subgraph "B"',
    ),
    "a key that cannot be collected": (
        ['type T @key(fields: "x") { x: ID! } type Query { t: T }', 'type T @key(fields: "y") { y: ID! b: Int }'],
        'using @key(fields: "y") of "T", the key field(s) cannot be resolved from subgraph "A"',
    ),
    "a key that is no way in": (
        [
            'type T @key(fields: "x") { x: ID! } type Query { t: T }',
            'type T @key(fields: "x", resolvable: false) { x: ID! b: Int }',
        ],
        'no @key defined in subgraph "B"',
    ),
    "a requirement nobody can fulfil": (
        [
            'type T @key(fields: "id") { id: ID! } type Query { t: T }',
            'type T @key(fields: "id") { id: ID! s: Int @external b: Int @requires(fields: "s") }',
            "type T { s: Int }",
        ],
        'cannot satisfy @require conditions on field "T.b"',
    ),
}


@pytest.mark.parametrize("case", UNSATISFIABLE)
def test_an_unanswerable_query_is_shown_with_the_reason(case: str) -> None:
    schemas, why = UNSATISFIABLE[case]
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(*schemas))
    messages = [error.message for error in caught.value.errors]
    assert {error.code for error in caught.value.errors} == {"SATISFIABILITY_ERROR"}
    assert any("t {" in message and why in message for message in messages), messages


def test_a_key_may_be_collected_in_a_third_subgraph() -> None:
    composed = compose(
        subgraphs(
            'type T @key(fields: "x") { x: ID! } type Query { t: T }',
            'type T @key(fields: "y") { y: ID! b: Int }',
            'type T @key(fields: "x") @key(fields: "y") { x: ID! y: ID! }',
        )
    )
    assert "b: Int" in composed.supergraph_sdl


def test_a_mutation_is_answered_in_one_subgraph() -> None:
    one_sided = "type R { id: ID! @shareable %s: Int } type Mutation { m: R @shareable } type Query { %s: Int }"
    with pytest.raises(CompositionFailed, match=r'mutation field "Mutation\.m"'):
        compose(subgraphs(one_sided % ("a", "a"), one_sided % ("b", "b")))

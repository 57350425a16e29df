"""Each row: schemas that do not compose (A, B, C), the code they fail with, and what the message names."""

from pathlib import Path

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
    "a directive in a key": (
        [Q + 'type T @key(fields: "id @tag(name: \\"x\\")") { id: ID }'],
        "KEY_DIRECTIVE_IN_FIELDS_ARG",
        "@tag",
    ),
    "an empty key": ([Q + 'type T @key(fields: "") { id: ID }'], "KEY_INVALID_FIELDS", "Expected a name"),
    "a key whose field may be given arguments": (
        [Q + 'type T @key(fields: "a") { a(x: Int): ID }'],
        "KEY_FIELDS_HAS_ARGS",
        "T.a",
    ),
    "a required argument of another type": (
        [
            Q + 'type T @key(fields: "id") { id: ID! a(x: Int): Int @external b: Int @requires(fields: "a(x: true)") }',
            'type T @key(fields: "id") { id: ID! a(x: Int): Int }',
        ],
        "REQUIRES_INVALID_FIELDS",
        "true",
    ),
    "an extension of nothing": ([Q + "extend type T { a: Int }"], "EXTENSION_WITH_NO_BASE", '"T"'),
    "an external type of which not all is used": (
        [Q + 'type T @key(fields: "id") @external { id: ID! a: Int }', 'type T @key(fields: "id") { id: ID! a: Int }'],
        "EXTERNAL_UNUSED",
        '"T.a"',
    ),
    "an external type that is wider": (
        [
            Q + 'type T @key(fields: "id") { id: ID! a: Int @external b: Int @requires(fields: "a") }',
            'type T @key(fields: "id") { id: ID! a: Int! }',
        ],
        "EXTERNAL_TYPE_MISMATCH",
        '"T.a"',
    ),
    "a directive's argument that is hidden but required": (
        [Q + "directive @d(a: Int! @inaccessible) on FIELD"],
        "REQUIRED_INACCESSIBLE",
        "@d(a:)",
    ),
    "a directive's argument of a hidden type": (
        [Q + "directive @d(a: S) on FIELD scalar S @inaccessible"],
        "REFERENCED_INACCESSIBLE",
        '"S"',
    ),
    "a directive's default that is hidden": (
        [Q + "directive @d(a: E = A) on FIELD enum E { A @inaccessible B }"],
        "DEFAULT_VALUE_USES_INACCESSIBLE",
        "@d(a:)",
    ),
    "a root's default name extended": (
        ["schema { query: Root } type Root { q: Int } extend type Query { a: Int }"],
        "ROOT_QUERY_USED",
        '"Query"',
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
    "provides on an external field": (
        [
            'type Query { t: T } type T @key(fields: "id") { id: ID! u: U @external @provides(fields: "a") '
            'b: Int @requires(fields: "u { a }") } type U { a: Int @external }',
        ],
        "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
        '"T.u"',
    ),
    "an unknown version of @link": (
        ['extend schema @link(url: "https://specs.apollo.dev/link/v2.0") ' + Q],
        "UNKNOWN_LINK_VERSION",
        "v2.0",
    ),
    "an unknown specification for security": (
        ['extend schema @link(url: "https://example.org/vault/v1.0", for: SECURITY) ' + Q],
        "UNSUPPORTED_LINKED_FEATURE",
        "SECURITY",
    ),
    "a hidden argument of a composed directive": (
        [
            'extend schema @link(url: "https://example.org/mark/v1.0", import: ["@mark"]) '
            '@composeDirective(name: "@mark") directive @mark(x: Int @inaccessible) on FIELD_DEFINITION '
            "type Query { q: Int @mark }",
        ],
        "DISALLOWED_INACCESSIBLE",
        '"@mark(x:)"',
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
    assert code == "NO_QUERIES" or all(error.locations for error in caught.value.errors)


TOGETHER = {
    "a key that lacks an argument the field demands": (
        [Q + 'type T @key(fields: "a") { a(x: Int!): ID }'],
        {"KEY_INVALID_FIELDS"},
    ),
    "a key of which one field is unknown says no more": (
        [Q + 'type T @key(fields: "a nope") { a(x: Int): ID }'],
        {"KEY_INVALID_FIELDS"},
    ),
    "an override on an interface beside a mismatch of kinds": (
        [Q + 'interface I { a: Int @override(from: "B") } type T { a: Int }', "scalar T"],
        {"OVERRIDE_ON_INTERFACE", "TYPE_KIND_MISMATCH"},
    ),
    "nothing is merged after a directive that cannot be composed": (
        ['extend schema @composeDirective(name: "nope") type Query { a: Int }', "type Query { a: Int }"],
        {"DIRECTIVE_COMPOSITION_ERROR"},
    ),
    "a requirement on an interface is looked into all the same": (
        [Q + 'interface I { a: Int @requires(fields: "b") b: Int } type T implements I { a: Int b: Int }'],
        {"REQUIRES_UNSUPPORTED_ON_INTERFACE", "REQUIRES_FIELDS_MISSING_EXTERNAL"},
    ),
    "an external field of an interface is unused": (
        [Q + "interface I { a: Int @external } type T implements I { a: Int }"],
        {"EXTERNAL_ON_INTERFACE", "EXTERNAL_UNUSED"},
    ),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_composition_fails_with_these_codes_and_no_others(case: str) -> None:
    schemas, codes = TOGETHER[case]
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(*schemas))
    assert {error.code for error in caught.value.errors} == codes


def test_an_external_type_may_be_narrower_where_those_who_resolve_it_differ() -> None:
    external = Q + 'type T @key(fields: "id") { id: ID! a: Int! @external b: Int @requires(fields: "a") }'
    resolved = 'type T @key(fields: "id") { id: ID! a: %s @shareable }'
    assert compose(subgraphs(external, resolved % "Int!", resolved % "Int"))
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(external, resolved % "Int", resolved % "Int"))
    assert {error.code for error in caught.value.errors} == {"EXTERNAL_TYPE_MISMATCH"}


def test_a_hidden_value_that_some_subgraphs_lack_is_told_of() -> None:
    composed = compose(
        subgraphs("type Query { a: E } enum E { X Y @inaccessible }", "type Query { b: E } enum E { X }")
    )
    assert "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM" in {hint.code for hint in composed.hints}


def test_what_stands_on_a_directives_argument_is_carried() -> None:
    composed = compose(subgraphs('directive @d(a: Int @tag(name: "x")) on FIELD type Query { q: Int }'))
    assert 'directive @d(a: Int @tag(name: "x")) on FIELD' in composed.supergraph_sdl


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
    assert all(error.locations for error in caught.value.errors)


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


def test_an_unknown_specification_that_demands_nothing_is_left_alone() -> None:
    linked = 'extend schema @link(url: "https://example.org/vault/v1.0") ' + Q
    assert "q: Int" in compose(subgraphs(linked)).supergraph_sdl


def test_checking_satisfiability_is_bounded() -> None:
    chain = "".join(f"type T{number} {{ next: T{number + 1} }} " for number in range(20)) + "type T20 { a: Int }"
    given = subgraphs("type Query { t: T0 } " + chain)
    assert compose(given, max_subgraph_paths=30)
    with pytest.raises(CompositionFailed) as caught:
        compose(given, max_subgraph_paths=10)
    (error,) = caught.value.errors
    assert error.code == "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    assert error.locations


def test_a_merge_that_breaks_the_schema_is_located_where_the_fields_are() -> None:
    schemas, _, _ = CASES["merging that breaks an interface"]
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(*schemas))
    assert {place.subgraph for error in caught.value.errors for place in error.locations} == {"A", "B"}


def test_every_code_but_those_of_field_sets_is_raised_by_name_somewhere() -> None:
    package = Path(compose.__code__.co_filename).parent
    source = "".join(file.read_text() for file in package.glob("*.py") if file.name != "errors.py")
    shared = ("KEY_", "PROVIDES_", "REQUIRES_", "ROOT_")
    assert [code for code in CODES if code not in source and not code.startswith(shared)] == []


MOVED_TOGETHER = (
    "type Query { v: V } type V { y: Int }",
    'type Query { v: V @override(from: "A", label: "percent(10)") } '
    'type V { y: Int @override(from: "A", label: "%s") }',
)


def test_labels_that_switch_apart_have_to_be_satisfiable_apart() -> None:
    one, other = MOVED_TOGETHER
    assert compose(subgraphs(one, other % "percent(10)"))
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(one, other % "percent(20)"))
    assert {error.code for error in caught.value.errors} == {"SATISFIABILITY_ERROR"}


def test_many_labels_are_tried_in_bounded_time() -> None:
    fields = [f"f{number}" for number in range(20)]
    moved = [f'{name}: Int @override(from: "A", label: "percent({number})")' for number, name in enumerate(fields)]
    old, new = " ".join(f"{name}: Int" for name in fields), " ".join(moved)
    assert compose(subgraphs(f"type Query {{ {old} }}", f"type Query {{ {new} }}"), max_subgraph_paths=200)

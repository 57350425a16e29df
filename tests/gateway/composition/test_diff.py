"""Each row: an API before and after, and every change that diff finds: severity, code and coordinate."""

import pytest
from graphql import find_breaking_changes, find_dangerous_changes

from gateway.composition.changes import Severity
from gateway.composition.compose import compose
from gateway.composition.diff import diff
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from tests.gateway.composition.subgraphs import subgraphs


def supergraph(*sdls: str) -> Supergraph:
    return supergraph_from_sdl(compose(subgraphs(*sdls)).supergraph_sdl)


def found(old: Supergraph, new: Supergraph) -> list[str]:
    return [f"{change.severity} {change.code} {change.coordinate}" for change in diff(old, new)]


Q = "type Query { q: Int } "
API = {
    "a field removed": ("type Query { a: Int b: Int }", "type Query { a: Int }", ["breaking FIELD_REMOVED Query.b"]),
    "a field added": ("type Query { a: Int }", "type Query { a: Int b: Int }", ["safe FIELD_ADDED Query.b"]),
    "an output that is no longer null": (
        "type Query { a: [Int] }",
        "type Query { a: [Int!]! }",
        ["safe FIELD_TYPE_CHANGED Query.a", "safe SUBGRAPH_TYPE_CHANGED Query.a"],
    ),
    "an output that may be null now": (
        "type Query { a: [Int!] }",
        "type Query { a: [Int] }",
        ["breaking FIELD_TYPE_CHANGED Query.a", "safe SUBGRAPH_TYPE_CHANGED Query.a"],
    ),
    "an output that is a list now": (
        "type Query { a: Int }",
        "type Query { a: [Int] }",
        ["breaking FIELD_TYPE_CHANGED Query.a", "safe SUBGRAPH_TYPE_CHANGED Query.a"],
    ),
    "an argument removed": (
        "type Query { a(x: Int): Int }",
        "type Query { a: Int }",
        ["breaking ARGUMENT_REMOVED Query.a(x:)"],
    ),
    "an optional argument added": (
        "type Query { a: Int }",
        "type Query { a(x: Int! = 1): Int }",
        ["dangerous OPTIONAL_ARGUMENT_ADDED Query.a(x:)"],
    ),
    "a required argument added": (
        "type Query { a: Int }",
        "type Query { a(x: Int!): Int }",
        ["breaking REQUIRED_ARGUMENT_ADDED Query.a(x:)"],
    ),
    "an argument that may be null now": (
        "type Query { a(x: [Int!]!): Int }",
        "type Query { a(x: [Int]): Int }",
        ["safe ARGUMENT_TYPE_CHANGED Query.a(x:)"],
    ),
    "an argument that must not be null now": (
        "type Query { a(x: [Int]): Int }",
        "type Query { a(x: [Int!]): Int }",
        ["breaking ARGUMENT_TYPE_CHANGED Query.a(x:)"],
    ),
    "a default changed": (
        "type Query { a(x: Int = 1): Int }",
        "type Query { a(x: Int = 2): Int }",
        ["dangerous ARGUMENT_DEFAULT_CHANGED Query.a(x:)"],
    ),
    "a default gone from what must not be null": (
        "type Query { a(x: Int! = 1): Int }",
        "type Query { a(x: Int!): Int }",
        ["breaking ARGUMENT_DEFAULT_REMOVED Query.a(x:)"],
    ),
    "a default's members in another order": (
        "type Query { a(x: I = {b: 1, c: 2}): Int } input I { b: Int c: Int }",
        "type Query { a(x: I = {c: 2, b: 1}): Int } input I { b: Int c: Int }",
        [],
    ),
    "a deprecation": (
        "type Query { a: Int }",
        'type Query { a: Int @deprecated(reason: "old") }',
        ["safe DEPRECATION_ADDED Query.a"],
    ),
    "a description": (
        "type Query { a: Int }",
        'type Query { "What" a: Int }',
        ["safe DESCRIPTION_CHANGED Query.a"],
    ),
    "a type removed with the field": (
        "type Query { a: Int t: T } type T { a: Int }",
        "type Query { a: Int }",
        ["breaking FIELD_REMOVED Query.t", "breaking TYPE_REMOVED T"],
    ),
    "a root type": (Q, Q + "type Mutation { m: Int }", ["safe ROOT_ADDED Mutation", "safe TYPE_ADDED Mutation"]),
    "a root type gone": (
        Q + "type Mutation { m: Int }",
        Q,
        ["breaking ROOT_REMOVED Mutation", "breaking TYPE_REMOVED Mutation"],
    ),
    "another kind of type": (
        "type Query { a: T } scalar T",
        "type Query { a: T } enum T { A }",
        ["breaking TYPE_KIND_CHANGED T"],
    ),
    "an interface implemented": (
        "type Query { n: N t: T } interface N { a: Int } type T { a: Int }",
        "type Query { n: N t: T } interface N { a: Int } type T implements N { a: Int }",
        ["dangerous IMPLEMENTATION_ADDED T", "safe SUBGRAPH_PARTS_CHANGED T"],
    ),
    "an interface no longer implemented": (
        "type Query { n: N t: T } interface N { a: Int } type T implements N { a: Int }",
        "type Query { n: N t: T } interface N { a: Int } type T { a: Int }",
        ["breaking IMPLEMENTATION_REMOVED T", "safe SUBGRAPH_PARTS_CHANGED T"],
    ),
    "union members": (
        "type Query { u: U a: A b: B c: C } union U = A | B type A { a: Int } type B { a: Int } type C { a: Int }",
        "type Query { u: U a: A b: B c: C } union U = A | C type A { a: Int } type B { a: Int } type C { a: Int }",
        ["breaking UNION_MEMBER_REMOVED U", "dangerous UNION_MEMBER_ADDED U", "safe SUBGRAPH_PARTS_CHANGED U"],
    ),
    "enum values": (
        "type Query { e: E } enum E { A B }",
        "type Query { e: E } enum E { A C }",
        ["breaking ENUM_VALUE_REMOVED E.B", "dangerous ENUM_VALUE_ADDED E.C", "safe SUBGRAPH_PARTS_CHANGED E"],
    ),
    "an input field required": (
        "type Query { a(i: I): Int } input I { x: Int }",
        "type Query { a(i: I): Int } input I { x: Int y: Int! }",
        ["breaking REQUIRED_INPUT_FIELD_ADDED I.y"],
    ),
    "an input field added, another removed": (
        "type Query { a(i: I): Int } input I { x: Int z: Int }",
        "type Query { a(i: I): Int } input I { x: Int y: Int }",
        ["breaking INPUT_FIELD_REMOVED I.z", "dangerous OPTIONAL_INPUT_FIELD_ADDED I.y"],
    ),
    "a scalar specified otherwise": (
        'type Query { s: S } scalar S @specifiedBy(url: "https://a.example")',
        "type Query { s: S } scalar S",
        ["dangerous SCALAR_SPECIFICATION_CHANGED S"],
    ),
    "an executable directive": (
        Q + "directive @f(a: Int) on FIELD | QUERY",
        Q + "directive @f on FIELD",
        ["breaking DIRECTIVE_LOCATION_REMOVED @f", "breaking ARGUMENT_REMOVED @f(a:)"],
    ),
    "an executable directive gone": (Q + "directive @f on FIELD", Q, ["breaking DIRECTIVE_REMOVED @f"]),
    "something hidden": (
        "type Query { a: Int b: Int }",
        "type Query { a: Int b: Int @inaccessible }",
        ["breaking FIELD_REMOVED Query.b"],
    ),
    "a guard added": (
        "type Query { a: Int }",
        "type Query { a: Int @authenticated }",
        ["breaking GUARD_ADDED Query.a"],
    ),
    "a guard removed": (
        "type Query { a: Int @authenticated }",
        "type Query { a: Int }",
        ["dangerous ACCESS_WIDENED Query.a"],
    ),
    "one scope of two is enough now": (
        'type Query { a: Int @requiresScopes(scopes: [["r", "w"]]) }',
        'type Query { a: Int @requiresScopes(scopes: [["r"]]) }',
        ["dangerous ACCESS_WIDENED Query.a"],
    ),
    "an alternative more": (
        'type Query { a: Int @policy(policies: [["r"]]) }',
        'type Query { a: Int @policy(policies: [["r"], ["w"]]) }',
        ["dangerous ACCESS_WIDENED Query.a"],
    ),
    "an alternative less": (
        'type Query { a: Int @policy(policies: [["r"], ["w"]]) }',
        'type Query { a: Int @policy(policies: [["r"]]) }',
        ["breaking GUARD_CHANGED Query.a"],
    ),
    "a tag": ("type Query { a: Int }", 'type Query { a: Int @tag(name: "t") }', ["safe DIRECTIVE_USE_ADDED Query.a"]),
}


@pytest.mark.parametrize(("old", "new", "expected"), API.values(), ids=API)
def test_a_change_of_one_subgraph_is_classified(old: str, new: str, expected: list[str]):
    assert found(supergraph(old), supergraph(new)) == expected


A = 'type Query { t: T } type T @key(fields: "id") { id: ID a: Int } '
B = 'type T @key(fields: "id") { id: ID b: Int } '
JOINS = {
    "a field moved": (
        (A, B),
        ('type Query { t: T } type T @key(fields: "id") { id: ID }', B + "extend type T { a: Int }"),
        ["dangerous FIELD_MOVED T.a"],
    ),
    "a field shared": (
        ('type Query { t: T } type T @key(fields: "id") { id: ID a: Int @shareable }', B),
        (
            'type Query { t: T } type T @key(fields: "id") { id: ID a: Int @shareable }',
            B + "extend type T { a: Int @shareable }",
        ),
        ["safe RESOLVER_ADDED T.a"],
    ),
    "a key removed": (
        (
            'type Query { t: T } type T @key(fields: "id") @key(fields: "k { x }") { id: ID k: K } '
            "type K @shareable { x: Int }",
        ),
        ('type Query { t: T } type T @key(fields: "id") { id: ID k: K } type K @shareable { x: Int }',),
        ["dangerous KEY_REMOVED T"],
    ),
    "an entity no more": (
        ('type Query { t: T } type T @key(fields: "id") { id: ID }',),
        ("type Query { t: T } type T { id: ID }",),
        ["breaking ENTITY_REMOVED T"],
    ),
    "a key not resolvable": (
        ('type Query { t: T } type T @key(fields: "id") @key(fields: "a") { id: ID a: ID }',),
        ('type Query { t: T } type T @key(fields: "id") @key(fields: "a", resolvable: false) { id: ID a: ID }',),
        ["dangerous KEY_NOT_RESOLVABLE T"],
    ),
    "a key written with other spaces": (
        ('type Query { t: T } type T @key(fields: "k{x}") { k: K } type K @shareable { x: Int }',),
        ('type Query { t: T } type T @key(fields: "k { x }") { k: K } type K @shareable { x: Int }',),
        [],
    ),
    "requirements": (
        (A, 'type T @key(fields: "id") { id: ID a: Int @external b: Int @requires(fields: "a") }'),
        (A, B),
        ["safe REQUIRES_CHANGED T.b"],
    ),
    "requirements added": (
        (A, B),
        (A, 'type T @key(fields: "id") { id: ID a: Int @external b: Int @requires(fields: "a") }'),
        ["dangerous REQUIRES_CHANGED T.b"],
    ),
    "a subgraph removed": (
        (A, B),
        (A,),
        ["breaking FIELD_REMOVED T.b", "dangerous SUBGRAPH_REMOVED B", "dangerous KEY_REMOVED T"],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), JOINS.values(), ids=JOINS)
def test_a_change_of_who_resolves_what_is_classified(old: tuple[str, ...], new: tuple[str, ...], expected: list[str]):
    assert set(expected) <= set(changes := found(supergraph(*old), supergraph(*new)))
    assert [c for c in changes if c not in expected and not c.startswith("safe")] == []


def test_a_supergraph_equals_itself():
    same = supergraph(A, B)
    assert diff(same, same) == ()


def test_a_subgraphs_new_address_is_dangerous():
    old = supergraph(A, B)
    new = supergraph_from_sdl(old.sdl.replace("http://B", "http://elsewhere"))
    assert found(old, new) == ["dangerous SUBGRAPH_URL_CHANGED B"]


def test_the_worst_comes_first_and_every_message_is_a_text():
    changes = diff(supergraph(API["enum values"][0]), supergraph(API["enum values"][1]))
    assert [change.severity for change in changes] == [Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE]
    assert all(change.message for change in changes)


@pytest.mark.parametrize(("old", "new"), [case[:2] for case in API.values()], ids=API)
def test_what_graphql_core_calls_breaking_or_dangerous_is_at_least_that(old: str, new: str):
    before, after = supergraph(old), supergraph(new)
    severities = {change.severity for change in diff(before, after)}
    if find_breaking_changes(before.api_schema, after.api_schema):
        assert Severity.BREAKING in severities
    if find_dangerous_changes(before.api_schema, after.api_schema):
        assert severities & {Severity.BREAKING, Severity.DANGEROUS}


ACCESS = (
    'extend schema @link(url: "https://specs.leds.example/access/v1.0", import: ["@dataset", "@open", "@reads"]) '
    '@composeDirective(name: "@dataset") @composeDirective(name: "@open") @composeDirective(name: "@reads") '
    'directive @dataset(id: String!, sensitivity: String! = "S1", mask: String) on FIELD_DEFINITION '
    "directive @open(inherit: Boolean! = false) on FIELD_DEFINITION "
    "directive @reads(fields: [String!]!) on ARGUMENT_DEFINITION "
)
GOVERNED = {
    "a dataset added": ("", '@dataset(id: "D")', ["breaking GUARD_ADDED Query.a"]),
    "a dataset removed": ('@dataset(id: "D")', "", ["dangerous ACCESS_WIDENED Query.a"]),
    "another dataset": ('@dataset(id: "D")', '@dataset(id: "E")', ["breaking GUARD_CHANGED Query.a"]),
    "more sensitive": (
        '@dataset(id: "D")',
        '@dataset(id: "D", sensitivity: "S2")',
        ["breaking GUARD_CHANGED Query.a"],
    ),
    "less sensitive": (
        '@dataset(id: "D", sensitivity: "S3")',
        '@dataset(id: "D", sensitivity: "S1")',
        ["dangerous ACCESS_WIDENED Query.a"],
    ),
    "the default sensitivity written out": ('@dataset(id: "D")', '@dataset(id: "D", sensitivity: "S1")', []),
    "another mask": (
        '@dataset(id: "D", mask: "HASH")',
        '@dataset(id: "D", mask: "YEAR")',
        ["dangerous DIRECTIVE_USE_CHANGED Query.a"],
    ),
    "opened": ("", "@open", ["dangerous ACCESS_WIDENED Query.a"]),
    "closed": ("@open", "", ["breaking GUARD_ADDED Query.a"]),
    "opened outright": ("@open(inherit: true)", "@open", ["dangerous ACCESS_WIDENED Query.a"]),
    "opened no more than what leads there": ("@open", "@open(inherit: true)", ["breaking GUARD_ADDED Query.a"]),
    "from a dataset to open": (
        '@dataset(id: "D")',
        "@open",
        ["dangerous ACCESS_WIDENED Query.a", "dangerous ACCESS_WIDENED Query.a"],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), GOVERNED.values(), ids=GOVERNED)
def test_what_a_governed_graph_opens_or_closes_is_told(old: str, new: str, expected: list[str]):
    kept = ' b: Int @dataset(id: "D") c: Int @open d(x: Int @reads(fields: ["Query.b"])): Int '
    before, after = (supergraph(f"{ACCESS} type Query {{ a: Int {use} {kept} }}") for use in (old, new))
    assert found(before, after) == expected


def test_an_argument_that_reads_less_is_told():
    text = ACCESS + 'type Query {{ a(x: Int @reads(fields: [{}])): Int @open b: Int @dataset(id: "D") }}'
    before, after = (supergraph(text.format(fields)) for fields in ('"Query.a", "Query.b"', '"Query.b"'))
    assert found(before, after) == ["dangerous ACCESS_WIDENED Query.a(x:)"]

"""Rules of supergraphs that nobody propagated anything in: what each coordinate ends up needing."""

import pytest

from authz.errors import InvalidRules
from authz.standard.requirement import Requirement, alternatives, together
from gateway.composition.supergraph import supergraph_from_sdl
from tests.authz.standard.graphs import SPECIFICATIONS, rules, rules_of, supergraph_sdl


def scopes(*names: str) -> Requirement:
    """One alternative for each scope, all of which are needed."""
    return Requirement(scopes=frozenset(frozenset({frozenset({name})}) for name in names))


TOKEN = Requirement(authenticated=True)


def policies(*names: str) -> Requirement:
    return Requirement(policies=frozenset(frozenset({frozenset({name})}) for name in names))


NODE = "interface Node { id: ID! }"
PROPAGATED = {
    "a field": ("type Query { a: Int @authenticated b: Int }", {"Query.a": TOKEN, "Query.b": None}),
    "every rule of a field": (
        'type Query { a: Int @authenticated @requiresScopes(scopes: [["x"]]) @policy(policies: [["p"]]) }',
        {"Query.a": together([TOKEN, scopes("x"), policies("p")])},
    ),
    "a rule stated twice": (
        'type Query { a: Int @requiresScopes(scopes: [["x"]]) @requiresScopes(scopes: [["y"]]) }',
        {"Query.a": scopes("x", "y")},
    ),
    "a type, on its fields, its name and what leads to it": (
        "type Query { t: T ts: [T!]! } type T @authenticated { a: Int }",
        {"Query.t": TOKEN, "Query.ts": TOKEN, "T.a": TOKEN, "T.__typename": TOKEN, "Query.__typename": None},
    ),
    "an extension of a type": (
        'type Query { t: T } type T { a: Int } extend type T @authenticated { a: Int @policy(policies: [["p"]]) }',
        {"T.a": together([TOKEN, policies("p")]), "Query.t": TOKEN},
    ),
    "an enum and a scalar": (
        'type Query { s: S e: [E] } scalar S @authenticated enum E @requiresScopes(scopes: [["x"]]) { A }',
        {"Query.s": TOKEN, "Query.e": scopes("x")},
    ),
    "an interface nobody implements with the rule": (
        f"type Query {{ n: Node }} {NODE.replace('{', '@authenticated {')} type T implements Node {{ id: ID! a: Int }}",
        {"Query.n": TOKEN, "T.id": TOKEN, "T.a": TOKEN, "T.__typename": TOKEN},
    ),
    "an interface's field, on each type": (
        'type Query { n: N t: T } interface N { a: Int @requiresScopes(scopes: [["x"]]) } '
        "type T implements N { a: Int b: Int } type U implements N { a: Int }",
        {"T.a": scopes("x"), "U.a": scopes("x"), "T.b": None, "Query.n": None, "T.__typename": None},
    ),
    "a field of an interface above an interface": (
        "type Query { n: N } interface M { a: Int @authenticated } interface N implements M { a: Int } "
        "type T implements N & M { a: Int }",
        {"T.a": TOKEN},
    ),
    "what a composer stated on an interface for its types": (
        'type Query { n: N } interface N @authenticated { a: Int @policy(policies: [["p", "q"]]) } '
        'type T implements N @authenticated { a: Int @policy(policies: [["p"]]) } '
        'type U implements N { a: Int @policy(policies: [["q"]]) } type V implements N { a: Int }',
        {
            "Query.n": None,
            "T.a": together([TOKEN, policies("p")]),
            "U.a": policies("q"),
            "V.a": None,
            "U.__typename": None,
        },
    ),
    "the field of an interface object, whatever a type says": (
        "type Query { n: N } interface N @join__type(graph: A) @join__type(graph: B, isInterfaceObject: true) "
        '{ a: Int @join__field(graph: B) @policy(policies: [["p"]]) } '
        'type T implements N { a: Int @join__field @policy(policies: [["p"]]) } '
        "type U implements N { a: Int @join__field }",
        {"T.a": policies("p"), "U.a": policies("p")},
    ),
    "a union's members, each alone": (
        "type Query { u: U } union U = S | T type S @authenticated { a: Int } type T { a: Int }",
        {"Query.u": None, "S.a": TOKEN, "T.a": None},
    ),
    "a field computed from others, and from what these are computed from": (
        "type Query { t: T } type T @join__type(graph: A) @join__type(graph: B) { secret: Int @authenticated "
        '@join__field(graph: A) risk: Int @join__field(graph: B, requires: "secret") '
        'band: Int @join__field(graph: A, requires: "risk") free: Int }',
        {"T.risk": TOKEN, "T.band": TOKEN, "T.free": None, "Query.t": None},
    ),
    "a long chain of computed fields": (
        "type Query { t: T } type T { f0: Int @authenticated "
        + " ".join(f'f{step}: Int @join__field(graph: A, requires: "f{step - 1}")' for step in range(1, 9))
        + " }",
        {f"T.f{step}": TOKEN for step in range(9)},
    ),
    "a field computed from inside an object, an interface and a fragment": (
        "type Query { t: T } type T { o: O @join__field(graph: A) n: N @join__field(graph: A) "
        'one: Int @join__field(graph: B, requires: "o { secret }") '
        'two: Int @join__field(graph: B, requires: "n { a }") '
        'three: Int @join__field(graph: B, requires: "n { ... on V { b } }") '
        'four: Int @join__field(graph: B, requires: "n { ... on W { b } }") } '
        "type O { secret: Int @authenticated } interface N { a: Int } "
        'type V implements N { a: Int @policy(policies: [["p"]]) b: Int } '
        'type W implements N { a: Int b: Int @policy(policies: [["q"]]) }',
        {"T.one": TOKEN, "T.two": policies("p"), "T.three": None, "T.four": policies("q")},
    ),
    "an interface object's field that is computed": (
        "type Query { n: N } interface N @join__type(graph: A) @join__type(graph: B, isInterfaceObject: true) "
        '{ a: Int @join__field(graph: A) r: Int @join__field(graph: B, requires: "a") } '
        "type T implements N { a: Int @authenticated r: Int @join__field } "
        "type U implements N { a: Int r: Int @join__field }",
        {"T.r": TOKEN, "U.r": None, "U.a": None},
    ),
    "a field given a value of a context": (
        'type Query { t: T } type T @context(name: "a__c") { secret: Int @authenticated u: U } '
        'type U @join__type(graph: A, key: "id") { id: ID! f: Int @join__field(graph: A, '
        'contextArguments: [{context: "a__c", name: "given", type: "Int", selection: "{ secret }"}]) free: Int }',
        {"U.f": TOKEN, "U.free": None, "T.u": None},
    ),
    "a context that only a protected type sets": (
        'type Query { t: T } type T @context(name: "a__c") @policy(policies: [["p"]]) { open: Int u: U } '
        "type U { f: Int @join__field(graph: A, "
        'contextArguments: [{context: "a__c", name: "given", type: "Int", selection: " { open }"}]) }',
        {"U.f": policies("p")},
    ),
    "a context that two types set, each with its own selection": (
        'type Query { s: S t: T } type S @context(name: "a__c") { one: Int u: U } '
        'type T @context(name: "a__c") { two: Int @authenticated u: U } '
        'type U { f: Int @join__field(graph: A, contextArguments: [{context: "a__c", name: "given", type: "Int", '
        'selection: "... on S { one } ... on T { two }"}]) }',
        {"U.f": TOKEN},
    ),
}
WITH_CONTEXT = f"""
@link(url: "{SPECIFICATIONS}/context/v0.1", for: SECURITY)
@link(url: "{SPECIFICATIONS}/authenticated/v0.1", for: SECURITY)
"""


@pytest.mark.parametrize(("types", "expected"), PROPAGATED.values(), ids=PROPAGATED)
def test_needs_are_those_of(types, expected):
    found = rules(types, WITH_CONTEXT).fields
    assert {name: found.get(name) for name in expected} == expected


NAMED = {
    "as its specification": (f'@link(url: "{SPECIFICATIONS}/authenticated/v0.1")', "authenticated"),
    "as": (f'@link(url: "{SPECIFICATIONS}/authenticated/v0.1", as: "login")', "login"),
    "import as": (
        f'@link(url: "{SPECIFICATIONS}/authenticated/v0.1", import: [{{name: "@authenticated", as: "@login"}}])',
        "login",
    ),
    "a second link": (
        f'@link(url: "{SPECIFICATIONS}/authenticated/v0.1", as: "login") '
        f'@link(url: "{SPECIFICATIONS}/authenticated/v0.2", as: "other")',
        "login",
    ),
    "federation, namespaced": (f'@link(url: "{SPECIFICATIONS}/federation/v2.9")', "federation__authenticated"),
    "federation, renamed": (f'@link(url: "{SPECIFICATIONS}/federation/v2.9", as: "fed")', "fed__authenticated"),
    "federation, imported": (
        f'@link(url: "{SPECIFICATIONS}/federation/v2.9", import: [{{name: "@authenticated", as: "@mustLogin"}}])',
        "mustLogin",
    ),
    "@core": (f'@core(feature: "{SPECIFICATIONS}/authenticated/v0.1", as: "login")', "login"),
    "carried": (
        f'@join__directive(graphs: [A], name: "link", args: {{url: "{SPECIFICATIONS}/authenticated/v0.1", as: "in"}})',
        "in",
    ),
    "not linked": ("", "authenticated"),
    "namespaced, not linked": ("", "federation__authenticated"),
}


@pytest.mark.parametrize(("links", "name"), NAMED.values(), ids=NAMED)
def test_a_rule_is_the_same_rule_under_every_name(links, name):
    assert rules(f"type Query {{ a: Int @{name} b: Int }}", links).fields == {"Query.a": TOKEN}


def test_a_rule_that_a_join_directive_carries_is_a_rule():
    carried = '@join__directive(graphs: [A], name: "requiresScopes", args: {scopes: [["x"]]})'
    assert rules(f"type Query {{ a: Int {carried} }}").fields == {"Query.a": scopes("x")}


def test_the_join_machinery_is_found_under_another_name():
    sdl = supergraph_sdl('type Query { a: Int @authenticated b: Int @join__field(graph: A, requires: "a") }')
    renamed = sdl.replace("join/v0.5", 'join/v0.5", as: "j').replace("join__", "j__")
    assert rules_of(supergraph_from_sdl(renamed)).fields["Query.b"] == TOKEN


REFUSED = {
    "on an argument": "type Query { a(b: Int @authenticated): Int }",
    "on an input field": "type Query { a(b: I): Int } input I { c: Int @authenticated }",
    "on an input type": "type Query { a(b: I): Int } input I @authenticated { c: Int }",
    "on an enum's value": "type Query { a: E } enum E { A @authenticated }",
    "without scopes": "type Query { a: Int @requiresScopes }",
    "with something else than names": "type Query { a: Int @policy(policies: [[1]]) }",
    "with null": "type Query { a: Int @policy(policies: [[null]]) }",
    "with an empty name": 'type Query { a: Int @policy(policies: [[""]]) }',
    "computed from what is not there": "type Query { a: Int @authenticated "
    'b: Int @join__field(graph: A, requires: "c") }',
    "computed from no selection": 'type Query { a: Int @authenticated b: Int @join__field(graph: A, requires: "c {") }',
    "given a context nobody sets": "type Query { a: Int @authenticated b: Int @join__field(graph: A, "
    'contextArguments: [{context: "x", name: "y", type: "Int", selection: "{ a }"}]) }',
}


@pytest.mark.parametrize("types", REFUSED.values(), ids=REFUSED)
def test_refuses_a_rule(types):
    with pytest.raises(InvalidRules):
        rules(types)


def test_empty_alternatives_let_nobody_in():
    assert alternatives([], "") == alternatives([[]], "") == frozenset()
    assert rules("type Query { a: Int @requiresScopes(scopes: [[]]) }").fields["Query.a"]


def test_a_text_stands_for_a_list_of_itself():
    assert alternatives("x", "") == alternatives(["x"], "") == alternatives([["x"]], "")


def test_a_graph_without_rules_has_none():
    assert not rules("type Query { a: Int }")


def test_every_scope_and_policy_is_known_by_name():
    found = rules(
        'type Query { a(e: E): Int @requiresScopes(scopes: [["x", "y"], ["z"]]) } '
        'enum E @policy(policies: [["p"]]) { A }'
    )
    assert (found.scopes, found.policies, set(found.inputs)) == ({"x", "y", "z"}, {"p"}, {"E"})

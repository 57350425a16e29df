"""The shapes of composition: whoever states a rule, wherever its field is resolved, it is the rule of the graph."""

from collections.abc import Mapping

import pytest
from graphql import parse

from authz.standard.decide import StandardDecider
from authz.standard.holder import TokenHolder
from authz.standard.rules import standard_rules
from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.errors import CompositionFailed
from gateway.composition.supergraph import supergraph_from_sdl

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@override", '
    '"@external", "@interfaceObject", "@context", "@fromContext", "@authenticated", "@requiresScopes"])\n'
)
A, B = '@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["b"]])'
PRODUCT = 'type Product @key(fields: "id") {{ id: ID! price: Int @shareable {} }}'
MEDIA = 'interface Media @key(fields: "id") { id: ID! } '
BOOK, FILM = (f'type {name} implements Media @key(fields: "id") {{ id: ID! }} ' for name in ("Book", "Film"))
RATED = 'type Media @key(fields: "id") @interfaceObject {{ id: ID! stars: Int {} }}'
CONTEXT = (
    "type Query {{ owner: Owner }} "
    'type Owner @key(fields: "id") @context(name: "c") {{ id: ID! secret: Int {} item: Item }} '
    'type Item @key(fields: "id") {{ id: ID! worth(by: Int @fromContext(field: "$c {{ secret }}")): Int {} }}'
)


def supergraph(*texts: str) -> str:
    parts = [SubgraphDefinition(f"s{n}", f"http://127.0.0.1:1/{n}", LINK + text) for n, text in enumerate(texts)]
    return compose(parts).supergraph_sdl


def codes_of(*texts: str) -> set[str]:
    with pytest.raises(CompositionFailed) as caught:
        supergraph(*texts)
    return {error.code for error in caught.value.errors}


def allowed(sdl: str, *scopes: str) -> Mapping[str, bool]:
    """What the holder of a token with these scopes may be shown."""
    read = supergraph_from_sdl(sdl)
    decider = StandardDecider(standard_rules(parse(sdl), read.full_schema), read.full_schema)
    clearance = decider.clearance(TokenHolder("pc1", "https://issuer.example", frozenset(scopes)))
    return {
        name: clearance.decision(name).allowed for name in ("Product.price", "Book.stars", "Film.stars", "Item.worth")
    }


@pytest.mark.parametrize("turned", [False, True])
def test_cp03_a_rule_of_one_subgraph_holds_whoever_resolves_the_field(turned: bool):
    texts = ["type Query { product: Product } " + PRODUCT.format(A), PRODUCT.format("")]
    sdl = supergraph(*(reversed(texts) if turned else texts))
    assert not allowed(sdl)["Product.price"]
    assert allowed(sdl, "a")["Product.price"]


@pytest.mark.parametrize(("scopes", "shown"), [((), False), (("a",), False), (("b",), False), (("a", "b"), True)])
def test_cp02_rules_of_two_subgraphs_must_both_be_met(scopes: tuple[str, ...], shown: bool):
    sdl = supergraph("type Query { product: Product } " + PRODUCT.format(A), PRODUCT.format(B))
    assert allowed(sdl, *scopes)["Product.price"] is shown


@pytest.mark.parametrize("scopes", ["[]", "[[]]"])
def test_cp05_no_alternative_at_all_lets_nobody_in(scopes: str):
    """The shared composition corpus composes both; what is composed denies everybody."""
    sdl = supergraph("type Query { product: Product } " + PRODUCT.format(f"@requiresScopes(scopes: {scopes})"))
    assert not allowed(sdl)["Product.price"]
    assert not allowed(sdl, "a")["Product.price"]


def test_cp07_a_rule_on_an_interface_object_is_that_of_every_type():
    sdl = supergraph(f"type Query {{ media: [Media!] }} {MEDIA}{BOOK}{FILM}", RATED.format(A))
    nobody, holder = allowed(sdl), allowed(sdl, "a")
    assert (nobody["Book.stars"], nobody["Film.stars"]) == (False, False)
    assert (holder["Book.stars"], holder["Film.stars"]) == (True, True)


def test_cp09_a_field_that_moves_keeps_its_rule():
    moved = 'type Product @key(fields: "id") { id: ID! price: Int @override(from: "s0") }'
    before = f'type Query {{ product: Product }} type Product @key(fields: "id") {{ id: ID! price: Int {A} }}'
    assert not allowed(supergraph(before, moved))["Product.price"]
    assert allowed(supergraph(before, moved), "a")["Product.price"]


def test_cp10_what_is_fed_from_a_protected_field_needs_its_rule():
    other = 'type Item @key(fields: "id") { id: ID! }'
    assert codes_of(CONTEXT.format(A, ""), other) == {"MISSING_TRANSITIVE_AUTH_REQUIREMENTS"}
    assert not allowed(supergraph(CONTEXT.format(A, A), other))["Item.worth"]
    assert allowed(supergraph(CONTEXT.format(A, A), other), "a")["Item.worth"]

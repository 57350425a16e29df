"""Composing: what the supergraph says, that its bytes are stable, and how it carries directives."""

from itertools import permutations

import pytest
from graphql import parse

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from tests.gateway.composition.subgraphs import subgraphs

ACCESS = """
extend schema
  @link(url: "https://specs.leds.example/access/v1.0", import: ["@dataset", "@open", "@reads", "@subject"])
  @composeDirective(name: "@dataset") @composeDirective(name: "@open")
  @composeDirective(name: "@reads") @composeDirective(name: "@subject")
directive @dataset(id: String!, sensitivity: String! = "S1") on FIELD_DEFINITION | OBJECT
directive @open(inherit: Boolean! = false) on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | ENUM_VALUE
directive @reads(fields: [String!]!) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @subject(key: String!) on OBJECT
"""

VEHICLES = """
"The register."
type Vehicle @key(fields: "id") { id: ID! @inaccessible vrm: String @tag(name: "plate") keeper: String }
type Query { vehicle(vrm: String): Vehicle }
"""
DRIVERS = """
type Vehicle @key(fields: "id") {
  id: ID! @inaccessible
  keeper: String @external
  licensed(at: String = "today"): Boolean @requires(fields: "keeper") @deprecated(reason: "use verdicts")
}
"""


def sdl(*schemas: str) -> str:
    """The supergraph's SDL on one line, to look for parts of it."""
    return " ".join(compose(subgraphs(*schemas)).supergraph_sdl.split())


def test_the_order_of_subgraphs_does_not_change_a_byte() -> None:
    third = 'type Query { ping: String } type Vehicle @key(fields: "id") { id: ID! mot: Boolean }'
    composed = {compose(order).supergraph_sdl for order in permutations(subgraphs(VEHICLES, DRIVERS, third))}
    assert len(composed) == 1


def test_join_metadata_says_who_resolves_and_who_requires_a_field() -> None:
    found = sdl(VEHICLES, DRIVERS)
    assert '@join__type(graph: A, key: "id") @join__type(graph: B, key: "id")' in found
    assert "keeper: String @join__field(graph: A) @join__field(graph: B, external: true)" in found
    assert 'Boolean @join__field(graph: B, requires: "keeper") @deprecated(reason: "use verdicts")' in found
    assert 'enum join__Graph { A @join__graph(name: "A", url: "http://A")' in found


def test_descriptions_tags_and_hidden_fields_are_carried() -> None:
    found = sdl(VEHICLES, DRIVERS)
    assert '"""The register."""' in found
    assert '@tag(name: "plate")' in found
    assert "id: ID! @inaccessible" in found
    assert '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)' in found


def test_composed_custom_directives_keep_definition_and_every_application() -> None:
    found = sdl(
        ACCESS
        + """
        type Vehicle @key(fields: "id") @subject(key: "id") @dataset(id: "DVLA.VEH") {
          id: ID! @dataset(id: "X", sensitivity: "S3")
        }
        enum Kind { CAR @open VAN @reads(fields: ["Vehicle.id"]) }
        input Filter { kind: Kind @reads(fields: ["Vehicle.kind"]) }
        type Query { vehicle(filter: Filter @reads(fields: ["Vehicle.id"]), first: Int @open): Vehicle }
        """,
        ACCESS + 'type Vehicle @key(fields: "id") { id: ID! owner: String @open(inherit: true) }',
    )
    assert 'directive @dataset(id: String!, sensitivity: String! = "S1") on FIELD_DEFINITION | OBJECT' in found
    assert 'import: ["@dataset", "@open", "@reads", "@subject"]' in found
    assert '@subject(key: "id") @dataset(id: "DVLA.VEH")' in found
    assert 'id: ID! @dataset(id: "X", sensitivity: "S3")' in found
    assert 'VAN @join__enumValue(graph: A) @reads(fields: ["Vehicle.id"])' in found
    assert 'kind: Kind @reads(fields: ["Vehicle.kind"])' in found
    assert 'vehicle(filter: Filter @reads(fields: ["Vehicle.id"]), first: Int @open): Vehicle' in found
    assert "owner: String @join__field(graph: B) @open(inherit: true)" in found


def test_a_directive_nobody_composes_does_not_survive() -> None:
    found = sdl("directive @mine on FIELD_DEFINITION type Query { a: Int @mine }")
    assert "@mine" not in found


def test_access_requirements_of_several_subgraphs_must_all_hold() -> None:
    found = sdl(
        'type Query { a: Int @shareable @requiresScopes(scopes: [["read"], ["admin"]]) }',
        'type Query { a: Int @shareable @requiresScopes(scopes: [["audit"]]) @authenticated }',
    )
    assert '@requiresScopes(scopes: [["admin", "audit"], ["audit", "read"]])' in found
    assert "@authenticated" in found


def test_an_interface_takes_the_requirements_of_its_implementations() -> None:
    found = sdl("interface I { a: Int } type T implements I { a: Int @authenticated } type Query { i: I }")
    assert "interface I @join__type(graph: A) { a: Int @authenticated }" in found


def test_interface_object_fields_reach_every_implementation() -> None:
    found = sdl(
        'interface M @key(fields: "id") { id: ID! } '
        'type B implements M @key(fields: "id") { id: ID! } type Query { m: M }',
        'type M @interfaceObject @key(fields: "id") { id: ID! rating: Int }',
    )
    assert "rating: Int @join__field }" in found
    assert '@join__type(graph: B, key: "id", isInterfaceObject: true)' in found


def test_a_progressive_override_is_carried_with_its_label_on_both_sides() -> None:
    found = sdl(
        'type T @key(fields: "id") { id: ID! a: Int @override(from: "B", label: "percent(25)") } type Query { t: T }',
        'type T @key(fields: "id") { id: ID! a: Int }',
    )
    assert '@join__field(graph: A, override: "B", overrideLabel: "percent(25)")' in found
    assert '@join__field(graph: B, overrideLabel: "percent(25)")' in found


def test_inputs_take_what_is_common_and_outputs_take_all() -> None:
    found = sdl(
        "enum In { A B } enum Out { X } input I { a: Int b: Int } type Query { f(i: I, e: In): Out @shareable }",
        "enum In { A } enum Out { Y } input I { a: Int! } type Query { f(i: I, e: In): Out @shareable }",
    )
    assert "enum In @join__type(graph: A) @join__type(graph: B) { A @join__enumValue(graph: A)" in found
    assert "B @join__enumValue" not in found
    assert "a: Int! @join__field(graph: A, type:" in found
    assert "X @join__enumValue(graph: A) Y @join__enumValue(graph: B)" in found


def test_federation_1_extensions_resolve_their_external_keys() -> None:
    found = " ".join(
        compose(
            [
                SubgraphDefinition("owner", "", 'type T @key(fields: "id") { id: ID! a: Int } type Query { t: T }'),
                SubgraphDefinition("other", "", 'extend type T @key(fields: "id") { id: ID! @external b: Int }'),
            ]
        ).supergraph_sdl.split()
    )
    assert '@join__type(graph: OTHER, key: "id")' in found
    assert "id: ID!" in found
    assert "external: true" not in found


def test_federation_directives_may_be_renamed_and_used_by_namespace() -> None:
    found = compose(
        [
            SubgraphDefinition(
                "A",
                "",
                """
                extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", as: "fed",
                  import: [{name: "@key", as: "@id"}])
                type T @id(fields: "k") { k: ID! n: Int @fed__shareable }
                type Query { t: T }
                """,
            )
        ]
    ).supergraph_sdl
    assert '@join__type(graph: A, key: "k")' in found
    assert "fed__" not in found


def test_the_supergraph_is_valid_graphql_text() -> None:
    assert parse(compose(subgraphs(VEHICLES, DRIVERS)).supergraph_sdl).definitions


def test_a_failure_lists_every_error_of_its_stage_with_places() -> None:
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs("type Query { a: Int b: Int }", "type Query { a: Int b: Int }"))
    assert [error.code for error in caught.value.errors] == ["INVALID_FIELD_SHARING"] * 2
    error = caught.value.errors[0]
    assert '"Query.a"' in error.message
    assert [place.subgraph for place in error.locations] == ["A", "B"]
    assert "at A:6:14" in str(error)

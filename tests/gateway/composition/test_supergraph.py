"""Reading supergraph documents of every join version: what clients see, what planning reads, what is refused."""

import pytest
from graphql import introspection_from_schema, print_schema, validate_schema

from gateway.composition.supergraph import InvalidSupergraph, Subgraph, supergraph_from_sdl
from tests.gateway.planning.corpora import ABSENT, CORPORA, audit_suites, planner_rows

LINKS = (
    '@link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)'
)
GRAPHS = 'enum join__Graph { A @join__graph(name: "a", url: "http://a.invalid") B @join__graph(name: "b", url: "") }'


def document(types: str, links: str = "", query: str = "type Query @join__type(graph: A) { ok: Boolean }") -> str:
    machinery = "directive @join__type(graph: join__Graph!) repeatable on OBJECT scalar join__FieldSet"
    return f"schema {LINKS} {links} {{ query: Query }} {machinery} {GRAPHS} {query} {types}"


INACCESSIBLE = '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)'


def test_subgraphs_are_named_as_their_composer_named_them():
    supergraph = supergraph_from_sdl(document(""))
    assert list(supergraph.subgraphs.values()) == [Subgraph("a", "A", "http://a.invalid"), Subgraph("b", "B", "")]


def test_the_version_is_of_the_text_and_makes_supergraphs_equal():
    one, same, other = (supergraph_from_sdl(document(types)) for types in ("", "", "scalar Extra"))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert len(one.version) == 64


def test_the_api_schema_holds_no_machinery():
    shown = print_schema(supergraph_from_sdl(document('scalar Day @specifiedBy(url: "u")')).api_schema)
    assert "join__" not in shown
    assert "@link" not in shown
    assert '@specifiedBy(url: "u")' in shown


def test_inaccessible_elements_and_whatever_mentions_them_are_gone():
    types = """
      type Person @join__type(graph: A) {
        "Shown" name(style: Style @inaccessible, short: Boolean): String
        secret: Int @inaccessible
        shoe: Shoe
        old: Int @deprecated(reason: "gone")
      }
      type Shoe @inaccessible { size: Int }
      enum Style { LONG SHORT @inaccessible }
      union Found = Person | Shoe
      interface Hidden @inaccessible { name: String }
      type Seen implements Hidden { name: String found: Found only: Empty }
      type Empty { nothing: Int @inaccessible }
      input Filter { name: String by: Int @inaccessible }
    """
    supergraph = supergraph_from_sdl(document(types, INACCESSIBLE))
    api = supergraph.api_schema
    assert sorted(name for name in ("Shoe", "Hidden", "Empty") if name in api.type_map) == []
    assert sorted(api.type_map["Person"].fields) == ["name", "old"]
    assert list(api.type_map["Person"].fields["name"].args) == ["short"]
    assert api.type_map["Person"].fields["old"].deprecation_reason == "gone"
    assert api.type_map["Person"].fields["name"].description == "Shown"
    assert [member.name for member in api.type_map["Found"].types] == ["Person"]
    assert list(api.type_map["Style"].values) == ["LONG"]
    assert list(api.type_map["Filter"].fields) == ["name"]
    assert api.type_map["Seen"].interfaces == ()
    assert "secret" in supergraph.full_schema.type_map["Person"].fields
    assert introspection_from_schema(api)


def test_an_inaccessible_directive_under_another_name_is_understood():
    links = INACCESSIBLE.replace("for: SECURITY", 'for: SECURITY, import: [{name: "@inaccessible", as: "@private"}]')
    supergraph = supergraph_from_sdl(document("type T { a: Int b: Int @private }", links))
    assert list(supergraph.api_schema.type_map["T"].fields) == ["a"]


@pytest.mark.parametrize("purpose", ["SECURITY", "EXECUTION"])
def test_an_unknown_specification_that_matters_is_refused(purpose: str):
    with pytest.raises(InvalidSupergraph, match=r"sealed/v1\.0") as caught:
        supergraph_from_sdl(document("", f'@link(url: "https://example.org/sealed/v1.0", for: {purpose})'))
    assert caught.value.code == "INVALID_SUPERGRAPH"
    assert caught.value.advice


def test_an_unknown_specification_without_purpose_is_let_be():
    assert supergraph_from_sdl(document("", '@link(url: "https://example.org/notes/v1.0")'))


@pytest.mark.parametrize(
    ("sdl", "reason"),
    [
        ("type Query {", "not a GraphQL document"),
        ("type Query { a: Int }", "no join specification"),
        (document("").replace("join/v0.5", "join/v9.9"), "v9.9 is not known"),
        (document("").replace("enum join__Graph", "enum join__Other"), "no join__Graph"),
        (document("").replace("B @join__graph", "B @other"), "graph B has no"),
        (document("type T @join__type(graph: C) { a: Int }"), "names? the graph C"),
        (document("type T { a: Missing }"), "do not make a schema"),
    ],
)
def test_what_is_no_supergraph_is_refused_with_the_reason(sdl: str, reason: str):
    with pytest.raises(InvalidSupergraph, match=reason):
        supergraph_from_sdl(sdl)


def test_join_metadata_is_kept_by_subgraph():
    types = """
      type Item implements Thing @join__implements(graph: A, interface: "Thing")
        @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: false) {
        id: ID!
        weight: Int @join__field(graph: A) @join__field(graph: B, external: true, type: "Int!")
        postage: Int @join__field(graph: B, requires: "weight")
        stars: Int @join__field
        moved: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")
      }
      interface Thing @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) {
        id: ID!
        stars: Int @join__field(graph: B)
      }
      union Any @join__type(graph: A) @join__type(graph: B) @join__unionMember(graph: A, member: "Item") = Item
      enum Size @join__type(graph: A) @join__type(graph: B) {
        S @join__enumValue(graph: A)
        L @join__enumValue(graph: B)
      }
    """
    known = supergraph_from_sdl(document(types)).types
    item_a, item_b = known["Item"]["a"], known["Item"]["b"]
    assert [(key.fields, key.resolvable) for key in (*item_a.keys, *item_b.keys)] == [("id", True), ("id", False)]
    assert list(item_a.fields) == ["id", "weight", "moved"]
    assert item_a.fields["moved"].overridden
    assert item_b.fields["moved"].override == "a"
    assert item_b.fields["weight"].external
    assert item_b.fields["weight"].type == "Int!"
    assert item_b.fields["postage"].requires == "weight"
    assert (item_a.interfaces, item_b.interfaces) == (("Thing",), ())
    assert known["Thing"]["b"].interface_object
    assert known["Thing"]["b"].kind == "OBJECT"
    assert (known["Any"]["a"].members, known["Any"]["b"].members) == (("Item",), ())
    assert (known["Size"]["a"].values, known["Size"]["b"].values) == (("S",), ("L",))


def test_the_first_join_version_implies_keys_and_external_fields():
    sdl = """
      schema
        @core(feature: "https://specs.apollo.dev/core/v0.2")
        @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION)
      { query: Query }
      enum join__Graph { A @join__graph(name: "a" url: "") B @join__graph(name: "b" url: "") }
      type Query { item: Item @join__field(graph: A) other: Item @join__field(graph: B, provides: "name") }
      type Item @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
        id: ID! @join__field(graph: A)
        name: String @join__field(graph: A)
        owned: Value
        price: Int @join__field(graph: B, requires: "weight")
        weight: Int @join__field(graph: A)
      }
      type Value { text: String }
    """
    supergraph = supergraph_from_sdl(sdl)
    item = supergraph.types["Item"]
    assert sorted(item["a"].fields) == ["id", "name", "owned", "weight"]
    assert {name: field.external for name, field in item["b"].fields.items()} == {
        "price": False,
        "id": False,
        "name": True,
        "weight": True,
    }
    assert list(supergraph.types["Value"]) == ["a", "b"]


@pytest.mark.skipif(not CORPORA.is_dir(), reason=ABSENT)
def test_every_supergraph_of_the_corpora_makes_a_valid_api_schema():
    documents = {row["supergraph_sdl"] for row in (*planner_rows(), *audit_suites())}
    assert len(documents) > 150
    for sdl in documents:
        schema = supergraph_from_sdl(sdl).api_schema
        schema._validation_errors = None  # the schema was built as valid: look again
        assert validate_schema(schema) == []

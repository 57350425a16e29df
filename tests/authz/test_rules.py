"""What SDL says, as rules: names resolved, restrictions added up, the untagged found."""

import pytest

from authz.errors import InvalidRules
from authz.rules import Rule, Rules, Subject, rules_from_sdl
from tests.authz.dictionary_graph import LINK

ACCESS = "https://specs.leds.example/access/v1.0"


def rules(*sdls: str, link: str = LINK) -> Rules:
    return rules_from_sdl({f"s{number}": link + sdl for number, sdl in enumerate(sdls)})


def rule(found: Rules, coordinate: str) -> Rule:
    return found.fields[coordinate]


def test_a_fields_tag_overrides_its_types():
    found = rules(
        """type Query @dataset(id: "REF") { a: Int b: Int @dataset(id: "MID", sensitivity: "S2", mask: "BAND") }"""
    )
    assert rule(found, "Query.a").datasets == ("REF",)
    assert rule(found, "Query.b") == Rule("Query.b", ("MID",), "S2", "BAND")


def test_the_floor_of_the_dataset_raises_the_sensitivity():
    found = rules(
        """type Query { a: Int @dataset(id: "PND.INT", sensitivity: "S1") b: Int @dataset(id: "DVLA.IMG") }"""
    )
    assert (rule(found, "Query.a").sensitivity, rule(found, "Query.b").sensitivity) == ("S4", "S3")


def test_restrictions_of_two_subgraphs_add_up():
    found = rules(
        """type Query { a: Int @dataset(id: "REF", mask: "BAND") }""",
        """type Query { a: Int @dataset(id: "MID", sensitivity: "S3", mask: "BAND") }""",
        """type Query { a: Int @open }""",
        """type Query { a: Int }""",
    )
    assert rule(found, "Query.a") == Rule("Query.a", ("MID", "REF"), "S3", "BAND")
    assert found.untagged == ()


def test_a_mask_that_one_subgraph_does_not_know_is_no_mask():
    found = rules(
        """type Query { a: Int @dataset(id: "REF", mask: "BAND") }""",
        """type Query { a: Int @dataset(id: "REF") }""",
    )
    assert rule(found, "Query.a").mask is None


@pytest.mark.parametrize(
    ("sdls", "message"),
    [
        (
            [
                'type Query { a: Int @dataset(id: "REF", mask: "BAND") }',
                'type Query { a: Int @dataset(id: "REF", mask: "HASH") }',
            ],
            "conflicting masks: BAND, HASH",
        ),
        (['type Query { a: Int @dataset(id: "NOPE") }'], "unknown dataset NOPE"),
        (['type Query { a: Int @dataset(id: "REF", sensitivity: "S9") }'], "unknown sensitivity S9"),
        (['type Query { a: Int @dataset(id: "REF", mask: "BLUR") }'], "unknown mask BLUR"),
        (["type Query { a: Int @dataset }"], "names no dataset"),
        (['type Query { a: Int @dataset(id: "REF") @open }'], "both @dataset and @open"),
        (
            ['type Query @dataset(id: "REF") { a: Int } extend type Query @dataset(id: "MID") { b: Int }'],
            "tagged differently",
        ),
        (['type Query @dataset(id: "REF") { a: Int } extend type Query @open { b: Int }'], "tagged differently"),
        (["type Query {"], "does not parse"),
        (['type A @key(fields: "a {") { a: Int @open }'], "@key of A does not parse"),
        (
            [
                'type A @subject(key: "a", kind: "A") { a: Int @open }',
                'type A @subject(key: "b", kind: "A") { a: Int @open }',
            ],
            "different @subject",
        ),
    ],
)
def test_tags_that_cannot_be_meant_are_refused(sdls: list[str], message: str):
    with pytest.raises(InvalidRules, match=message):
        rules(*sdls)


@pytest.mark.parametrize(
    ("link", "directive"),
    [
        (f'@link(url: "{ACCESS}", import: ["@dataset"])', "dataset"),
        (f'@link(url: "{ACCESS}/", import: [{{name: "@dataset", as: "@governed"}}])', "governed"),
        (f'@link(url: "{ACCESS}")', "access__dataset"),
        (f'@link(url: "{ACCESS}", as: "leds")', "leds__dataset"),
        (
            f'@link(url: "https://specs.apollo.dev/link/v1.0", as: "core") @core(url: "{ACCESS}", as: "leds")',
            "leds__dataset",
        ),
    ],
)
def test_a_directive_under_another_name_is_the_same_directive(link: str, directive: str):
    found = rules(f'type Query {{ a: Int @{directive}(id: "REF") }}', link=f"extend schema {link} ")
    assert rule(found, "Query.a").datasets == ("REF",)


@pytest.mark.parametrize(
    "link", ["", 'extend schema @link(url: "https://example.org/access/v1.0", import: ["@dataset"]) ']
)
def test_a_directive_of_that_name_from_elsewhere_is_not_ours(link: str):
    assert rules('type Query { a: Int @dataset(id: "REF") }', link=link).untagged == ("Query.a",)


def test_a_later_major_version_of_the_directives_is_refused():
    with pytest.raises(InvalidRules, match="enforces version 1"):
        rules("type Query { a: Int }", link='extend schema @link(url: "https://specs.leds.example/access/v2.0") ')


def test_inaccessible_is_known_by_every_name():
    apollo = 'extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.1") '
    federation = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed") '
    assert rules("type Query { a: Int @inaccessible }", link=apollo).untagged == ()
    assert rules("type Query { a: Int @fed__inaccessible }", link=federation).untagged == ()
    assert rules("type Query { a: Int @inaccessible }", link=federation).untagged == ("Query.a",)


def test_everything_a_caller_can_name_needs_a_tag():
    found = rules("""
      type Query {
        _entities(representations: [_Any!]!): [_Entity]!
        _service: _Service!
        person(urn: ID, at: Date @inaccessible): Person @open
        people(name: NameInput, order: Order, first: Int @open): [Person] @open
      }
      scalar _Any union _Entity = Person type _Service { sdl: String }
      enum link__Purpose { SECURITY EXECUTION }
      input NameInput { last: String first: String @open }
      enum Order { NAME @open DOB }
      enum Colour { RED BLUE }
      type Person @key(fields: "id") { id: ID @inaccessible name: String colour: Colour @open }
      type Hidden @inaccessible { a(b: Int): Int }
    """)
    assert found.untagged == ("NameInput.last", "Order.DOB", "Person.name", "Query.person(urn:)")
    assert "Query.person(at:)" not in found.inputs
    assert "NameInput.last" not in found.inputs


def test_an_argument_of_an_input_or_enum_type_is_judged_by_its_parts():
    found = rules("""
      type Query { people(name: NameInput, order: Order): Int @open }
      input NameInput { last: String @reads(fields: ["Person.name"]) }
      enum Order { DOB @reads(fields: ["Person.dob"]) }
    """)
    assert found.inputs == {
        "NameInput.last": ("Person.name",),
        "Order.DOB": ("Person.dob",),
        "Query.people(name:)": (),
        "Query.people(order:)": (),
    }
    assert found.dangling == ("Person.dob", "Person.name")


def test_readings_of_one_argument_add_up_across_subgraphs():
    found = rules(
        'type Query { a(b: Int @reads(fields: ["Query.x"])): Int @open x: Int @open y: Int @open }',
        'type Query { a(b: Int @reads(fields: ["Query.y"])): Int @open }',
    )
    assert found.inputs == {"Query.a(b:)": ("Query.x", "Query.y")}


def test_a_value_type_takes_the_label_of_the_field_it_is_reached_through():
    found = rules('type Query { a: Name @dataset(id: "REF") } type Name @open(inherit: true) { last: String }')
    assert rule(found, "Name.last").inherits
    assert found.untagged == ()


def test_a_value_type_that_one_subgraph_labels_is_labelled():
    found = rules(
        'type Query { a: Name @dataset(id: "REF") } type Name @open(inherit: true) { last: String }',
        'type Name @dataset(id: "MID") { last: String }',
    )
    assert rule(found, "Name.last").datasets == ("MID",)
    assert not rule(found, "Name.last").inherits
    assert rule(found, "Query.a").reaches == ("Name",)


def test_an_external_field_is_described_by_its_owner():
    found = rules(
        'type Vehicle @key(fields: "vin") @dataset(id: "DVLA.VEH") { vin: ID }',
        'type Vehicle @key(fields: "vin") @dataset(id: "MID") { vin: ID @external policies: Int }',
    )
    assert rule(found, "Vehicle.vin").datasets == ("DVLA.VEH",)
    assert rule(found, "Vehicle.policies").datasets == ("MID",)


def test_an_external_field_alone_is_described_elsewhere_and_denied_here():
    found = rules('type Vehicle @key(fields: "vin") { vin: ID @external policies: Int @dataset(id: "MID") }')
    assert found.untagged == ()
    assert rule(found, "Vehicle.vin").external
    assert rule(found, "Vehicle.vin").datasets == ()


def test_a_tag_on_an_interface_is_added_to_every_implementing_type():
    found = rules("""
      interface Record @dataset(id: "MID") { id: ID title: String other: Int }
      type A implements Record @dataset(id: "REF") { id: ID title: String }
      type B implements Record { id: ID title: String more: Int @open }
    """)
    assert rule(found, "A.title").datasets == ("MID", "REF")
    assert rule(found, "B.title").datasets == ("MID",)
    assert rule(found, "B.more").datasets == ()
    assert rule(found, "Record.title").concrete == ("A.title", "B.title")
    assert found.untagged == ()


def test_an_interface_needs_no_tag_when_its_types_have_theirs():
    found = rules("""interface Record { id(at: Int): ID } type A implements Record @open { id(at: Int @open): ID }""")
    assert found.untagged == ()


def test_hiding_an_interfaces_field_hides_no_implementation():
    found = rules("""
      interface Record { id: ID @inaccessible }
      type A implements Record @dataset(id: "REF") { id: ID }
    """)
    assert not rule(found, "A.id").internal
    assert not rule(found, "Record.id").internal


def test_the_fields_of_an_interface_object_are_fields_of_every_implementing_type():
    found = rules(
        """
        interface Media @key(fields: "id") { id: ID }
        type Book implements Media @key(fields: "id") @dataset(id: "REF") { id: ID }
        type Query { media: [Media] @dataset(id: "REF") }
        """,
        """
        type Media @interfaceObject @key(fields: "id") { id: ID reviews(first: Int @open): Int @dataset(id: "MID") }
        type Query { reviewed: Media @dataset(id: "MID") }
        """,
    )
    assert rule(found, "Book.reviews").datasets == ("MID",)
    assert found.inputs == {"Book.reviews(first:)": ()}
    assert rule(found, "Query.reviewed").reaches == ("Book",)
    assert rule(found, "Media.reviews").concrete == ("Book.reviews",)


def test_an_interface_object_alone_is_judged_as_itself():
    found = rules("""
      type Media @interfaceObject @key(fields: "id") { id: ID reviews: Int @dataset(id: "MID") stars: Int }
    """)
    assert rule(found, "Media.reviews").datasets == ("MID",)
    assert found.untagged == ("Media.id", "Media.stars")


def test_the_order_of_subgraphs_does_not_matter_to_an_interface_object():
    interface = """
      interface Media { id: ID }
      type Book implements Media @dataset(id: "REF") { id: ID }
    """
    extended = 'type Media @interfaceObject { id: ID @external reviews: Int @dataset(id: "MID") }'
    assert rules(interface, extended) == rules(extended, interface)


def test_keys_and_inaccessible_fields_are_internal():
    found = rules("""
      type Vehicle @key(fields: "vin owner { id }") @dataset(id: "REF") {
        vin: ID owner: Owner secret: Int @inaccessible
      }
      type Owner @dataset(id: "REF") { id: ID name: String }
    """)
    assert found.internal == {"Vehicle.vin", "Vehicle.owner", "Owner.id", "Vehicle.secret"}
    assert rule(found, "Vehicle.secret").internal
    assert not rule(found, "Vehicle.vin").internal


def test_inputs_of_a_derived_answer_are_readable_for_it_alone():
    found = rules("""
      type Vehicle @dataset(id: "REF") { verdict: Int @derived(from: ["Keeper.name"]) make: Int }
      type Keeper @dataset(id: "REF") { name: String }
    """)
    assert found.internally_readable(["Vehicle.verdict"]) == {"Keeper.name"}
    assert found.internally_readable(["Vehicle.make"]) == frozenset()
    assert found.dangling == ()


def test_subjects_name_the_key_and_kind_of_a_record():
    found = rules('type Report @subject(key: "vehicleId", kind: "Vehicle") @open { vehicleId: ID }')
    assert found.subjects == {"Report": Subject("Report", "vehicleId", "Vehicle")}


def test_a_field_reaches_the_records_behind_connections_unions_and_loops():
    found = rules("""
      type Query @open { people: Connection target: Target name: Name }
      type Connection @open(inherit: true) { edges: [Edge] nodes: [Person] around: Connection }
      type Edge @open(inherit: true) { node: Person cursor: String }
      type Person @open { id: ID } type Vehicle @open { id: ID }
      union Target = Person | Vehicle
      type Name @open(inherit: true) { last: String }
    """)
    assert rule(found, "Query.people").reaches == ("Person",)
    assert rule(found, "Query.target").reaches == ("Person", "Vehicle")
    assert rule(found, "Query.name").reaches == ()


def test_root_types_go_by_their_standard_names():
    found = rules("schema { query: Root mutation: Changes } type Root @open { a: Int } type Changes @open { b: Int }")
    assert set(found.fields) == {"Query.a", "Mutation.b"}
    assert rule(found, "Mutation.b").write


def test_an_import_that_is_no_directive_of_ours_changes_nothing():
    link = f'extend schema @link(url: "{ACCESS}", import: ["@dataset", "Label", "@other"]) '
    assert rules('type Query { a: Int @dataset(id: "REF") b: Int @other }', link=link).untagged == ("Query.b",)


def test_a_key_with_a_fragment_names_the_fields_outside_it():
    found = rules('type A @key(fields: "id ... on A { b }") @open { id: ID b: Int }')
    assert found.internal == {"A.id"}


def test_an_extension_adds_to_its_type():
    found = rules("""
      type Query @dataset(id: "REF") { a: Int }
      extend type Query @dataset(id: "REF") { b: Int a: Int }
      extend type Query { c: Int @open }
      union U = Query extend union U = V type V @open { d: U }
    """)
    assert rule(found, "Query.b").datasets == ("REF",)
    assert rule(found, "V.d").reaches == ("Query", "V")
    assert rule(found, "Query.c").open


def test_the_version_changes_with_any_rule_and_not_with_the_order_of_subgraphs():
    one, two = LINK + "type Query { a: Int @open }", LINK + "type Query { b: Int @open }"
    other = LINK + 'type Query { b: Int @dataset(id: "REF") }'
    first = rules_from_sdl({"one": one, "two": two})
    assert first == rules_from_sdl({"two": two, "one": one})
    assert first != rules_from_sdl({"one": one, "two": other})


def test_a_stand_in_says_for_which_outcome_under_any_name_and_changes_no_rule():
    link = LINK.replace('"@open"', '"@open", {name: "@standIn", as: "@instead"}')
    sdl = "type Query @open { a: Int } type Restricted @open(inherit: true)%s { dataset: String }"
    found, without = rules(sdl % ' @instead(for: "EXISTS")', link=link), rules(sdl % "", link=link)
    assert (found.stand_ins, without.stand_ins) == ({"Restricted": "EXISTS"}, {})
    assert found == without
    assert rules(sdl % ' @standIn(for: "EXISTS")', link=link).stand_ins == {}

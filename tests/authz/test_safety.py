"""What of an operation is officer-safety data: that and the way to it stays, nothing else is asked for."""

import re

import pytest
from graphql import build_schema, parse, print_ast, validate
from hypothesis import given
from hypothesis import strategies as st

from authz.decision import Clearance, Decision, Form
from authz.enforce import enforce
from authz.rules import rules_from_sdl
from authz.safety import OFFICER_SAFETY, UNRECORDED, Graph, OfficerSafety, officer_safety
from schema.dictionary import field_dictionary
from tests.authz.dictionary_graph import LINK

TYPES = """
type Query @dataset(id: "REF") {
  person(id: ID @open): Person
  vehicle: Vehicle
  found: Found
  noted: [Noted]
  lists: [String] @open
}
type Person implements Noted @dataset(id: "PNC.NAMES.CORE") {
  name: Name
  dob: String
  warningSignals: [Signal!] @dataset(id: "PNC.NAMES.WARN")
  informationMarkers: [Signal!] @dataset(id: "PNC.NAMES.WARN")
  owns(first: Int @open): VehiclePage
}
type Name @open(inherit: true) { last: String }
type Signal @open(inherit: true) { code: Code text: String about: Person @dataset(id: "PNC.NAMES.CORE") }
type Code @open(inherit: true) { code: String label: String }
type Vehicle implements Noted @dataset(id: "DVLA.VEH") {
  vrm: String
  vin: String!
  make: Code
  keeper: Person
  reports: ReportPage
  warningSignals: [Signal!]
}
type VehiclePage @open(inherit: true) { nodes: [Vehicle] total: Int info: Info! }
type ReportPage @open(inherit: true) { nodes: [VehicleReport] total: Int info: Info! }
type VehicleReport @dataset(id: "PNC.VEH.REPORT") { warning: String state: String }
type Info @open(inherit: true) { more: Boolean! cursor: String }
interface Noted { warningSignals: [Signal!] }
union Found = Person | Vehicle
"""
RULES = rules_from_sdl({"one": LINK + TYPES})
SCHEMA = build_schema(re.sub(r" ?@(dataset|open)\b(\([^)]*\))?", "", TYPES))
GRAPH = Graph(SCHEMA, RULES)


def clearance(**forms: Form) -> Clearance:
    """Everything in full but what is named, as `Type_field`."""
    named = {name.replace("_", "."): form for name, form in forms.items()}
    return Clearance("k", {name: Decision(named.get(name, Form.FULL), ("P05",), "D") for name in RULES.fields})


def reduced(text: str, conditions: dict[str, bool] | None = None, **forms: Form) -> OfficerSafety:
    document, by = parse(text), clearance(**forms)
    assert validate(SCHEMA, document) == []
    found = officer_safety(document, None, enforce(document, None, SCHEMA, by, RULES), by, GRAPH, conditions or {})
    assert found.document is None or validate(SCHEMA, found.document) == []
    return found


def left(found: OfficerSafety) -> str | None:
    return found.document and re.sub(r"\s+", " ", print_ast(found.document))


def refused(found: OfficerSafety) -> set[str]:
    return {name for name, decision in found.denials.items() if decision.unrecorded}


# What is asked → what is left of it, and what is refused as it cannot be recorded.
LEFT: dict[str, tuple[str | None, set[str]]] = {
    "{ person { name { last } warningSignals { text code { code } } } }": (
        "{ person { warningSignals { text code { code } } } }",
        {"Person.name"},
    ),
    "{ person { dob } }": (None, {"Query.person", "Person.dob"}),
    "{ person { __typename } }": (None, {"Query.person"}),
    "{ person { informationMarkers { text } } }": (None, {"Query.person", "Person.informationMarkers"}),
    "{ person { __typename warningSignals { text } } }": ("{ person { __typename warningSignals { text } } }", set()),
    # Beside a warning there is nothing of another dataset, and behind it only what is a warning again.
    "{ person { warningSignals { text about { dob } } } }": (
        "{ person { warningSignals { text } } }",
        {"Signal.about", "Person.dob"},
    ),
    "{ person { warningSignals { about { dob } } } }": (
        "{ person { warningSignals { __typename } } }",
        {"Signal.about", "Person.dob"},
    ),
    "{ person { warningSignals { text about { name { last } } } } }": (
        "{ person { warningSignals { text } } }",
        {"Signal.about", "Person.name"},
    ),
    "{ vehicle { vin reports { nodes { warning } } } }": (
        "{ vehicle { reports { nodes { warning } } } }",
        {"Vehicle.vin"},
    ),
    # The way there, with the parts of pages that cannot be null.
    "{ vehicle { vrm reports { total info { more } nodes { state warning } } } }": (
        "{ vehicle { reports { info { more } nodes { warning } } } }",
        {"Vehicle.vrm", "VehicleReport.state"},
    ),
    "{ vehicle { reports { info { more } nodes { state } } } }": (
        None,
        {"Query.vehicle", "Vehicle.reports", "VehicleReport.state"},
    ),
    # A join that leads to a warning in one place and to none in another is made in the first only.
    "{ vehicle { keeper { warningSignals { text } } } other: vehicle { keeper { dob } } }": (
        "{ vehicle { keeper { warningSignals { text } } } }",
        {"Person.dob"},
    ),
    # Of a union or an interface, the types that have warnings; a vehicle's signals are none.
    "{ found { ... on Person { warningSignals { text } dob } ... on Vehicle { vrm } } }": (
        "{ found { ... on Person { warningSignals { text } } } }",
        {"Person.dob", "Vehicle.vrm"},
    ),
    "{ noted { warningSignals { text } } }": (
        "{ noted { ... on Person { warningSignals { text } } } }",
        {"Vehicle.warningSignals"},
    ),
    # Fragments are cut where they are spread; what introspects or is open is not asked for either.
    "{ person { ...P } vehicle { keeper { ...P } } lists __schema { description } } fragment P on Person { ...Q dob }"
    " fragment Q on Person { warningSignals { ...S } } fragment S on Signal { text }": (
        "{ person { ... on Person { ... on Person { warningSignals { ... on Signal { text } } } } }"
        " vehicle { keeper { ... on Person { ... on Person { warningSignals { ... on Signal { text } } } } } } }",
        {"Person.dob"},
    ),
    # Variables that are no longer used are no longer declared.
    "query ($id: ID, $n: Int) { person(id: $id) { warningSignals { text } owns(first: $n) { total } } }": (
        "query ($id: ID) { person(id: $id) { warningSignals { text } } }",
        {"Person.owns"},
    ),
}


@pytest.mark.parametrize("asked", LEFT)
def test_warnings_and_the_way_to_them_are_left_and_nothing_else(asked: str):
    found = reduced(asked)
    assert (left(found), refused(found)) == LEFT[asked]
    assert found.whole is (asked == left(found))


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.FULL])
def test_a_warning_that_is_not_shown_in_full_is_not_officer_safety_data(form: Form):
    assert left(reduced("{ person { warningSignals { text } } }", Person_warningSignals=form)) is None


@pytest.mark.parametrize(
    ("directive", "value", "leads"),
    [
        ("@include(if: $v)", True, True),
        ("@include(if: $v)", False, False),
        ("@skip(if: $v)", True, False),
        ("@skip(if: $v)", False, True),
        ("@include(if: $v) @skip(if: $v)", True, False),
        ("@include(if: false)", True, False),
        ("@skip(if: true)", True, False),
        ("@include(if: true)", False, True),
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        "{ vehicle { reports { nodes { warning %s } } } }",
        "{ vehicle { reports { nodes { ... %s { warning } } } } }",
        "{ vehicle { ...V %s } } fragment V on Vehicle { reports { nodes { warning } } }",
    ],
)
def test_nobody_learns_of_records_on_the_way_to_a_warning_that_is_left_out(query, directive, value, leads):
    text = ("query ($v: Boolean!) " if "$v" in directive else "") + query % directive
    assert (left(reduced(text, {"v": value})) is not None) is leads


def test_what_access_refuses_says_so_still():
    found = reduced("{ person { dob name { last } warningSignals { text } } }", Person_dob=Form.DENY)
    assert found.denials["Person.dob"].unrecorded is False
    assert refused(found) == {"Person.name"}
    assert found.denials["Person.name"] == Decision(Form.DENY, UNRECORDED.policies, "D", unrecorded=True)


def test_what_is_masked_and_no_warning_is_not_shown_masked():
    found = reduced("{ person { dob warningSignals { text } } }", Person_dob=Form.MASK)
    assert refused(found) == {"Person.dob"}


def test_silence_is_refused_with_the_rest_and_silent_where_warnings_would_be():
    rest = reduced("{ person { dob name { last } warningSignals { text } } }", Person_dob=Form.SILENT)
    assert refused(rest) == {"Person.dob", "Person.name"}
    warnings = reduced(
        "{ person { dob warningSignals { text } } vehicle { reports { nodes { warning } } } }",
        Person_warningSignals=Form.SILENT,
    )
    assert warnings.denials["Person.warningSignals"].form is Form.SILENT
    assert refused(warnings) == {"Query.person", "Person.dob"}


def test_nothing_is_left_of_what_access_left_nothing_of():
    found = reduced("{ person { warningSignals { text } } }", Query_person=Form.DENY)
    assert (found.document, found.denials["Query.person"].form) == (None, Form.DENY)


@pytest.mark.parametrize("coordinate", sorted(OFFICER_SAFETY))
def test_the_dictionary_says_of_every_officer_safety_field_that_officers_see_it_in_full(coordinate: str):
    assert "shown to officers in full" in field_dictionary()[coordinate].rule


def test_every_field_that_officers_always_see_in_full_is_officer_safety_data():
    rules = {name: tag.rule for name, tag in field_dictionary().items()}
    assert {name for name, rule in rules.items() if "shown to officers in full" in rule} == OFFICER_SAFETY


LEAVES = {
    "Signal": ["text", "code { code }", "__typename"],
    "Person": ["dob", "name { last }", "warningSignals { text }", "warningSignals { text about { dob } }"],
    "Vehicle": ["vrm", "make { label }", "reports { info { more } nodes { state warning } }", "reports { total }"],
}


def selections(kind: str, depth: int) -> st.SearchStrategy[str]:
    """Selections on a person or a vehicle, each leading to the other."""
    fields = [st.sampled_from(LEAVES[kind])]
    if depth:
        further = selections("Vehicle" if kind == "Person" else "Person", depth - 1)
        way = "owns {{ nodes {{ {} }} }}" if kind == "Person" else "keeper {{ {} }}"
        fields.append(st.builds(lambda inner: f"... {{ {way.format(inner)} }}", further))
    several = st.lists(st.one_of(fields), min_size=1, max_size=4)
    return several.map(lambda items: " ".join(f"... on {kind} {{ {item} }}" for item in items))


@given(selections("Person", 3), selections("Vehicle", 3))
def test_every_value_left_is_of_a_warning_and_what_is_left_is_left_whole(person: str, vehicle: str):
    found = reduced(f"{{ person {{ {person} }} vehicle {{ {vehicle} }} }}")
    text = left(found)
    if text is None:
        return
    values = set(re.findall(r"\b(dob|last|vrm|label|state|total)\b", text))
    assert values == set()
    again = reduced(text)
    assert (left(again), again.whole, refused(again)) == (text, True, set())

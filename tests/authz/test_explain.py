"""What an explanation says is what enforcement does; what is sealed it explains as an absent record."""

import re
from dataclasses import replace

import pytest
from graphql import Undefined, build_schema, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.decision import Clearance, Decision, Form
from authz.enforce import enforce
from authz.explain import ExplainedField, Judgement, explain
from authz.rules import rules_from_sdl
from tests.authz.callers import caller
from tests.authz.dictionary_graph import LINK
from tests.authz.enforcing import GOVERNED, REFUSED, RULES, SCHEMA, clearance, operation

SILENT = Decision(Form.SILENT, ("P06",), "PND.INT", ("a role entitled to PND.INT",), "PND controllers")
MASKED = Decision(Form.MASK, ("P05",), "REF", ("a reason",), "the owner", "YEAR")
BESIDE = replace(MASKED, mask="COUNT")
PEOPLE = """query People($name: NameInput) {
  people(name: $name) { nodes { id born: dob name { last } records { id ...on Report { state } } } }
  targets { ...on Person { nino } ...R }
}
fragment R on Report { state author { dob } }"""


def explained(text: str, decisions: dict[str, Decision], **given: object) -> dict[str, ExplainedField]:
    """The explanation by path and coordinate, of a caller who is shown everything else in full."""
    cleared = Clearance("k", {**clearance().decisions, **decisions})
    judgement = Judgement(SCHEMA, cleared, RULES, caller())
    found = explain(operation(text), None, judgement, given.get("variables"))  # type: ignore[arg-type]
    return {f"{each.path} {each.coordinate}": each for each in found}


def test_every_field_is_explained_by_its_response_path_on_every_type_it_can_be():
    assert list(explained("{ records { i: id ...R } } fragment R on Report { author { dob } }", {})) == [
        "records Query.records",
        "records.i Intel.id",
        "records.i Person.id",
        "records.i Report.id",
        "records.author Report.author",
        "records.author.dob Person.dob",
    ]


def test_a_refusal_says_policy_what_is_missing_and_whom_to_ask_and_withholds_what_is_below():
    found = explained("{ person(id: 1) { name { last } dob } }", {"Person.name": REFUSED})
    assert found["person.name Person.name"] == ExplainedField(
        "person.name", "Person.name", Form.DENY, None, "REF", ("P05",), ("a reason",), "the owner"
    )
    below = found["person.name.last Name.last"]
    assert (below.form, below.under, below.policies) == (Form.DENY, "person.name", ("P05",))
    assert found["person.dob Person.dob"].under is None


@pytest.mark.parametrize(
    ("decision", "form", "below"),
    [
        (MASKED, Form.MASK, Form.FULL),
        (BESIDE, Form.MASK, Form.DENY),
        (replace(REFUSED, form=Form.EXISTS), Form.EXISTS, Form.DENY),
        (REFUSED, Form.DENY, Form.DENY),
        (SILENT, Form.FULL, Form.FULL),
    ],
    ids=lambda value: getattr(value, "form", value),
)
def test_what_stands_below_a_field_is_shown_only_where_the_field_is(decision: Decision, form: Form, below: Form):
    found = explained("{ person(id: 1) { name { last } } }", {"Person.name": decision})
    assert (found["person.name Person.name"].form, found["person.name.last Name.last"].form) == (form, below)


def test_an_argument_that_reads_what_is_refused_refuses_the_field():
    found = explained('{ people(name: { nino: "1" }) { nodes { id } } }', {"Person.nino": REFUSED})
    assert found["people Query.people"].form is Form.DENY
    assert found["people.nodes.id Person.id"].under == "people"


def test_a_variable_that_is_left_out_refuses_nothing():
    text = "query($last: String) { people(name: { nino: $last }) { nodes { id } } }"
    (stated, _, _), (left_out, _, _) = (
        explained(text, {"Person.nino": REFUSED}, variables=variables).values()
        for variables in ({}, {"last": Undefined})
    )
    assert (stated.form, left_out.form) == (Form.DENY, Form.FULL)


def test_row_rules_that_lower_are_named_by_policy_and_silent_ones_never():
    rows = ("protected-record", "training-world", "other-area", "high-profile")
    decision = Decision(Form.FULL, ("P05",), "REF", rows=tuple(name for name in rows if name != "training-world"))
    assert explained("{ person(id: 1) { dob } }", {"Person.dob": decision})["person.dob Person.dob"].rows == ("P11",)


def test_an_administrator_is_told_what_is_silent():
    cleared = Clearance("k", {**clearance().decisions, "Person.dob": SILENT})
    judgement = Judgement(SCHEMA, cleared, RULES, caller(), candid=True)
    (_, found) = explain(operation("{ person(id: 1) { dob } }"), None, judgement)
    assert (found.form, found.policies) == (Form.SILENT, ("P06",))


ANSWERS = """
type Query @dataset(id: "REF") { person: Person direct: Answer }
type Person @dataset(id: "REF") { name: String proofs: [Match] }
type Match @open(inherit: true) { score: Int proof: Answer }
type Proof @dataset(id: "MID") { weapons: Int holder: Person }
type Restricted @open(inherit: true) @standIn(for: "EXISTS") { contact: String }
type Unavailable @open(inherit: true) @standIn(for: "UNAVAILABLE") { product: String }
union Answer = Proof | Restricted | Unavailable
"""
ANSWERING = rules_from_sdl({"one": LINK.replace('"@open"', '"@open", "@standIn"') + ANSWERS})
ANSWER = (
    "...on Proof { weapons holder { proofs { proof { ...on Restricted { contact } } } } } ...on Restricted { contact }"
)


@pytest.mark.parametrize(
    ("asked", "coordinate", "under"),
    [(f"direct {{ {ANSWER} }}", "Query.direct", "direct"),
     (f"person {{ proofs {{ score proof {{ {ANSWER} }} }} }}", "Person.proofs", "person.proofs")],
)  # fmt: skip
def test_below_what_only_exists_what_stands_for_it_is_shown_and_nothing_else(asked: str, coordinate: str, under: str):
    schema = build_schema(re.sub(r" ?@(dataset|open|standIn)\b(\([^)]*\))?", "", ANSWERS))
    decisions = {name: Decision(Form.FULL, ("P05",)) for name in ANSWERING.fields}
    found = {}
    for form in (Form.EXISTS, Form.DENY):
        cleared = Clearance("k", decisions | {coordinate: replace(REFUSED, form=form)})
        fields = explain(parse(f"{{ {asked} }}"), None, Judgement(schema, cleared, ANSWERING, caller()))
        found[form] = {(each.path.removeprefix(under), each.coordinate): each for each in fields}
    place = "" if under == "direct" else ".proof"
    stand_in = (f"{place}.contact", "Restricted.contact")
    assert (found[Form.EXISTS][stand_in].form, found[Form.EXISTS][stand_in].under) == (Form.FULL, None)
    assert found[Form.DENY][stand_in].form is Form.DENY
    if place:
        stated = found[Form.EXISTS][place, "Match.proof"]
        assert (stated.form, stated.contact, stated.under) == (Form.EXISTS, "the owner", "person.proofs")
    withheld = {each.form for key, each in found[Form.EXISTS].items() if key[0].startswith(f"{place}.holder")}
    assert withheld == {Form.DENY}
    assert found[Form.EXISTS][f"{place}.weapons", "Proof.weapons"].form is Form.DENY


FORMS = st.sampled_from([None, REFUSED, MASKED, BESIDE, replace(REFUSED, form=Form.EXISTS)])
DECISIONS = st.dictionaries(st.sampled_from(GOVERNED), FORMS).map(
    lambda found: {name: decision for name, decision in found.items() if decision}
)


@settings(deadline=None)
@given(DECISIONS)
def test_what_is_explained_as_withheld_is_what_enforcement_takes_out(decisions: dict[str, Decision]):
    cleared = Clearance("k", {**clearance().decisions, **decisions})
    enforced = enforce(operation(PEOPLE), None, SCHEMA, cleared, RULES)
    found = [each for each in explained(PEOPLE, decisions).values() if each.under is None]
    said = {each.coordinate: each.form for each in found if each.form is not Form.FULL}
    assert said == {name: decision.form for name, decision in enforced.denials.items()}


# A field used with an input that reads what is sealed is answered as absence as a whole, whatever else it reads.
READ_BY_INPUTS = {read for reads in RULES.inputs.values() for read in reads}
SEALED = st.sets(st.sampled_from([name for name in GOVERNED if name not in READ_BY_INPUTS]))


@settings(deadline=None)
@given(DECISIONS, SEALED)
def test_what_is_sealed_is_explained_as_what_holds_nothing(decisions: dict[str, Decision], sealed: set[str]):
    """The twin is a caller who is shown it: in full, as nobody is told otherwise."""
    shown = {name: Decision(Form.FULL, ("P05",), RULES.fields[name].datasets[0]) for name in sealed}
    silent = dict.fromkeys(sealed, SILENT)
    with_seal, without = explained(PEOPLE, decisions | silent), explained(PEOPLE, decisions | shown)
    assert {name: replace(each, rows=()) for name, each in with_seal.items()} == {
        name: replace(each, rows=()) for name, each in without.items()
    }

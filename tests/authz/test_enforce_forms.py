"""What enforcement leaves of fields that are shown in a lower form: asked for, but nothing below what never stands in
the data; and never a filter on them."""

import pytest
from graphql import parse

from authz.decision import Clearance, Decision, Form
from authz.enforce import Enforcement, enforce
from tests.authz.enforcing import RULES, SCHEMA, left

EXISTS = Decision(Form.EXISTS, ("P06",), "REF")
SILENT = Decision(Form.SILENT, ("P06",), "REF")


def masked(mask: str | None) -> Decision:
    return Decision(Form.MASK, ("P05",), "REF", mask=mask)


def enforced(text: str, **decisions: Decision) -> Enforcement:
    full = {name: Decision(Form.FULL) for name in RULES.fields}
    lower = {name.replace("__", "."): decision for name, decision in decisions.items()}
    return enforce(parse(text), None, SCHEMA, Clearance("k", full | lower), RULES)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (EXISTS, "{ people { nodes { records { __typename } } } }"),
        (masked("COUNT"), "{ people { nodes { records { __typename } } } }"),
        (masked("HASH"), "{ people { nodes { records { __typename } } } }"),
        (masked("GROUP"), "{ people { nodes { records { title } } } }"),
        (masked(None), "{ people { nodes { records { title } } } }"),
        (SILENT, "{ people { nodes { __typename } } }"),
    ],
    ids=["EXISTS", "COUNT", "HASH", "GROUP", "the records' own", "SILENT"],
)
def test_below_what_never_stands_in_the_data_nothing_is_asked(decision: Decision, expected: str):
    found = enforced("{ people { nodes { records { title } } } }", Person__records=decision)
    assert left(found) == expected
    assert dict(found.denials) == {"Person.records": decision}


def test_a_masked_leaf_is_asked_for_as_it_is():
    found = enforced("{ people { nodes { nino } } }", Person__nino=masked("LAST4"))
    assert left(found) == "{ people { nodes { nino } } }"
    assert dict(found.denials) == {"Person.nino": masked("LAST4")}


def test_concrete_types_that_are_opened_differently_are_asked_apart():
    found = enforced("{ records { author { title } } }", Report__author=EXISTS, Person__author=masked("GROUP"))
    assert left(found) == (
        "{ records { ... on Intel { author { title } } ... on Person { author { title } }"
        " ... on Report { author { __typename } } } }"
    )


@pytest.mark.parametrize("decision", [EXISTS, masked("LAST4"), masked("YEAR"), masked(None)])
def test_a_filter_on_what_is_not_shown_in_full_is_refused(decision: Decision):
    found = enforced('{ people(filters: [{dob: "1985"}]) { nodes { title } } }', Person__dob=decision)
    assert found.document is None
    refused = found.denials["Query.people"]
    assert (refused.form, refused.mask, refused.policies) == (Form.DENY, None, decision.policies)


def test_a_filter_on_what_is_sealed_finds_as_if_there_were_none():
    found = enforced('{ people(filters: [{dob: "1985"}]) { nodes { title } } }', Person__dob=SILENT)
    assert found.document is None
    assert found.denials["Query.people"].form is Form.SILENT

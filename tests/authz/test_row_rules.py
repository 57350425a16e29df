"""Row rules: whom they concern, which coordinates they cover, and what they make of a decision for one row."""

from dataclasses import replace
from pathlib import Path

import pytest

from authz.decision import HEIGHT, Decision, Form
from authz.facts import packaged_facts
from authz.policy_set import Policies, Question, caller_entity, packaged_policies
from authz.row_concerns import concerned
from authz.row_rules import LEDGER_FACTS, OUTSIDER, ROW_RULES, RowCaller, RowFact, lowered, row_caller, rules_of
from tests.authz.callers import DETECTIVE, INSURER, OFFICER, caller

FOLDER = Path(__file__).parents[2] / "authz" / "policies"
TRAINER = caller("trainer", "ORG-TRN")
DPO = caller("dpo")
SUPERVISOR = caller("supervisor")
INSPECTOR = caller("inspector", "ORG-INSP-A", "DIRECT", "SC", ("COP",))
PARTNER = caller("safeguarding_partner", "ORG-LSP-A", "CONNECTED", "BPSS", ("MISPER", "COP"))
MANAGER = caller("intel_manager")
ANALYST = caller("intel_analyst")
FULL = Decision(Form.FULL, ("P05",), "PNC.NAMES.CORE", contact="NPCC")

# coordinate, who, what the row is, what becomes of FULL, by which policy, with which mask
OUTCOMES = [
    ("AuditEvent.userId", OFFICER, RowFact.ANOTHER_OPERATOR, Form.DENY, "P06", None),
    ("AuditEvent.userId", SUPERVISOR, RowFact.ANOTHER_OPERATOR, Form.FULL, "P05", None),
    ("Query.auditEvents", SUPERVISOR, RowFact.ANOTHER_UNIT, Form.DENY, "P06", None),
    ("Query.auditEvents", DPO, RowFact.ANOTHER_UNIT, Form.FULL, "P05", None),
    ("Query.auditEvents", DPO, RowFact.ANOTHER_ORGANISATION, Form.DENY, "P06", None),
    ("Query.auditEvents", INSPECTOR, RowFact.ANOTHER_ORGANISATION, Form.FULL, "P05", None),
    ("Mutation.recordReview", INSPECTOR, RowFact.OWN_REQUEST, Form.DENY, "P06", None),
    ("AuditEvent.userId", INSPECTOR, RowFact.OWN_REQUEST, Form.FULL, "P05", None),
    ("Person.filedName", DETECTIVE, RowFact.RESTRICTED, Form.DENY, "P16", None),
    ("Person.filedName", DPO, RowFact.RESTRICTED, Form.FULL, "P05", None),
    ("Query.person", OFFICER, RowFact.OWN, Form.DENY, "P15", None),
    ("Query.person", OFFICER, RowFact.HIGH_PROFILE, Form.FULL, "P05", None),
    ("Person.filedName", TRAINER, RowFact.LIVE, Form.DENY, "P18", None),
    ("Person.filedName", TRAINER, RowFact.TRAINING, Form.FULL, "P05", None),
    ("Person.filedName", OFFICER, RowFact.TRAINING, Form.DENY, "P18", None),
    ("Vehicle.make", TRAINER, RowFact.LIVE, Form.DENY, "P18", None),
    ("MissingReport.status", PARTNER, RowFact.OTHER_AREA, Form.EXISTS, "P11", None),
    ("MissingReport.status", OFFICER, RowFact.OTHER_AREA, Form.FULL, "P05", None),
    ("IntelReport.text", ANALYST, RowFact.CONDITION, Form.EXISTS, "P13", None),
    ("IntelReport.text", MANAGER, RowFact.CONDITION, Form.FULL, "P05", None),
    ("Person.addresses", OFFICER, RowFact.VICTIM, Form.MASK, "P12", "OUTCODE"),
    ("Person.contacts", OFFICER, RowFact.VICTIM, Form.MASK, "P12", "LAST4"),
    ("Person.filedName", OFFICER, RowFact.VICTIM, Form.FULL, "P05", None),
    ("Person.addresses", DETECTIVE, RowFact.VICTIM, Form.FULL, "P05", None),
    ("Offence.disposals", INSURER, RowFact.CHILD, Form.EXISTS, "P11", None),
    ("Offence.disposals", OFFICER, RowFact.CHILD, Form.FULL, "P05", None),
]


@pytest.mark.parametrize(("coordinate", "who", "fact", "form", "policy", "mask"), OUTCOMES)
def test_a_row_is_lowered_as_its_rule_says(coordinate, who, fact, form, policy, mask):
    decided = replace(FULL, rows=rules_of(coordinate, who))
    found = lowered(coordinate, decided, {"row_facts": int(fact)})
    assert (found.form, found.policies[0], found.mask) == (form, policy, mask)
    assert (found.form is Form.FULL) or (found.missing and found.contact)


def test_a_row_never_raises_a_form():
    for form in Form:
        for coordinate, who, fact, _form, _policy, _mask in OUTCOMES:
            decided = replace(FULL, form=form, rows=rules_of(coordinate, who))
            assert HEIGHT[lowered(coordinate, decided, {"row_facts": int(fact)}).form] <= HEIGHT[form]


def test_the_lowest_of_several_rules_stands():
    decided = replace(FULL, rows=rules_of("Person.addresses", OFFICER))
    found = lowered("Person.addresses", decided, {"row_facts": int(RowFact.VICTIM | RowFact.RESTRICTED)})
    assert (found.form, found.policies) == (Form.DENY, ("P16", "P05"))


def test_a_row_without_facts_is_shown_as_decided():
    decided = replace(FULL, rows=rules_of("Person.filedName", DETECTIVE))
    assert lowered("Person.filedName", decided, {}) is decided
    assert lowered("Person.filedName", decided, {"row_facts": int(RowFact.LIVE)}) is decided


def test_whom_to_ask_is_the_row_s_own_contact_where_it_has_one():
    decided = replace(FULL, rows=rules_of("MissingReport.status", PARTNER))
    facts = {"row_facts": int(RowFact.OTHER_AREA)}
    assert lowered("MissingReport.status", decided, facts).contact == "the coordinator of the reporting force"
    assert lowered("MissingReport.status", decided, facts | {"row_contact": "01632 960001"}).contact == "01632 960001"


def test_every_rule_names_its_policy_and_every_fact_belongs_to_one():
    assert {rule.policy for rule in ROW_RULES.values()} == {
        *("P06", "P10", "P11", "P12", "P13", "P14", "P15", "P16", "P18")
    }
    assert {rule.fact for rule in ROW_RULES.values() if rule.fact} == set(RowFact)
    assert all(rule.fact is None for rule in ROW_RULES.values() if rule.form is Form.SILENT)


def test_the_policy_that_a_rule_is_named_by_is_the_one_that_decides_whom_it_concerns():
    everybody = caller_entity("ORG-X", "training", frozenset()), caller_entity("ORG-X", "local_authority", frozenset())
    partner, policies = caller_entity("ORG-X", "safeguarding_partner", frozenset()), packaged_policies()
    for name, rule in ROW_RULES.items():
        asked = [Question("ORG-X", "row", name, {}, "RowRule")]
        verdicts = [policies.ask(asked, policies.entities([who]))[0] for who in (*everybody, partner)]
        deciding = {policy for verdict in verdicts if not verdict.permitted for policy in verdict.policies}
        assert {policy.partition(".")[0] for policy in deciding} == {rule.policy}
        silent = {policies.outcomes.get(policy) for policy in deciding} == {"SILENT"}
        assert silent is (rule.form is Form.SILENT)


def test_a_rule_that_no_policy_speaks_of_concerns_everybody():
    assert concerned(["never-heard-of"], DPO) == {"never-heard-of"}


def test_other_policies_concern_others():
    schema = (FOLDER / "schema.cedarschema").read_text("utf-8")
    nobody = Policies({"p": '@id("P16.none") permit (principal, action == Action::"row", resource);'}, schema)
    assert rules_of("Person.filedName", DETECTIVE, nobody) == ()
    assert row_caller(DETECTIVE, nobody).denied == 0


def test_the_caller_s_own_facts_come_from_the_token():
    officer = replace(OFFICER, force_station="20R1")
    assert row_caller(officer) == RowCaller(
        "u-20-4419",
        "ORG-20",
        "20",
        "20R1",
        ("20",),
        int(RowFact.RESTRICTED | RowFact.OWN | RowFact.TRAINING | LEDGER_FACTS),
    )
    assert row_caller(replace(officer, areas=("WM",))).areas == ("WM",)
    assert row_caller(replace(DPO, force_station=None)).denied == int(
        RowFact.OWN | RowFact.TRAINING | RowFact.ANOTHER_ORGANISATION | RowFact.OWN_REQUEST
    )
    assert row_caller(TRAINER).denied == int(RowFact.RESTRICTED | RowFact.OWN | RowFact.LIVE | LEDGER_FACTS)


def test_nobody_in_particular_is_refused_what_an_outsider_is():
    assert OUTSIDER.denied == row_caller(OFFICER).denied
    assert OUTSIDER.areas == ()


SCOPES = {
    "own": {"another-operator", "another-unit", "another-organisation"},
    "training": {"another-operator", "another-unit", "another-organisation"},
    "own_unit": {"another-unit", "another-organisation"},
    "own_organisation": {"another-organisation"},
    "inspection": set(),
    "all": set(),
}


def test_the_policies_keep_each_role_to_the_scope_of_its_entitlement_to_the_ledger():
    found = {
        role: row.scope
        for (role, dataset), rows in packaged_facts().entitlements.items()
        for row in rows
        if dataset == "AUD.LOG"
    }
    assert set(found.values()) >= {"own", "own_unit", "own_organisation", "inspection", "all"}
    for role, scope in found.items():
        names = set(rules_of("Query.auditEvents", replace(OFFICER, roles=(role,))))
        assert names == SCOPES[scope], role

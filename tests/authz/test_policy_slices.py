"""A question asked of the policies it can meet is answered as it is by all of them; what refuses every form does."""

import json
from typing import Any

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.answers import ACTIONS, Answers, Asker, Outcome
from authz.decision import Form
from authz.facts import packaged_facts
from authz.grounds import Caller, Grounds, caller_of
from authz.policy_set import Policies, Question, packaged_policies
from authz.policy_slices import Slices
from tests.authz.callers import DETECTIVE, INVESTIGATION, NOON
from tests.laws.policy_mutants import FOLDER, SCHEMA

TEXT = "\n".join(file.read_text("utf-8") for file in sorted(FOLDER.glob("*.cedar")))
WHOLE = cedarpy.PolicySet.from_str(TEXT)
DATASETS = ("DVLA.VEH", "DVLA.KEEPER", "DVLA.IMG", "DVLA.MED", "PNC.VEH.REPORT", "PNC.NAMES.CORE", "PNC.NAMES.WARN")
DATASETS += ("PNC.NAMES.CRIM", "NRMP", "PND.INT", "MID")
LABELS = tuple((dataset, sensitivity) for dataset in DATASETS for sensitivity in ("S1", "S3", "S4"))
ROLES = ("", "detective", "dpo")
FORM_OF = dict(ACTIONS)


def classes() -> st.SearchStrategy[Caller]:
    known = caller_of(DETECTIVE, INVESTIGATION, packaged_facts(), NOON)
    return st.builds(
        Caller,
        organisation=st.just(known.organisation),
        organisation_kind=st.sampled_from(("police_territorial", "commercial_dsa", "training", "regulator")),
        agreement=st.just(known.agreement),
        roles=st.just(()),
        route=st.just("DIRECT"),
        system=st.just(known.system),
        vetting=st.none(),
        training=st.just(known.training),
        standing=st.sampled_from(("ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED")),
        reason=st.sampled_from(("1", "5", "6")),
        purpose=st.sampled_from(("LE1", "CO2", "TR1")),
        statements_missing=st.sampled_from(((), (), (), ("X-Leds-Reference-Id",))),
        day=st.just(known.day),
    )


def grounds() -> st.SearchStrategy[Grounds]:
    mostly = st.sampled_from((True, True, True, False))
    return st.builds(
        lambda label, *facts: Grounds(*label, *facts),
        st.sampled_from(LABELS),
        st.booleans(),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(((), (), (), ("COP",))),
        *(mostly for _ in range(6)),
    )


def asked_of_all(asker: Asker, known: Grounds) -> dict[str, cedarpy.AuthzResult]:
    """What the whole set says on each form, asked for one by one."""
    requests = [
        {
            "principal": {"type": "Caller", "id": asker.caller.organisation},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Label", "id": f"{known.dataset} {known.sensitivity}"},
            "context": known.as_facts(asker.caller),
        }
        for action, _ in ACTIONS
    ]
    results = cedarpy.is_authorized_batch(requests, WHOLE, asker.entities)
    return dict(zip(FORM_OF, results, strict=True))


def ids(result: cedarpy.AuthzResult) -> set[str]:
    return set(result.diagnostics.id_annotations_by_reason.values())


@given(classes(), st.sampled_from(ROLES), grounds())
def test_a_slice_answers_as_all_policies_do_and_a_refusal_of_every_form_is_one(
    caller: Caller, role: str, known: Grounds
):
    policies = packaged_policies()
    asker = Asker(Answers(policies, LABELS), caller, role)
    results, facts = asked_of_all(asker, known), known.as_facts(caller)
    label = f"{known.dataset} {known.sensitivity}"
    for action, result in results.items():
        question = Question(caller.organisation, action, label, facts, dataset=known.dataset)
        (verdict,) = policies.ask([question], asker.entities)
        assert verdict.permitted is result.allowed
        assert set(verdict.policies) == (ids(result) or {"P00.not-permitted"})
        if policies.refuses_every_form(verdict):
            assert not any(other.allowed for other in results.values())


@given(classes(), st.sampled_from(ROLES), st.lists(grounds(), min_size=1, max_size=6))
def test_the_outcome_is_the_highest_form_that_all_policies_permit_whatever_was_asked_before(
    caller: Caller, role: str, several: list[Grounds]
):
    answers = Answers(packaged_policies(), LABELS)
    asker = Asker(answers, caller, role)
    for known, outcome in zip(several, answers.of(asker, several), strict=True):
        results = asked_of_all(asker, known)
        expected = next((action for action, _ in ACTIONS if results[action].allowed), None)
        assert outcome.form is (FORM_OF[expected] if expected else Form.DENY)
        assert ids(results[expected or "read.exists"]) == set(outcome.verdict.policies) - {"P00.not-permitted"}
        assert _refused_by(outcome) == _next_higher(results, expected)


def _refused_by(outcome: Outcome) -> set[str] | None:
    return set(outcome.refusal.policies) - {"P00.not-permitted"} if outcome.refusal else None


def _next_higher(results: dict[str, cedarpy.AuthzResult], permitted: str | None) -> set[str] | None:
    above = {None: "read.exists", "read.exists": "read.mask", "read.mask": "read.full"}.get(permitted)
    return ids(results[above]) if above else None


def test_what_refuses_the_lowest_form_is_named_where_a_higher_one_was_refused_for_all():
    """The full form is refused by the matrix too (P05), which plays no part in that nothing is shown (P07)."""
    known = Grounds("DVLA.MED", "S1", True, 2, 3, (), True, True, True, True, True, True)
    answers = Answers(Policies({"all": TEXT}, SCHEMA), LABELS)
    asker = Asker(answers, caller_of(DETECTIVE, INVESTIGATION, packaged_facts(), NOON), "detective")
    (outcome,) = answers.of(asker, [known])
    assert (outcome.form, outcome.verdict.policies) == (Form.DENY, ("P07.medical",))


READ, ROW = 'action in Action::"read"', 'action == Action::"row"'
FULL = 'action == Action::"read.full"'


@pytest.mark.parametrize(
    ("scope", "action", "dataset", "kept"),
    [
        (f"principal, {READ}, resource", "read.full", "MID", True),
        (f"principal, {READ}, resource", "read.mask", None, True),
        (f"principal, {FULL}, resource", "read.full", "MID", True),
        (f"principal, {FULL}, resource", "read.mask", "MID", False),
        (f'principal, {READ}, resource in Dataset::"MID"', "read.full", "MID", True),
        (f'principal, {READ}, resource in Dataset::"MID"', "read.full", "NRMP", False),
        (f'principal, {READ}, resource in Dataset::"MID"', "read.full", None, True),
        ('principal, action in [Action::"read.mask", Action::"read.exists"], resource', "read.full", "MID", True),
        (f"principal, {ROW}, resource", "read.full", "MID", False),
        ("principal, action, resource", "row", None, True),
    ],
)
def test_a_policy_is_left_out_where_its_scope_is_another_action_or_dataset_alone(
    scope: str, action: str, dataset: str | None, kept: bool
):
    others = "".join(
        f'permit (principal, action == Action::"{name}", resource is Nothing);'
        for name in ("read.full", "read.mask", "row")
    )
    static: dict[str, Any] = json.loads(cedarpy.policies_to_json_str(f"forbid ({scope}); {others}"))["staticPolicies"]
    assert ("forbid" in str(Slices(static).of(action, dataset))) is kept


@pytest.mark.parametrize(
    ("text", "every"),
    [
        (f"forbid (principal, {READ}, resource)", True),
        ("forbid (principal, action, resource)", True),
        (f"forbid (principal, {FULL}, resource)", False),
        ('forbid (principal, action in [Action::"read.full"], resource)', False),
        (f'forbid (principal, {READ}, resource) when {{ action == Action::"read.full" }}', False),
        (f"forbid (principal, {READ}, resource) unless {{ context.matrix + 1 < 0 }}", False),
    ],
)
def test_a_refusal_is_of_every_form_where_its_policy_says_the_same_of_each_and_none_can_fail(text: str, every: bool):
    policies = Policies({"one": f'@id("P.one") {text};'}, SCHEMA)
    asker = Asker(Answers(policies, LABELS), caller_of(DETECTIVE, INVESTIGATION, packaged_facts(), NOON), "detective")
    known = Grounds("MID", "S1", True, 3, 3, (), True, True, True, True, True, True)
    question = Question(asker.caller.organisation, "read.full", "MID S1", known.as_facts(asker.caller))
    (verdict,) = policies.ask([question], asker.entities)
    assert (verdict.permitted, policies.refuses_every_form(verdict)) == (False, every)

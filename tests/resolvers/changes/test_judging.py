"""Whether a change is accepted: the policy that is named first has the refusal, and policies alone decide."""

import pytest

from authz.policy_set import Policies, packaged_policies
from resolvers.changes.errors import ChangeNotPermitted
from resolvers.changes.judging import REFUSALS, Found, judge
from tests.authz.callers import DETECTIVE
from tests.laws.policy_mutants import SCHEMA

# What is found, and by which code it is refused: the order of entities 3.2.
REFUSED = [
    (Found(check_name_agrees=False, version_agrees=False, pending=True), "CHECK_NAME_MISMATCH"),
    (Found(version_agrees=False, pending=True, lag_seconds=500), "VERSION_CONFLICT"),
    (Found(lag_seconds=121, pending=True), "RECORD_STALE"),
    (Found(pending=True), "PENDING_CHANGE_EXISTS"),
    (Found(due=False, pending=True), "RETENTION_NOT_DUE"),
]


@pytest.mark.parametrize(("found", "code"), REFUSED)
def test_the_first_policy_that_refuses_is_named(found: Found, code: str):
    refusals = []
    try:
        judge(found, DETECTIVE)
    except Exception as error:
        refusals.append(getattr(error, "code", error))
    assert refusals == [code]


@pytest.mark.parametrize("found", [Found(), Found(lag_seconds=120)])
def test_what_fits_the_record_is_accepted(found: Found):
    judge(found, DETECTIVE)


def test_every_policy_on_changes_that_refuses_has_its_refusal():
    named = {"P02.check-name", "P16.due", "P17.version", "P17.stale", "P17.pending"}
    assert REFUSALS.keys() == named
    assert named <= packaged_policies().ranks.keys()
    for name, refusal in REFUSALS.items():
        assert refusal().policies == (name.partition(".")[0],)


def test_other_policies_decide_otherwise_and_without_one_nothing_may_be_changed():
    lax = Policies({"p": '@id("P17.all") permit (principal, action == Action::"change", resource);'}, SCHEMA)
    judge(Found(pending=True, version_agrees=False), DETECTIVE, lax)
    silent = Policies({"p": '@id("P05.all") permit (principal, action == Action::"read.full", resource);'}, SCHEMA)
    with pytest.raises(ChangeNotPermitted):
        judge(Found(), DETECTIVE, silent)

"""Roles compose: each is decided by itself, the highest form stands, and what one lacks takes nothing away."""

from dataclasses import replace

import pytest

from authz.decide import Decider
from authz.decision import HEIGHT, Decision, Form
from authz.grounds import SERVICE_ROLE
from authz.masks import BESIDE_DATA
from authz.principal import Principal
from tests.authz.callers import (
    DETECTIVE,
    FRAUD_CHECK,
    INSURER,
    INVESTIGATION,
    NOON,
    OFFICER,
    ROADSIDE,
    caller,
    context,
)

REVIEW = context("0", "CO1")
CLASSES = {
    "officer": (OFFICER, ROADSIDE),
    "detective": (DETECTIVE, INVESTIGATION),
    "insurer": (INSURER, FRAUD_CHECK),
    "analyst": (caller("intel_analyst", training=("NM-ENQ", "VP-ENQ", "COP", "PND-USER")), INVESTIGATION),
    "untrained": (caller("intel_analyst", training=()), INVESTIGATION),
    "auditor": (caller("auditor_local", vetting="SC", training=("COP",)), REVIEW),
    "update": (caller("bureau_update", route="BUREAU", vetting="MV"), context("9", "LE2", "PNC-Bureau")),
    "nobody": (replace(DETECTIVE, roles=()), INVESTIGATION),
}


def with_roles(principal: Principal, *roles: str) -> Principal:
    return replace(principal, roles=roles)


def decided(decider: Decider, principal: Principal, stated=REVIEW) -> dict[str, Decision]:
    return dict(decider.clearance(principal, stated, NOON).decisions)


@pytest.mark.parametrize(("principal", "stated"), CLASSES.values(), ids=CLASSES)
def test_with_any_further_role_every_form_is_the_highest_of_those_of_each_role_alone(
    decider: Decider, principal: Principal, stated
):
    own = decided(decider, principal, stated)
    for role in sorted({*decider.facts.roles, "unknown"} - {SERVICE_ROLE}):
        alone = decided(decider, with_roles(principal, role), stated)
        both = decided(decider, with_roles(principal, *principal.roles, role), stated)
        highest = {name: max(own[name].form, alone[name].form, key=HEIGHT.__getitem__) for name in own}
        assert {name: found.form for name, found in both.items()} == highest, role


@pytest.mark.parametrize(("principal", "stated"), CLASSES.values(), ids=CLASSES)
def test_no_further_role_puts_a_mask_that_stands_beside_the_data_in_place_of_one_in_them(
    decider: Decider, principal: Principal, stated
):
    own = decided(decider, principal, stated)
    in_data = [name for name, found in own.items() if found.form is Form.MASK and found.mask not in BESIDE_DATA]
    for role in sorted(decider.facts.roles):
        both = decided(decider, with_roles(principal, *principal.roles, role), stated)
        assert [name for name in in_data if both[name].mask in BESIDE_DATA] == [], role


def test_a_role_that_is_entitled_to_more_but_shown_nothing_does_not_take_away_anothers_mask(decider: Decider):
    """The matrix opens masked forms only: who is entitled in full is shown nothing of a field without a mask (P05)."""
    auditor = caller("auditor_local")
    field, both = "Person.build", with_roles(auditor, "auditor_local", "supervisor")
    assert decided(decider, with_roles(auditor, "supervisor"))[field].form is Form.DENY
    before, after = decided(decider, auditor)[field], decided(decider, both)[field]
    assert (before.form, before.mask) == (after.form, after.mask) == (Form.MASK, "HASH")


def test_training_that_one_role_lacks_takes_away_nothing_that_another_opens(decider: Decider):
    field, further = "MissingReport.factors", with_roles(OFFICER, *OFFICER.roles, "missing_coordinator")
    assert decided(decider, with_roles(OFFICER, "missing_coordinator"), ROADSIDE)[field].form is Form.DENY
    assert decided(decider, OFFICER, ROADSIDE)[field].form is Form.EXISTS
    assert decided(decider, further, ROADSIDE)[field].form is Form.EXISTS


def test_of_two_refusals_the_one_that_training_would_lift_is_named(decider: Decider):
    untrained = replace(DETECTIVE, roles=("org_admin", "detective"), training=("VP-ENQ", "COP"))
    refused = decided(decider, untrained, INVESTIGATION)["Person.filedName"]
    assert (refused.form, refused.missing) == (Form.DENY, ("training NM-ENQ",))

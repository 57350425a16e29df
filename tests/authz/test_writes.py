"""Who may change records: an update role, vetted for update, under reason 9; a reason to read is not enough."""

from dataclasses import replace

import pytest

from authz.decide import Decider
from authz.rules import rules_from_sdl
from subgraphs.person import app
from tests.authz.callers import NOON, caller, context

UPDATER = caller("bureau_update", vetting="MV", training=("OFF-PRE", "OFF-RES", "NM-ENQ", "COP"))
DECIDER = Decider(rules_from_sdl({"person": app.sdl}))


@pytest.mark.parametrize(
    ("who", "reason", "purpose", "allowed", "policy"),
    [
        (UPDATER, "9", "CO3", True, None),
        (UPDATER, "5", "LE2", False, "P05"),
        (UPDATER, "6", "GP1", False, "P05"),
        (replace(UPDATER, vetting="RV"), "9", "CO3", False, "P02"),
        (replace(UPDATER, roles=("detective",)), "9", "CO3", False, "P05"),
    ],
)
def test_a_change_needs_reason_9_an_update_role_and_vetting_for_update(who, reason, purpose, allowed, policy):
    clearance = DECIDER.clearance(who, context(reason, purpose), NOON)
    write, read = clearance.decision("Mutation.addDisposal"), clearance.decision("Offence.offenceId")
    assert write.allowed is allowed
    assert policy is None or write.policies[0] == policy
    if policy == "P05" and reason == "5":
        assert read.allowed

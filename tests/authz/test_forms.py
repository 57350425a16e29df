"""The three forms asked in turn, over every pair of heights: the lowest of matrix and entitlement stands."""

from itertools import product
from typing import Any

import pytest

from authz.policy_set import Question, packaged_policies

FULL, MASK, EXISTS = 3, 2, 1
CALLER = {"uid": {"type": "Caller", "id": "c"}, "attrs": {"organisation": "c", "organisationKind": "k"}, "parents": []}
LABEL = {"uid": {"type": "Label", "id": "l"}, "attrs": {"dataset": "MID", "sensitivity": "S1"}, "parents": []}
FACTS: dict[str, Any] = {
    "statementsMissing": [],
    "reason": "5",
    "purpose": "LE2",
    "route": "DIRECT",
    "standing": "ACTIVE",
    "vettingSuffices": True,
    "trainingMissing": [],
    "agreementInForce": True,
    "agreementHolds": True,
    "agreementCovers": True,
    "systemApproved": True,
}
CASES = list(product(range(4), range(4), (False, True), (False, True)))


def ask(action: str, **facts: object):
    policies = packaged_policies()
    return policies.ask([Question("c", action, "l", FACTS | facts)], policies.entities([CALLER, LABEL]))[0]


def suffices(action: str, height: int, has_mask: bool, named: bool) -> bool:
    match action:
        case "read.full":
            return height == FULL or (height == MASK and not has_mask and named)
        case "read.mask":
            return height >= MASK
        case _:
            return height >= EXISTS


@pytest.mark.parametrize("action", ["read.full", "read.mask", "read.exists"])
def test_a_form_needs_both_matrix_and_entitlement(action: str):
    for matrix, entitlement, has_mask, named in CASES:
        opened = suffices(action, matrix, has_mask, named) and (action != "read.mask" or has_mask)
        entitled = suffices(action, entitlement, has_mask, named)

        verdict = ask(action, matrix=matrix, entitlement=entitlement, hasMask=has_mask, agreementNames=named)

        assert verdict.permitted is (opened and entitled)
        assert verdict.policies[0].partition(".")[0] == ("P05" if not opened or entitled else "P06")


@pytest.mark.parametrize("action", ["read.full", "read.mask", "read.exists"])
@pytest.mark.parametrize(
    ("change", "policy"),
    [
        ({"statementsMissing": ["X-Leds-Purpose"]}, "P01.context"),
        ({"standing": "SUSPENDED"}, "P02.standing"),
        ({"vettingSuffices": False}, "P02.vetting"),
        ({"trainingMissing": ["COP"]}, "P02.training"),
        ({"agreementInForce": False}, "P03.in-force"),
        ({"agreementCovers": False}, "P03.cover"),
        ({"agreementHolds": False}, "P03.conditions"),
        ({"systemApproved": False}, "P04.system"),
    ],
)
def test_no_form_is_given_against_p01_to_p04(action: str, change: dict[str, object], policy: str):
    facts = {"matrix": FULL, "entitlement": FULL, "hasMask": True, "agreementNames": True}
    assert ask(action, **facts).permitted
    verdict = ask(action, **(facts | change))
    assert (verdict.permitted, verdict.policies[0]) == (False, policy)

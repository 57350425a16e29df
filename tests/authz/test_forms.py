"""The three forms asked in turn, over every pair of heights: the lowest of matrix and entitlement stands."""

from itertools import product
from typing import Any

import pytest

from authz.policy_set import Question, packaged_policies

FULL = 3
ACTIONS = ["read.full", "read.mask", "read.exists"]
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


def expected(matrix: int, entitlement: int, has_mask: bool, named: bool) -> str | None:
    """The highest action permitted: the lower of the two heights stands; masked without a mask is nothing, or all where
    the agreement names the field."""
    match min(matrix, entitlement):
        case 3:
            return "read.full"
        case 2:
            return "read.mask" if has_mask else "read.full" if named else None
        case 1:
            return "read.exists"
    return None


def test_the_lower_of_matrix_and_entitlement_stands():
    for matrix, entitlement, has_mask, named in CASES:
        facts = {"matrix": matrix, "entitlement": entitlement, "hasMask": has_mask, "agreementNames": named}
        permitted = [action for action in ACTIONS if ask(action, **facts).permitted]
        assert next(iter(permitted), None) == expected(matrix, entitlement, has_mask, named), facts


@pytest.mark.parametrize("action", ACTIONS)
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

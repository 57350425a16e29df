"""Cedar as we use it: validated at load, every refusal by its own name, any evaluation error a refusal and an alarm."""

import logging
import re
from pathlib import Path

import pytest

import authz
from authz.errors import InvalidPolicies
from authz.policy_set import (
    EVALUATION_ERROR,
    NOT_PERMITTED,
    Policies,
    Question,
    packaged_policies,
    policies_from_directory,
)

SCHEMA = """
entity Role; entity Dataset;
entity Caller in [Role] = { "organisation": String, "organisationKind": String };
entity Label in [Dataset] = { "dataset": String, "sensitivity": String };
action "read.full" appliesTo { principal: [Caller], resource: [Label], context: { "height": Long } };
"""
PERMIT = '@id("P.permit") permit (principal, action, resource) when { context.height > 2 };'
ENTITIES = [
    {"uid": {"type": "Caller", "id": "c"}, "attrs": {"organisation": "c", "organisationKind": "k"}, "parents": []},
    {"uid": {"type": "Label", "id": "l"}, "attrs": {"dataset": "d", "sensitivity": "S1"}, "parents": []},
]


def policies(*texts: str) -> Policies:
    return Policies({str(number): text for number, text in enumerate(texts)}, SCHEMA)


def ask(found: Policies, **facts: object):
    return found.ask([Question("c", "read.full", "l", facts)], found.entities(ENTITIES))[0]


def test_a_permit_names_itself_and_its_absence_is_a_refusal():
    found = policies(PERMIT)
    assert (ask(found, height=3).permitted, ask(found, height=3).policies) == (True, ("P.permit",))
    assert (ask(found, height=1).permitted, ask(found, height=1).policies) == (False, (NOT_PERMITTED,))


def test_refusals_are_named_in_the_order_of_their_ranks():
    found = policies(
        PERMIT,
        '@id("P.late") @rank("20") forbid (principal, action, resource);',
        '@id("P.early") @rank("10") forbid (principal, action, resource);',
        '@id("P.unranked") forbid (principal, action, resource);',
    )
    assert ask(found, height=3).policies == ("P.early", "P.late", "P.unranked")


def test_an_evaluation_error_refuses_and_raises_the_alarm(caplog: pytest.LogCaptureFixture):
    overflow = (
        '@id("P.overflow") forbid (principal, action, resource) when { context.height * 9223372036854775807 < 0 };'
    )
    with caplog.at_level(logging.CRITICAL, "leds.alarm"):
        verdict = ask(policies(PERMIT, overflow), height=3)
    assert (verdict.permitted, verdict.policies) == (False, (EVALUATION_ERROR,))
    assert "failed to evaluate" in caplog.text


@pytest.mark.parametrize("facts", [{}, {"height": "3"}, {"height": 3, "more": 1}])
def test_a_request_that_does_not_fit_the_schema_is_refused(facts: dict[str, object]):
    assert ask(policies(PERMIT), **facts).permitted is False


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["permit (principal, action"], "do not parse"),
        (['@id("a") permit (principal, action, resource) when { context.depth > 1 };'], "do not fit their schema"),
        (["permit (principal, action, resource);"], "one has none"),
        ([PERMIT, PERMIT], "P.permit has none or shares it"),
    ],
)
def test_policies_that_cannot_be_meant_stop_the_service(texts: list[str], message: str):
    with pytest.raises(InvalidPolicies, match=message):
        policies(*texts)


def test_entities_that_do_not_fit_are_refused():
    with pytest.raises(InvalidPolicies, match="Entities do not fit"):
        policies(PERMIT).entities([{"uid": {"type": "Caller", "id": "c"}, "attrs": {}, "parents": []}])


def test_the_policies_of_a_directory_are_those_shipped(tmp_path: Path):
    shipped = Path(authz.__file__).parent / "policies"
    assert policies_from_directory(shipped).version == packaged_policies().version
    with pytest.raises(InvalidPolicies, match="cannot be read"):
        policies_from_directory(tmp_path)


def test_every_shipped_refusal_is_ranked_and_carries_its_policy_number():
    assert all(name[0] == "P" and name[1:3].isdigit() and name[3] == "." for name in packaged_policies().ranks)
    shipped = (Path(authz.__file__).parent / "policies").glob("*.cedar")
    text = "\n".join(file.read_text("utf-8") for file in shipped)
    refusals = set(re.findall(r'@id\("([^"]+)"\)\n(?:@[^\n]+\n)*forbid', text))
    assert refusals
    assert {name for name, rank in packaged_policies().ranks.items() if rank == 1000}.isdisjoint(refusals)

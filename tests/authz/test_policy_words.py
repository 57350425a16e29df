"""What policies can tell apart: the texts they compare with, and nothing where that cannot be said of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cedarpy
import pytest

from authz.answers import Answers, Asker
from authz.decide import Decider
from authz.facts import packaged_facts
from authz.grounds import Grounds, caller_of
from authz.policy_set import Policies, Question, Verdict, packaged_policies
from authz.rules import Rules
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
    organisation_of_kind,
)
from tests.laws.policy_mutants import FOLDER, SCHEMA

IMAGES = replace(OFFICER, training=(*OFFICER.training, "DL-IMG"))
CLASSES = (
    (OFFICER, ROADSIDE),
    (IMAGES, ROADSIDE),
    (IMAGES, context("6", "GP1", "ForceMobile")),
    (DETECTIVE, INVESTIGATION),
    (replace(DETECTIVE, standing="SUSPENDED"), INVESTIGATION),
    (DETECTIVE, replace(INVESTIGATION, reference=None)),
    (INSURER, FRAUD_CHECK),
    (caller("dpo", vetting="MV"), context("0", "CO2")),
    (caller("dpo", vetting="MV"), context("0", "CO1")),
    (caller("trainer", organisation_of_kind("training").id), context("5", "TR1")),
)
TEXTS = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.cedar")}


def policies(condition: str) -> Policies:
    return Policies(
        {"one": f'@id("P.one") permit (principal, action in Action::"read", resource) when {{ {condition} }};'}, SCHEMA
    )


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('resource.dataset == "MID"', {"MID"}),
        ('["1", "5"].contains(context.reason) && !(context.route == "BATCH")', {"1", "5", "BATCH"}),
        ('if context.hasMask then principal in Role::"dpo" else resource in Dataset::"MID"', {"dpo", "MID"}),
        ('resource in [Dataset::"MID", Dataset::"NRMP"] || context.matrix > 2', {"MID", "NRMP"}),
        ('context.trainingMissing.contains("COP") && context.statementsMissing.isEmpty()', {"COP"}),
    ],
)
def test_texts_that_are_compared_with_are_told_apart_and_no_others(condition: str, told: set[str]):
    found = policies(condition)
    asked = {"MID", "NRMP", "1", "5", "BATCH", "dpo", "COP", "ANPR", "DIRECT", "2"}
    assert {text for text in asked if found.told_apart(text)} == told


def test_what_policies_for_one_dataset_tell_apart_is_told_apart_for_it_alone():
    read = 'principal, action in Action::"read", resource'
    for_it = f'@id("P.it") forbid ({read} in Dataset::"MID") when {{ context.reason == "5" }};'
    for_all = f'@id("P.all") permit ({read}) when {{ context.purpose == "CO2" }};'
    found = Policies({"one": for_it, "two": for_all}, SCHEMA)
    told = found.told_apart_on_reading
    assert [told(text, "MID") for text in ("5", "CO2", "MID", "1")] == ["5", "CO2", "MID", ""]
    assert [told(text, "NRMP") for text in ("5", "CO2", "MID", "1")] == ["", "CO2", "", ""]
    assert [told(text) for text in ("5", "CO2", "MID", "1")] == ["5", "CO2", "MID", ""]


def test_what_policies_of_rows_or_changes_tell_apart_is_not_told_apart_on_reading():
    row = '@id("P.row") forbid (principal in Role::"dpo", action == Action::"row", resource);'
    read = '@id("P.read") permit (principal in Role::"auditor", action == Action::"read.mask", resource);'
    found = Policies({"one": row, "two": read}, SCHEMA)
    assert [found.told_apart(text) for text in ("dpo", "auditor")] == ["dpo", "auditor"]
    assert [found.told_apart_on_reading(text) for text in ("dpo", "auditor")] == ["", "auditor"]


@pytest.mark.parametrize(
    "condition",
    [
        'context.reason like "1*"',
        "context.reason == context.purpose",
        "context.trainingMissing.contains(context.reason)",
        'context.reason == ""',
        "context.trainingMissing.containsAll([context.reason])",
        "{a: context.reason} == {a: context.purpose}",
        'if context.reason == context.route then true else context.reason == "1"',
    ],
)
def test_where_policies_may_see_more_of_a_text_every_text_is_told_apart(condition: str):
    found = policies(condition)
    assert [found.told_apart(text) for text in ("MID", "anything")] == ["MID", "anything"]
    assert [found.told_apart_on_reading(text, "MID") for text in ("MID", "anything")] == ["MID", "anything"]


def test_decisions_are_the_same_where_every_text_is_told_apart(decider: Decider, dictionary_rules: Rules):
    scope = 'forbid (principal, action in Action::"read", resource)'
    never = f'@id("P99.never") {scope} when {{ context.reason like "no reason*" }};'
    apart = Decider(dictionary_rules, policies=Policies({**TEXTS, "never": never}, SCHEMA))
    for principal, stated in CLASSES:
        one, other = (dict(each.clearance(principal, stated, NOON).decisions) for each in (decider, apart))
        assert one == other


LACKS_NOTHING = Grounds("", "S1", True, 3, 3, (), True, True, True, True, True, True)


@pytest.mark.parametrize(
    ("dataset", "role", "change"),
    [
        ("DVLA.KEEPER", "detective", {"organisation_kind": "commercial_dsa"}),
        ("PND.INT", "detective", {"organisation_kind": "training", "purpose": "TR1"}),
        ("DVLA.IMG", "detective", {"reason": "6"}),
        ("PND.INT", "dpo", {"purpose": "CO2"}),
        ("MID", "detective", {"standing": "SUSPENDED"}),
        ("MID", "detective", {"statements_missing": ("a reference",)}),
    ],
)
def test_an_answer_is_not_given_again_to_a_caller_whom_policies_can_tell_apart(
    dataset: str, role: str, change: dict[str, Any]
):
    known = caller_of(DETECTIVE, INVESTIGATION, packaged_facts(), NOON)
    grounds, other = replace(LACKS_NOTHING, dataset=dataset), replace(known, **change)
    shared, fresh = (Answers(Policies(TEXTS, SCHEMA), [(dataset, "S1")]) for _ in range(2))
    (before,) = shared.of(Asker(shared, known, role), [grounds])
    (after,) = shared.of(Asker(shared, other, role), [grounds])
    assert [after] == fresh.of(Asker(fresh, other, role), [grounds])
    assert after != before


def test_an_answer_is_not_given_again_to_another_role_that_policies_name():
    known = caller_of(DETECTIVE, INVESTIGATION, packaged_facts(), NOON)
    grounds = replace(LACKS_NOTHING, dataset="PND.INT", matrix=1)
    answers = Answers(packaged_policies(), [("PND.INT", "S1")])
    one, other = (answers.of(Asker(answers, known, role), [grounds])[0] for role in ("detective", "dpo"))
    assert other != one


class Counted(Policies):
    """The policies shipped, and how many questions they were asked."""

    def __init__(self) -> None:
        super().__init__(TEXTS, SCHEMA)
        self.asked = 0

    def ask(self, questions: Sequence[Question], entities: cedarpy.Entities) -> tuple[Verdict, ...]:
        self.asked += len(questions)
        return super().ask(questions, entities)


def test_cedar_is_asked_once_for_all_that_policies_cannot_tell_apart(dictionary_rules: Rules):
    found = Counted()
    decider = Decider(dictionary_rules, policies=found)
    mine = decider.clearance(DETECTIVE, INVESTIGATION, NOON)
    forms = {name: decision.form for name, decision in mine.decisions.items()}
    asked = found.asked
    assert 0 < asked < len(set(decider.kinds.values()))

    other = decider.clearance(caller(organisation="ORG-01"), INVESTIGATION, NOON)
    assert {name: decision.form for name, decision in other.decisions.items()} == forms
    assert (found.asked, other.key == mine.key) == (asked, False)

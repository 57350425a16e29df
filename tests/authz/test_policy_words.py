"""What policies can tell apart: the texts they compare with, and nothing where that cannot be said of them."""

from collections.abc import Sequence

import cedarpy
import pytest

from authz.decide import Decider
from authz.policy_set import Policies, Question, Verdict
from authz.rules import Rules
from tests.authz.callers import DETECTIVE, FRAUD_CHECK, INSURER, INVESTIGATION, NOON, OFFICER, ROADSIDE, caller
from tests.laws.policy_mutants import FOLDER, SCHEMA

CLASSES = ((OFFICER, ROADSIDE), (DETECTIVE, INVESTIGATION), (INSURER, FRAUD_CHECK))
TEXTS = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.cedar")}


def policies(condition: str) -> Policies:
    return Policies({"one": f'@id("P.one") permit (principal, action, resource) when {{ {condition} }};'}, SCHEMA)


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


def test_decisions_are_the_same_where_every_text_is_told_apart(decider: Decider, dictionary_rules: Rules):
    never = '@id("P99.never") forbid (principal, action, resource) when { context.reason like "no reason*" };'
    apart = Decider(dictionary_rules, policies=Policies({**TEXTS, "never": never}, SCHEMA))
    for principal, stated in CLASSES:
        one, other = (dict(each.clearance(principal, stated, NOON).decisions) for each in (decider, apart))
        assert one == other


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

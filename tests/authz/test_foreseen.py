"""What is asked at the start: most of what callers who lack nothing need, and nothing that changes a decision."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import cedarpy
import pytest

from authz.decide import Decider
from authz.decision import Form
from authz.facts import packaged_facts
from authz.live_facts import Deciders
from authz.policy_set import READS, Policies, Question, Verdict
from authz.rules import Rules
from tests.authz.callers import DETECTIVE, FRAUD_CHECK, INSURER, INVESTIGATION, NOON, OFFICER, ROADSIDE, caller, context
from tests.laws.policy_mutants import FOLDER, SCHEMA

TEXTS = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.cedar")}
CLASSES = (
    (OFFICER, ROADSIDE),
    (DETECTIVE, INVESTIGATION),
    (INSURER, FRAUD_CHECK),
    (caller("inspector", "ORG-INSP-A", vetting="SC", training=("COP",)), context("0", "CO1")),
    (replace(DETECTIVE, standing="SUSPENDED"), INVESTIGATION),
    (replace(DETECTIVE, training=("COP",)), INVESTIGATION),
    (replace(DETECTIVE, roles=("detective", "supervisor")), INVESTIGATION),
)


class Counted(Policies):
    """The policies shipped, and how many questions about forms they were asked."""

    def __init__(self) -> None:
        super().__init__(TEXTS, SCHEMA)
        self.asked: Counter[str] = Counter()

    def ask(self, questions: Sequence[Question], entities: cedarpy.Entities) -> tuple[Verdict, ...]:
        self.asked.update("form" if question.action in READS else question.action for question in questions)
        return super().ask(questions, entities)


@pytest.mark.parametrize(("principal", "stated"), CLASSES[:4], ids=lambda each: getattr(each, "roles", ("",))[0])
def test_few_questions_are_left_for_the_first_caller_who_lacks_nothing(dictionary_rules: Rules, principal, stated):
    at_start, later = Counted(), Counted()
    decider, cold = Deciders(dictionary_rules, at_start).by(packaged_facts()), Decider(dictionary_rules, None, later)
    at_start.asked.clear()
    for each in (decider, cold):
        dict(each.clearance(principal, stated, NOON).decisions)
    assert at_start.asked["form"] * 8 < later.asked["form"]


@pytest.mark.parametrize(("principal", "stated"), CLASSES)
def test_decisions_are_those_of_a_decider_that_foresaw_nothing(dictionary_rules: Rules, principal, stated):
    foreseeing = Deciders(dictionary_rules, Counted()).by(packaged_facts())
    cold = Decider(dictionary_rules, policies=Counted())
    one, other = (dict(each.clearance(principal, stated, NOON).decisions) for each in (foreseeing, cold))
    assert one == other


def test_changed_facts_are_decided_by_at_once_whatever_was_foreseen(dictionary_rules: Rules):
    deciders, facts = Deciders(dictionary_rules, Counted()), packaged_facts()
    key = (INVESTIGATION.reason, INVESTIGATION.purpose, "DVLA.VEH")
    closed = replace(facts, version="closed", matrix={**facts.matrix, key: ()})

    def form() -> Form:
        return deciders.by(held).clearance(DETECTIVE, INVESTIGATION, NOON).decision("Vehicle.make").form

    held = facts
    assert form() is Form.FULL
    held = closed
    assert form() is Form.DENY

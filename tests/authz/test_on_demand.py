"""Decisions made when they are looked up: the same as all at once, and no more than were asked for."""

from collections.abc import Mapping, Sequence

import pytest

from authz.decision import Decision, Form
from authz.on_demand import OnDemand
from authz.rules import Rule

EITHER = (Rule("Either.x", concrete=("A.x", "B.x")), Rule("Either.z", concrete=("C.z",)))
RULES = {rule.coordinate: rule for rule in (*EITHER, Rule("A.x"), Rule("A.y"), Rule("B.x"))}
SAID = {"A.x": Decision(Form.FULL), "A.y": Decision(Form.MASK), "B.x": Decision(Form.EXISTS)}


class Asked:
    """Decides as `SAID`, and keeps what was asked."""

    def __init__(self) -> None:
        self.rules: list[str] = []

    def __call__(self, rules: Sequence[Rule]) -> Mapping[str, Decision]:
        self.rules += [rule.coordinate for rule in rules]
        return {rule.coordinate: SAID[rule.coordinate] for rule in rules}


def test_a_field_is_decided_when_it_is_looked_up_and_once():
    asked = Asked()
    decisions = OnDemand(asked, RULES)
    assert asked.rules == []
    assert (decisions["A.y"], decisions["A.x"], decisions.get("A.y")) == (SAID["A.y"], SAID["A.x"], SAID["A.y"])
    assert asked.rules == ["A.y", "A.x"]


def test_an_interface_is_the_lowest_of_its_types_whenever_they_are_decided():
    decisions = OnDemand(Asked(), RULES)
    assert (decisions["Either.x"].form, decisions["Either.z"].form) == (Form.EXISTS, Form.DENY)


def test_what_has_no_rule_is_not_there():
    decisions = OnDemand(Asked(), RULES)
    for name in ("A.z", "C.x", "A"):
        with pytest.raises(KeyError):
            decisions[name]
        assert name not in decisions


def test_listed_they_are_all_there_and_equal_to_those_made_one_by_one():
    asked, one_by_one = Asked(), OnDemand(Asked(), RULES)
    listed = dict(OnDemand(asked, RULES))
    assert sorted(asked.rules) == ["A.x", "A.y", "B.x"]
    assert {name: one_by_one[name] for name in listed} == listed == one_by_one
    assert len(one_by_one) == len(listed) == 5

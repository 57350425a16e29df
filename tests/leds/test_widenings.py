"""What a reviewer reads of widenings: each change once, for whom and for which purposes below it."""

from authz.access_table import Widening
from leds.widenings import widening_lines


def test_a_change_is_said_once_with_its_callers_and_their_purposes_below_it():
    opened = (
        Widening("force auditor", "CO1", "Person.sex", "MASK BOOL/own-record", "FULL/own-record"),
        Widening("force auditor", "CO2", "Person.sex", "MASK BOOL", "FULL"),
        Widening("force detective", "LE2", "Person.sex", "MASK BOOL", "FULL"),
    )
    assert list(widening_lines(opened)) == [
        "Person.sex: MASK BOOL → FULL",
        "  force auditor: CO1, CO2",
        "  force detective: LE2",
    ]


def test_a_row_rule_that_no_longer_lowers_a_cell_is_named():
    assert list(widening_lines([Widening("force auditor", "CO1", "Person.sex", "FULL/own-record", "FULL")])) == [
        "Person.sex: FULL/own-record → FULL",
        "  force auditor: CO1",
    ]


def test_a_condition_that_guards_a_label_no_more_is_named_as_what_nobody_needs():
    assert list(widening_lines([Widening("training", "", "MID S1", "DENY", "open")])) == [
        "MID S1: DENY → open",
        "  anyone without training",
    ]

"""The access table: surveyed by asking the decisions, compared cell by cell, blind to nothing a policy drops."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest

from authz.access_survey import survey, unguarded
from authz.access_table import EVERYONE, AccessTable, Widening, parse_access_table, widened, widenings
from authz.decide import Decider
from authz.decision import Form
from authz.errors import InvalidAccessTable
from authz.facts import MatrixRow, packaged_facts
from authz.policy_set import Policies
from authz.rules import rules_from_sdl
from tests.authz.dictionary_graph import dictionary_sdl

DAY = date(2026, 11, 22)
POLICIES = Path(__file__).parents[2] / "authz" / "policies"
EVERY = 997


@pytest.fixture(scope="module")
def decider() -> Decider:
    return Decider(rules_from_sdl({"everything": dictionary_sdl()}))


@pytest.fixture(scope="module")
def table(decider: Decider) -> AccessTable:
    return survey(decider, DAY, every=EVERY)


@pytest.mark.parametrize(
    ("before", "after", "opens"),
    [
        ("DENY", "EXISTS", True),
        ("EXISTS", "MASK YEAR", True),
        ("MASK YEAR", "FULL", True),
        ("MASK YEAR", "MASK LAST4", True),
        ("FULL/own-record", "FULL", True),
        ("FULL/own-record", "FULL/high-profile", True),
        ("FULL", "FULL/own-record", False),
        ("FULL", "FULL", False),
        ("FULL", "MASK YEAR", False),
        ("MASK YEAR", "DENY", False),
        ("DENY", "DENY", False),
    ],
)
def test_a_cell_is_widened_by_a_higher_form_another_mask_or_a_row_rule_less(before: str, after: str, opens: bool):
    assert widened(before, after) is opens


def test_a_table_survives_being_written_and_read(table: AccessTable):
    assert parse_access_table(table.text()) == table
    assert widenings(table, table) == ()


# What is said of one coordinate that no dataset decides about (None: one does), or of what an input reads.
OUTPUTS = {
    "new and open": (None, "OPEN", "DENY → OPEN"),
    "new, for whoever comes by it": (None, "INHERITED", "DENY → INHERITED"),
    "open, no more asked": ("INHERITED", "OPEN", "INHERITED → OPEN"),
    "open as ever": ("OPEN", "OPEN", None),
    "for whoever comes by it only": ("OPEN", "INHERITED", None),
    "gone": ("OPEN", None, None),
}
INPUTS = {
    "new and open": (None, (), "DENY → OPEN"),
    "new": (None, ("Person.sex",), "DENY → for who may read Person.sex"),
    "needs less": (("Person.sex", "Person.age"), ("Person.age",), "for who may read Person.sex, Person.age → for who"),
    "needs nothing": (("Person.sex",), (), "for who may read Person.sex → OPEN"),
    "needs more": (("Person.sex",), ("Person.age", "Person.sex"), None),
    "gone": ((), None, None),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_nothing_is_decided_about_is_a_widening_for_everybody(table: AccessTable, name: str):
    before, after, opened = OUTPUTS[name]
    old, new = ({} if how is None else {"Query.it": how} for how in (before, after))
    _told(widenings(replace(table, open=old), replace(table, open=new)), "Query.it", opened)


def test_an_output_that_was_decided_about_and_is_open_is_a_widening(table: AccessTable):
    decided = next(iter(table.coordinates.values()))[0]
    _told(widenings(table, replace(table, open={**table.open, decided: "OPEN"})), decided, "decided by dataset → OPEN")


def test_an_output_that_was_open_to_everybody_is_not_opened_by_a_decision(table: AccessTable):
    decided = {name for names in table.coordinates.values() for name in names}
    closed = replace(table, callers={}, coordinates={}, open=dict.fromkeys(decided, "OPEN"))
    assert widenings(closed, replace(table, open={})) == ()


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_is_new_or_needs_less_is_a_widening_for_everybody(table: AccessTable, name: str):
    before, after, opened = INPUTS[name]
    old, new = ({} if reads is None else {"Query.it(by:)": reads} for reads in (before, after))
    _told(widenings(replace(table, inputs=old), replace(table, inputs=new)), "Query.it(by:)", opened)


def _told(found: tuple[Widening, ...], coordinate: str, opened: str | None) -> None:
    if opened is None:
        assert found == ()
        return
    (only,) = found
    assert (only.caller, only.coordinate) == (EVERYONE, coordinate)
    assert f"{only.before} → {only.after}".startswith(opened)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"coordinates": 1}'])
def test_what_is_no_table_is_refused_by_code(text: str):
    with pytest.raises(InvalidAccessTable):
        parse_access_table(text)


def test_a_row_added_to_the_matrix_is_named_with_everything_it_opens(decider: Decider, table: AccessTable):
    facts = packaged_facts()
    opened = MatrixRow(frozenset({"police_territorial"}), frozenset(), Form.FULL)
    wider = {key: (*rows, opened) for key, rows in facts.matrix.items()}
    changed = Decider(decider.rules, replace(facts, matrix=MappingProxyType(wider)))
    found = widenings(table, survey(changed, DAY, every=EVERY))
    assert found
    assert {widening.caller.partition(" ")[0] for widening in found} == {"police_territorial"}
    assert all(widened(widening.before, widening.after) for widening in found)


@pytest.mark.parametrize("only", [("MID",), ("Person.dateOfBirth", "NFLMS")], ids=",".join)
def test_a_survey_of_some_datasets_and_coordinates_says_of_them_what_the_whole_one_says(
    decider: Decider, table: AccessTable, only: tuple[str, ...]
):
    rules = decider.rules.fields
    named = {name for name, rule in rules.items() if name in only or not set(only).isdisjoint(rule.datasets)}

    part = survey(decider, DAY, every=EVERY, only=only)

    assert {name for names in part.coordinates.values() for name in names} == {
        n for n in named if not rules[n].internal
    }
    for caller, purposes in table.callers.items():
        for purpose in purposes:
            wanted = {name: cell for name, cell in table.cells(caller, purpose).items() if name in named}
            assert part.cells(caller, purpose) == wanted


@pytest.mark.parametrize(
    ("policy", "condition"),
    [
        ("P01.context", "complete statements"),
        ("P02.standing", "an active account"),
        ("P02.vetting", "vetting"),
        ("P02.training", "training"),
        ("P03.in-force", "an agreement in force"),
        ("P03.cover", "an agreement that covers it"),
        ("P03.conditions", "an agreement that holds"),
        ("P04.system", "an approved system"),
    ],
)
def test_a_policy_that_is_dropped_shows_as_labels_without_its_guard(decider: Decider, policy: str, condition: str):
    weakened = Decider(decider.rules, decider.facts, _without(policy))
    before, after = unguarded(decider, DAY), unguarded(weakened, DAY)
    assert set(after[condition]) > set(before[condition])


def test_every_guard_closes_every_label_but_those_it_leaves_to_another(decider: Decider):
    found = dict(unguarded(decider, DAY))
    open_without_training = found.pop("training")
    assert all(label.endswith("S4") or label.startswith("DVLA.IMG") for label in open_without_training)
    assert {name: labels for name, labels in found.items() if labels} == {}


def _without(policy: str) -> Policies:
    texts = {path.name: path.read_text(encoding="utf-8") for path in POLICIES.glob("*.cedar")}
    marker = f'@id("{policy}")'
    name = next(name for name, text in texts.items() if marker in text)
    head, _, rest = texts[name].partition(marker)
    texts[name] = head + rest.partition(";")[2]
    return Policies(texts, (POLICIES / "schema.cedarschema").read_text(encoding="utf-8"))

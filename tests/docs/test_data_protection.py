"""The controller's papers: the record is generated, and what the others name exists."""

import re
from dataclasses import replace

import pytest

from authz.facts import packaged_facts
from authz.policy_set import packaged_policies
from authz.row_rules import ROW_RULES
from authz.rules import rules_from_sdl
from leds.access_approval import TABLE, table_from_file
from leds.processing_record import PAGE, activities, page
from schema.dictionary import field_dictionary
from schema.reference_lists import reference_catalogue
from subgraphs.snapshots import printed_schemas

PAPERS = sorted(PAGE.parent.glob("*.md"))
APPROPRIATE = (PAGE.parent / "appropriate-policy.md").read_text(encoding="utf-8")
DATASET = re.compile(r"\b(?:PNC\.[A-Z]+(?:\.[A-Z]+)?|PND\.[A-Z]+|DVLA\.[A-Z]+|NRMP|AUD\.LOG)\b")


@pytest.fixture(scope="module")
def facts():
    return packaged_facts()


@pytest.fixture(scope="module")
def rules():
    return rules_from_sdl(printed_schemas())


def test_the_record_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m leds.processing_record`"


def test_every_dataset_that_is_published_is_recorded_with_its_fields(facts, rules):
    recorded = {activity.dataset.code: sum(activity.published.values()) for activity in activities(facts, rules)}
    published = [code for rule in rules.fields.values() if not rule.internal for code in rule.datasets]
    assert {code: published.count(code) for code in recorded} == recorded
    assert set(published) <= recorded.keys()


def test_what_no_policy_opens_is_said_to_be_served_to_nobody(facts, rules):
    opened = {activity.dataset.code: activity.opened for activity in activities(facts, rules)}
    assert opened["DVLA.MED"] == ()
    assert "served to nobody" in page().split("## DVLA.MED")[1].split("## ")[0]


def test_a_new_agreement_changes_the_recipients(facts, rules):
    narrowed = {
        key: replace(agreement, datasets=frozenset({"REF"})) if key.startswith("AGR-COM") else agreement
        for key, agreement in facts.agreements.items()
    }
    before = {a.dataset.code: a.recipients for a in activities(facts, rules)}
    after = {a.dataset.code: a.recipients for a in activities(replace(facts, agreements=narrowed), rules)}
    assert "commercial_dsa" in before["DVLA.VEH"]
    assert "commercial_dsa" not in after["DVLA.VEH"]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)
def test_every_dataset_coordinate_and_policy_a_paper_names_exists(paper, facts, rules):
    text = paper.read_text(encoding="utf-8")
    coordinates = set(re.findall(r"`([A-Z]\w+\.[a-z]\w+)`", text))
    assert coordinates <= rules.fields.keys() | field_dictionary().keys()
    assert set(DATASET.findall(text)) <= facts.datasets.keys()
    prefixes = {policy.partition(".")[0] for policy in packaged_policies().ranks}
    prefixes |= {rule.policy for rule in ROW_RULES.values()}
    assert set(re.findall(r"\bP\d\d\b", text)) <= prefixes
    retention = {value.code for value in reference_catalogue().values("retention_rules")}
    assert set(re.findall(r"\bRR\d\d\b", text)) <= retention


def test_every_sensitive_field_is_in_the_appropriate_policy_document(rules):
    named = set(re.findall(r"`([A-Z]\w+\.[a-z]\w+)`", APPROPRIATE)) | set(DATASET.findall(APPROPRIATE))
    sensitive = [rule for rule in rules.fields.values() if rule.sensitivity == "S3" and not rule.internal]
    assert sensitive
    assert [rule.coordinate for rule in sensitive if named.isdisjoint((rule.coordinate, *rule.datasets))] == []


def test_every_purpose_that_opens_a_sensitive_field_has_its_condition(rules):
    table = table_from_file(TABLE)
    sensitive = {name for name, rule in rules.fields.items() if rule.sensitivity == "S3"}
    opened = {
        purpose
        for caller, purposes in table.callers.items()
        for purpose in purposes
        if not sensitive.isdisjoint(table.cells(caller, purpose))
    }
    conditions = dict(re.findall(r"^\| (.*?) \| (.*?) \|$", APPROPRIATE.partition("Schedule 8 | for")[2], re.MULTILINE))
    named = [code for purposes in conditions.values() for code in re.findall(r"\b[A-Z]{2}\d\b", purposes)]
    assert opened <= set(named)
    assert len(named) == len(set(named))
    assert "GP3" not in opened


def test_the_document_a_policy_relies_on_is_the_one_that_is_kept():
    assert packaged_policies().documents == {"P09.sensitive": "APD-1"}
    assert APPROPRIATE.startswith("# Appropriate policy document APD-1:")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)
def test_every_file_a_paper_names_is_there(paper):
    text = paper.read_text(encoding="utf-8")
    linked = [paper.parent / target for target in re.findall(r"\]\(([^)#]+)\)", text)]
    named = [PAGE.parents[2] / target for target in re.findall(r"`(tests/[\w/]+\.py)`", text)]
    assert [str(path) for path in [*linked, *named] if not path.exists()] == []

"""Reviews: somebody else's request gets one more event that points back, and never changes itself."""

import sqlite3

import msgspec
import pytest

from authz.audit.leaf import Event
from authz.audit.parts import About
from authz.audit.reading import read_leaves
from tests.subgraphs.audit.ledgers import AUDITING, AUDITOR, INSPECTOR, SUPERVISOR, auditing, operator, writing

MINE = operator("u-20-4419")
OTHER_UNIT = operator("u-20-6000", "20B2")
RECORD = """mutation ($id: ID!, $outcome: String!, $note: String) {
  recordReview(auditId: $id, outcome: $outcome, note: $note) {
    auditId outcome { code label } note reviewedBy recordedAs } }"""
REVIEWED = "{ auditEvents { nodes { auditId eventType { code } reviewedBy reviewOutcome { code } } } }"


@pytest.fixture
async def written(tmp_path):
    async with writing(tmp_path) as ledger:
        yield ledger


@pytest.fixture
async def gateway(tmp_path, written):
    async with auditing(tmp_path, written) as asks:
        yield asks


async def review(gateway, who, audit_id, outcome="PROPER", note=None):
    variables = {"id": audit_id, "outcome": outcome, "note": note}
    return await gateway.ask(RECORD, variables, caller=who, context=AUDITING)


async def test_a_review_is_an_event_of_its_own_and_the_newest_one_stands(tmp_path, written, gateway):
    audit_id = await written.asked(MINE)
    before = read_leaves(tmp_path / "ledger.sqlite", 0, 2)
    first = await review(gateway, SUPERVISOR, audit_id, "QUERY", "Which stop was this?")
    written.clock.minutes += 1
    second = await review(gateway, AUDITOR, audit_id)
    assert first.data["recordReview"]["outcome"] == {"code": "QUERY", "label": "Explanation asked for"}
    assert first.data["recordReview"]["reviewedBy"] == "u-20-0850"
    assert second.data["recordReview"]["recordedAs"] not in (None, first.data["recordReview"]["recordedAs"])
    answer = await gateway.ask(REVIEWED, caller=MINE, context=AUDITING)
    assert answer.data["auditEvents"]["nodes"] == [
        {
            "auditId": audit_id,
            "eventType": {"code": "CONSULT"},
            "reviewedBy": "u-20-0001",
            "reviewOutcome": {"code": "PROPER"},
        }
    ]
    assert read_leaves(tmp_path / "ledger.sqlite", 0, 2) == before


async def test_a_review_is_in_the_ledger_with_who_made_it_and_why(tmp_path, written, gateway):
    audit_id = await written.asked(MINE)
    await review(gateway, SUPERVISOR, audit_id, "REFERRED", "Bearer abcdefgh1234 was quoted")
    (kept,) = read_leaves(tmp_path / "ledger.sqlite", 2, 1)
    leaf, request = kept.leaf, kept.leaf.request
    assert (leaf.stage, leaf.event_type, leaf.event) == ("EVENT", "REVIEW", Event("REVIEW", audit_id))
    assert request is not None
    assert request.user is not None
    assert (request.user.id, request.reason, request.purpose) == ("u-20-0850", "0", "CO1")
    (about,) = [part for part in kept.parts if isinstance(part, About)]
    assert about.said == {"outcome": "REFERRED", "note": "[token removed] was quoted"}


async def test_a_review_is_disclosed_as_one_of_the_event(written, gateway):
    audit_id = await written.asked(MINE)
    answer = await review(gateway, SUPERVISOR, audit_id)
    assert {(each["type"], each.get("event")) for each in answer.disclosures} >= {("AuditEvent", "REVIEW")}


@pytest.mark.parametrize(
    ("who", "of"), [(MINE, MINE), (SUPERVISOR, SUPERVISOR), (MINE, SUPERVISOR), (SUPERVISOR, OTHER_UNIT)]
)
async def test_nobody_reviews_their_own_or_beyond_their_scope(tmp_path, written, gateway, who, of):
    audit_id = await written.asked(of)
    answer = await review(gateway, who, audit_id)
    assert answer.data == {"recordReview": None}
    (entry,) = answer.body["extensions"]["access"]
    assert (entry["form"], entry["policies"][0]) == ("DENY", "P06")
    assert len(read_leaves(tmp_path / "ledger.sqlite", 0, 9)) == 2


@pytest.mark.parametrize(
    ("outcome", "note"), [("NOT_REVIEWED", None), ("FINE", None), ("", None), ("PROPER", "x" * 1001)]
)
async def test_a_review_that_says_nothing_is_refused_by_code(written, gateway, outcome, note):
    answer = await review(gateway, INSPECTOR, await written.asked(MINE), outcome, note)
    assert answer.codes == [("AUDIT_REVIEW_INCOMPLETE", ["recordReview"])]


async def test_an_event_that_is_not_there_is_not_reviewed(gateway):
    answer = await review(gateway, INSPECTOR, "01KGENX1K00000000000000000")
    assert answer.data == {"recordReview": None}


async def test_where_no_log_can_be_written_a_review_is_refused_and_reading_goes_on(tmp_path, written):
    audit_id = await written.asked(MINE)
    async with auditing(tmp_path) as gateway:
        refused = await review(gateway, INSPECTOR, audit_id)
        answer = await gateway.ask(REVIEWED, caller=MINE, context=AUDITING)
    assert refused.codes == [("AUDIT_DESK_UNAVAILABLE", ["recordReview"])]
    assert answer.data["auditEvents"]["nodes"][0]["reviewOutcome"] == {"code": "NOT_REVIEWED"}


async def test_a_note_that_was_erased_leaves_who_reviewed(tmp_path, written, gateway):
    audit_id = await written.asked(MINE)
    await review(gateway, SUPERVISOR, audit_id, "QUERY", "About a third person")
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute(
            "UPDATE ledger_part SET hash = x'00', salt = NULL, canonical = NULL WHERE position = 2 AND slot = 0"
        )
    answer = await gateway.ask(REVIEWED, caller=MINE, context=AUDITING)
    (event,) = answer.data["auditEvents"]["nodes"]
    assert event["reviewedBy"] == "u-20-0850"
    assert event["reviewOutcome"] is None
    assert "third person" not in msgspec.json.encode(answer.body).decode()

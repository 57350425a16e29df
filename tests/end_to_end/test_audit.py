"""The ledger through the running demo: somebody looks something up, and everybody sees of it what is theirs to see."""

import time
from dataclasses import replace
from typing import Any

import httpx

from authz.audit.reading import count_leaves, read_leaves
from leds.data.cast.identities import MAIN_PERSON_ID, MAIN_URN
from leds.personas import statement_headers
from tests.end_to_end.demo import Demo
from tests.end_to_end.streaming import OFFICER, headers_of

AUDITING = {"X-Leds-Reason": "0 - Transaction log and other audit checks", "X-Leds-Purpose": "CO1"}
LOOKED_UP = '{ vehicle(vrm: "AB12CDE") { make { code } intelReports { nodes { text } } } }'
EVENT = """auditId eventType { code } outcome refusals { coordinate } resultCount reasonCode { code }
subjects { nodes { type keyHash forms { dataset form fields } } } reviewedBy reviewOutcome { code }"""
MINE = f"{{ myLookups(first: 10) {{ nodes {{ {EVENT} }} }} }}"


def somebody(demo: Demo, name: str) -> dict[str, str]:
    """An officer of the supervisor's unit who has asked for nothing yet."""
    stated = statement_headers("officer", name, int(time.time()))
    return headers_of(demo, replace(OFFICER, subject=f"u-20-{name}", force_station="20R1"), 600, **stated)


def looked_up(demo: Demo, headers: dict[str, str], query: str = LOOKED_UP) -> str:
    """The audit id of a lookup, as its receipt says."""
    answer = demo.ask(query, headers)
    assert "errors" not in answer
    return answer["extensions"]["audit"]["entry"]


def event(answer: dict[str, Any], audit_id: str, field: str = "myLookups") -> dict[str, Any]:
    (found,) = [node for node in answer["data"][field]["nodes"] if node["auditId"] == audit_id]
    return found


def test_a_lookup_is_among_one_s_own_with_what_was_shown_and_nothing_of_what_was_silent(demo: Demo):
    headers = somebody(demo, "looks")
    audit_id = looked_up(demo, headers)
    answer = demo.post({"query": MINE}, headers | AUDITING)
    found = event(answer.json(), audit_id)
    assert (found["eventType"]["code"], found["outcome"], found["refusals"]) == ("CONSULT", "OK", [])
    assert [subject["type"] for subject in found["subjects"]["nodes"]] == ["Vehicle"]
    assert found["subjects"]["nodes"][0]["forms"][0]["dataset"] == "DVLA.VEH"
    assert "intelReports" not in answer.text
    assert "PND" not in answer.text


def test_what_was_silent_is_told_to_an_inspector_alone(demo: Demo):
    audit_id = looked_up(demo, somebody(demo, "silent"))
    query = f'{{ auditEvent(auditId: "{audit_id}") {{ silences {{ coordinate form }} }} }}'
    told = demo.ask(query, demo.headers("inspector"))
    assert "Vehicle.intelReports" in [each["coordinate"] for each in told["data"]["auditEvent"]["silences"]]
    for persona in ("supervisor", "dpo"):
        answer = demo.post({"query": query}, demo.headers(persona) | AUDITING)
        assert answer.json()["data"]["auditEvent"] == {"silences": []}
        assert "errors" not in answer.json()
        assert "intelReports" not in answer.text


def test_reading_the_ledger_is_an_event_that_names_what_was_read(demo: Demo):
    headers = somebody(demo, "reads")
    audit_id = looked_up(demo, headers)
    reading = demo.ask(MINE, headers | AUDITING)
    assert "errors" not in reading
    again = demo.ask(MINE, headers | AUDITING)
    found = event(again, reading["extensions"]["audit"]["entry"])
    assert {subject["type"] for subject in found["subjects"]["nodes"]} == {"AuditEvent"}
    assert found["resultCount"] == len(reading["data"]["myLookups"]["nodes"]) >= 2
    assert event(again, audit_id)


def refusal(response: httpx.Response) -> dict[str, Any]:
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    return error["extensions"]


def test_others_ledgers_are_refused_by_name_and_by_id(demo: Demo):
    audit_id = looked_up(demo, somebody(demo, "one"))
    other = somebody(demo, "other") | AUDITING
    for query in (
        '{ auditEvents(organisation: "ORG-14") { nodes { auditId } } }',
        '{ auditEvents(where: {operator: "u-20-one"}) { nodes { auditId } } }',
        f'{{ auditEvent(auditId: "{audit_id}") {{ auditId userId }} }}',
    ):
        response = demo.post({"query": query}, other)
        assert refusal(response)["policies"][0] == "P06"
        assert response.json()["data"] in ({"auditEvents": None}, {"auditEvent": None})
    elsewhere = demo.post(
        {"query": '{ auditEvents(organisation: "ORG-14") { totalCount } }'}, demo.headers("supervisor")
    )
    assert refusal(elsewhere)["policies"][0] == "P06"


def test_a_supervisor_reviews_the_unit_and_the_officer_sees_the_outcome(demo: Demo):
    headers = somebody(demo, "reviewed")
    audit_id = looked_up(demo, headers)
    review = """mutation ($id: ID!) { recordReview(auditId: $id, outcome: "PROPER", note: "Stop log agrees") {
      outcome { label } reviewedBy } }"""
    recorded = demo.ask(review, demo.headers("supervisor"), id=audit_id)
    assert recorded["data"]["recordReview"] == {
        "outcome": {"label": "Access was proper"},
        "reviewedBy": "u-20-0850",
    }
    found = event(demo.ask(MINE, headers | AUDITING), audit_id)
    assert (found["reviewedBy"], found["reviewOutcome"]["code"]) == ("u-20-0850", "PROPER")
    own = demo.post({"query": review, "variables": {"id": audit_id}}, headers | AUDITING)
    assert refusal(own)["policies"][0] == "P06"


def test_a_data_protection_officer_finds_who_looked_at_somebody(demo: Demo):
    headers = somebody(demo, "person")
    audit_id = looked_up(demo, headers, f'{{ person(urn: "{MAIN_URN}") {{ filedName {{ last }} }} }}')
    query = """query ($key: ID!) { subjectAccesses(type: "Person", key: $key, first: 200) {
      nodes { auditId userId justification } } }"""
    answer = demo.ask(query, demo.headers("dpo"), key=MAIN_PERSON_ID)
    assert event(answer, audit_id, "subjectAccesses")["userId"] == "u-20-person"
    assert "errors" in demo.ask(query, headers | AUDITING, key=MAIN_PERSON_ID)
    ledger = demo.home / "ledger.sqlite"
    newest = read_leaves(ledger, count_leaves(ledger) - 5, 5)
    assert len(newest) == 5
    assert MAIN_PERSON_ID not in repr(newest)


def test_an_inspector_draws_a_sample_and_counts_use(demo: Demo):
    looked_up(demo, somebody(demo, "sampled"))
    inspector = demo.headers("inspector")
    sample = demo.ask("{ auditSample(size: 5) { seed population events { auditId userId } } }", inspector)
    found = sample["data"]["auditSample"]
    assert found["seed"]
    assert 0 < len(found["events"]) <= min(5, found["population"])
    counted = demo.ask("{ auditStatistics(by: ORGANISATION) { total counts { value count } } }", inspector)
    assert "errors" not in counted
    assert "ORG-20" in [each["value"] for each in counted["data"]["auditStatistics"]["counts"]]


def test_an_inspector_and_a_data_protection_officer_together_learn_whose_record_it_was(demo: Demo):
    audit_id = looked_up(demo, somebody(demo, "blind"), f'{{ person(urn: "{MAIN_URN}") {{ filedName {{ last }} }} }}')
    inspector, officer = demo.headers("inspector"), demo.headers("dpo")
    shown = demo.ask(f'{{ auditEvent(auditId: "{audit_id}") {{ subjects {{ nodes {{ keyHash }} }} }} }}', inspector)
    name = shown["data"]["auditEvent"]["subjects"]["nodes"][0]["keyHash"]
    asking = """mutation ($id: ID!, $name: String!) {
      requestUnblinding(auditId: $id, keyHash: $name, because: "Same address as the officer") { unblindingId } }"""
    unblinding = demo.ask(asking, inspector, id=audit_id, name=name)["data"]["requestUnblinding"]["unblindingId"]
    question = "query ($id: ID!, $key: ID!) { unblindedSubject(unblindingId: $id, key: $key) }"
    early = demo.ask(question, inspector, id=unblinding, key=MAIN_PERSON_ID)
    assert early["errors"][0]["extensions"]["code"] == "AUDIT_NOT_UNBLINDED"
    approval = "mutation ($id: ID!) { approveUnblinding(unblindingId: $id) { approvedBy } }"
    assert "errors" in demo.ask(approval, inspector, id=unblinding)
    assert demo.ask(approval, officer, id=unblinding)["data"]["approveUnblinding"]["approvedBy"] == "u-20-0019"
    answer = demo.ask(question, inspector, id=unblinding, key=MAIN_PERSON_ID)
    assert answer["data"] == {"unblindedSubject": True}
    entry = demo.ask(MINE, inspector)["data"]["myLookups"]["nodes"]
    (told,) = [node for node in entry if node["auditId"] == answer["extensions"]["audit"]["entry"]]
    assert [subject["type"] for subject in told["subjects"]["nodes"]] == ["Person"]


def test_a_ledger_with_reviews_and_unblindings_is_whole(demo: Demo):
    assert demo.leds("audit", "verify").returncode == 0

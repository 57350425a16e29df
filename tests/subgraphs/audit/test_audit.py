"""The ledger as it is looked at: whose requests somebody sees, what is said of each, and what looks like absence."""

import sqlite3

import msgspec
import pytest
from graphql import GraphQLObjectType

from schema.dictionary import fields_of
from subgraphs.audit import app
from tests.subgraphs.audit.ledgers import (
    ANSWERING,
    AUDITING,
    AUDITOR,
    DPO,
    INSPECTOR,
    REFUSAL,
    SILENCE,
    SUPERVISOR,
    auditing,
    ids_of,
    operator,
    writing,
)

MINE = operator("u-20-4419")
COLLEAGUE = operator("u-20-5000")
OTHER_UNIT = operator("u-20-6000", "20B2")
OTHER_FORCE = operator("u-14-1", "14A1", "ORG-14")
EVENTS = "{ auditEvents { nodes { auditId } totalCount } }"
PERSON = "00000000-0000-4000-0000-000000000001"


@pytest.fixture
async def written(tmp_path):
    async with writing(tmp_path) as ledger:
        yield ledger


@pytest.fixture
async def gateway(tmp_path, written):
    async with auditing(tmp_path, written) as asks:
        yield asks


async def everybody_asks(written) -> dict[str, str]:
    return {
        name: await written.asked(who, ("Person", PERSON))
        for name, who in {
            "mine": MINE,
            "colleague": COLLEAGUE,
            "other unit": OTHER_UNIT,
            "other force": OTHER_FORCE,
            "supervisor": SUPERVISOR,
        }.items()
    }


SEEN = [
    (MINE, ["mine"]),
    (SUPERVISOR, ["supervisor", "colleague", "mine"]),
    (AUDITOR, ["supervisor", "other unit", "colleague", "mine"]),
    (INSPECTOR, ["supervisor", "other force", "other unit", "colleague", "mine"]),
]


@pytest.mark.parametrize(("who", "seen"), SEEN, ids=lambda value: value if isinstance(value, str) else "")
async def test_each_role_sees_the_requests_of_its_scope_newest_first(written, gateway, who, seen):
    ids = await everybody_asks(written)
    answer = await gateway.ask(EVENTS, caller=who, context=AUDITING)
    assert ids_of(answer) == [ids[name] for name in seen]
    assert answer.data["auditEvents"]["totalCount"] == len(seen)


BEYOND = [
    (AUDITOR, '{ auditEvents(organisation: "ORG-14") { nodes { auditId } } }', "auditEvents"),
    (MINE, '{ auditEvents(where: {operator: "u-20-5000"}) { nodes { auditId } } }', "auditEvents"),
    (SUPERVISOR, '{ auditSample(size: 5, organisation: "ORG-14") { seed } }', "auditSample"),
    (AUDITOR, '{ auditStatistics(by: REASON, organisation: "ORG-14") { total } }', "auditStatistics"),
]


@pytest.mark.parametrize(("who", "query", "field"), BEYOND)
async def test_naming_another_s_ledger_is_refused_by_p06_and_no_statement_runs(gateway, who, query, field):
    answer = await gateway.ask(query, caller=who, context=AUDITING)
    assert answer.data == {field: None}
    (entry,) = answer.body["extensions"]["access"]
    assert (entry["form"], entry["policies"][0], entry["path"]) == ("DENY", "P06", [field])
    assert entry["missing"]
    assert answer.statements == 0


@pytest.mark.parametrize(
    ("who", "name", "shown"),
    [
        (MINE, "mine", True),
        (MINE, "colleague", False),
        (SUPERVISOR, "colleague", True),
        (SUPERVISOR, "other unit", False),
        (AUDITOR, "other unit", True),
        (AUDITOR, "other force", False),
        (INSPECTOR, "other force", True),
    ],
)
async def test_an_event_asked_for_by_its_id_is_shown_within_the_scope_alone(written, gateway, who, name, shown):
    ids = await everybody_asks(written)
    query = f'{{ auditEvent(auditId: "{ids[name]}") {{ auditId userId }} }}'
    answer = await gateway.ask(query, caller=who, context=AUDITING)
    found = answer.data["auditEvent"]
    assert (found is not None) is shown
    if not shown:
        (entry,) = answer.body["extensions"]["access"]
        assert (entry["form"], entry["policies"][0]) == ("DENY", "P06")
        assert answer.disclosures == []


EVERYTHING = """
auditId eventType { code label } outcome occurredAt userId organisationId fsCode role { code } roles { code }
reasonCode { code } purpose { code } justification systemName sessionId activityCode actionCode activityFlowId
correlationId reference geolocation onBehalfOf queryShape resultCount policyIds log position outcomePosition world
operation { name hash variables { path value } } recipients { organisationId transfer } refusedBy
refusals { coordinate form dataset policyIds } reviewedBy reviewOutcome { code }
subjects { totalCount nodes { type keyHash eventType { code } forms { dataset form fields policyIds } } }
"""


async def test_an_event_says_who_asked_why_and_what_was_shown(written, gateway):
    await written.asked(MINE, ("Person", PERSON), denials=REFUSAL)
    answer = await gateway.ask(f"{{ myLookups {{ nodes {{ {EVERYTHING} }} }} }}", caller=MINE, context=AUDITING)
    (event,) = answer.data["myLookups"]["nodes"]
    assert event["eventType"] == {"code": "CONSULT", "label": "Consultation"}
    assert event["occurredAt"] == "2026-02-02T08:01:00Z"
    assert (event["userId"], event["organisationId"], event["fsCode"]) == ("u-20-4419", "ORG-20", "20R1")
    assert (event["reasonCode"]["code"], event["purpose"]["code"]) == ("5", "LE2")
    assert event["justification"]
    assert event["refusals"] == [
        {"coordinate": "Person.medical", "form": "DENY", "dataset": "DVLA.MED", "policyIds": ["P05"]}
    ]
    assert event["policyIds"] == ["P05"]
    assert event["resultCount"] == event["subjects"]["totalCount"] == 1
    assert event["reviewOutcome"] == {"code": "NOT_REVIEWED"}
    (subject,) = event["subjects"]["nodes"]
    assert subject["forms"] == [
        {"dataset": "PNC.NAMES.CORE", "form": "FULL", "fields": ["names"], "policyIds": ["P05"]}
    ]
    assert (event["log"], event["position"], event["outcomePosition"]) == ("leds.test/ledger", 0, 1)


async def test_a_record_s_name_is_one_of_the_reader_s_organisation_and_never_the_ledger_s(written, gateway):
    await written.asked(MINE, ("Person", PERSON))
    await written.asked(COLLEAGUE, ("Person", PERSON))
    query = "{ auditEvents { nodes { subjects { nodes { keyHash } } operation { variables { value } } } } }"
    hashes = []
    for who in (AUDITOR, INSPECTOR):
        answer = await gateway.ask(query, caller=who, context=AUDITING)
        found = {node["subjects"]["nodes"][0]["keyHash"] for node in answer.data["auditEvents"]["nodes"]}
        assert len(found) == 1
        assert "h:s1:" not in msgspec.json.encode(answer.data).decode()
        hashes += found
    assert len(set(hashes)) == 2
    assert all(name.startswith("p:") for name in hashes)


async def test_events_shown_are_disclosed_as_subjects_of_the_reading(written, gateway):
    ids = await everybody_asks(written)
    answer = await gateway.ask("{ auditEvents { nodes { auditId userId } } }", caller=SUPERVISOR, context=AUDITING)
    assert {(each["type"], each["dataset"]) for each in answer.disclosures} == {("AuditEvent", "AUD.LOG")}
    assert len(answer.disclosures) == len(ids_of(answer)) == 3
    assert ids["other unit"] not in ids_of(answer)


async def test_what_was_silent_looks_like_absence_to_everybody_but_an_inspector(written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON), denials={**REFUSAL, **SILENCE})
    query = (
        f'{{ auditEvent(auditId: "{audit_id}") {{ refusals {{ coordinate }} silences {{ coordinate policyIds }} }} }}'
    )
    told = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert told.data["auditEvent"] == {
        "refusals": [{"coordinate": "Person.medical"}],
        "silences": [{"coordinate": "Vehicle.intelReports", "policyIds": ["P06"]}],
    }
    for who in (MINE, SUPERVISOR, AUDITOR, operator("u-20-7", role="inspector")):
        query = f'{{ auditEvent(auditId: "{audit_id}") {{ {EVERYTHING} }} }}'
        answer = await gateway.ask(query, caller=who, context=AUDITING)
        assert "intelReports" not in msgspec.json.encode(answer.body).decode()
        asked = f'{{ auditEvent(auditId: "{audit_id}") {{ silences {{ coordinate }} }} }}'
        silent = await gateway.ask(asked, caller=who, context=AUDITING)
        assert silent.body["data"] == {"auditEvent": {"silences": None}}
        assert "intelReports" not in msgspec.json.encode(silent.body).decode()


async def test_a_ledger_with_a_silence_and_its_twin_without_give_the_same_bytes(tmp_path):
    answers = []
    for denials in ({**REFUSAL, **SILENCE}, REFUSAL):
        folder = tmp_path / str(len(answers))
        folder.mkdir()
        async with writing(folder) as written:
            await written.asked(MINE, ("Person", PERSON), denials=denials)
            async with auditing(folder, written) as gateway:
                query = f"{{ myLookups {{ totalCount nodes {{ {EVERYTHING} }} }} }}"
                answer = await gateway.ask(query, caller=MINE, context=AUDITING)
                answers.append(msgspec.json.encode(answer.body))
    assert answers[0] == answers[1]


async def test_a_request_refused_before_it_had_an_intent_is_an_event_too(written, gateway):
    audit_id = await written.refused(MINE)
    nobody = await written.refused(None, "TOKEN_MISSING")
    query = "{ auditEvents { nodes { auditId outcome refusedBy eventType { code } resultCount } } }"
    answer = await gateway.ask(query, caller=MINE, context=AUDITING)
    assert answer.data["auditEvents"]["nodes"] == [
        {
            "auditId": audit_id,
            "outcome": "REFUSED",
            "refusedBy": "CONTEXT_INCOMPLETE",
            "eventType": {"code": "REFUSE"},
            "resultCount": 0,
        }
    ]
    inspected = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert ids_of(inspected) == [nobody, audit_id]


async def test_an_intent_without_an_outcome_says_that_nothing_is_known_of_it(written, gateway):
    await written.asked(MINE, parts=0)
    query = "{ myLookups { nodes { outcome eventType { code } resultCount outcomePosition } } }"
    answer = await gateway.ask(query, caller=MINE, context=AUDITING)
    assert answer.data["myLookups"]["nodes"] == [
        {"outcome": None, "eventType": None, "resultCount": None, "outcomePosition": None}
    ]


async def test_the_events_of_a_stream_are_one_event_with_the_subjects_of_all(written, gateway):
    await written.asked(MINE, ("Vehicle", "1"), ("Vehicle", "2"), parts=3)
    query = "{ myLookups { nodes { subjects(first: 4) { totalCount nodes { type } pageInfo { hasNextPage } } } } }"
    answer = await gateway.ask(query, caller=MINE, context=AUDITING)
    (event,) = answer.data["myLookups"]["nodes"]
    assert (event["subjects"]["totalCount"], len(event["subjects"]["nodes"])) == (6, 4)
    assert event["subjects"]["pageInfo"]["hasNextPage"]


SEARCHES = [
    ('reason: "1"', ["stopped"]),
    ('organisation: "ORG-14"', ["force"]),
    ('where: {operator: "u-20-5000"}', ["stopped"]),
    ('where: {purpose: "LE2"}', ["stopped", "force", "plain"]),
    ('where: {purpose: "PP1"}', []),
    ('where: {eventType: "REFUSE"}', ["force"]),
    ('where: {document: "sha256:00"}', ["stopped", "force", "plain"]),
    ('where: {document: "sha256:01"}', []),
    ('where: {dataset: "DVLA.VEH"}', ["stopped"]),
    ('where: {dataset: "DVLA.V"}', []),
    ('from: "2026-02-02T08:02:00Z"', ["stopped", "force"]),
    ('to: "2026-02-02T08:02:00Z"', ["plain"]),
    ('from: "2026-02-02T08:01:00.001Z", to: "2026-02-02T08:02:00.001Z"', ["force"]),
    ('reason: "1", where: {dataset: "DVLA.VEH", operator: "u-20-4419"}', []),
]


@pytest.mark.parametrize(("arguments", "found"), SEARCHES)
async def test_events_are_found_by_what_is_said_of_them(written, gateway, arguments, found):
    ids = {
        "plain": await written.asked(MINE, ("Person", PERSON)),
        "force": await written.asked(OTHER_FORCE, denials=REFUSAL),
        "stopped": await written.asked(COLLEAGUE, ("Vehicle", "1"), reason="1", dataset="DVLA.VEH"),
    }
    query = f"{{ auditEvents({arguments}) {{ nodes {{ auditId }} }} }}"
    answer = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert ids_of(answer) == [ids[name] for name in found]


async def test_pages_go_through_all_events_once(written, gateway):
    for _ in range(7):
        await written.asked(MINE)
    seen, after, page = [], "", {}
    for _ in range(4):
        query = f"{{ myLookups(first: 2{after}) {{ nodes {{ auditId }} pageInfo {{ endCursor hasNextPage }} }} }}"
        page = (await gateway.ask(query, caller=MINE, context=AUDITING)).data["myLookups"]
        seen += [node["auditId"] for node in page["nodes"]]
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert seen == written.ids[::-1]
    assert not page["pageInfo"]["hasNextPage"]


async def test_statements_follow_the_operation_and_not_the_events(written, gateway):
    counts = []
    for _ in range(2):
        for _ in range(6):
            await written.asked(MINE, ("Person", PERSON), ("Vehicle", "1"), denials=REFUSAL)
        answer = await gateway.ask(f"{{ myLookups {{ nodes {{ {EVERYTHING} }} }} }}", caller=MINE, context=AUDITING)
        counts.append((len(answer.data["myLookups"]["nodes"]), answer.statements))
    assert counts == [(6, 6), (12, 6)]


WHO_LOOKED = f'{{ subjectAccesses(type: "Person", key: "{PERSON}") {{ nodes {{ auditId userId }} }} }}'


async def test_a_data_protection_officer_sees_who_of_the_organisation_looked_at_somebody(written, gateway):
    ids = await everybody_asks(written)
    await written.asked(MINE, ("Person", "another"))
    await written.asked(MINE, ("Vehicle", PERSON))
    answer = await gateway.ask(WHO_LOOKED, caller=DPO, context=ANSWERING)
    wanted = ["supervisor", "other unit", "colleague", "mine"]
    assert ids_of(answer, "subjectAccesses") == [ids[name] for name in wanted]


@pytest.mark.parametrize("who", [MINE, SUPERVISOR, AUDITOR, INSPECTOR])
async def test_nobody_else_looks_up_who_looked_at_somebody(written, gateway, who):
    await everybody_asks(written)
    answer = await gateway.ask(WHO_LOOKED, caller=who, context=AUDITING)
    assert answer.codes == [("ACCESS_DENIED", ["subjectAccesses"])]
    assert "P06" in answer.body["errors"][0]["extensions"]["policies"]


async def test_without_its_desk_the_subgraph_says_that_it_cannot_and_never_that_there_is_nothing(tmp_path, written):
    await written.asked(MINE, ("Person", PERSON), denials=SILENCE)
    async with auditing(tmp_path, desk=None) as gateway:
        for who, query, stated in (
            (DPO, WHO_LOOKED, ANSWERING),
            (INSPECTOR, "{ auditEvents { nodes { silences { form } } } }", AUDITING),
            (MINE, "{ auditEvents { nodes { reviewOutcome { code } } } }", AUDITING),
        ):
            answer = await gateway.ask(query, caller=who, context=stated)
            assert {code for code, _path in answer.codes} == {"AUDIT_DESK_UNAVAILABLE"}


async def test_a_leaf_that_was_tampered_with_is_an_error_and_never_a_guess(tmp_path, written, gateway):
    await written.asked(MINE)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute(
            "UPDATE ledger_leaf SET canonical = CAST('{\"stage\":\"INTENT\"}' AS BLOB) WHERE stage = 'INTENT'"
        )
    answer = await gateway.ask(EVENTS, caller=MINE, context=AUDITING)
    assert answer.codes == [("AUDIT_LEDGER_UNREADABLE", ["auditEvents"])]


def test_every_field_of_the_dictionary_that_the_ledger_holds_is_published():
    # No device is stated to the service, and the tree's checkpoints took the place of a chain.
    left_out = {"device", "prevHash"}
    wanted = {tag.coordinate.partition(".")[2] for tag in fields_of("AuditEvent")} - left_out
    published = app.schema.core.type_map["AuditEvent"]
    assert isinstance(published, GraphQLObjectType)
    assert wanted <= published.fields.keys()

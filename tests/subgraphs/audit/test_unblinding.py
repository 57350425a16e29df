"""Unblinding: one person asks, a data protection officer of that organisation approves, only then is one answered."""

import pytest

from authz.audit.reading import read_leaves
from tests.subgraphs.audit.ledgers import (
    ANSWERING,
    AUDITING,
    AUDITOR,
    DPO,
    INSPECTOR,
    SUPERVISOR,
    auditing,
    operator,
    writing,
)
from tests.subgraphs.world import SUBJECT_KEY

MINE = operator("u-20-4419")
OTHER_DPO = operator("u-14-19", "14A1", "ORG-14", role="dpo")
PERSON = "00000000-0000-4000-0000-000000000001"
NAMES = "query ($id: ID!) { auditEvent(auditId: $id) { subjects { nodes { type keyHash } } } }"
ASK = """mutation ($id: ID!, $name: String!, $because: String!) {
  requestUnblinding(auditId: $id, keyHash: $name, because: $because) {
    unblindingId auditId type because requestedBy approvedBy } }"""
APPROVE = "mutation ($id: ID!) { approveUnblinding(unblindingId: $id) { unblindingId requestedBy approvedBy } }"
IS_IT = "query ($id: ID!, $key: ID!) { unblindedSubject(unblindingId: $id, key: $key) }"


@pytest.fixture
async def written(tmp_path):
    async with writing(tmp_path) as ledger:
        yield ledger


@pytest.fixture
async def gateway(tmp_path, written):
    async with auditing(tmp_path, written) as asks:
        yield asks


async def asked(gateway, who, audit_id, because="Same address as the officer"):
    """The answer to a request to unblind the first record that the event shows to this caller."""
    shown = await gateway.ask(NAMES, {"id": audit_id}, caller=INSPECTOR if who is MINE else who, context=AUDITING)
    name = shown.data["auditEvent"]["subjects"]["nodes"][0]["keyHash"]
    variables = {"id": audit_id, "name": name, "because": because}
    return await gateway.ask(ASK, variables, caller=who, context=AUDITING)


async def approve(gateway, who, unblinding):
    context = ANSWERING if who.roles == ("dpo",) else AUDITING
    return await gateway.ask(APPROVE, {"id": unblinding}, caller=who, context=context)


async def is_it(gateway, who, unblinding, key=PERSON):
    return await gateway.ask(IS_IT, {"id": unblinding, "key": key}, caller=who, context=AUDITING)


async def test_what_two_people_agree_on_answers_whether_a_named_record_is_the_one(written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    request = (await asked(gateway, INSPECTOR, audit_id)).data["requestUnblinding"]
    assert (request["auditId"], request["type"], request["approvedBy"]) == (audit_id, "Person", None)
    approved = await approve(gateway, DPO, request["unblindingId"])
    assert approved.data["approveUnblinding"]["approvedBy"] == "u-20-0019"
    yes = await is_it(gateway, INSPECTOR, request["unblindingId"])
    no = await is_it(gateway, INSPECTOR, request["unblindingId"], "another")
    assert (yes.data, no.data) == ({"unblindedSubject": True}, {"unblindedSubject": False})
    for answer, key in ((yes, PERSON), (no, "another")):
        (shown,) = answer.disclosures
        assert (shown["type"], shown["key"]) == ("Person", SUBJECT_KEY.subject("Person", key))


async def test_nothing_is_answered_before_it_is_approved_and_to_nobody_but_who_asked(written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    unblinding = (await asked(gateway, AUDITOR, audit_id)).data["requestUnblinding"]["unblindingId"]
    assert (await is_it(gateway, AUDITOR, unblinding)).codes == [("AUDIT_NOT_UNBLINDED", ["unblindedSubject"])]
    await approve(gateway, DPO, unblinding)
    assert (await is_it(gateway, AUDITOR, unblinding)).data == {"unblindedSubject": True}
    for who in (INSPECTOR, SUPERVISOR, MINE):
        assert (await is_it(gateway, who, unblinding)).codes == [("AUDIT_NOT_UNBLINDED", ["unblindedSubject"])]


@pytest.mark.parametrize("nothing", ["01KGENX1K00000000000000000", None])
async def test_an_id_that_was_never_asked_for_opens_nothing(written, gateway, nothing):
    unblinding = nothing or await written.asked(AUDITOR, ("Person", PERSON))
    assert (await approve(gateway, DPO, unblinding)).data == {"approveUnblinding": None}
    assert (await is_it(gateway, AUDITOR, unblinding)).codes == [("AUDIT_NOT_UNBLINDED", ["unblindedSubject"])]


async def test_who_asked_does_not_approve_it_nor_does_another_organisation_s_officer(tmp_path, written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    own = (await asked(gateway, DPO, audit_id)).data["requestUnblinding"]["unblindingId"]
    inspectors = (await asked(gateway, INSPECTOR, audit_id)).data["requestUnblinding"]["unblindingId"]
    for who, unblinding in ((DPO, own), (OTHER_DPO, inspectors)):
        answer = await approve(gateway, who, unblinding)
        assert answer.data == {"approveUnblinding": None}
        (entry,) = answer.body["extensions"]["access"]
        assert (entry["form"], entry["policies"][0]) == ("DENY", "P06")
    assert not [kept for kept in read_leaves(tmp_path / "ledger.sqlite", 0, 20) if "APPROVED" in repr(kept.leaf.event)]


@pytest.mark.parametrize("who", [INSPECTOR, AUDITOR, SUPERVISOR])
async def test_only_a_data_protection_officer_approves(written, gateway, who):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    unblinding = (await asked(gateway, DPO, audit_id)).data["requestUnblinding"]["unblindingId"]
    answer = await approve(gateway, who, unblinding)
    assert answer.codes[0][0] == "ACCESS_DENIED"


async def test_nobody_unblinds_what_they_asked_themselves_or_beyond_their_scope(written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    other = await written.asked(operator("u-14-1", "14A1", "ORG-14"), ("Person", PERSON))
    for who, of in ((MINE, audit_id), (AUDITOR, other)):
        variables = {"id": of, "name": "p:0", "because": "Ten letters and more"}
        answer = await gateway.ask(ASK, variables, caller=who, context=AUDITING)
        assert answer.data == {"requestUnblinding": None}
        assert answer.body["extensions"]["access"][0]["policies"][0] == "P06"


async def test_a_name_of_another_organisation_names_nothing(written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    shown = await gateway.ask(NAMES, {"id": audit_id}, caller=AUDITOR, context=AUDITING)
    name = shown.data["auditEvent"]["subjects"]["nodes"][0]["keyHash"]
    variables = {"id": audit_id, "name": name, "because": "Ten letters and more"}
    answer = await gateway.ask(ASK, variables, caller=INSPECTOR, context=AUDITING)
    assert answer.data == {"requestUnblinding": None}


async def test_without_a_reason_nothing_is_asked(written, gateway):
    answer = await asked(gateway, INSPECTOR, await written.asked(MINE, ("Person", PERSON)), because="why not")
    assert answer.codes == [("AUDIT_REVIEW_INCOMPLETE", ["requestUnblinding"])]


async def test_both_steps_are_events_of_the_ledger(tmp_path, written, gateway):
    audit_id = await written.asked(MINE, ("Person", PERSON))
    unblinding = (await asked(gateway, INSPECTOR, audit_id)).data["requestUnblinding"]["unblindingId"]
    await approve(gateway, DPO, unblinding)
    leaves = [kept.leaf for kept in read_leaves(tmp_path / "ledger.sqlite", 2, 5)]
    assert [(leaf.stage, leaf.event_type, leaf.event and (leaf.event.name, leaf.event.about)) for leaf in leaves] == [
        ("EVENT", "AUTH", ("UNBLINDING_REQUESTED", audit_id)),
        ("EVENT", "AUTH", ("UNBLINDING_APPROVED", unblinding)),
    ]
    assert [leaf.request and leaf.request.user and leaf.request.user.id for leaf in leaves] == ["u-insp-3", "u-20-0019"]

"""`addDisposal`: checked in order, accepted once, pending for everybody, on the record when it has been carried out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from resolvers.changes.disposals import check_name_of
from resolvers.person import tables as t
from subgraphs.person import CHANGES, schema
from tests.authz.callers import DETECTIVE
from tests.resolvers.products import key_of, written
from tests.subgraphs.changing import UPDATE, UPDATER, Changing, changing
from tests.subgraphs.person.case_file import CASE_FILE

OFFENCE, OTHER_OFFENCE, PERSON = key_of(1, "7777"), key_of(2, "7777"), key_of(1)
ADD = """mutation ($offence: ID!, $check: String!, $version: String!, $disposal: DisposalInput!, $key: ID!) {
  addDisposal(fsCodeMakingChange: "20R1", checkName: $check, version: $version, offence: $offence,
              disposal: $disposal, idempotencyKey: $key) {
    requestId state offenceId disposalCode { code } acceptedAt completedAt refusedBy
  }
}"""
GIVEN = {
    "offence": OFFENCE,
    "check": "HARBOUR",
    "version": "1",
    "disposal": {"disposalCode": "1015", "fineAmount": "80.00"},
    "key": "key-00000001",
}
LOOK = """query ($id: ID!) { person(id: $id) { arrestReports(first: 1) { nodes { version offences(first: 5) { nodes {
  offenceId disposals { disposalCode { code } fine { amount } } pendingChange { requestId state } } } } } } }"""
STATUS = "query ($id: ID!) { disposalChange(requestId: $id) { state completedAt refusedBy } }"


@pytest.fixture
async def person(database_url: str) -> AsyncIterator[Changing]:
    await written(database_url, CASE_FILE)
    async with changing("person", schema, CHANGES, database_url) as service:
        yield service


async def add(service: Changing, **changes: Any):
    return await service.gateway.ask(ADD, {**GIVEN, **changes}, UPDATER, UPDATE)


async def offences(service: Changing) -> tuple[str, dict[str, Any]]:
    answer = await service.gateway.ask(LOOK, {"id": PERSON}, DETECTIVE, replace(UPDATE, reason="5", purpose="LE2"))
    report = answer.data["person"]["arrestReports"]["nodes"][0]
    return report["version"], {node["offenceId"]: node for node in report["offences"]["nodes"]}


async def state(service: Changing, request_id: str) -> dict[str, Any]:
    answer = await service.gateway.ask(STATUS, {"id": request_id}, UPDATER, UPDATE)
    return answer.data["disposalChange"]


async def test_a_change_is_accepted_pending_and_completed(person: Changing):
    accepted = (await add(person)).data["addDisposal"]
    assert (accepted["state"], accepted["completedAt"], accepted["disposalCode"]) == (
        "ACCEPTED",
        None,
        {"code": "1015"},
    )
    version, found = await offences(person)
    assert version == "1"
    assert found[OFFENCE]["pendingChange"] == {"requestId": accepted["requestId"], "state": "ACCEPTED"}
    assert found[OTHER_OFFENCE]["pendingChange"] is None
    assert len(found[OFFENCE]["disposals"]) == 1
    assert await person.carry_out() == 1
    version, found = await offences(person)
    assert version == "2"
    assert found[OFFENCE]["pendingChange"] is None
    assert {"disposalCode": {"code": "1015"}, "fine": {"amount": "80.00"}} in found[OFFENCE]["disposals"]
    assert len(found[OFFENCE]["disposals"]) == 2
    done = await state(person, accepted["requestId"])
    assert (done["state"], done["refusedBy"]) == ("COMPLETED", None)
    assert done["completedAt"]
    assert await person.carry_out() == 0


async def test_a_record_whose_copy_is_stale_is_read_and_not_changed(person: Changing, database_url: str):
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(t.arrest_report.update().values(lag_seconds=121))
    await engine.dispose()
    answer = await add(person)
    (error,) = answer.body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["policies"]) == ("RECORD_STALE", ["P17"])
    version, _ = await offences(person)
    assert version == "1"


async def test_the_reply_says_that_the_person_was_altered(person: Changing):
    answer = await add(person)
    altered = [found for found in answer.disclosures if found.get("event")]
    assert [(found["type"], found["event"], found["fields"]) for found in altered] == [
        ("Person", "ALTER", ["Mutation.addDisposal"])
    ]


@pytest.mark.parametrize(
    ("changes", "code", "kind", "policies"),
    [
        ({"check": "LANTERN"}, "CHECK_NAME_MISMATCH", "bad-request/does-not-match", ["P02"]),
        ({"version": "7"}, "VERSION_CONFLICT", "conflict/version", ["P17"]),
        ({"version": "one"}, "VERSION_CONFLICT", "conflict/version", ["P17"]),
        ({"check": "LANTERN", "version": "7"}, "CHECK_NAME_MISMATCH", "bad-request/does-not-match", ["P02"]),
        ({"offence": key_of(99, "7777")}, "INVALID_REFERENCE", "bad-request/invalid-reference", []),
    ],
)
async def test_what_does_not_fit_the_record_is_refused_in_order(person: Changing, changes, code, kind, policies):
    answer = await add(person, **changes)
    assert answer.body["data"] == {"addDisposal": None}
    assert [(error["extensions"]["code"], error["extensions"]["type"], error["extensions"]["policies"])
            for error in answer.body["errors"]] == [(code, kind, policies)]  # fmt: skip
    assert answer.disclosures == []
    assert await person.carry_out() == 0


async def test_a_second_change_waits_for_the_first_which_is_named_after_version_and_check_name(person: Changing):
    await add(person)
    for changes, code in (
        ({"key": "key-00000002"}, "PENDING_CHANGE_EXISTS"),
        ({"key": "key-00000003", "offence": OTHER_OFFENCE}, "PENDING_CHANGE_EXISTS"),
        ({"key": "key-00000004", "version": "2"}, "VERSION_CONFLICT"),
    ):
        assert (await add(person, **changes)).codes == [(code, ["addDisposal"])]
    await person.carry_out()
    again = await add(person, key="key-00000005", version="2")
    assert again.data["addDisposal"]["state"] == "ACCEPTED"


async def test_the_same_key_is_the_same_request_and_with_another_change_refused(person: Changing):
    first = (await add(person)).data["addDisposal"]
    assert (await add(person)).data["addDisposal"] == first
    await person.carry_out()
    repeated = (await add(person)).data["addDisposal"]
    assert (repeated["requestId"], repeated["state"]) == (first["requestId"], "COMPLETED")
    other = await add(person, disposal={"disposalCode": "1002"})
    assert other.codes == [("IDEMPOTENCY_KEY_REUSED", ["addDisposal"])]
    _, found = await offences(person)
    assert len(found[OFFENCE]["disposals"]) == 2


async def test_of_two_changes_at_once_one_is_accepted(person: Changing):
    answers = await asyncio.gather(*(add(person, key=f"key-race-{number}") for number in range(4)))
    accepted = [answer for answer in answers if not answer.codes]
    assert len(accepted) == 1
    assert {code for answer in answers for code, _ in answer.codes} == {"PENDING_CHANGE_EXISTS"}
    assert await person.carry_out() == 1


async def test_a_record_that_moved_on_meanwhile_refuses_the_change(person: Changing, database_url: str):
    accepted = (await add(person)).data["addDisposal"]
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(t.arrest_report.update().values(version=5))
    await engine.dispose()
    await person.carry_out()
    assert (await state(person, accepted["requestId"]))["refusedBy"] == "VERSION_CONFLICT"
    _, found = await offences(person)
    assert len(found[OFFENCE]["disposals"]) == 1
    assert found[OFFENCE]["pendingChange"] is None


async def test_every_field_that_cannot_be_right_is_named(person: Changing):
    disposal = {
        "disposalCode": "nonsense",
        "qualifiers": ["A", "B", "C", "D", "E"],
        "durationCount": 3,
        "fineAmount": "1.005",
        "text": "x" * 65,
    }
    answer = await add(person, disposal=disposal, key="short")
    assert answer.codes == [("CHANGE_INVALID", ["addDisposal"])]
    named = set(answer.body["errors"][0]["extensions"]["fields"])
    assert named == {"disposalCode", "qualifiers", "durationCount", "fineAmount", "text", "idempotencyKey"}


@pytest.mark.parametrize("who", [DETECTIVE, replace(UPDATER, vetting="RV"), replace(UPDATER, standing="SUSPENDED")])
async def test_nobody_without_the_right_to_update_changes_anything(person: Changing, who):
    answer = await person.gateway.ask(ADD, GIVEN, who, UPDATE)
    assert {code for code, _ in answer.codes} == {"ACCESS_DENIED"}
    assert await person.carry_out() == 0


@pytest.mark.parametrize(
    ("surname", "check"), [("O'Neill", "ONEILL"), ("Smith-Jones", "SMITHJONES"), ("Abcdefghijklmnop", "ABCDEFGHIJKL")]
)
def test_check_names_compare_as_their_first_twelve_folded_letters(surname: str, check: str):
    assert check_name_of(surname) == check_name_of(check) == check

"""Changes through the whole service: accepted, recorded before the answer, carried out; refused as a whole or not."""

import uuid
from typing import Any

import httpx
import pytest

from leds.data.cast.identities import MAIN_PERSON_ID, cast_key
from tests.end_to_end.demo import Demo
from tests.end_to_end.recorded import recorded
from tests.end_to_end.streaming import OFFICER, UPDATER, UPDATING, headers_of

ADD = """mutation Add($version: String!, $check: String!, $key: ID!) {
  addDisposal(fsCodeMakingChange: "20R1", checkName: $check, version: $version, offence: "OFFENCE",
              idempotencyKey: $key, disposal: {disposalCode: "1002", text: "End to end"}) { requestId state REST }
}""".replace("OFFENCE", cast_key(3, 2))
READ = """query ($id: ID!) { person(id: $id) { arrestReports(first: 1) { nodes { version
  offences(first: 1) { nodes { pendingChange { state } disposals { text } } } } } } }"""
STATUS = "query ($id: ID!) { disposalChange(requestId: $id) { state } }"


def add(demo: Demo, headers: dict[str, str], rest: str = "", **changes: str) -> dict[str, Any]:
    known = changes if "version" in changes else {**changes, "version": version(demo)}
    variables = {"check": "EXAMPLE", "key": str(uuid.uuid4()), **known}
    return demo.post({"query": ADD.replace("REST", rest), "variables": variables}, headers).json()


def report(demo: Demo) -> dict[str, Any]:
    reading = headers_of(demo, UPDATER, **UPDATING)
    return demo.ask(READ, reading, id=MAIN_PERSON_ID)["data"]["person"]["arrestReports"]["nodes"][0]


def version(demo: Demo) -> str:
    return report(demo)["version"]


def test_a_disposal_is_accepted_recorded_as_an_alteration_and_carried_out(demo: Demo):
    updater = headers_of(demo, UPDATER, **UPDATING)
    before = version(demo)
    answer = add(demo, updater)
    entry = recorded(demo, answer)
    assert (entry["eventType"], entry["request"]["user"]["id"]) == ("ALTER", UPDATER.subject)
    assert [(subject["type"], subject["eventType"]) for subject in entry["subjects"]] == [("Person", "ALTER")]
    change = answer["data"]["addDisposal"]
    assert change["state"] in ("ACCEPTED", "COMPLETED")
    while (state := demo.ask(STATUS, updater, id=change["requestId"])["data"]["disposalChange"]["state"]) == "ACCEPTED":
        pass
    assert state == "COMPLETED"
    after = report(demo)
    assert int(after["version"]) == int(before) + 1
    assert {"text": "End to end"} in after["offences"]["nodes"][0]["disposals"]
    assert after["offences"]["nodes"][0]["pendingChange"] is None


@pytest.mark.parametrize(
    ("changes", "code", "kind"),
    [
        ({"check": "WRONG"}, "CHECK_NAME_MISMATCH", "bad-request/does-not-match"),
        ({"version": "999"}, "VERSION_CONFLICT", "conflict/version"),
    ],
)
def test_what_does_not_fit_the_record_is_refused_with_the_real_service_s_error_type(demo: Demo, changes, code, kind):
    answer = add(demo, headers_of(demo, UPDATER, **UPDATING), **changes)
    assert answer["data"] == {"addDisposal": None}
    found = answer["errors"][0]["extensions"]
    assert (found["code"], found["type"]) == (code, kind)


@pytest.mark.parametrize(
    ("who", "changes"),
    [(OFFICER, {}), (UPDATER, {"X-Leds-Reason": "5 - Subject of process or investigation", "X-Leds-Purpose": "LE2"})],
    ids=["no role to update", "no reason to update"],
)
def test_nothing_is_sent_for_somebody_who_may_not_update(demo: Demo, who, changes):
    headers = headers_of(demo, who, **changes)
    held = version(demo)
    before = demo.work()
    answer = add(demo, headers, version=held)
    assert answer["data"] == {"addDisposal": None}
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert demo.work() == before


def test_a_mutation_of_which_a_part_is_refused_is_refused_whole_before_any_write(demo: Demo):
    second = 'retireVehicleReport(vehicleReportId: "x", rule: "RR03", reason: "none", idempotencyKey: "key-00000001")'
    query = ADD.replace("REST", "").rstrip().removesuffix("}") + second + " { state } }"
    held = version(demo)
    before = demo.work()
    variables = {"version": held, "check": "EXAMPLE", "key": str(uuid.uuid4())}
    answer = demo.post({"query": query, "variables": variables}, headers_of(demo, UPDATER, **UPDATING)).json()
    assert answer["data"] == {"addDisposal": None, "retireVehicleReport": None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"ACCESS_DENIED"}
    assert demo.work() == before


def test_mutations_are_posted(demo: Demo):
    parameters, updater = {"query": "mutation { __typename }"}, headers_of(demo, UPDATER, **UPDATING)
    response = httpx.get(f"{demo.origin}/graphql", params=parameters, headers=updater)
    assert response.status_code == 405

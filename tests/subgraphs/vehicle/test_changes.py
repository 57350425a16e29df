"""`retireVehicleReport`: only what a retention rule lets go; erased after it was accepted, its review kept."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from resolvers.changes.reviews import RETENTION_RULES, due_date
from subgraphs.vehicle import CHANGES, schema
from tests.authz.callers import NOON, OFFICER, ROADSIDE
from tests.subgraphs.changing import REVIEWER, UPDATE, Changing, changing
from tests.subgraphs.world import a_block, a_report, a_vehicle, key_of, written

RETIRE = """mutation ($id: ID!, $rule: String!, $key: ID!) {
  retireVehicleReport(vehicleReportId: $id, rule: $rule, reason: "Unconfirmed beyond 42 days", idempotencyKey: $key) {
    reviewId vehicleReportId state rule { code } decision { code } dueDate approvers reason completedAt refusedBy
  }
}"""
REPORTS = '{ vehicle(vrm: "QX01AAA") { reports(first: 9) { nodes { vehicleReportId } } } }'
PENDING = "... on Vehicle { reports(first: 9) { nodes { pendingReview { state } } } }"
STATUS = "query ($id: ID!) { rrdReview(reviewId: $id) { state refusedBy } }"


def entered(days_ago: int) -> datetime:
    return NOON - timedelta(days=days_ago)


@pytest.fixture
async def vehicle(database_url: str) -> AsyncIterator[Changing]:
    rows = [
        a_vehicle(1),
        a_report(1, state="UNCONFIRMED", created_at=entered(43)),
        a_report(2, state="UNCONFIRMED", created_at=entered(41)),
        a_report(3, state="CONFIRMED", created_at=entered(43)),
        a_report(4, state="UNCONFIRMED", created_at=entered(43)),
        a_block(4),
    ]
    await written(database_url, rows)
    async with changing("vehicle", schema, CHANGES, database_url) as service:
        yield service


async def retire(service: Changing, number: int = 1, rule: str = "RR03", key: str = "key-00000001") -> Any:
    variables = {"id": key_of(number, "2222"), "rule": rule, "key": key}
    return await service.gateway.ask(RETIRE, variables, REVIEWER, UPDATE)


async def reports(service: Changing) -> set[str]:
    answer = await service.gateway.ask(REPORTS, None, OFFICER, ROADSIDE)
    return {node["vehicleReportId"] for node in answer.data["vehicle"]["reports"]["nodes"]}


async def test_a_report_beyond_its_rule_is_retired_and_its_review_stays(vehicle: Changing):
    answer = await retire(vehicle)
    review = answer.data["retireVehicleReport"]
    assert (review["state"], review["rule"], review["decision"]) == ("ACCEPTED", {"code": "RR03"}, {"code": "DELETE"})
    assert review["approvers"] == [REVIEWER.subject]
    assert [(found["type"], found["event"]) for found in answer.disclosures if found.get("event")] == [
        ("Vehicle", "ERASE")
    ]
    assert key_of(1, "2222") in await reports(vehicle)
    assert await vehicle.carry_out() == 1
    assert await reports(vehicle) == {key_of(2, "2222"), key_of(3, "2222")}
    after = await vehicle.gateway.ask(STATUS, {"id": review["reviewId"]}, REVIEWER, UPDATE)
    assert after.data["rrdReview"] == {"state": "COMPLETED", "refusedBy": None}


async def test_while_it_is_pending_everybody_who_may_see_reviews_sees_it(vehicle: Changing):
    await retire(vehicle)
    query = f"query ($of: [_Any!]!) {{ _entities(representations: $of) {{ {PENDING} }} }}"
    of = [{"__typename": "Vehicle", "vehicleId": key_of(1)}]
    answer = await vehicle.gateway.ask(query, {"of": of}, REVIEWER, UPDATE)
    found = answer.body["data"]["_entities"][0]["reports"]["nodes"]
    assert sorted(str(node["pendingReview"]) for node in found) == ["None", "None", "{'state': 'ACCEPTED'}"]


@pytest.mark.parametrize(
    ("number", "rule", "code"),
    [
        (2, "RR03", "RETENTION_NOT_DUE"),
        (3, "RR03", "RETENTION_NOT_DUE"),
        (3, "RR04", "RETENTION_NOT_DUE"),
        (1, "RR04", "RETENTION_NOT_DUE"),
        (1, "RR14", "CHANGE_INVALID"),
        (9, "RR03", "INVALID_REFERENCE"),
        (4, "RR03", "INVALID_REFERENCE"),
    ],
)
async def test_what_no_rule_lets_go_stays_and_a_blocked_report_is_not_there(vehicle: Changing, number, rule, code):
    assert (await retire(vehicle, number, rule)).codes == [(code, ["retireVehicleReport"])]
    assert await vehicle.carry_out() == 0


async def test_the_same_request_is_one_and_another_one_waits(vehicle: Changing):
    first = (await retire(vehicle)).data
    assert (await retire(vehicle)).data == first
    assert (await retire(vehicle, key="key-00000002")).codes == [("PENDING_CHANGE_EXISTS", ["retireVehicleReport"])]
    assert (await retire(vehicle, 2)).codes == [("IDEMPOTENCY_KEY_REUSED", ["retireVehicleReport"])]


async def test_an_officer_retires_nothing(vehicle: Changing):
    variables = {"id": key_of(1, "2222"), "rule": "RR03", "key": "key-00000001"}
    answer = await vehicle.gateway.ask(RETIRE, variables, OFFICER, ROADSIDE)
    assert answer.codes == [("ACCESS_DENIED", None)]
    assert await vehicle.carry_out() == 0


@pytest.mark.parametrize(
    ("kind", "state", "rule", "due"),
    [
        ("LOS", "UNCONFIRMED", "RR03", date(2026, 2, 12)),
        ("OBD", "WEED_DUE", "RR03", date(2026, 2, 12)),
        ("LOS", "CONFIRMED", "RR03", None),
        ("LOS", "CONFIRMED", "RR04", date(2032, 1, 1)),
        ("ACT", "CONFIRMED", "RR05", date(2027, 1, 1)),
        ("FOU", "CONFIRMED", "RR06", date(2026, 1, 29)),
        ("ACT", "CONFIRMED", "RR06", None),
    ],
)
def test_each_rule_is_for_its_own_reports_and_knows_their_day(kind: str, state: str, rule: str, due: date | None):
    report = {"type": kind, "state": state, "created_at": datetime(2026, 1, 1, 23, tzinfo=UTC)}
    assert due_date(report, RETENTION_RULES[rule]) == due

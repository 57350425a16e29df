"""A vehicle report retired under a retention rule: checked and accepted; erased after, leaving who decided and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from resolvers.changes.errors import ChangeInvalid, InvalidReference, RetentionNotDue
from resolvers.changes.judging import Found, judge
from resolvers.changes.requests import (
    LONGEST_KEY,
    SHORTEST_KEY,
    Asker,
    Row,
    accept,
    fingerprint,
    finish,
    is_pending,
    repeated,
    taken_up,
)
from resolvers.changes.tables import vehicle_report_review
from resolvers.changes.writing import Writer, Writing
from resolvers.vehicle.statements import THEFT_TYPES, reports_of_vehicles
from resolvers.vehicle.tables import vehicle_report, vehicle_report_block

DELETE = "DELETE"
SHORTEST_REASON, LONGEST_REASON = 3, 250
INTEREST_TYPES = ("INT", "SUS", "SEE", "ACT", "REA", "CLO", "FORE")
UNCONFIRMED_STATES = ("UNCONFIRMED", "REMINDED", "WEED_DUE")


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One rule of `retention_rules` for vehicle reports: which reports it is for, and the days until they are due."""

    code: str
    types: tuple[str, ...]
    states: tuple[str, ...] | None
    days: int


RETENTION_RULES = {
    rule.code: rule
    for rule in (
        RetentionRule("RR03", THEFT_TYPES, UNCONFIRMED_STATES, 42),
        RetentionRule("RR04", THEFT_TYPES, ("CONFIRMED",), 6 * 365 + 1),
        RetentionRule("RR05", INTEREST_TYPES, None, 365),
        RetentionRule("RR06", ("FOU",), None, 28),
    )
}


@dataclass(frozen=True, slots=True)
class RetirementRequest:
    """The arguments of `Mutation.retireVehicleReport`."""

    vehicle_report_id: str
    rule: str
    reason: str


def due_date(report: Row, rule: RetentionRule) -> date | None:
    """The first day on which the rule lets the report go; None when the rule is not for such a report."""
    if report["type"] not in rule.types or (rule.states is not None and report["state"] not in rule.states):
        return None
    return report["created_at"].date() + timedelta(days=rule.days)


def validate(request: RetirementRequest, idempotency_key: str) -> None:
    """Raise ChangeInvalid naming every field that cannot be right."""
    problems: list[tuple[str, str]] = []
    if request.rule not in RETENTION_RULES:
        problems.append(("rule", f"is not one of the rules for vehicle reports ({', '.join(RETENTION_RULES)})"))
    if not SHORTEST_REASON <= len(request.reason.strip()) <= LONGEST_REASON:
        problems.append(("reason", f"must have {SHORTEST_REASON} to {LONGEST_REASON} characters"))
    if not SHORTEST_KEY <= len(idempotency_key) <= LONGEST_KEY:
        problems.append(("idempotencyKey", f"must have {SHORTEST_KEY} to {LONGEST_KEY} characters"))
    if problems:
        raise ChangeInvalid(problems)


async def request_retirement(writer: Writer, request: RetirementRequest, asker: Asker) -> Row:
    """Accept the retirement of a report; the `vehicle_report_review` row, of the first time when it is a repetition.

    A blocked report is not there. Raises IdempotencyKeyReused, InvalidReference, RetentionNotDue, PendingChangeExists
    and DatabaseUnavailable.
    """
    content = {"vehicle_report_id": request.vehicle_report_id, "rule": request.rule, "reason": request.reason.strip()}
    print_ = fingerprint(content)
    async with writer.transaction() as writing:
        if known := await repeated(writing, vehicle_report_review, asker, print_):
            return known
        report = await _report(writing, request.vehicle_report_id, asker)
        due = due_date(report, RETENTION_RULES[request.rule])
        is_due = due is not None and due <= asker.now.date()
        pending = await is_pending(writing, vehicle_report_review, request.vehicle_report_id)
        judge(Found(due=is_due, pending=pending), asker.caller)
        decided = {"decision": DELETE, "due_date": due, "approvers": [asker.subject], "fingerprint": print_}
        review = content | decided | {"vehicle_id": report["vehicle_id"]}
        return await accept(writing, vehicle_report_review, asker, request.vehicle_report_id, review)


async def _report(writing: Writing, report_id: str, asker: Asker) -> Row:
    """The report as the caller sees it, held until the transaction ends."""
    found = await writing.row(
        sa.select(vehicle_report).where(vehicle_report.c.vehicle_report_id == report_id).with_for_update()
    )
    if found is not None:
        seen = reports_of_vehicles([found["vehicle_id"]]).where(vehicle_report.c.vehicle_report_id == report_id)
        if await writing.row(asker.as_seen(seen)):
            return found
    raise InvalidReference("There is no such vehicle report.")


async def carry_out_retirement(writer: Writer, request_id: str, now: datetime, _new_id: str) -> None:
    """Erase a report whose retirement was accepted, unless it does not fall under the rule any more. Once."""
    async with writer.transaction() as writing:
        row = await taken_up(writing, vehicle_report_review, request_id)
        if row is None:
            return
        key = row["vehicle_report_id"]
        held = vehicle_report.c.vehicle_report_id == key
        report = await writing.row(sa.select(vehicle_report).where(held).with_for_update())
        due = None if report is None else due_date(report, RETENTION_RULES[row["rule"]])
        is_due = due is not None and due <= now.date()
        if is_due:
            await writing.run(vehicle_report_block.delete().where(vehicle_report_block.c.vehicle_report_id == key))
            await writing.run(vehicle_report.delete().where(held))
        await finish(writing, vehicle_report_review, request_id, now, None if is_due else RetentionNotDue.code)


def reviews_by_id(keys: Any) -> sa.Select:
    """Reviews by their id."""
    return sa.select(vehicle_report_review).where(vehicle_report_review.c.request_id.in_(keys))


def pending_of_reports(keys: Any) -> sa.Select:
    """The pending review of each report."""
    review = vehicle_report_review
    return sa.select(review).where(review.c.vehicle_report_id.in_(keys), review.c.pending_for.is_not(None))

"""An event of the ledger: a request with what came of it, every field one line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import strawberry

from resolvers.audit import loaders
from resolvers.audit.errors import DeskUnavailable
from resolvers.audit.events import Row, event_row, policies_of, review_row, silent_of, statements_row
from schema.scalars import FsCode
from subgraphs.audit.values import (
    AccessRefusal,
    AuditedOperation,
    Recipient,
    SubjectAccess,
    access_refusal,
    audited_operation,
    recipients,
    subject_access,
)
from subgraphs.coded import CodedValue, coded_value
from subgraphs.records import Record, coded, coded_list, column, governed_type, records_by_key, resolved, value
from subgraphs.relay import Connection, paged
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag

LOG = dataset_tag("AUD.LOG")
# What was silent is absence to everybody but an inspector (policy P06).
SEALED = dataset_tag("AUD.LOG", "S4")
NOT_REVIEWED = "NOT_REVIEWED"


def stated(name: str) -> Callable[[Row, RequestInfo], Awaitable[str | None]]:
    """What people wrote with a request, by its name in the ledger."""

    async def found(row: Row, info: RequestInfo) -> str | None:
        part = await info.context.loading.row(loaders.STATEMENTS, row["audit_id"])
        return statements_row(part).get(name)

    return found


async def review_of(row: Row, info: RequestInfo) -> Mapping[str, Any]:
    """The newest review of an event; empty when there is none."""
    desk = info.context.desk
    if desk is None:
        raise DeskUnavailable("This service has no key to find reviews by.")
    found = await info.context.loading.row(loaders.REVIEW, desk.recorder.key.subject("AuditEvent", row["audit_id"]))
    return {} if found is None else review_row(found)


async def _reviewed_by(row: Row, info: RequestInfo) -> str | None:
    return (await review_of(row, info)).get("by")


async def _review_outcome(row: Row, info: RequestInfo) -> CodedValue | None:
    review = await review_of(row, info)
    code = review.get("outcome") if review else NOT_REVIEWED
    return coded_value(info.context.catalogue, "review_outcomes", code)


async def _policies(row: Row, info: RequestInfo) -> list[str]:
    shown = await info.context.loading.rows(loaders.SUBJECTS_WHOLE, row["audit_id"])
    return policies_of(row["refusals"], shown)


async def _sealed(root: Record, info: RequestInfo) -> list[AccessRefusal]:
    desk = info.context.desk
    if desk is None or desk.sealing is None:
        raise DeskUnavailable("This service has no key to open what was silent.")
    found = await info.context.loading.rows(loaders.SEALED, root.row["audit_id"])
    return [access_refusal(refusal) for refusal in silent_of(found, desk.sealing)]


def _role(row: Row, info: RequestInfo) -> CodedValue | None:
    return coded_value(info.context.catalogue, "user_roles", next(iter(row["roles"]), None))


@governed_type(keys=["auditId"], subject=("audit_id", "AuditEvent"))
class AuditEvent(Record):
    """A request that was made, who made it and why, and what came of it; or something that is no request.

    Of a stream, the fields of the outcome are those of its first event; `subjects` has those of all.
    """

    audit_id: strawberry.ID | None
    event_type: CodedValue | None = coded("audit_event_types")
    outcome: str | None = column(tag=LOG)
    occurred_at: datetime | None
    user_id: str | None
    on_behalf_of: str | None = value(stated("on_behalf_of"))
    organisation_id: str | None
    fs_code: FsCode | None
    role: CodedValue | None = value(_role)
    roles: list[CodedValue | None] | None = coded_list("user_roles", tag=LOG)
    reason_code: CodedValue | None = coded("reason_codes")
    purpose: CodedValue | None = coded("lawful_purposes")
    justification: str | None = value(stated("justification"))
    system_name: str | None
    session_id: strawberry.ID | None
    activity_code: str | None
    action_code: str | None
    activity_flow_id: strawberry.ID | None
    correlation_id: strawberry.ID | None
    reference: str | None = value(stated("reference"))
    geolocation: str | None = value(stated("geolocation"))
    subjects: Connection[SubjectAccess] | None = paged(subject_access, loaders.SUBJECTS, via="audit_id")
    query_shape: str | None = value(lambda row, _info: row["operation"] and row["operation"].hash)
    operation: AuditedOperation | None = value(
        lambda row, info: audited_operation(row["operation"], info.context), tag=LOG
    )
    recipients: list[Recipient] | None = value(lambda row, _info: recipients(row["recipient"]))
    refusals: list[AccessRefusal] | None = value(
        lambda row, _info: [access_refusal(refusal) for refusal in row["refusals"]], tag=LOG
    )
    silences: list[AccessRefusal] | None = resolved(_sealed, tag=SEALED)
    refused_by: str | None = column(tag=LOG)
    result_count: int | None
    policy_ids: list[str] | None = value(_policies)
    log: str | None = column(tag=LOG)
    position: int | None = column(tag=LOG)
    outcome_position: int | None = column(tag=LOG)
    world: str | None = column(tag=LOG)
    reviewed_by: str | None = value(_reviewed_by)
    review_outcome: CodedValue | None = value(_review_outcome)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Events by their audit id."""
        found = await records_by_key(cls, loaders.EVENT, "auditId", representations, info)
        return [None if event is None else cls(row=event_row(event.row)) for event in found]

"""Retiring a vehicle report under a retention rule: accepted, then erased; the review stays as its tombstone."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from resolvers.changes.reviews import (
    RetirementRequest,
    pending_of_reports,
    request_retirement,
    reviews_by_id,
    validate,
)
from resolvers.loading import Lookup
from subgraphs.changes import ChangeState, writing_for
from subgraphs.coded import CodedValue
from subgraphs.lists import texts
from subgraphs.records import Record, coded, column, governed_field, governed_type, value
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, dataset_tag, reads

RRD = dataset_tag("RRD")
REVIEW = Lookup(reviews_by_id, "request_id")
PENDING_REVIEW = Lookup(pending_of_reports, "vehicle_report_id")


@governed_type(subject=("vehicle_id", "Vehicle"))
class RrdReview(Record):
    """A decision to retain or delete. ACCEPTED: decided, the record is still there; COMPLETED: it is erased."""

    change_verb = "ERASE"

    review_id: strawberry.ID | None = column("request_id", tag=RRD)
    vehicle_id: strawberry.ID | None = column(internal=True, tag=RRD)
    vehicle_report_id: strawberry.ID | None = column(tag=RRD)
    rule: CodedValue | None = coded("retention_rules")
    due_date: date | None
    decision: CodedValue | None = coded("rrd_actions")
    approvers: list[str] | None = texts("approvers")
    reason: str | None
    state: ChangeState | None = value(lambda row, _info: ChangeState(row["state"]), tag=RRD)
    accepted_at: datetime | None = column(tag=RRD)
    completed_at: datetime | None = column(tag=RRD)
    refused_by: str | None = column(tag=RRD)


async def pending_review(root: Record, info: RequestInfo) -> RrdReview | None:
    """The review that a report waits for."""
    row = await info.context.loading.row(PENDING_REVIEW, root.row["vehicle_report_id"])
    return None if row is None else RrdReview(row=row)


async def rrd_review(
    info: RequestInfo, review_id: Annotated[strawberry.ID, reads("RrdReview.reviewId")]
) -> RrdReview | None:
    """How far a review is."""
    row = await info.context.loading.row(REVIEW, str(review_id))
    return None if row is None else RrdReview(row=row)


@governed_type()
class Mutation:
    """What may be changed in the vehicle product."""

    @governed_field(tag=RRD)
    async def retire_vehicle_report(
        self,
        info: RequestInfo,
        vehicle_report_id: Annotated[strawberry.ID, reads("RrdReview.vehicleReportId")],
        rule: Annotated[str, OPEN],
        reason: Annotated[str, OPEN],
        idempotency_key: Annotated[strawberry.ID, OPEN],
    ) -> RrdReview | None:
        """Retire a report that has reached the due date of its retention rule (a code of the list retention_rules).
        The same `idempotencyKey` (8 to 64 characters) is the same request."""
        asked, key = RetirementRequest(str(vehicle_report_id), rule, reason), str(idempotency_key)
        validate(asked, key)
        writer, asker = writing_for(info, key)
        return RrdReview(row=await request_retirement(writer, asked, asker))

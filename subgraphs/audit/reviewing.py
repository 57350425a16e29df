"""Reviewing an event of the ledger: one more event that points back."""

from typing import Annotated

import strawberry

from authz.audit.leaf import Event, EventType
from authz.row_rules import ROW_FACTS, RowFact
from resolvers.audit import loaders
from resolvers.audit.errors import ReviewIncomplete
from subgraphs.audit.recording import recorded
from subgraphs.audit.scope import refused
from subgraphs.audit.types import LOG, NOT_REVIEWED
from subgraphs.coded import CodedValue
from subgraphs.records import Record, coded, column, governed_type
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, reads

LONGEST_NOTE = 1_000


@governed_type(subject=("audit_id", "AuditEvent"))
class AuditReview(Record):
    """What a reviewer found of an event, as it is recorded."""

    change_verb = "REVIEW"

    audit_id: strawberry.ID | None = column(tag=LOG)
    outcome: CodedValue | None = coded("review_outcomes", tag=LOG)
    note: str | None = column(tag=LOG)
    reviewed_by: str | None = column(tag=LOG)
    recorded_as: strawberry.ID | None = column(tag=LOG)


async def record_review(
    info: RequestInfo,
    audit_id: Annotated[strawberry.ID, reads("AuditEvent.auditId")],
    outcome: Annotated[str, OPEN],
    note: Annotated[str | None, OPEN] = strawberry.UNSET,
) -> AuditReview | None:
    """Record what the review of somebody else's request found; None when there is no such event."""
    request, said = info.context, note or None
    _require_complete(outcome, said, info)
    row = await request.loading.row(loaders.EVENT, str(audit_id))
    if row is None or refused(RowFact(row[ROW_FACTS]), info):
        return None
    told = {"outcome": outcome} | ({} if said is None else {"note": said})
    reviewed = row["audit_id"]
    receipt = await recorded(info, EventType.REVIEW, Event("REVIEW", reviewed), told, ("AuditEvent", reviewed))
    return AuditReview(
        row={
            "audit_id": reviewed,
            "outcome": outcome,
            "note": said,
            "reviewed_by": request.caller and request.caller.subject,
            "recorded_as": receipt.entry_id,
        }
    )


def _require_complete(outcome: str, note: str | None, info: RequestInfo) -> None:
    known = info.context.catalogue.value("review_outcomes", outcome)
    if not known.resolved or outcome == NOT_REVIEWED:
        raise ReviewIncomplete("That is no outcome of a review.")
    if len(note or "") > LONGEST_NOTE:
        raise ReviewIncomplete(f"The note is longer than {LONGEST_NOTE} characters.")

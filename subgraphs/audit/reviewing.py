"""Reviewing an event of the ledger: one more event that points back. What is reviewed never changes."""

import hashlib
from typing import Annotated

import strawberry
from graphql import print_ast

from authz.audit.desk import Append
from authz.audit.recorder import AuditedOperation, AuditedRequest, Recorder
from authz.row_rules import ROW_FACTS, RowFact
from resolvers.audit import loaders
from resolvers.audit.errors import DeskUnavailable, ReviewIncomplete
from resolvers.audit.events import event_row
from subgraphs.audit.scope import refused
from subgraphs.audit.types import LOG, NOT_REVIEWED
from subgraphs.coded import CodedValue
from subgraphs.records import Record, coded, column, governed_field, governed_type
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


@governed_type()
class Mutation:
    """What may be done with the ledger: nothing but to add to it."""

    @governed_field(tag=LOG)
    async def record_review(
        self,
        info: RequestInfo,
        audit_id: Annotated[strawberry.ID, reads("AuditEvent.auditId")],
        outcome: Annotated[str, OPEN],
        note: Annotated[str | None, OPEN] = strawberry.UNSET,
    ) -> AuditReview | None:
        """Record what the review of somebody else's request found: a code of the list review_outcomes, and a note. Null
        when there is no such event."""
        request, said = info.context, note or None
        _require_complete(outcome, said, info)
        row = await request.loading.row(loaders.EVENT, str(audit_id))
        if row is None or refused(RowFact(row[ROW_FACTS]), info):
            return None
        event = event_row(row)
        recorder, append = _writing(info)
        receipt = await append(recorder.review(_request(info), event["audit_id"], outcome, said))
        return AuditReview(
            row={
                "audit_id": event["audit_id"],
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


def _writing(info: RequestInfo) -> tuple[Recorder, Append]:
    """What drafts and what records. Raises DeskUnavailable where nothing can be recorded."""
    desk = info.context.desk
    if desk is None or desk.append is None:
        raise DeskUnavailable("This service has no log that it may write.")
    return desk.recorder, desk.append


def _request(info: RequestInfo) -> AuditedRequest:
    """Who reviews and why, with the operation as it came here."""
    text = print_ast(info._raw_info.operation)
    operation = AuditedOperation("recordReview", f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")
    return AuditedRequest(info.context.caller, info.context.context, operation)

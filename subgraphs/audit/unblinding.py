"""Unblinding a record that an event names by a hash: asked for by one person, approved by another, both recorded.

The ledger holds no key that could be given back. What the two people open is the answer to one question: whether a
record that the reviewer names is the one.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from authz.audit.leaf import Event, EventType
from authz.row_rules import ROW_FACTS, RowFact
from resolvers.audit import loaders
from resolvers.audit.errors import DeskUnavailable, NotUnblinded, ReviewIncomplete
from resolvers.audit.events import UNBLINDING, event_row, review_row, subject_of, unblinding_row
from subgraphs.audit.recording import recorded
from subgraphs.audit.scope import refused
from subgraphs.audit.types import LOG
from subgraphs.records import Record, column, governed_type
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, reads

APPROVED = "UNBLINDING_APPROVED"
SHORTEST_REASON, LONGEST_REASON = 10, 250
UnblindingId = Annotated[strawberry.ID, reads("Unblinding.unblindingId")]


@governed_type(subject=("audit_id", "AuditEvent"))
class Unblinding(Record):
    """A request to learn whose record an event shows; nothing is opened before a second person has approved it."""

    change_verb = "REVIEW"

    unblinding_id: strawberry.ID | None = column(tag=LOG)
    audit_id: strawberry.ID | None = column(tag=LOG)
    type: str | None = column(tag=LOG)
    because: str | None = column(tag=LOG)
    requested_by: str | None = column(tag=LOG)
    approved_by: str | None = column(tag=LOG)


async def request_unblinding(
    info: RequestInfo,
    audit_id: Annotated[strawberry.ID, reads("AuditEvent.auditId")],
    key_hash: Annotated[str, reads("AuditEvent.subjects")],
    because: Annotated[str, OPEN],
) -> Unblinding | None:
    """Ask for the record that somebody else's request shows under this name; None when there is none."""
    if not SHORTEST_REASON <= len(because) <= LONGEST_REASON:
        raise ReviewIncomplete(f"The reason has {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    request = info.context
    row = await request.loading.row(loaders.EVENT, str(audit_id))
    if row is None or refused(RowFact(row[ROW_FACTS]), info):
        return None
    shown = map(subject_of, await request.loading.rows(loaders.SUBJECTS_WHOLE, row["audit_id"]))
    subject = next((each for each in shown if request.pseudonyms.of(each.key_hash) == key_hash), None)
    if subject is None:
        return None
    said = {"type": subject.type, "keyHash": subject.key_hash, "because": because}
    about = row["audit_id"]
    receipt = await recorded(info, EventType.AUTH, Event(UNBLINDING, about), said, ("AuditEvent", about))
    asked = {"type": subject.type, "because": because, "requested_by": request.caller and request.caller.subject}
    return Unblinding(row={"unblinding_id": receipt.entry_id, "audit_id": about, "approved_by": None, **asked})


async def approve_unblinding(info: RequestInfo, unblinding_id: UnblindingId) -> Unblinding | None:
    """Approve what somebody else has asked for, of somebody else's request; None when nothing was asked for."""
    found = await _asked(str(unblinding_id), info)
    event = None if found is None else await info.context.loading.row(loaders.EVENT, found["audit_id"])
    caller = info.context.caller
    if found is None or event is None or caller is None:
        return None
    own = RowFact.OWN_REQUEST if found["requested_by"] == caller.subject else RowFact(0)
    if refused(RowFact(event[ROW_FACTS]) | own, info):
        return None
    about = found["unblinding_id"]
    await recorded(info, EventType.AUTH, Event(APPROVED, about), {}, ("Unblinding", about))
    return Unblinding(row={**found, "approved_by": caller.subject})


async def unblinded_subject(
    info: RequestInfo, unblinding_id: UnblindingId, key: Annotated[strawberry.ID, reads("AuditEvent.subjects")]
) -> bool:
    """Whether the record with this key is the one, for whoever asked and was approved. Raises NotUnblinded."""
    request, desk = info.context, info.context.desk
    if desk is None:
        raise DeskUnavailable("This service has no key to find records by.")
    found, caller = await _asked(str(unblinding_id), info), request.caller
    if found is None or caller is None or found["requested_by"] != caller.subject:
        raise NotUnblinded("Nothing that you asked for is approved under this id.")
    approval = await request.loading.row(loaders.APPROVAL, desk.recorder.key.subject("Unblinding", str(unblinding_id)))
    if approval is None or review_row(approval)["by"] in (None, caller.subject):
        raise NotUnblinded("Nothing that you asked for is approved under this id.")
    coordinate = "Query.unblindedSubject"
    request.shown.find(
        (found["type"], str(key)), LOG.id, coordinate, request.clearance.decision(coordinate)
    )  # either answer says something of the record named
    return desk.recorder.key.subject(found["type"], str(key)) == found["key_hash"]


async def _asked(unblinding_id: str, info: RequestInfo) -> Mapping[str, Any] | None:
    """The request to unblind with this id."""
    row = await info.context.loading.row(loaders.EVENT, unblinding_id)
    if row is None:
        return None
    return unblinding_row(event_row(row), await info.context.loading.row(loaders.STATEMENTS, unblinding_id))

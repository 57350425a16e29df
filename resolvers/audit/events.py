"""Rows of the ledger in, rows by the names of the graph out: what leaves and parts say, decoded. No I/O.

Canonical bytes that are no leaf or part are never guessed at: `LedgerUnreadable`.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from authz.audit.errors import InvalidEntry, LedgerUnreadable
from authz.audit.leaf import Leaf, Refusal, leaf_from_bytes
from authz.audit.parts import About, AnyPart, Sealed, Statements, Subject, part_from_bytes
from authz.audit.sealing import SealingKey, place_of
from authz.row_rules import ROW_FACTS

Row = Mapping[str, Any]
UNBLINDING = "UNBLINDING_REQUESTED"
ADVICE = "Run `leds audit verify` on the ledger: it names the first bad entry."


def event_row(found: Row) -> dict[str, Any]:
    """An event: what its first leaf says of who asked and why, and its first outcome of what came of it."""
    head = _leaf(found["canonical"])
    outcome = head if found["outcome_canonical"] is None else _leaf(found["outcome_canonical"])
    has_outcome = found["outcome_canonical"] is not None
    return {
        "audit_id": head.audit_id,
        "log": found["log"],
        "position": found["position"],
        "outcome_position": found["outcome_position"],
        "stage": head.stage.value,
        "occurred_at": datetime.fromisoformat(head.occurred_at),
        "event_type": outcome.event_type,
        "outcome": outcome.outcome,
        "refused_by": outcome.refused_by,
        "result_count": outcome.result_count if has_outcome else None,
        "refusals": outcome.refusals,
        "recipient": outcome.recipient,
        "event": head.event,
        "world": head.world,
        ROW_FACTS: found.get(ROW_FACTS),
        **_request(head),
    }


def _request(head: Leaf) -> dict[str, Any]:
    request = head.request
    user, system = (request.user, request.system) if request else (None, None)
    return {
        "user_id": user.id if user else None,
        "organisation_id": user.organisation if user else None,
        "fs_code": user.force_station if user else None,
        "roles": user.roles if user else (),
        "system_name": system.id if system else None,
        "route": system.route if system else None,
        "reason_code": request.reason if request else None,
        "purpose": request.purpose if request else None,
        "session_id": request.session_id if request else None,
        "correlation_id": request.correlation_id if request else None,
        "activity_flow_id": request.activity_flow_id if request else None,
        "activity_code": request.activity_code if request else None,
        "action_code": request.action_code if request else None,
        "operation": request.operation if request else None,
    }


def statements_row(found: Row | None) -> dict[str, Any]:
    """What people wrote; nothing where it was erased or never stated."""
    part = None if found is None else _part(found["canonical"])
    if not isinstance(part, Statements):
        return {}
    return {name: getattr(part, name) for name in part.__struct_fields__}


def subject_of(found: Row) -> Subject:
    """The record shown that a row of `subjects` holds."""
    part = _part(found["canonical"])
    if not isinstance(part, Subject):
        raise LedgerUnreadable("A part of the ledger is not what its columns say.", advice=ADVICE)
    return part


def policies_of(refusals: Iterable[Refusal], shown: Iterable[Row]) -> list[str]:
    """Which policies decided anything of an event, sorted."""
    found = {policy for refusal in refusals for policy in refusal.policies}
    found |= {policy for row in shown for form in subject_of(row).forms for policy in form.policies}
    return sorted(found)


def silent_of(found: Iterable[Row], key: SealingKey) -> list[Refusal]:
    """What was refused in silence, from rows of `sealed_parts`. Raises LedgerUnreadable for another key's part."""
    sealed = [(row, part) for row in found if isinstance(part := _part(row["canonical"]), Sealed)]
    try:
        opened = [key.open(part, place_of(row["log"], row["audit_id"])) for row, part in sealed]
    except InvalidEntry as error:
        raise LedgerUnreadable("A sealed part does not open with this service's key.", advice=ADVICE) from error
    return [refusal for refusals in opened for refusal in refusals]


def review_row(found: Row) -> dict[str, Any]:
    """What was done about an event: by whom, when, and what was said of it."""
    leaf = _leaf(found["canonical"])
    user = leaf.request.user if leaf.request else None
    return {
        "by": user.id if user else None,
        "at": datetime.fromisoformat(leaf.occurred_at),
        **_said(found["about"]),
    }


def unblinding_row(event: Row, about: Row | None) -> dict[str, Any] | None:
    """A request to unblind, from an event's row and its part; None for another event, or where the part was erased."""
    said = {} if about is None else _said(about["canonical"])
    if event["event"] is None or event["event"].name != UNBLINDING or "keyHash" not in said:
        return None
    return {
        "unblinding_id": event["audit_id"],
        "audit_id": event["event"].about,
        "requested_by": event["user_id"],
        "because": said.get("because"),
        "type": said["type"],
        "key_hash": said["keyHash"],
    }


def _said(canonical: bytes | None) -> dict[str, str]:
    part = None if canonical is None else _part(canonical)
    return part.said if isinstance(part, About) else {}


def roles_from(text: str | None) -> str | None:
    """Roles as statistics name them: codes joined by a semicolon, from a JSON list."""
    return None if text is None else ";".join(json.loads(text))


def _leaf(data: bytes) -> Leaf:
    try:
        return leaf_from_bytes(bytes(data))
    except InvalidEntry as error:
        raise LedgerUnreadable("A leaf of the ledger is no leaf.", advice=ADVICE) from error


def _part(data: bytes) -> AnyPart:
    try:
        return part_from_bytes(bytes(data))
    except InvalidEntry as error:
        raise LedgerUnreadable("A part of the ledger is no part.", advice=ADVICE) from error

"""Accepting a change: the same request once, one pending change for each record; and what is still to be done."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from authz.row_concerns import CallerClass
from resolvers.changes.errors import IdempotencyKeyReused, PendingChangeExists
from resolvers.changes.tables import ACCEPTED, COMPLETED, REFUSED
from resolvers.changes.writing import Writing

Row = dict[str, Any]
SHORTEST_KEY, LONGEST_KEY = 8, 64


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a change, when, and under which key of their own; `request_id` is the id it gets if it is new,
    `caller` what policies judge it by.

    `parameters` are those of statements with row rules: what is SILENT for the caller is not there to be changed.
    """

    subject: str
    idempotency_key: str
    request_id: str
    now: datetime
    caller: CallerClass
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def as_seen(self, statement: sa.Select) -> sa.Select:
        """A statement with row rules, for this caller now."""
        return statement.params(**self.parameters, today=self.now.date())


def fingerprint(content: Mapping[str, Any]) -> str:
    """The hash that tells one change from another under the same idempotency key."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


async def repeated(writing: Writing, table: sa.Table, asker: Asker, print_: str) -> Row | None:
    """The request that this caller made under this key before. Raises IdempotencyKeyReused when it was another one."""
    known = await writing.row(
        sa.select(table).where(table.c.requested_by == asker.subject, table.c.idempotency_key == asker.idempotency_key)
    )
    if known is not None and known["fingerprint"] != print_:
        raise IdempotencyKeyReused("The idempotency key was used for another change.")
    return known


async def is_pending(writing: Writing, table: sa.Table, record: str) -> bool:
    """Whether the record waits for another change."""
    return bool(await writing.row(sa.select(table.c.request_id).where(table.c.pending_for == record)))


async def accept(writing: Writing, table: sa.Table, asker: Asker, record: str, content: Mapping[str, Any]) -> Row:
    """Keep an accepted request. Raises PendingChangeExists when another caller's was accepted meanwhile."""
    row = {
        **dict.fromkeys(table.columns.keys()),
        **content,
        "request_id": asker.request_id,
        "requested_by": asker.subject,
        "idempotency_key": asker.idempotency_key,
        "pending_for": record,
        "state": ACCEPTED,
        "accepted_at": asker.now,
    }
    try:
        await writing.run(table.insert().values(row))
    except IntegrityError as error:
        raise PendingChangeExists("Another change of this record was accepted first.") from error
    return row


async def finish(writing: Writing, table: sa.Table, request_id: str, now: datetime, refused_by: str | None) -> None:
    """Mark a request completed, or refused when what it was for is no more as it was when it was accepted."""
    state = REFUSED if refused_by else COMPLETED
    await writing.run(
        table.update()
        .where(table.c.request_id == request_id)
        .values(state=state, completed_at=now, pending_for=None, refused_by=refused_by)
    )


def waiting(table: sa.Table) -> sa.Select:
    """The accepted requests, oldest first, a hundred at a time."""
    requests = sa.select(table.c.request_id).where(table.c.state == ACCEPTED)
    return requests.order_by(table.c.accepted_at, table.c.request_id).limit(100)


async def taken_up(writing: Writing, table: sa.Table, request_id: str) -> Row | None:
    """An accepted request, held so that no other process carries it out too; None when one already has."""
    statement = sa.select(table).where(table.c.request_id == request_id, table.c.state == ACCEPTED)
    return await writing.row(statement.with_for_update())

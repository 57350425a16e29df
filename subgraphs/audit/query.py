"""The entry points to the ledger. Everybody sees their own requests; who looks after others' sees as far as they do."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import federation

from resolvers.audit import loaders
from resolvers.audit.errors import DeskUnavailable
from resolvers.audit.events import event_row
from resolvers.audit.statements import EVERYBODY, Scope, Sought, events
from schema.directives import Reads
from subgraphs.audit.scope import beyond, refused, scope_of
from subgraphs.audit.statistics import AuditDimension, AuditSample, AuditStatistics, sample_of, statistics_of
from subgraphs.audit.types import LOG, AuditEvent
from subgraphs.audit.unblinding import unblinded_subject
from subgraphs.records import governed_type, resolved
from subgraphs.relay import Connection, given, search_page
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, Cursor, First, dataset_tag, reads

# Who looked at somebody is for the data protection officer who answers that person (policy P06).
SUBJECT = dataset_tag("AUD.LOG", "S2")


def _reading(*coordinates: str) -> Any:
    return federation.field(directives=[Reads(fields=list(coordinates))], default=strawberry.UNSET)


@strawberry.input
class AuditFilter:
    """What else is looked for: the operator's id, a purpose, an event type, the hash of a document (`sha256:…`), a
    dataset that something was shown of."""

    operator: str | None = _reading("AuditEvent.userId")
    purpose: str | None = _reading("AuditEvent.purpose")
    event_type: str | None = _reading("AuditEvent.eventType")
    document: str | None = _reading("AuditEvent.queryShape")
    dataset: str | None = _reading("AuditEvent.subjects")


Organisation = Annotated[str | None, reads("AuditEvent.organisationId")]
Reason = Annotated[str | None, reads("AuditEvent.reasonCode")]
Since = Annotated[
    datetime | None, federation.argument(name="from", directives=[Reads(fields=["AuditEvent.occurredAt"])])
]
Until = Annotated[datetime | None, federation.argument(name="to", directives=[Reads(fields=["AuditEvent.occurredAt"])])]
Where = Annotated[AuditFilter | None, OPEN]


def _sought(
    organisation: str | None, reason: str | None, since: datetime | None, until: datetime | None, where: object
) -> Sought:
    filters = given(where)
    named = {} if filters is None else {name: given(value) for name, value in vars(filters).items()}
    return Sought(
        organisation=given(organisation), reason=given(reason), since=given(since), until=given(until), **named
    )


async def _page(
    scope: Scope, sought: Sought, arguments: tuple[int | None, str | None, int | None, str | None], info: RequestInfo
) -> Connection[AuditEvent]:
    found, order = events(scope, sought), loaders.NEWEST_FIRST
    return await search_page(lambda row: AuditEvent(row=event_row(row)), found, order, arguments, info)


async def _audit_events(  # noqa: PLR0913 - one parameter for each argument of the field
    info: RequestInfo,
    organisation: Organisation = strawberry.UNSET,
    reason: Reason = strawberry.UNSET,
    since: Since = strawberry.UNSET,
    until: Until = strawberry.UNSET,
    where: Where = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Connection[AuditEvent] | None:
    sought = _sought(organisation, reason, since, until, where)
    if refused(beyond(sought, info.context), info):
        return None
    return await _page(scope_of(info), sought, (given(first), given(after), given(last), given(before)), info)


async def _my_lookups(  # noqa: PLR0913 - one parameter for each argument of the field
    info: RequestInfo,
    since: Since = strawberry.UNSET,
    until: Until = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Connection[AuditEvent] | None:
    caller = info.context.caller
    own = EVERYBODY if caller is None else Scope(user=caller.subject)
    sought = Sought(since=given(since), until=given(until))
    return await _page(own, sought, (given(first), given(after), given(last), given(before)), info)


async def _audit_event(
    info: RequestInfo, audit_id: Annotated[strawberry.ID, reads("AuditEvent.auditId")]
) -> AuditEvent | None:
    row = await info.context.loading.row(loaders.EVENT, str(audit_id))
    return None if row is None else AuditEvent(row=event_row(row))


async def _subject_accesses(  # noqa: PLR0913 - one parameter for each argument of the field
    info: RequestInfo,
    type: Annotated[str, reads("AuditEvent.subjects")],
    key: Annotated[strawberry.ID, reads("AuditEvent.subjects")],
    since: Since = strawberry.UNSET,
    until: Until = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Connection[AuditEvent] | None:
    desk = info.context.desk
    if desk is None:
        raise DeskUnavailable("This service has no key to find records by.")
    sought = Sought(since=given(since), until=given(until), subject=desk.recorder.key.subject(type, str(key)))
    return await _page(scope_of(info), sought, (given(first), given(after), given(last), given(before)), info)


async def _audit_sample(  # noqa: PLR0913 - one parameter for each argument of the field
    info: RequestInfo,
    size: Annotated[int, OPEN],
    organisation: Organisation = strawberry.UNSET,
    reason: Reason = strawberry.UNSET,
    since: Since = strawberry.UNSET,
    until: Until = strawberry.UNSET,
    where: Where = strawberry.UNSET,
) -> AuditSample | None:
    sought = _sought(organisation, reason, since, until, where)
    if refused(beyond(sought, info.context), info):
        return None
    return await sample_of(scope_of(info), sought, size, info)


async def _audit_statistics(  # noqa: PLR0913 - one parameter for each argument of the field
    info: RequestInfo,
    by: Annotated[AuditDimension, OPEN],
    organisation: Organisation = strawberry.UNSET,
    reason: Reason = strawberry.UNSET,
    since: Since = strawberry.UNSET,
    until: Until = strawberry.UNSET,
    where: Where = strawberry.UNSET,
) -> AuditStatistics | None:
    sought = _sought(organisation, reason, since, until, where)
    if refused(beyond(sought, info.context), info):
        return None
    return await statistics_of(scope_of(info), sought, by, info)


@governed_type()
class Query:
    """Where questions about the use of the service begin."""

    audit_event: AuditEvent | None = resolved(_audit_event, tag=LOG)
    audit_events: Connection[AuditEvent] | None = resolved(_audit_events, tag=LOG)
    my_lookups: Connection[AuditEvent] | None = resolved(_my_lookups, tag=LOG)
    subject_accesses: Connection[AuditEvent] | None = resolved(_subject_accesses, tag=SUBJECT)
    audit_sample: AuditSample | None = resolved(_audit_sample, tag=LOG)
    audit_statistics: AuditStatistics | None = resolved(_audit_statistics, tag=LOG)
    unblinded_subject: bool | None = resolved(unblinded_subject, tag=LOG)

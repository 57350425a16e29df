"""How the service is used, in counts: by one dimension, few withheld. And samples that nobody can choose by hand."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from strawberry import federation

from resolvers.audit.errors import PeriodTooLong, SampleTooLarge
from resolvers.audit.events import Row, event_row, roles_from
from resolvers.audit.small_counts import total_told, withheld
from resolvers.audit.statements import FACTOR_LIMIT, Scope, Sought, counted, requests, sample
from schema.directives import Open
from subgraphs.audit.types import LOG, AuditEvent
from subgraphs.coded import CodedValue, coded_value
from subgraphs.records import Record, column, governed_type, value
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type

LARGEST_SAMPLE = 50
USUAL_PERIOD, LONGEST_PERIOD = timedelta(days=31), timedelta(days=366)
LISTS = {
    "REASON": "reason_codes",
    "PURPOSE": "lawful_purposes",
    "ORGANISATION": "organisations",
    "ROLE": "user_roles",
    "EVENT_TYPE": "audit_event_types",
}


@federation.enum
class AuditDimension(Enum):
    """What requests are counted by. HOUR is the hour of the day in UTC; REFUSED_BY the code of a whole refusal."""

    REASON = federation.enum_value("REASON", directives=[Open()])
    PURPOSE = federation.enum_value("PURPOSE", directives=[Open()])
    ORGANISATION = federation.enum_value("ORGANISATION", directives=[Open()])
    ROLE = federation.enum_value("ROLE", directives=[Open()])
    HOUR = federation.enum_value("HOUR", directives=[Open()])
    EVENT_TYPE = federation.enum_value("EVENT_TYPE", directives=[Open()])
    OUTCOME = federation.enum_value("OUTCOME", directives=[Open()])
    REFUSED_BY = federation.enum_value("REFUSED_BY", directives=[Open()])


@value_type
class AuditCount:
    """How many requests have one value (several roles of a caller are joined by a semicolon); null where few are, or
    where a sum would say how few another value has."""

    value: str | None
    coded: CodedValue | None
    count: int | None
    withheld: bool | None


@governed_type()
class AuditStatistics(Record):
    """Requests of a period counted by one dimension, the most first; `total` is null where it would say what a count
    that is withheld is."""

    since: datetime | None = column(name="from", tag=LOG)
    until: datetime | None = column(name="to", tag=LOG)
    total: int | None = column(tag=LOG)
    counts: list[AuditCount] | None = column(tag=LOG)


@governed_type()
class AuditSample(Record):
    """Requests of a period drawn by a seed of the server's, so that nobody chose them; `population` were drawn from."""

    since: datetime | None = column(name="from", tag=LOG)
    until: datetime | None = column(name="to", tag=LOG)
    seed: str | None = column(tag=LOG)
    population: int | None = column(tag=LOG)
    events: list[AuditEvent] | None = value(lambda row, _info: row["events"], tag=LOG)


async def statistics_of(scope: Scope, sought: Sought, by: AuditDimension, info: RequestInfo) -> AuditStatistics:
    """The counts of a period. Raises PeriodTooLong."""
    within = within_period(sought, info.context.now)
    found = await info.context.loading.select(counted(scope, within, by.value))
    totals = [row["total"] for row in found]
    hidden = withheld(totals)
    counts = [_count(row, by, place in hidden, info) for place, row in enumerate(found)]
    # In an order that says nothing of the counts withheld.
    counts.sort(key=lambda each: (-(each.count or 0), each.value or ""))
    period = {"since": within.since, "until": within.until}
    return AuditStatistics(row={**period, "total": total_told(totals), "counts": counts})


async def sample_of(scope: Scope, sought: Sought, size: int, info: RequestInfo) -> AuditSample:
    """A sample of a period. Raises PeriodTooLong, SampleTooLarge."""
    if not 1 <= size <= LARGEST_SAMPLE:
        raise SampleTooLarge(f"A sample holds 1 to {LARGEST_SAMPLE} requests.")
    within, seed = within_period(sought, info.context.now), info.context.new_id()
    loading = info.context.loading
    drawn = await loading.select(sample(scope, within, _factors(seed), size))
    population = await loading.count(requests(scope, within))
    drawn_events = [AuditEvent(row=event_row(row)) for row in drawn]
    period = {"since": within.since, "until": within.until}
    return AuditSample(row={**period, "seed": seed, "population": population, "events": drawn_events})


def within_period(sought: Sought, now: datetime) -> Sought:
    """The same with both ends of its period: until now, for 31 days. Raises PeriodTooLong."""
    until = sought.until or now
    since = sought.since or until - USUAL_PERIOD
    if not timedelta(0) < until - since <= LONGEST_PERIOD:
        raise PeriodTooLong(f"The period is empty or longer than {LONGEST_PERIOD.days} days.")
    return replace(sought, since=since, until=until)


def _factors(seed: str) -> tuple[int, int, int]:
    """Three numbers from a seed: factors of time and place, never 0, and a start."""
    digest = hashlib.sha256(seed.encode()).digest()
    time, place, start = (int.from_bytes(digest[at : at + 4]) % FACTOR_LIMIT for at in (0, 4, 8))
    return time or 1, place or 1, start


def _count(row: Row, by: AuditDimension, is_hidden: bool, info: RequestInfo) -> AuditCount:
    text = _text(row["value"], by)
    listed = coded_value(info.context.catalogue, LISTS[by.value], text) if by.value in LISTS else None
    return AuditCount(value=text, coded=listed, count=None if is_hidden else row["total"], withheld=is_hidden)


def _text(value: object, by: AuditDimension) -> str | None:
    if by is AuditDimension.ROLE:
        return roles_from(None if value is None else str(value))
    if by is AuditDimension.HOUR:
        return f"{value:02}"
    return None if value is None else str(value)

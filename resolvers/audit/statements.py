"""Who asks and what about in, one `select()` over the ledger's tables out. No I/O.

An event is a request: the leaf that says who asked and why (its intent, or its outcome where it was refused before it
had one) with its first outcome beside it; or something that is no request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from authz.audit.leaf import EventType, Stage
from authz.row_rules import ROW_FACTS, RowFact
from resolvers.audit.tables import holds, ledger_leaf, ledger_part, log_of, said

_head, _outcome = ledger_leaf.alias("head"), ledger_leaf.alias("outcome")
_USER, _UNIT, _ORGANISATION = (
    sa.bindparam(f"caller_{name}", type_=sa.Text) for name in ("user", "unit", "organisation")
)
_unit = said(_head.c.canonical, "request", "user", "forceStation")
HOUR = 3_600_000
# Ranks of a sample: a hash of place and time modulo this prime (Carter and Wegman), in numbers below 2**63.
PRIME = 2_147_483_647
FACTOR_LIMIT = 1 << 30

DIMENSIONS = {
    "REASON": _head.c.reason,
    "PURPOSE": _head.c.purpose,
    "ORGANISATION": _head.c.organisation,
    "ROLE": said(_head.c.canonical, "request", "user", "roles"),
    "HOUR": (_head.c.at // HOUR) % 24,
    "EVENT_TYPE": _outcome.c.event_type,
    "OUTCOME": said(_outcome.c.canonical, "outcome"),
    "REFUSED_BY": said(_outcome.c.canonical, "refusedBy"),
}
"""What requests are counted by; roles are a JSON list of codes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose requests are looked at: this user's, this unit's (and the user's own), this organisation's; None: whatever
    the next wider one says, and without any everybody's."""

    user: str | None = None
    unit: str | None = None
    organisation: str | None = None


EVERYBODY = Scope()


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; None: anything. `since` is inclusive, `until` exclusive; `document` is its `sha256:…`,
    `dataset` one that something was shown of, `subject` the ledger's hash of a record's key."""

    organisation: str | None = None
    operator: str | None = None
    reason: str | None = None
    purpose: str | None = None
    event_type: str | None = None
    document: str | None = None
    dataset: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None


def events(scope: Scope, sought: Sought) -> sa.Select:
    """Every event that is looked for."""
    return _events().where(*_of(scope), *_found(sought))


def events_by_id(ids: Sequence[str]) -> sa.Select:
    """Events by audit id, with what row rules make of each for the caller."""
    return _events(_facts().label(ROW_FACTS)).where(_head.c.audit_id.in_(ids))


def requests(scope: Scope, sought: Sought) -> sa.Select:
    """The requests among the events, to be counted."""
    return _events().where(_head.c.stage != Stage.EVENT, *_of(scope), *_found(sought))


def sample(scope: Scope, sought: Sought, seed: tuple[int, int, int], size: int) -> sa.Select:
    """`size` requests at random: those of the lowest rank, which three numbers below FACTOR_LIMIT decide."""
    time, place, start = seed
    rank = ((_head.c.at % PRIME) * time + _head.c.position * place + start) % PRIME
    return requests(scope, sought).order_by(rank, _head.c.audit_id).limit(size)


def counted(scope: Scope, sought: Sought, dimension: str) -> sa.Select:
    """How many requests there are of each value (`value`, `total`) of a dimension."""
    value = DIMENSIONS[dimension].label("value")
    chosen = requests(scope, sought).with_only_columns(value, sa.func.count().label("total"))
    return chosen.group_by(value)


def statements_of(ids: Sequence[str]) -> sa.Select:
    """What people wrote with these requests, unless it was erased."""
    part = ledger_part
    found = sa.select(_head.c.audit_id, part.c.canonical).join(_head, _same_leaf(_head, part))
    return found.where(_head.c.audit_id.in_(ids), _is_head(), part.c.slot == 0, part.c.canonical.is_not(None))


def subjects(ids: Sequence[str]) -> sa.Select:
    """The records that these requests showed, event by event of a stream."""
    part = ledger_part
    found = sa.select(_outcome.c.audit_id, _outcome.c.part, part.c.slot, part.c.canonical)
    shown = (part.c.key_hash.is_not(None), part.c.canonical.is_not(None))
    return found.join(_outcome, _same_leaf(_outcome, part)).where(*_outcomes(ids), *shown)


def sealed_parts(ids: Sequence[str]) -> sa.Select:
    """The parts of these requests' outcomes that may be the sealed one: there is one among the first two."""
    part = ledger_part
    found = sa.select(_outcome.c.audit_id, log_of(_outcome.c.log).label("log"), part.c.canonical)
    kept = (part.c.key_hash.is_(None), part.c.slot <= 1, part.c.canonical.is_not(None))
    ordered = found.join(_outcome, _same_leaf(_outcome, part)).order_by(_outcome.c.part, part.c.slot)
    return ordered.where(*_outcomes(ids), *kept)


def reviews(hashes: Sequence[str]) -> sa.Select:
    """Reviews of events (by the hashes of their audit ids), the newest first, with what was said."""
    return _done_about(hashes, EventType.REVIEW)


def approvals(hashes: Sequence[str]) -> sa.Select:
    """Approvals of unblindings (by the hashes of their ids), the newest first."""
    return _done_about(hashes, EventType.AUTH)


def _done_about(hashes: Sequence[str], kind: EventType) -> sa.Select:
    event, named, about = ledger_leaf.alias("event"), ledger_part.alias("named"), ledger_part.alias("about")
    return (
        sa.select(named.c.key_hash, event.c.at, event.c.canonical, about.c.canonical.label("about"))
        .select_from(named)
        .join(event, _same_leaf(event, named))
        .join(about, sa.and_(_same_leaf(event, about), about.c.slot == 0))
        .where(named.c.key_hash.in_(hashes), event.c.event_type == kind.value, _is_event(event))
        .order_by(event.c.at.desc(), event.c.position.desc())
    )


def _events(*more: sa.ColumnElement[Any]) -> sa.Select:
    chosen = (
        _head.c.audit_id,
        log_of(_head.c.log).label("log"),
        _head.c.position,
        _head.c.at,
        _head.c.canonical,
        _outcome.c.position.label("outcome_position"),
        _outcome.c.canonical.label("outcome_canonical"),
    )
    first = sa.and_(
        _outcome.c.audit_id == _head.c.audit_id, _outcome.c.stage == Stage.OUTCOME.value, _outcome.c.part == 0
    )
    return sa.select(*chosen, *more).select_from(_head.outerjoin(_outcome, first)).where(_is_head())


def _is_head() -> sa.ColumnElement[bool]:
    """Leaves that hold a request say which document; an event need not be one."""
    return sa.or_(_head.c.document.is_not(None), _is_event(_head))


def _is_event(leaf: Any) -> sa.ColumnElement[bool]:
    return leaf.c.stage == Stage.EVENT.value


def _of(scope: Scope) -> list[sa.ColumnElement[bool]]:
    if scope.unit is not None:
        own = sa.or_(_unit == scope.unit, _head.c.user_id == scope.user)
        return [_head.c.organisation == scope.organisation, own]
    if scope.user is not None:
        return [_head.c.user_id == scope.user]
    return [] if scope.organisation is None else [_head.c.organisation == scope.organisation]


def _found(sought: Sought) -> list[sa.ColumnElement[bool]]:
    equal = (
        (_head.c.organisation, sought.organisation),
        (_head.c.user_id, sought.operator),
        (_head.c.reason, sought.reason),
        (_head.c.purpose, sought.purpose),
        (_head.c.document, sought.document),
        (sa.func.coalesce(_outcome.c.event_type, _head.c.event_type), sought.event_type),
    )
    found = [column == value for column, value in equal if value is not None]
    return [*found, *_within(sought.since, sought.until), *_showing(sought)]


def _within(since: datetime | None, until: datetime | None) -> list[sa.ColumnElement[bool]]:
    """The months are named too: tables are partitioned by them."""
    found = []
    if since is not None:
        found += [_head.c.at >= milliseconds(since), _head.c.month >= _month(since)]
    if until is not None:
        found += [_head.c.at < milliseconds(until), _head.c.month <= _month(until)]
    return found


def _showing(sought: Sought) -> list[sa.ColumnElement[bool]]:
    """Events with an outcome that shows this subject, or something of this dataset."""
    outcome, part, found = ledger_leaf.alias("showing"), ledger_part, []
    showing = sa.select(outcome.c.audit_id).join(part, _same_leaf(outcome, part))
    showing = showing.where(outcome.c.stage == Stage.OUTCOME.value)
    if sought.subject is not None:
        found.append(_head.c.audit_id.in_(showing.where(part.c.key_hash == sought.subject)))
    if sought.dataset is not None:
        # Canonical JSON has one spelling of a member, and quotes within a text are escaped.
        member = sa.literal(f'"dataset":"{sought.dataset}"'.encode(), sa.LargeBinary)
        of_dataset = (outcome.c.audit_id == _head.c.audit_id, part.c.key_hash.is_not(None))
        found.append(showing.where(*of_dataset, holds(part.c.canonical, member)).correlate(_head).exists())
    return found


def _outcomes(ids: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return _outcome.c.audit_id.in_(ids), _outcome.c.stage == Stage.OUTCOME.value


def _same_leaf(leaf: Any, part: Any) -> sa.ColumnElement[bool]:
    places = (part.c.position == leaf.c.position, part.c.month == leaf.c.month)
    return sa.and_(*places, log_of(part.c.log) == log_of(leaf.c.log))


def _facts() -> sa.ColumnElement[int]:
    """The `RowFact`s of an event for the caller."""
    organisation = sa.case((_head.c.organisation == _ORGANISATION, 0), else_=int(RowFact.ANOTHER_ORGANISATION))
    here = sa.and_(_head.c.organisation == _ORGANISATION, _unit == _UNIT)
    unit = sa.case((here, 0), else_=int(RowFact.ANOTHER_UNIT))
    anothers = organisation + unit + int(RowFact.ANOTHER_OPERATOR)
    return sa.case((_head.c.user_id == _USER, int(RowFact.OWN_REQUEST)), else_=anothers)


def milliseconds(moment: datetime) -> int:
    """A moment as the ledger keeps it: milliseconds since 1970, rounded up, so that none before it is included."""
    seconds = moment.astimezone(UTC)
    return int(seconds.replace(microsecond=0).timestamp()) * 1000 - (-seconds.microsecond // 1000)


def _month(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m")

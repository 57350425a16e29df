"""A ledger and a period in; how it was used in numbers out, for those who check it. Never verifies or writes.

Counts requests by what is written in their leaves. What was silent is sealed and not counted; subjects are labelled
anew for each inspection, so that two of them cannot be joined.
"""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import msgspec

from authz.audit.export import Asked
from authz.audit.leaf import Outcome, User
from authz.audit.parts import Subject, part_from_bytes
from authz.audit.peers import Peers, Usage, compared
from authz.audit.reading import LogFile, newest_checkpoint, opened

SALT_BYTES = 16
REPEATED = 20
REPEATED_AT_LEAST = 3
_LABEL_DIGITS = 12
_REPORTED = 1000
_WHERE = (
    "heading.document IS NOT NULL AND heading.at >= ?1 AND heading.at < ?2"
    " AND (?3 IS NULL OR heading.organisation = ?3)"
)
_HEADINGS = f"SELECT canonical FROM ledger_leaf AS heading WHERE {_WHERE}"
_ANSWERS = (
    "SELECT answer.canonical, heading.user_id FROM ledger_leaf AS heading CROSS JOIN ledger_leaf AS answer"
    f" ON answer.audit_id = heading.audit_id AND answer.stage = 'OUTCOME' WHERE {_WHERE}"
)
_REPEATED = (
    "SELECT heading.user_id, heading.organisation, part.key_hash, count(DISTINCT answer.audit_id) AS times,"
    " max(part.position) FROM ledger_leaf AS heading CROSS JOIN ledger_leaf AS answer"
    " ON answer.audit_id = heading.audit_id AND answer.stage = 'OUTCOME'"
    f" CROSS JOIN ledger_part AS part ON part.position = answer.position WHERE {_WHERE}"
    " AND part.key_hash IS NOT NULL AND heading.user_id IS NOT NULL GROUP BY heading.user_id, part.key_hash"
    f" HAVING times >= {REPEATED_AT_LEAST} ORDER BY times DESC, heading.user_id, part.key_hash LIMIT {REPEATED}"
)
_SHOWN = (
    "SELECT audit_id, ledger_part.canonical FROM ledger_part JOIN ledger_leaf USING (position)"
    " WHERE position = ? AND key_hash = ?"
)


@dataclass(frozen=True, slots=True)
class Repeated:
    """One subject that one operator looked at again and again: in how many requests, and the newest one's id."""

    operator: str
    organisation: str
    type: str
    label: str
    requests: int
    newest: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """How the ledger's logs were used in a period. Counts are of requests by code, most frequent first; `hours` of
    (weekday from Monday 0, hour) in the zone's time; `refusing` of parts of answers by policy."""

    checkpoints: tuple[str, ...]
    worlds: tuple[str, ...]
    requests: int
    records: int
    reasons: Mapping[str, int]
    purposes: Mapping[str, int]
    organisations: Mapping[str, int]
    hours: Mapping[tuple[int, int], int]
    outcomes: Mapping[str, int]
    refusing: Mapping[str, int]
    refused_by: Mapping[str, int]
    operators: int
    peers: tuple[Peers, ...]
    repeated: tuple[Repeated, ...]


class _Request(msgspec.Struct):
    user: User | None
    reason: str | None
    purpose: str | None


class _Heading(msgspec.Struct, rename="camel"):
    occurred_at: str
    world: str | None
    request: _Request


class _Refusal(msgspec.Struct):
    policies: tuple[str, ...]


class _Answer(msgspec.Struct, rename="camel"):
    outcome: Outcome
    refusals: tuple[_Refusal, ...]
    refused_by: str | None
    result_count: int


# Only what is counted is read of a leaf.
_heading = msgspec.json.Decoder(_Heading).decode
_answer = msgspec.json.Decoder(_Answer).decode


@dataclass(slots=True)
class _Tally:
    """What is counted while leaves go by; grows with operators and codes, never with leaves."""

    zone: tzinfo
    worlds: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    organisations: Counter[str] = field(default_factory=Counter)
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    refusing: Counter[str] = field(default_factory=Counter)
    refused_by: Counter[str] = field(default_factory=Counter)
    records: int = 0
    usage: dict[str, Usage] = field(default_factory=lambda: defaultdict(Usage))

    def request(self, heading: _Heading) -> None:
        """Count one request."""
        request, moment = heading.request, datetime.fromisoformat(heading.occurred_at).astimezone(self.zone)
        self.worlds.update([heading.world] if heading.world else [])
        self.reasons[request.reason or ""] += 1
        self.purposes[request.purpose or ""] += 1
        self.hours[moment.weekday(), moment.hour] += 1
        self.organisations[request.user.organisation if request.user else ""] += 1
        if request.user:
            self.usage[request.user.id].add(request.user.organisation, request.user.roles)

    def answer(self, answer: _Answer, user: str | None) -> None:
        """Count what came of a request."""
        self.outcomes[answer.outcome] += 1
        self.records += answer.result_count
        for refusal in answer.refusals:
            self.refusing.update(refusal.policies)
        if answer.refused_by:
            self.refused_by[answer.refused_by] += 1
        if user is not None:
            self.usage[user].records += answer.result_count


def inspect(
    logs: Sequence[LogFile],
    asked: Asked,
    organisation: str | None,
    zone: tzinfo,
    salt: bytes,
    report: Callable[[int], None] = lambda _: None,
) -> Inspection:
    """The period of `asked`, of one organisation or of all, with times of day in `zone`; `salt` (16 random bytes)
    labels subjects. `report` is told how many leaves were read. Raises LedgerUnreadable."""
    tally, chosen = _Tally(zone), (*asked.bounds, organisation)
    repeated: list[Repeated] = []
    read = 0
    for log in logs:
        for (canonical,) in _rows(log, _HEADINGS, chosen):
            tally.request(_heading(canonical))
            read = _told(read, report)
        for canonical, user in _rows(log, _ANSWERS, chosen):
            tally.answer(_answer(canonical), user)
            read = _told(read, report)
        repeated += _repeated(log, chosen, salt)
    report(read)
    repeated.sort(key=lambda each: (-each.requests, each.operator, each.label))
    return Inspection(
        checkpoints=tuple(newest_checkpoint(log.path) for log in logs),
        worlds=tuple(sorted(tally.worlds)),
        requests=tally.hours.total(),
        records=tally.records,
        reasons=_ranked(tally.reasons),
        purposes=_ranked(tally.purposes),
        organisations=_ranked(tally.organisations),
        hours=dict(tally.hours),
        outcomes=_ranked(tally.outcomes),
        refusing=_ranked(tally.refusing),
        refused_by=_ranked(tally.refused_by),
        operators=len(tally.usage),
        peers=compared(tally.usage),
        repeated=tuple(repeated[:REPEATED]),
    )


def _told(read: int, report: Callable[[int], None]) -> int:
    if read % _REPORTED == 0:
        report(read)
    return read + 1


def _rows(log: LogFile, sql: str, chosen: Sequence[object]) -> Iterator[tuple]:
    with opened(log.path) as connection:
        yield from connection.execute(sql, chosen)


def _repeated(log: LogFile, chosen: Sequence[object], salt: bytes) -> Iterator[Repeated]:
    with opened(log.path) as connection:
        for user, organisation, key_hash, times, newest in connection.execute(_REPEATED, chosen).fetchall():
            audit_id, canonical = connection.execute(_SHOWN, (newest, key_hash)).fetchone()
            subject = part_from_bytes(canonical) if canonical else None
            kind = subject.type if isinstance(subject, Subject) else "erased"
            label = hmac.new(salt, key_hash.encode(), hashlib.sha256).hexdigest()[:_LABEL_DIGITS]
            yield Repeated(user, organisation or "", kind, label, times, audit_id)


def _ranked(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))

"""What is looked for in, leaves of the ledger's logs out, newest first. Never verifies or writes.

A hit is what came of a request (its outcome, or its intent where nothing came of it) with the leaf that says who asked
and why, or an event. All SQL of searching is here; what no column holds is read from the leaf.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from authz.audit.export import EVERY_TIME
from authz.audit.leaf import encode
from authz.audit.reading import LogFile, kept_at, opened
from authz.audit.tail import Tailed

# `answer` is the hit; `heading` holds the request: the intent, or the answer itself where there was none.
_HEADING = "heading.audit_id = answer.audit_id AND (heading.document IS NOT NULL OR heading.stage = 'EVENT')"
_ANSWER = (
    "(answer.stage IN ('OUTCOME', 'EVENT') OR answer.stage = 'INTENT' AND NOT EXISTS"
    " (SELECT 1 FROM ledger_leaf AS later WHERE later.audit_id = answer.audit_id AND later.stage = 'OUTCOME'))"
)
_SELECT = "SELECT answer.position, coalesce(heading.position, answer.position), answer.at FROM "
# By the rarest thing that is asked for, each along an index; CROSS JOIN keeps SQLite to the order written.
_BY_SUBJECT = (
    "ledger_part AS found CROSS JOIN ledger_leaf AS answer ON answer.position = found.position"
    f" LEFT JOIN ledger_leaf AS heading ON {_HEADING} WHERE found.key_hash = ?"
)
_BY_USER = (
    "ledger_leaf AS heading CROSS JOIN ledger_leaf AS answer ON answer.audit_id = heading.audit_id"
    " WHERE heading.document IS NOT NULL AND heading.at < ?"
)
_BY_TIME = f"ledger_leaf AS answer LEFT JOIN ledger_leaf AS heading ON {_HEADING} WHERE true"
_HOLDING_DATASET = (
    "(instr(answer.canonical, ?) OR EXISTS (SELECT 1 FROM ledger_part AS part"
    " WHERE part.position = answer.position AND instr(part.canonical, ?)))"
)
_SUBJECT_ORDER = " ORDER BY found.position DESC"
_USER_ORDER = " ORDER BY heading.at DESC, heading.position DESC, answer.position DESC"
_TIME_ORDER = " ORDER BY answer.at DESC, answer.position DESC"
_HASHED_DOCUMENT = "sha256:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None is anything. `subject` is a keyed hash (`h:…`), `document` the hash or the id of a
    document, `refused_by` the code of a refused request or the policy that refused a part of it, `times` milliseconds
    since 1970, the second not included."""

    operator: str | None = None
    organisation: str | None = None
    reason: str | None = None
    purpose: str | None = None
    document: str | None = None
    dataset: str | None = None
    subject: str | None = None
    event_type: str | None = None
    refused_by: str | None = None
    times: tuple[int, int] = EVERY_TIME


@dataclass(frozen=True, slots=True)
class Found:
    """A hit, and the log that it is in."""

    log: str
    tailed: Tailed


def search(logs: Sequence[LogFile], wanted: Wanted) -> Iterator[Found]:
    """Every hit, newest first; holds one of each log at a time. Raises LedgerUnreadable."""
    for _, found in heapq.merge(*(_search(log, wanted) for log in logs), key=lambda hit: -hit[0]):
        yield found


def statement(wanted: Wanted) -> tuple[str, list[str | int | bytes]]:
    """The SQL that finds positions of hits (answer, heading, time), and its parameters."""
    first: tuple[str | int, ...]
    if wanted.subject is not None:
        source, order, first = _BY_SUBJECT, _SUBJECT_ORDER, (wanted.subject,)
    elif wanted.operator is not None:
        source, order, first = _BY_USER, _USER_ORDER, (wanted.times[1],)
    else:
        source, order, first = _BY_TIME, _TIME_ORDER, ()
    conditions = [_ANSWER, "answer.at >= ?", "answer.at < ?"]
    parameters: list[str | int | bytes] = [*first, *wanted.times]
    for column, value in _columns(wanted).items():
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    for condition, value in _words(wanted).items():
        if value is not None:
            conditions.append(condition)
            parameters += [encode(value)] * condition.count("?")
    return f"{_SELECT}{source} AND {' AND '.join(conditions)}{order}", parameters


def _columns(wanted: Wanted) -> dict[str, str | None]:
    hashed = wanted.document is not None and wanted.document.startswith(_HASHED_DOCUMENT)
    return {
        "heading.user_id": wanted.operator,
        "heading.organisation": wanted.organisation,
        "heading.reason": wanted.reason,
        "heading.purpose": wanted.purpose,
        "heading.document": wanted.document if hashed else None,
        "answer.event_type": wanted.event_type,
    }


def _words(wanted: Wanted) -> dict[str, str | None]:
    """What is in no column: only leaves that hold such a word at all are worth reading."""
    return {
        _HOLDING_DATASET: wanted.dataset,
        "instr(answer.canonical, ?)": wanted.refused_by,
        "instr(heading.canonical, ?)": wanted.document,
    }


def _search(log: LogFile, wanted: Wanted) -> Iterator[tuple[int, Found]]:
    with opened(log.path) as connection:
        for position, heading, at in connection.execute(*statement(wanted)):
            kept = kept_at(connection, position)
            if kept is None:
                continue
            tailed = Tailed(kept, kept if heading == position else kept_at(connection, heading) or kept)
            if _is_wanted(tailed, wanted):
                yield at, Found(log.origin, tailed)


def _is_wanted(tailed: Tailed, wanted: Wanted) -> bool:
    """What no column says."""
    leaf, request = tailed.kept.leaf, tailed.request.leaf.request
    documents = {request.operation.document, request.operation.hash} if request else set()
    shown = {form.dataset for subject in tailed.kept.subjects for form in subject.forms}
    datasets = shown | {refusal.dataset for refusal in leaf.refusals}
    refusing = {leaf.refused_by} | {policy for refusal in leaf.refusals for policy in refusal.policies}
    asked = ((wanted.document, documents), (wanted.dataset, datasets), (wanted.refused_by, refusing))
    return all(value is None or value in found for value, found in asked)

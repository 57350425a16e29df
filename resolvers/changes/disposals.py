"""A disposal added to an offence: checked in the order of entities 3.2 and accepted; carried out after."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from resolvers.changes.errors import ChangeInvalid, InvalidReference, VersionConflict
from resolvers.changes.judging import Found, judge
from resolvers.changes.requests import (
    LONGEST_KEY,
    SHORTEST_KEY,
    Asker,
    Row,
    accept,
    fingerprint,
    finish,
    is_pending,
    repeated,
    taken_up,
)
from resolvers.changes.tables import disposal_change
from resolvers.changes.writing import Writer, Writing
from resolvers.controls.predicates import hidden, shown_unless
from resolvers.names import fold
from resolvers.person.tables import arrest_report, disposal, offence, person_name
from schema.reference_lists import ReferenceCatalogue

CHECK_NAME_LENGTH = 12
MOST_QUALIFIERS = 4
LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class NewDisposal:
    """What is to be recorded as the result of an offence."""

    disposal_code: str
    qualifiers: tuple[str, ...] = ()
    duration_unit: str | None = None
    duration_count: int | None = None
    fine_amount: Decimal | None = None
    effective_date: date | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class DisposalRequest:
    """The arguments of `Mutation.addDisposal`; `version` is that of the arrest report the offence is on."""

    fs_code: str
    check_name: str
    version: str
    offence_id: str
    disposal: NewDisposal


def check_name_of(last_name: str) -> str:
    """The first 12 letters of a surname, as check names are compared: folded, without spaces."""
    return fold(last_name).replace(" ", "")[:CHECK_NAME_LENGTH]


def validate(request: DisposalRequest, idempotency_key: str, catalogue: ReferenceCatalogue) -> None:
    """Raise ChangeInvalid naming every field that cannot be right."""
    added = request.disposal
    lists = {
        "disposalCode": ("disposal_codes", (added.disposal_code,)),
        "qualifiers": ("disposal_qualifiers", added.qualifiers),
        "durationUnit": ("duration_unit", () if added.duration_unit is None else (added.duration_unit,)),
    }
    problems = [
        (name, "is not a code of its reference list")
        for name, (listed, codes) in lists.items()
        if not all(catalogue.value(listed, code).resolved for code in codes)
    ]
    rules = {
        "qualifiers": (len(added.qualifiers) <= MOST_QUALIFIERS, f"has more than {MOST_QUALIFIERS} codes"),
        "durationCount": (
            added.duration_count is None or (added.duration_unit is not None and 0 < added.duration_count <= 999),
            "must be 1 to 999, with a unit",
        ),
        "fineAmount": (_is_amount(added.fine_amount), "must be an amount of pounds and pence"),
        "text": (len(added.text or "") <= LONGEST_TEXT, f"is longer than {LONGEST_TEXT} characters"),
        "idempotencyKey": (
            SHORTEST_KEY <= len(idempotency_key) <= LONGEST_KEY,
            f"must have {SHORTEST_KEY} to {LONGEST_KEY} characters",
        ),
    }
    problems += [(name, problem) for name, (holds, problem) in rules.items() if not holds]
    if problems:
        raise ChangeInvalid(problems)


def _is_amount(amount: Decimal | None) -> bool:
    if amount is None:
        return True
    return amount.is_finite() and 0 <= amount < 10_000_000 and amount == round(amount, 2)


async def request_disposal(writer: Writer, request: DisposalRequest, asker: Asker) -> Row:
    """Accept a disposal; the `disposal_change` row, of the first time when the request is a repetition.

    Raises IdempotencyKeyReused, InvalidReference, CheckNameMismatch, VersionConflict, RecordStale, PendingChangeExists
    (entities 3.2 has their order) and DatabaseUnavailable.
    """
    content = _content(request)
    async with writer.transaction() as writing:
        if known := await repeated(writing, disposal_change, asker, content["fingerprint"]):
            return known
        report = await _report(writing, request.offence_id, asker)
        found = Found(
            check_name_agrees=check_name_of(request.check_name) == check_name_of(report["last_name"] or ""),
            version_agrees=request.version == str(report["version"]),
            pending=await is_pending(writing, disposal_change, report["report_id"]),
            lag_seconds=report["lag_seconds"] or 0,
        )
        judge(found, asker.caller)
        of_report = {name: report[name] for name in ("person_id", "report_id")}
        return await accept(writing, disposal_change, asker, report["report_id"], content | of_report)


def _content(request: DisposalRequest) -> dict[str, Any]:
    added = request.disposal
    content = {
        "offence_id": request.offence_id,
        "fs_code": request.fs_code,
        "disposal_code": added.disposal_code,
        "qualifiers": list(added.qualifiers) or None,
        "duration_unit": added.duration_unit,
        "duration_count": added.duration_count,
        "fine_amount": added.fine_amount,
        "fine_currency": None if added.fine_amount is None else "GBP",
        "effective_date": added.effective_date,
        "text": added.text,
    }
    print_ = fingerprint(content | {"version": request.version, "check_name": check_name_of(request.check_name)})
    expected = int(request.version) if request.version.isascii() and request.version.isdigit() else -1
    return content | {"fingerprint": print_, "expected_version": min(expected, 2**31 - 1)}


async def _report(writing: Writing, offence_id: str, asker: Asker) -> Row:
    """The arrest report of an offence with the person's filed surname, held until the transaction ends."""
    statement = (
        sa.select(*(arrest_report.c[name] for name in ("report_id", "person_id", "version", "lag_seconds")))
        .join(offence, offence.c.report_id == arrest_report.c.report_id)
        .where(offence.c.offence_id == offence_id, shown_unless(hidden("Person", arrest_report.c.person_id)))
        .with_for_update(of=arrest_report)
    )
    report = await writing.row(asker.as_seen(statement))
    if report is None:
        raise InvalidReference("There is no such offence.")
    filed = sa.select(person_name.c.last_name).where(
        person_name.c.person_id == report["person_id"], person_name.c.type == "FILED"
    )
    name = await writing.row(filed)
    return report | {"last_name": None if name is None else name["last_name"]}


async def carry_out_disposal(writer: Writer, request_id: str, now: datetime, new_id: str) -> None:
    """Write an accepted disposal to its offence; refuse it when the report has changed since. Once, whoever calls."""
    async with writer.transaction() as writing:
        row = await taken_up(writing, disposal_change, request_id)
        if row is None:
            return
        report = arrest_report.c
        moved = await writing.run(
            arrest_report.update()
            .where(report.report_id == row["report_id"], report.version == row["expected_version"])
            .values(version=report.version + 1, updated_at=now)
        )
        if moved:
            await writing.run(disposal.insert().values(_disposal(row, now, new_id)))
        await finish(writing, disposal_change, request_id, now, None if moved else VersionConflict.code)


def _disposal(row: Row, now: datetime, disposal_id: str) -> dict[str, Any]:
    copied = ("offence_id", "person_id", "disposal_code", "qualifiers", "duration_unit", "duration_count")
    copied += ("fine_amount", "fine_currency", "effective_date", "text")
    record = {"owner_fs": row["fs_code"], "version": 1, "lag_seconds": 0}
    return (
        {name: row[name] for name in copied}
        | record
        | {
            "disposal_id": disposal_id,
            "created_at": now,
            "updated_at": now,
            "as_of": now,
        }
    )


def changes_by_id(keys: Any) -> sa.Select:
    """Requests by their id."""
    return sa.select(disposal_change).where(disposal_change.c.request_id.in_(keys))


def pending_of_offences(keys: Any) -> sa.Select:
    """The pending request of each offence."""
    change = disposal_change
    return sa.select(change).where(change.c.offence_id.in_(keys), change.c.pending_for.is_not(None))

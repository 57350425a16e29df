"""Use of the service, written to a ledger as it would be: intents, outcomes, refusals; all values invented."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from authz.audit.leaf import EventType, Leaf, Outcome, Refusal, Stage, User
from authz.audit.ledger import Draft, Ledger, LedgerKeys, Receipt
from authz.audit.parts import Shown, Subject
from authz.audit.store_sqlite import SqliteLog
from authz.audit.timestamp import utc_timestamp
from authz.audit.ulid import ulid
from authz.decision import Form
from tests.authz.audit.samples import KEYS, ORIGIN, REQUEST, STATEMENTS, database_of, outside_of

MONDAY = datetime(2026, 2, 2, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: by whom, when and why, whose records it was shown, what was refused."""

    operator: str = "u-20-4419"
    at: datetime = MONDAY
    organisation: str = "ORG-20"
    role: str = "roads_policing"
    reason: str = "1"
    purpose: str = "PP1"
    subjects: Sequence[str] = ("v1",)
    dataset: str = "DVLA.VEH"
    refused: Sequence[str] = ()
    refused_by: str | None = None
    answered: bool = True
    document: str | None = None


@contextmanager
def edited(database: Path) -> Iterator[sqlite3.Connection]:
    """The database as somebody else might change it."""
    with closing(sqlite3.connect(database)) as connection:
        yield connection
        connection.commit()


def subject_hash(name: str) -> str:
    """What stands in the ledger for the record `name`; a hash is one already."""
    return name if name.startswith("h:") else f"h:k1:{name.encode().hex():0>32}"


async def written(folder: Path, requests: Sequence[Asked], keys: LedgerKeys = KEYS, origin: str = ORIGIN) -> Path:
    """The database of a ledger that holds these requests, in their order, each committed when it was made."""
    now = requests[0].at if requests else MONDAY
    ledger = await Ledger.open(SqliteLog(database_of(folder), outside_of(folder)), keys, origin, lambda: now)
    for number, asked in enumerate(requests):
        now = asked.at + timedelta(milliseconds=40)
        await write(ledger, number, asked)
    await ledger.close()
    return database_of(folder)


async def write(ledger: Ledger, number: int, asked: Asked) -> Receipt:
    """Append one request's intent and, where it was answered, its outcome."""
    user = User(
        asked.operator, "20R1", asked.organisation, "police_territorial", "AGR-JC-01", (asked.role,), "RV", ("COP",)
    )
    operation = replace(REQUEST.operation, document=asked.document, hash=f"sha256:{asked.dataset}")
    request = replace(REQUEST, user=user, reason=asked.reason, purpose=asked.purpose, operation=operation)
    name, at = ulid(1_770_000_000_000 + number, number.to_bytes(10)), asked.at
    intent = Leaf(Stage.INTENT, name, "SYNTHETIC", utc_timestamp(at), "RR14", request=request)
    receipt = await ledger.append(Draft(intent, STATEMENTS))
    if not asked.answered:
        return receipt
    refusals = tuple(Refusal("Person.name", Form.DENY, asked.dataset, (policy,)) for policy in asked.refused)
    shown = (Shown(asked.dataset, Form.FULL, ("make",), ("P05",)),)
    subjects = tuple(
        Subject("Vehicle", each, EventType.CONSULT, shown) for each in sorted(map(subject_hash, asked.subjects))
    )
    return await ledger.append(Draft(_outcome(asked, receipt, at, refusals, len(subjects)), None, (), subjects))


def _outcome(asked: Asked, intent: Receipt, at: datetime, refusals: tuple[Refusal, ...], count: int) -> Leaf:
    refused = Outcome.PARTIAL if refusals else Outcome.OK
    return Leaf(
        Stage.OUTCOME,
        intent.entry_id,
        "SYNTHETIC",
        utc_timestamp(at + timedelta(milliseconds=40)),
        "RR14",
        intent=intent.index,
        event_type=EventType.REFUSE if asked.refused_by else EventType.CONSULT,
        outcome=Outcome.REFUSED if asked.refused_by else refused,
        refusals=refusals,
        refused_by=asked.refused_by,
        result_count=count,
    )

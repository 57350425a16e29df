"""A real ledger for the audit subgraph: requests as the gateway records them, and the subgraph that serves them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.desk import Desk
from authz.audit.leaf import Outcome
from authz.audit.ledger import Ledger, LedgerKeys
from authz.audit.recorder import AuditedAnswer, AuditedOperation, AuditedRequest, Recorder
from authz.audit.sealing import SealingKey
from authz.audit.store_sqlite import SqliteLog
from authz.decision import Decision, Form
from authz.disclosure import Disclosure
from authz.principal import Principal
from subgraphs.audit import app
from tests.authz.callers import caller, context
from tests.subgraphs.world import SUBJECT_KEY, Gateway, serving

BEGAN = datetime(2026, 2, 2, 8, tzinfo=UTC)
SEALING = SealingKey("seal-1", bytes(32))
LEDGER_KEYS = LedgerKeys(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), SEALING)
AUDITING = context("0", "CO1")
ANSWERING = context("0", "CO2")
SILENCE = {"Vehicle.intelReports": Decision(Form.SILENT, ("P06",), "PND.INT")}
REFUSAL = {"Person.medical": Decision(Form.DENY, ("P05",), "DVLA.MED")}


def operator(subject: str, unit: str = "20R1", organisation: str = "ORG-20", role: str = "detective") -> Principal:
    """Somebody who asks, of a unit."""
    return replace(caller(role, organisation), subject=subject, force_station=unit, name=f"DC {subject}")


SUPERVISOR = operator("u-20-0850", role="supervisor")
AUDITOR = operator("u-20-0001", "20A1", role="auditor_local")
DPO = operator("u-20-0019", "20A1", role="dpo")
INSPECTOR = replace(caller("inspector", "ORG-INSP-A", "DIRECT", "SC", ("COP",)), subject="u-insp-3", force_station=None)


@dataclass(slots=True)
class Writing:
    """Writes requests into a ledger as the gateway does, a minute apart."""

    ledger: Ledger
    recorder: Recorder
    clock: "Clock"
    ids: list[str] = field(default_factory=list)

    async def asked(
        self,
        who: Principal | None,
        *shown: tuple[str, str],
        reason: str = "5",
        dataset: str = "PNC.NAMES.CORE",
        denials: dict[str, Decision] | None = None,
        parts: int = 1,
    ) -> str:
        """A request that showed these records (type, key) and was refused these coordinates; its audit id."""
        operation = AuditedOperation("Lookup", "sha256:00", frozenset({"first"}))
        request = AuditedRequest(who, context(reason, "LE2"), operation, {"urn": "1979/0163001B", "first": 5})
        disclosures = tuple(
            Disclosure(kind, SUBJECT_KEY.subject(kind, key), dataset, Form.FULL, ("names",), ("P05",))
            for kind, key in shown
        )
        self.clock.minutes += 1
        intent = await self.ledger.append(self.recorder.intent(request))
        for part in range(parts):
            answer = AuditedAnswer(Outcome.OK, disclosures, denials or {}, part=part)
            await self.ledger.append(self.recorder.outcome(request, answer, intent))
        self.ids.append(intent.entry_id)
        return intent.entry_id

    async def refused(self, who: Principal | None, code: str = "CONTEXT_INCOMPLETE") -> str:
        """A request that was refused as a whole before there was an intent."""
        request = AuditedRequest(who, None, AuditedOperation(None, "sha256:01"))
        self.clock.minutes += 1
        answer = AuditedAnswer(Outcome.REFUSED, refused_by=code)
        receipt = await self.ledger.append(self.recorder.outcome(request, answer, None))
        self.ids.append(receipt.entry_id)
        return receipt.entry_id


@dataclass(slots=True)
class Clock:
    """The time requests are made at."""

    minutes: int = 0

    def __call__(self) -> datetime:
        return BEGAN + timedelta(minutes=self.minutes)


@dataclass(slots=True)
class Randomness:
    """Bytes for ids that are the same in every run."""

    numbers: Any = field(default_factory=count)

    def __call__(self, size: int) -> bytes:
        return next(self.numbers).to_bytes(size)


@asynccontextmanager
async def writing(folder: Path) -> AsyncIterator[Writing]:
    """A ledger in a folder."""
    clock = Clock()
    store = SqliteLog(folder / "ledger.sqlite", folder / "ledger.checkpoint")
    ledger = await Ledger.open(store, LEDGER_KEYS, "leds.test/ledger", clock)
    try:
        yield Writing(ledger, Recorder(SUBJECT_KEY, clock, Randomness()), clock)
    finally:
        await ledger.close()


@asynccontextmanager
async def auditing(folder: Path, written: Writing | None = None, **changes: Any) -> AsyncIterator[Gateway]:
    """The audit subgraph over a folder's ledger; with its writer, reviews can be recorded."""
    recorder = written.recorder if written else Recorder(SUBJECT_KEY, Clock(), Randomness())
    desk = Desk(recorder, SEALING, written.ledger.append if written else None)
    url = f"sqlite+aiosqlite:///{folder / 'ledger.sqlite'}"
    async with serving("audit", app.schema, url, **{"desk": desk} | changes) as gateway:
        yield gateway


def ids_of(answer: Any, field_name: str = "auditEvents") -> Sequence[str]:
    """The audit ids of a page."""
    return [node["auditId"] for node in answer.data[field_name]["nodes"]]

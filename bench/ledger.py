"""How many subject entries a second the ledger makes durable with 50 callers at once: SQLite (synchronous=FULL) and a
PostgreSQL on this machine (fsync, synchronous_commit=on). Each caller appends as the gateway does: an intent, then its
outcome with the subjects shown, each durable before the next."""

import asyncio
import os
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.connecting import prepare
from authz.audit.leaf import EventType, Leaf, Operation, Outcome, Request, Stage, System, User, Variable
from authz.audit.ledger import Draft, Ledger, LedgerKeys, Receipt
from authz.audit.outside import CheckpointFile
from authz.audit.parts import Shown, Statements, Subject
from authz.audit.sealing import SealingKey
from authz.audit.store import LogStore
from authz.audit.store_postgres import PostgresLog
from authz.audit.store_sqlite import SqliteLog
from authz.audit.ulid import ulid
from authz.decision import Form
from bench._measure import cpu_seconds, write_result
from tests.servers import durable_postgres

CALLERS = 50
SECONDS = 5.0
SUBJECTS = (1, 8, 20)
ORIGIN = "leds.bench/ledger"
SERVER = {"shared_buffers": "256MB", "autovacuum": "on", "max_wal_size": "4GB"}
STATEMENTS = Statements(
    name="PC EXAMPLE",
    on_behalf_of=None,
    stated_name="ForceMobile",
    reason_text="Vehicle and/or person stopped",
    justification="Traffic stop A38 J4",
    reference="STOP-1",
    geolocation="QB6",
    originator_line="U PC TRAFFIC STOP A38 J4 QB6 20R1",
)
REQUEST = Request(
    user=User("u", "20R1", "ORG-20", "police_territorial", "AGR-JC-01", ("roads_policing",), "RV", ("COP",)),
    system=System("ForceMobile", "MOBILE"),
    reason="1",
    purpose="PP1",
    session_id="s",
    correlation_id="c",
    activity_flow_id="f",
    activity_code="Person Enquiry",
    action_code="Roadside stop summary",
    application_time="2026-02-02T21:14:06.990Z",
    operation=Operation("Roadside", "sha256:00", None, (Variable("vrm", "h:k1:00"),)),
)
FORMS = (
    Shown("DVLA.VEH", Form.FULL, ("colour", "make", "motStatus"), ("P05",)),
    Shown("PNC.VEH.REPORT", Form.FULL, ("state", "type"), ("P05",)),
)


def intent(audit_id: str) -> Draft:
    """What a request is about to do."""
    leaf = Leaf(Stage.INTENT, audit_id, "SYNTHETIC", "2026-02-02T21:14:07.318Z", "RR14", request=REQUEST)
    return Draft(leaf, STATEMENTS)


def outcome(receipt: Receipt, subjects: int) -> Draft:
    """What came of it: so many subjects, each in two datasets, never the same twice."""
    leaf = Leaf(
        Stage.OUTCOME,
        receipt.entry_id,
        "SYNTHETIC",
        "2026-02-02T21:14:07.402Z",
        "RR14",
        intent=receipt.index,
        event_type=EventType.COMBINE,
        outcome=Outcome.OK,
        result_count=subjects,
    )
    hashes = os.urandom(16 * subjects).hex()
    shown = tuple(
        Subject("Vehicle", f"h:k1:{hashes[at : at + 32]}", EventType.COMBINE, FORMS) for at in range(0, len(hashes), 32)
    )
    return Draft(leaf, None, (), shown)


async def measure(store: LogStore, subjects: int) -> dict[str, float]:
    """Append from 50 tasks, each waiting for its receipt before the next, for some seconds."""
    keys = LedgerKeys(Ed25519PrivateKey.generate(), SealingKey("s1", os.urandom(32)))
    ledger = await Ledger.open(store, keys, ORIGIN, lambda: datetime.now(UTC))
    start, cpu = time.perf_counter(), cpu_seconds()
    waits: list[float] = []

    async def caller(number: int) -> None:
        while (begun := time.perf_counter()) < start + SECONDS:
            receipt = await ledger.append(intent(ulid(1_770_000_000_000 + number, number.to_bytes(10))))
            await ledger.append(outcome(receipt, subjects))
            waits.append(time.perf_counter() - begun)
            number += CALLERS

    await asyncio.gather(*(caller(offset) for offset in range(CALLERS)))
    elapsed, spent = time.perf_counter() - start, cpu_seconds() - cpu
    await ledger.close()
    waits.sort()
    return {
        "subject_entries_per_second": round(len(waits) * subjects / elapsed),
        "requests_per_second": round(len(waits) / elapsed),
        "leaves_per_second": round(ledger.size / elapsed),
        "wait_of_both_ms_median": round(waits[len(waits) // 2] * 1000, 2),
        "wait_of_both_ms_p99": round(waits[len(waits) * 99 // 100] * 1000, 2),
        "cpu_us_per_request": round(spent / len(waits) * 1e6),
    }


def measure_sqlite(subjects: int) -> dict[str, float]:
    """In a folder beside the result, because a temporary one may be in memory."""
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        store = SqliteLog(Path(folder) / "ledger.sqlite", Path(folder) / "ledger.checkpoint")
        return asyncio.run(measure(store, subjects))


def measure_postgres(subjects: int) -> dict[str, float]:
    """In a server of its own, on the same machine."""
    with ExitStack() as stack:
        server = stack.enter_context(durable_postgres(**SERVER))
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=Path(__file__).parent))
        outside = CheckpointFile(Path(folder) / "ledger.checkpoint")
        asyncio.run(prepare(server.url))
        return asyncio.run(measure(PostgresLog(server.url, ORIGIN, outside), subjects))


def main() -> None:
    """Measure and keep the figures."""
    load = round(os.getloadavg()[0], 1)
    figures: dict[str, Any] = {"callers": CALLERS, "seconds": SECONDS, "server": SERVER, "load_before": load}
    for name, measured in (("sqlite", measure_sqlite), ("postgresql", measure_postgres)):
        figures[name] = {f"subjects_{subjects}": measured(subjects) for subjects in SUBJECTS}
    write_result("ledger", figures)


if __name__ == "__main__":
    main()

"""How many subject entries a second the ledger makes durable with 50 callers at once (SQLite, synchronous=FULL)."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from authz.audit.entry import Entry, EventType, Operation, Outcome, Reason, Shown, Subject, System, User, Variable
from authz.audit.verify import verify_files
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.ledger import Ledger, LedgerFiles
from authz.audit.ulid import ulid
from authz.decision import Form
from bench._measure import cpu_seconds, write_result

CALLERS = 50
SECONDS = 5.0
SUBJECTS = (1, 8, 20)


def entry(number: int, subjects: int) -> Entry:
    """One request's entry with so many subjects, each in two datasets."""
    forms = (
        Shown("DVLA.VEH", Form.FULL, ("colour", "make", "motStatus"), ("P05",)),
        Shown("PNC.VEH.REPORT", Form.FULL, ("state", "type"), ("P05",)),
    )
    return Entry(
        audit_id=ulid(1_770_000_000_000, number.to_bytes(10)),
        event_type=EventType.COMBINE,
        outcome=Outcome.OK,
        world="SYNTHETIC",
        occurred_at="2026-02-02T21:14:07.318Z",
        retention="RR14",
        user=User("u", "PC", "20R1", "ORG-20", "police_territorial", "AGR-JC-01", ("roads_policing",), "RV", ("COP",)),
        on_behalf_of=None,
        system=System("ForceMobile", "MOBILE", "ForceMobile"),
        geolocation="QB6",
        reason=Reason("1", "Vehicle and/or person stopped", "PP1", "Traffic stop A38 J4", "STOP-1"),
        originator_line="U PC TRAFFIC STOP A38 J4 QB6 20R1",
        application_time="2026-02-02T21:14:06.990Z",
        session_id="s",
        correlation_id="c",
        activity_flow_id="f",
        activity_code="Person Enquiry",
        action_code="Roadside stop summary",
        recipient=None,
        operation=Operation("Roadside", "sha256:00", (Variable("vrm", "h:k1:00"),)),
        subjects=tuple(Subject("Vehicle", f"h:k1:{n:032x}", EventType.COMBINE, forms) for n in range(subjects)),
        refusals=(),
        refused_by=None,
        result_count=subjects,
    )


async def measure(folder: Path, subjects: int) -> dict[str, float]:
    """Append from 50 tasks, each waiting for its receipt before the next, for some seconds; then verify."""
    files = LedgerFiles(folder / "ledger.sqlite", folder / "ledger.head")
    key = Ed25519PrivateKey.generate()
    ledger = await Ledger.open(files, key, "leds.bench/ledger", lambda: datetime.now(UTC))
    start, cpu = time.perf_counter(), cpu_seconds()
    waits: list[float] = []

    async def caller(offset: int) -> None:
        number = offset
        while (begun := time.perf_counter()) < start + SECONDS:
            await ledger.append(entry(number, subjects))
            waits.append(time.perf_counter() - begun)
            number += CALLERS

    await asyncio.gather(*(caller(offset) for offset in range(CALLERS)))
    elapsed, spent = time.perf_counter() - start, cpu_seconds() - cpu
    head = ledger.head
    await ledger.close()
    begun = time.perf_counter()
    if not verify_files(files.database, files.head, key.public_key()).ok:
        raise SystemExit("the ledger of the benchmark does not verify")
    waits.sort()
    return {
        "entries_per_second": round(head.count / elapsed),
        "subject_entries_per_second": round(head.count * subjects / elapsed),
        "commits_per_second": round(head.number / elapsed),
        "wait_ms_median": round(waits[len(waits) // 2] * 1000, 2),
        "wait_ms_p99": round(waits[len(waits) * 99 // 100] * 1000, 2),
        "cpu_us_per_entry": round(spent / head.count * 1e6),
        "verified_entries_per_second": round(head.count / (time.perf_counter() - begun)),
    }


def main() -> None:
    """Measure and keep the figures. The folder is beside the result, because a temporary one may be in memory."""
    figures: dict[str, Any] = {"callers": CALLERS}
    for subjects in SUBJECTS:
        with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
            figures[f"subjects_{subjects}"] = asyncio.run(measure(Path(folder), subjects))
    write_result("ledger", figures)


if __name__ == "__main__":
    main()

"""Entries, keys and clocks for the ledger's tests; all values invented."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.entry import (
    Entry,
    EventType,
    Operation,
    Outcome,
    Reason,
    Shown,
    Subject,
    System,
    User,
    Variable,
)
from authz.audit.ledger import LedgerFiles
from authz.audit.ulid import ulid
from authz.decision import Form

ORIGIN = "leds.test/ledger"
START = datetime(2026, 2, 2, 21, 14, 7, 318000, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def ticking_clock(step: timedelta = timedelta(milliseconds=1)) -> Callable[[], datetime]:
    """A clock that moves by `step` each time it is read."""
    now = START

    def read() -> datetime:
        nonlocal now
        now += step
        return now

    return read


def files_in(folder: Path) -> LedgerFiles:
    return LedgerFiles(folder / "ledger.sqlite", folder / "ledger.head")


def sample_entry(number: int, subjects: int = 1) -> Entry:
    """Entry number `number`, with that many subjects."""
    return Entry(
        audit_id=ulid(1_770_000_000_000 + number, number.to_bytes(10)),
        event_type=EventType.CONSULT,
        outcome=Outcome.OK,
        world="SYNTHETIC",
        occurred_at="2026-02-02T21:14:07.318Z",
        retention="RR14",
        user=User(
            "u-20-4419",
            "PC EXAMPLE",
            "20R1",
            "ORG-20",
            "police_territorial",
            "AGR-JC-01",
            ("mobile_officer",),
            "RV",
            ("COP", "NM-ENQ"),
        ),
        on_behalf_of=None,
        system=System("SYS-MOB", "MOBILE", "ForceMobile"),
        geolocation="QB6",
        reason=Reason("1", "Vehicle and/or person stopped", "PP1", "Traffic stop A38", f"STOP-{number}"),
        originator_line="u-20-4419 TRAFFIC STOP A38 QB6 20R1",
        application_time="2026-02-02T21:14:06.990Z",
        session_id="s-1",
        correlation_id=f"c-{number}",
        activity_flow_id="f-1",
        activity_code="Person Enquiry",
        action_code="Roadside stop summary",
        recipient=None,
        operation=Operation("Roadside", "sha256:3f1d", (Variable("vrm", "h:k1:00"),)),
        subjects=tuple(sample_subject(index) for index in range(subjects)),
        refusals=(),
        refused_by=None,
        result_count=subjects,
    )


def sample_subject(number: int) -> Subject:
    shown = Shown("DVLA.VEH", Form.FULL, ("colour", "make", "motStatus"), ("P05",))
    return Subject("Vehicle", f"h:k1:{number:032x}", EventType.CONSULT, (shown,))

"""Entries, keys and clocks for the ledger's tests; all values invented."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from authz.audit.leaf import EventType, Leaf, Operation, Outcome, Request, Stage, System, User, Variable
from authz.audit.ledger import Draft, LedgerKeys, Receipt
from authz.audit.parts import Shown, Statements, Subject
from authz.audit.sealing import SealingKey
from authz.audit.store_sqlite import SqliteLog
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


SEALING = SealingKey("s1", bytes(range(32)))
KEYS = LedgerKeys(KEY, SEALING)
REQUEST = Request(
    user=User("u-20-4419", "20R1", "ORG-20", "police_territorial", "AGR-JC-01", ("roads_policing",), "RV", ("COP",)),
    system=System("ForceMobile", "MOBILE"),
    reason="1",
    purpose="PP1",
    session_id="s-1",
    correlation_id="c-1",
    activity_flow_id="f-1",
    activity_code="Person Enquiry",
    action_code="Roadside",
    application_time="2026-02-02T21:14:06.990Z",
    operation=Operation("Roadside", "sha256:00", None, (Variable("vrm", "h:k1:00"),)),
)
STATEMENTS = Statements(
    name="PC EXAMPLE",
    on_behalf_of=None,
    stated_name="ForceMobile",
    reason_text="Vehicle and/or person stopped",
    justification="Traffic stop A38 J4",
    reference="STOP-1",
    geolocation="QB6",
    originator_line="U-20-4419 PC EXAMPLE TRAFFIC STOP A38 J4 QB6 20R1",
)


def database_of(folder: Path) -> Path:
    return folder / "ledger.sqlite"


def outside_of(folder: Path) -> Path:
    return folder / "ledger.checkpoint"


def store_in(folder: Path, busy_timeout: float = 2.0, pages: int | None = None) -> SqliteLog:
    return SqliteLog(database_of(folder), outside_of(folder), busy_timeout, pages)


def audit_id(number: int) -> str:
    return ulid(1_770_000_000_000 + number, number.to_bytes(10))


def sample(number: int, subjects: int = 1) -> Draft:
    """A whole request in one leaf, with that many subjects."""
    forms = (Shown("DVLA.VEH", Form.FULL, ("colour", "make"), ("P05",)),)
    leaf = Leaf(
        Stage.OUTCOME,
        audit_id(number),
        "SYNTHETIC",
        "2026-02-02T21:14:07.318Z",
        "RR14",
        event_type=EventType.CONSULT,
        outcome=Outcome.OK,
        request=REQUEST,
        result_count=subjects,
    )
    shown = tuple(Subject("Vehicle", f"h:k1:{each:032x}", EventType.CONSULT, forms) for each in range(subjects))
    return Draft(leaf, STATEMENTS, (), shown)


def intent_of(number: int) -> Draft:
    """What a request is about to do."""
    leaf = Leaf(Stage.INTENT, audit_id(number), "SYNTHETIC", "2026-02-02T21:14:07.000Z", "RR14", request=REQUEST)
    return Draft(leaf, STATEMENTS)


def outcome_of(intent: Receipt, subjects: int = 1, part: int = 0) -> Draft:
    """What came of it."""
    whole = sample(0, subjects)
    said = {"audit_id": intent.entry_id, "intent": intent.index, "part": part, "request": None}
    return Draft(replace(whole.leaf, **said), None, (), whole.subjects)

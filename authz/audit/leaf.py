"""What one stage of a request leaves in the log, and its canonical bytes (`docs/ledger-format.md`, *Leaves*). No I/O.

Frozen values like the other artefacts; msgspec structs, because reading bytes back must be strict.
"""

from enum import StrEnum

import msgspec

from authz.audit.errors import InvalidEntry
from authz.decision import Form

FORMAT = "leds-audit-leaf/2"


class Stage(StrEnum):
    """Which stage a leaf records: what is about to be done, what came of it, something that is no request, or
    checkpoints of other logs."""

    INTENT = "INTENT"
    OUTCOME = "OUTCOME"
    EVENT = "EVENT"
    WITNESS = "WITNESS"


class EventType(StrEnum):
    """The verbs of `audit_event_types`: DPA 2018 s62 names the first six, the platform the others."""

    COLLECT = "COLLECT"
    ALTER = "ALTER"
    CONSULT = "CONSULT"
    DISCLOSE = "DISCLOSE"
    COMBINE = "COMBINE"
    ERASE = "ERASE"
    REFUSE = "REFUSE"
    SEARCH = "SEARCH"
    ALERT = "ALERT"
    EXPORT = "EXPORT"
    REVIEW = "REVIEW"
    AUTH = "AUTH"
    CONFIG = "CONFIG"


class Outcome(StrEnum):
    """How a request ended: answered, answered with parts refused or failed, or refused as a whole."""

    OK = "OK"
    PARTIAL = "PARTIAL"
    REFUSED = "REFUSED"


class Part(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of every piece: frozen, by value, every key always written, unknown keys refused."""


class User(Part, frozen=True):
    """Who asked, as the verified token said at the time; the name is among the statements, which can be erased."""

    id: str
    force_station: str | None
    organisation: str
    organisation_kind: str
    agreement: str
    roles: tuple[str, ...]
    vetting: str | None
    training: tuple[str, ...]


class System(Part, frozen=True):
    """From where: the connecting system and access route of the token."""

    id: str
    route: str


class Variable(Part, frozen=True):
    """One leaf of the variables by dotted path; strings are keyed hashes unless the variable's type is open."""

    path: str
    value: str | int | bool | None


class Operation(Part, frozen=True):
    """What was asked: the operation's name, `sha256:…` of its document, the document's id where it is registered, and
    its variables."""

    name: str | None
    hash: str
    document: str | None
    variables: tuple[Variable, ...]


class Request(Part, frozen=True):
    """Who asked what from where and why, in codes; what people wrote is a part of its own (`Statements`)."""

    user: User | None
    system: System | None
    reason: str | None
    purpose: str | None
    session_id: str | None
    correlation_id: str | None
    activity_flow_id: str | None
    activity_code: str | None
    action_code: str | None
    application_time: str | None
    operation: Operation


class Recipient(Part, frozen=True):
    """To whom something was disclosed; `transfer` when the recipient is outside the United Kingdom."""

    organisation: str
    transfer: bool


class Refusal(Part, frozen=True):
    """One coordinate the caller asked for and may not read in full, with the form decided instead."""

    coordinate: str
    form: Form
    dataset: str | None
    policies: tuple[str, ...]


class Event(Part, frozen=True):
    """What happened, and the id of what it happened to: never a person's, that is in the part `About`."""

    name: str
    about: str | None


class Parts(Part, frozen=True):
    """What a leaf commits to beside its bytes: the root (hexadecimal) over so many slots."""

    root: str
    slots: int


class Leaf(Part, frozen=True):
    """One stage. An outcome names the position of its intent, or holds the request itself where there is none."""

    stage: Stage
    audit_id: str
    world: str | None
    occurred_at: str
    retention: str
    part: int = 0
    intent: int | None = None
    event_type: EventType | None = None
    outcome: Outcome | None = None
    request: Request | None = None
    recipient: Recipient | None = None
    refusals: tuple[Refusal, ...] = ()
    refused_by: str | None = None
    result_count: int = 0
    event: Event | None = None
    witnessed: tuple[str, ...] = ()
    spooled: bool = False
    parts: Parts | None = None
    format: str = FORMAT


encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Leaf, strict=True).decode


def canonical_bytes(value: Part) -> bytes:
    """The bytes that are hashed and stored: RFC 8785 JSON (sorted keys, UTF-8, no spaces, integers only).

    Raises InvalidEntry when a text is not Unicode or a value is none the format knows.
    """
    try:
        return encode(value)
    except (UnicodeEncodeError, TypeError, OverflowError) as error:
        raise InvalidEntry(f"What is to be recorded cannot be written canonically: {type(error).__name__}.") from error


def leaf_from_bytes(data: bytes) -> Leaf:
    """The leaf that `data` is the canonical form of. Raises InvalidEntry when it is anything else, spaces included."""
    try:
        leaf = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidEntry("The bytes are not a leaf of the ledger.") from error
    if leaf.format != FORMAT or encode(leaf) != data:
        raise InvalidEntry(f"The bytes are not the canonical form of {FORMAT}.")
    return leaf

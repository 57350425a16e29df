"""What one request leaves behind in the ledger, and its canonical bytes (`docs/ledger-format.md`). Does no I/O.

Frozen values like the other artefacts; msgspec structs, because reading bytes back must be strict.
"""

from enum import StrEnum

import msgspec

from authz.audit.errors import InvalidEntry
from authz.decision import Form

FORMAT = "leds-audit-entry/1"


class EventType(StrEnum):
    """The verbs of `audit_event_types` that an answered or refused request is recorded under (DPA 2018 s62)."""

    CONSULT = "CONSULT"
    COMBINE = "COMBINE"
    DISCLOSE = "DISCLOSE"
    REFUSE = "REFUSE"
    ALTER = "ALTER"
    ERASE = "ERASE"


class Outcome(StrEnum):
    """How the request ended: answered, answered with parts refused or failed, or refused as a whole. INTENT: it is a
    change, and about to be sent; how it ended is in an entry of its own, or is not known."""

    OK = "OK"
    PARTIAL = "PARTIAL"
    REFUSED = "REFUSED"
    INTENT = "INTENT"


class _Part(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of every part: frozen, by value, every key always written, unknown keys refused."""


class User(_Part, frozen=True):
    """Who asked, as the verified token said at the time."""

    id: str
    name: str
    force_station: str | None
    organisation: str
    organisation_kind: str
    agreement: str
    roles: tuple[str, ...]
    vetting: str | None
    training: tuple[str, ...]


class System(_Part, frozen=True):
    """From where: the connecting system and access route of the token, and the system name the caller stated."""

    id: str
    route: str
    stated_name: str | None


class Reason(_Part, frozen=True):
    """Why: the reason code with its text, lawful purpose, justification and reference (by policy, not statute)."""

    code: str
    text: str
    purpose: str
    justification: str
    reference: str | None


class Recipient(_Part, frozen=True):
    """To whom a DISCLOSE went; `transfer` when the recipient is outside the UK."""

    organisation: str
    on_behalf_of: str | None
    transfer: bool


class Variable(_Part, frozen=True):
    """One leaf of the variables by dotted path; strings are keyed hashes unless the variable's type is open."""

    path: str
    value: str | int | bool | None


class Operation(_Part, frozen=True):
    """What was asked: the operation's name, the SHA-256 of its document and its variables."""

    name: str | None
    hash: str
    variables: tuple[Variable, ...]


class Shown(_Part, frozen=True):
    """What was shown of one subject from one dataset in one form, and the policies that led there."""

    dataset: str
    form: Form
    fields: tuple[str, ...]
    policies: tuple[str, ...]


class Subject(_Part, frozen=True):
    """One record shown: its type, the keyed hash of its key (never the key) and what was shown of it."""

    type: str
    key_hash: str
    event_type: EventType
    forms: tuple[Shown, ...]


class Refusal(_Part, frozen=True):
    """One coordinate the caller asked for and may not read in full, with the form decided instead."""

    coordinate: str
    form: Form
    dataset: str | None
    policies: tuple[str, ...]


class Entry(_Part, frozen=True):
    """One request with every subject shown under it. Stated parts are null only where a refusal came first."""

    audit_id: str
    event_type: EventType
    outcome: Outcome
    world: str
    occurred_at: str
    retention: str
    user: User | None
    on_behalf_of: str | None
    system: System | None
    geolocation: str | None
    reason: Reason | None
    originator_line: str
    application_time: str | None
    session_id: str | None
    correlation_id: str | None
    activity_flow_id: str | None
    activity_code: str | None
    action_code: str | None
    recipient: Recipient | None
    operation: Operation
    subjects: tuple[Subject, ...]
    refusals: tuple[Refusal, ...]
    refused_by: str | None
    result_count: int
    format: str = FORMAT


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Entry, strict=True).decode


def canonical_bytes(entry: Entry) -> bytes:
    """The bytes that are hashed and stored: RFC 8785 JSON (sorted keys, UTF-8, no spaces, integers only).

    Raises InvalidEntry when a text is not Unicode or a value is none the format knows.
    """
    try:
        return _encode(entry)
    except (UnicodeEncodeError, TypeError, OverflowError) as error:
        raise InvalidEntry(f"An audit entry cannot be written canonically: {type(error).__name__}.") from error


def entry_from_bytes(data: bytes) -> Entry:
    """The entry that `data` is the canonical form of. Raises InvalidEntry when it is anything else, spaces included."""
    try:
        entry = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidEntry("The bytes are not an audit entry.") from error
    if entry.format != FORMAT or _encode(entry) != data:
        raise InvalidEntry(f"The bytes are not the canonical form of {FORMAT}.")
    return entry

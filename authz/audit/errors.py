"""Every coded error of the ledger, with what to do next. Texts never hold paths or governed values."""

from schema.errors import CodedError, InternalError


class AuditUnavailable(CodedError):
    """The ledger cannot be written, so nothing governed may be released (access-and-audit, *The disclosure ledger*)."""

    code = "AUDIT_UNAVAILABLE"
    status = 503
    advice = "Nothing was released. Try again; if it lasts, tell the service desk that the ledger cannot be written."


class LedgerInUse(AuditUnavailable):
    """Another process holds the ledger: a ledger has one writer."""

    code = "AUDIT_LEDGER_IN_USE"
    advice = "Stop the other process that writes this ledger, or give this one its own ledger file."


class LedgerInconsistent(AuditUnavailable):
    """What is stored is not what was signed, so the writer refuses to continue on top of it."""

    code = "AUDIT_LEDGER_INCONSISTENT"
    advice = "Keep the files as they are and run `leds audit verify`: it names the first bad entry."


class LedgerUnprepared(AuditUnavailable):
    """A PostgreSQL database without the ledger's tables, or a login that may not use them."""

    code = "AUDIT_LEDGER_UNPREPARED"
    advice = (
        "Run `leds audit prepare` as the owner of the database, and make the service's login a member of "
        "`leds_ledger_writer`; who erases is a member of `leds_ledger_eraser`."
    )


class SpoolDamaged(AuditUnavailable):
    """The spool holds something else than was written to it: what it keeps has not reached the ledger yet."""

    code = "AUDIT_SPOOL_DAMAGED"
    advice = "Keep the file; put back a copy of it, or move it away and report what is missing as a loss of records."


class LedgerUnreadable(CodedError):
    """The file given is no ledger that can be read."""

    code = "AUDIT_LEDGER_UNREADABLE"
    status = 500
    advice = "Check the path: it must be a ledger database written by this service."


class PublicKeyUnreadable(CodedError):
    """The file given holds no key that ledger heads can be checked with."""

    code = "AUDIT_PUBLIC_KEY_UNREADABLE"
    advice = (
        "Give a log's public key as a PEM file; the demo's are keys/ledger.pub.pem and alerts.pub.pem under LEDS_HOME."
    )


class ProofUnavailable(CodedError):
    """The ledger holds no such entry or size, or lacks a hash that the proof needs."""

    code = "AUDIT_PROOF_UNAVAILABLE"
    status = 404
    advice = "Ask for an entry and a size within the newest checkpoint; if they are, run `leds audit verify`."


class RetentionRunning(CodedError):
    """Leaves that must be kept longer than was asked for (`retention_rules`)."""

    code = "AUDIT_RETENTION_RUNNING"
    status = 409
    advice = "Name an earlier month; `--dry-run` shows what would be dropped."


class PartNotErasable(CodedError):
    """A part that is not there, or that may not be erased by itself."""

    code = "AUDIT_PART_NOT_ERASABLE"
    status = 409
    advice = "Give the position and slot of a part with what people wrote; `leds audit prove` shows a leaf's parts."


class InvalidEntry(InternalError):
    """An entry that has no canonical bytes; a fault of the code that built it."""

    code = "AUDIT_INVALID_ENTRY"


class DuplicateEntry(InternalError):
    """An entry whose id is already in the ledger; a fault of the code that built it."""

    code = "AUDIT_DUPLICATE_ENTRY"


AUDIT_ERRORS: tuple[type[CodedError], ...] = (
    AuditUnavailable,
    LedgerInUse,
    LedgerInconsistent,
    LedgerUnprepared,
    SpoolDamaged,
    LedgerUnreadable,
    PublicKeyUnreadable,
    ProofUnavailable,
    RetentionRunning,
    PartNotErasable,
    InvalidEntry,
    DuplicateEntry,
)

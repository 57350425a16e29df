"""Coded errors of changes, by the types of the real service (`leds_error_types`). Texts never hold a governed value."""

from collections.abc import Sequence

from schema.errors import CodedError


class ChangeRefused(CodedError):
    """The base of every refusal of a change; `type` is the real service's error type, `policies` what refused."""

    type = ""
    policies: tuple[str, ...] = ()

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message, advice=advice, details={"type": self.type, "policies": list(self.policies)})


class CheckNameMismatch(ChangeRefused):
    """The check name is not that of the person whose record would change (P02)."""

    code = "CHECK_NAME_MISMATCH"
    type = "bad-request/does-not-match"
    policies = ("P02",)
    advice = "Look the person up again and send the first 12 letters of the filed surname."


class VersionConflict(ChangeRefused):
    """The record changed since the caller read it."""

    code = "VERSION_CONFLICT"
    type = "conflict/version"
    policies = ("P17",)
    status = 409
    advice = "Read the record again, look at what changed, and send its present version."


class PendingChangeExists(ChangeRefused):
    """Another change of the record is accepted and not yet carried out (P17)."""

    code = "PENDING_CHANGE_EXISTS"
    type = "conflict/pending-change-exists"
    policies = ("P17",)
    status = 409
    advice = "Wait until the pending change has completed, read the record again, and send the change then."


class RecordStale(ChangeRefused):
    """This copy of the record is too far behind its source to be changed (P17); it may still be read."""

    code = "RECORD_STALE"
    type = "conflict/pending-change-exists"
    policies = ("P17",)
    status = 409
    advice = "Wait until `meta.replicationState` is no more STALE, read the record again, and send the change then."


class ChangeNotPermitted(ChangeRefused):
    """A policy refuses the change that has no refusal of its own."""

    code = "CHANGE_NOT_PERMITTED"
    type = "unprocessable/not-allowed"
    status = 403
    advice = "Ask a data controller which policy this is, and what it asks for."


class InvalidReference(ChangeRefused):
    """There is no such record to change."""

    code = "INVALID_REFERENCE"
    type = "bad-request/invalid-reference"
    status = 404
    advice = "Look the record up again and use the identifier it is shown with."


class ChangeInvalid(ChangeRefused):
    """Values of a change that are of the right type and cannot be right; every field at fault is named."""

    code = "CHANGE_INVALID"
    type = "bad-request/invalid-reference"
    advice = "Correct the fields that `fields` names."

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"`{name}` {problem}" for name, problem in problems) + ".")
        self.details["fields"] = [name for name, _ in problems]


class IdempotencyKeyReused(ChangeRefused):
    """The same idempotency key was sent before with another change."""

    code = "IDEMPOTENCY_KEY_REUSED"
    type = "conflict/duplicate-exists"
    status = 409
    advice = "Use a new key for a new change; repeat a key only with the very same change."


class RetentionNotDue(ChangeRefused):
    """The retention rule does not allow the record to be retired yet, or is not the rule for it (P16)."""

    code = "RETENTION_NOT_DUE"
    type = "unprocessable/not-allowed"
    policies = ("P16",)
    status = 422
    advice = "Name the rule that the record falls under, and wait for its due date."


CHANGE_ERRORS: tuple[type[CodedError], ...] = (
    CheckNameMismatch,
    VersionConflict,
    PendingChangeExists,
    RecordStale,
    ChangeNotPermitted,
    InvalidReference,
    ChangeInvalid,
    IdempotencyKeyReused,
    RetentionNotDue,
)

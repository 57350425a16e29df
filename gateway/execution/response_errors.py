"""The response's list of errors while it is being made: each once per place, no code more often than a client can
use."""

from collections import Counter
from typing import Any

from authz.audit.errors import AuditUnavailable
from authz.decision import Decision
from authz.errors import PolicyUnavailable
from gateway.execution.failures import FieldError, ResponseKey

Path = tuple[Any, ...] | None  # linked: (path of the parent, key)
ACCESS_DENIED = "ACCESS_DENIED"
MOST_PER_CODE = 100
WHILE_UNRECORDED = "Only officer-safety data are shown just now; ask again once the ledger can be written."


def keys_of(path: Path) -> tuple[ResponseKey, ...]:
    """A linked path as the specification writes it."""
    keys: list[ResponseKey] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))


class ResponseErrors:
    """Collects errors. `seen` counts every report, also those not listed again: a null with one behind it is
    explained."""

    def __init__(self) -> None:
        self.seen = 0
        self._entries: list[dict[str, Any]] = []
        self._listed: set[tuple[int, tuple[ResponseKey, ...]]] = set()
        self._per_code: Counter[str] = Counter()
        self._kept: list[FieldError] = []

    def add(self, error: FieldError, path: tuple[ResponseKey, ...] | None) -> None:
        """Report an error at a response path; the same error at the same path is listed once."""
        self.seen += 1
        place = (id(error), path or ())
        if place in self._listed:
            return
        self._listed.add(place)
        self._kept.append(error)  # keeps the id above its own
        self._per_code[error.code] += 1
        if self._per_code[error.code] <= MOST_PER_CODE:
            self._entries.append(error.formatted(path))

    def entries(self) -> tuple[dict[str, Any], ...]:
        """The `errors` of the response, with one summary for each code that was cut short."""
        summaries = [
            {
                "message": f"{count - MOST_PER_CODE} more errors {code} are not listed.",
                "extensions": {"code": code, "omitted": count - MOST_PER_CODE},
            }
            for code, count in self._per_code.items()
            if count > MOST_PER_CODE
        ]
        return (*self._entries, *summaries)


def denial(coordinate: str, decision: Decision) -> FieldError:
    """The error of a field that this caller may not be shown: why, what is missing, whom to ask. Where a policy could
    not be evaluated nobody knows whether they may, and where it could not be recorded nobody asked: other errors."""
    details: dict[str, Any] = {"coordinate": coordinate, "policies": list(decision.policies)}
    if decision.dataset:
        details["dataset"] = decision.dataset
    if decision.missing:
        details["missing"] = list(decision.missing)
    if decision.contact:
        details["contact"] = decision.contact
    if decision.undecided:
        details["advice"] = PolicyUnavailable.advice
        message = f"It cannot be decided whether you may be shown '{coordinate}'."
        return FieldError(message, PolicyUnavailable.code, details=details)
    if decision.unrecorded:
        details["advice"] = WHILE_UNRECORDED
        message = f"'{coordinate}' is not shown while the disclosure ledger cannot be written."
        return FieldError(message, AuditUnavailable.code, details=details)
    return FieldError(f"You may not be shown '{coordinate}'.", ACCESS_DENIED, details=details)

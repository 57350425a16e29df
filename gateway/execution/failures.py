"""What stands in the data where a value could not be had. The response's projection turns it into null and an error
at the response path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

ResponseKey = str | int
UNAVAILABLE = "UNAVAILABLE"
DOWNSTREAM = "DOWNSTREAM_SERVICE_ERROR"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error, still without a place in the response."""

    message: str
    code: str
    service: str | None = None
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def formatted(self, path: Iterable[ResponseKey] | None) -> dict[str, Any]:
        """This error as an entry of the response's `errors` (GraphQL specification 7.1.2)."""
        extensions: dict[str, Any] = {"code": self.code}
        if self.service is not None:
            extensions["serviceName"] = self.service
        entry: dict[str, Any] = {"message": self.message}
        if path is not None:
            entry["path"] = list(path)
        return entry | {"extensions": extensions | dict(self.details)}


@dataclass(frozen=True, slots=True)
class Cause:
    """An error and where it happened, counted from the field that holds the failure (or from its object)."""

    error: FieldError
    below: tuple[ResponseKey, ...] = ()
    of_parent: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Takes the place of a value. `lost` says that the whole fetch failed, so what depends on this value is lost
    too."""

    causes: tuple[Cause, ...]
    lost: bool = False

    def joined_by(self, cause: Cause) -> "Failure":
        """The same failure with one cause more."""
        return Failure((*self.causes, cause), self.lost)


def unavailable(service: str, reason: str) -> FieldError:
    """The error of every field of a fetch that failed; `reason` never holds anything a subgraph said."""
    return FieldError(f"'{service}' {reason}; this is not an answer of 'none'.", UNAVAILABLE, service)


def lost(error: FieldError) -> Failure:
    """The failure that stands at each field of a fetch that failed as a whole."""
    return Failure((Cause(error),), lost=True)

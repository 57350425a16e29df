"""The two bases of every coded error; each top-level folder keeps a registry of its own in its `errors.py`."""

from collections.abc import Mapping
from typing import Any


class CodedError(Exception):
    """An error with a stable code whose text may be shown to the client.

    `advice` says what to do next; `status` is the HTTP status when the whole request fails; `details` go into
    `extensions` beside `code` and must never hold governed values.
    """

    code = "INTERNAL_ERROR"
    status = 400
    advice = ""

    def __init__(self, message: str, *, advice: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})
        if advice is not None:
            self.advice = advice

    @property
    def extensions(self) -> dict[str, Any]:
        """The GraphQL error's `extensions`: `code`, `advice` when there is one, and the details."""
        extensions: dict[str, Any] = {"code": self.code}
        if self.advice:
            extensions["advice"] = self.advice
        return extensions | self.details

    def formatted(self) -> dict[str, Any]:
        """This error as one entry of a GraphQL response's `errors`."""
        return {"message": self.message, "extensions": self.extensions}


class InternalError(CodedError):
    """A fault of ours: the client is told the code and a correlation id, never the text."""

    code = "INTERNAL_ERROR"
    status = 500

    def formatted(self) -> dict[str, Any]:
        """The error as the client sees it, without the message or the details."""
        return {"message": "Something went wrong on our side.", "extensions": {"code": self.code}}

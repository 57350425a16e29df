"""Replies of a subgraph: results and errors in, JSON out. Deliberate errors keep their code, others are masked."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from graphql import ExecutionResult, GraphQLError

from authz.disclosure import Disclosure
from schema.errors import CodedError, InternalError
from subgraphs.entries import Entry

log = structlog.get_logger("leds.subgraph")

INVALID_VALUE = "GRAPHQL_EXECUTION_FAILED"


def reply(
    result: ExecutionResult,
    disclosures: tuple[Disclosure, ...],
    entries: Sequence[Entry],
    statements: int,
    subgraph: str,
    newer: int = 0,
) -> bytes:
    """The body of an executed operation: data, errors, what was shown and what in a lower form, and how many SQL
    statements it took. `newer` numbers the access facts it was decided by, where the gateway decided by older ones."""
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [formatted(error, subgraph) for error in result.errors]
    body["extensions"] = {
        "disclosures": [disclosed(disclosure) for disclosure in disclosures],
        "statements": statements,
    }
    if entries:
        body["extensions"]["access"] = [entry.said() for entry in entries]
    if newer:
        body["extensions"]["facts"] = newer
    return msgspec.json.encode(body)


def refusal(error: CodedError, newer: int = 0) -> bytes:
    """The body of a request that was not executed; `newer` as in `reply`."""
    body: dict[str, Any] = {"errors": [error.formatted()]}
    return msgspec.json.encode(body | {"extensions": {"facts": newer}} if newer else body)


def disclosed(disclosure: Disclosure) -> Mapping[str, Any]:
    """A disclosure as it travels beside the answer."""
    return {
        "type": disclosure.type,
        "key": disclosure.key,
        "dataset": disclosure.dataset,
        "form": disclosure.form,
        "fields": disclosure.fields,
        "policies": disclosure.policies,
        **({"event": disclosure.event} if disclosure.event else {}),
    }


def formatted(error: GraphQLError, subgraph: str) -> dict[str, Any]:
    """One error of a response. An unexpected one is masked; its type and place are logged, never text or values."""
    cause = _cause(error)
    if cause is None:
        entry: dict[str, Any] = {"message": error.message, "extensions": {"code": INVALID_VALUE}}
    elif isinstance(cause, CodedError):
        entry = cause.formatted()
    else:
        entry = InternalError("").formatted()
    if cause is not None and (not isinstance(cause, CodedError) or isinstance(cause, InternalError)):
        log.error("resolver failed", subgraph=subgraph, error=type(cause).__name__, path=_place(error))
    return entry | ({"path": error.path} if error.path else {})


def _cause(error: GraphQLError) -> Exception | None:
    """The exception behind an error; None for an error of GraphQL itself (a value that does not fit its type)."""
    cause: Exception | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _place(error: GraphQLError) -> str:
    return ".".join(str(part) for part in error.path or () if isinstance(part, str))

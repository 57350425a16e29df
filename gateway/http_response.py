"""Errors and answers as GraphQL over HTTP: which media type, which status, which bytes. Does no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from authz.errors import TokenMissing
from gateway.errors import GraphQLRequestError, MethodNotAllowed, NotAcceptable, UnsupportedEncoding
from schema.errors import CodedError

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response. `outcome` is a word for metrics: `ok`, `partial`, or the code of the refusal."""

    status: int
    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    outcome: str = "ok"


def negotiated(accept: str | None) -> str:
    """The response's media type (GraphQL over HTTP, 6.1). Without a wish: application/json, as clients from before
    it expect.

    Raises NotAcceptable when neither of ours is accepted.
    """
    best, best_quality = None, 0.0
    for media_range, quality in _ranges(accept or "*/*"):
        offered = _OFFERS.get(media_range)
        if offered and (quality > best_quality or (quality == best_quality and offered == GRAPHQL_RESPONSE)):
            best, best_quality = offered, quality
    if best is None:
        raise NotAcceptable("No media type of the Accept header can be sent.")
    return best


_OFFERS = {GRAPHQL_RESPONSE: GRAPHQL_RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        named = dict(piece.split("=", 1) for piece in parameters if "=" in piece)
        if named.get("charset", "utf-8").strip('"') not in ("utf-8", "utf8"):
            continue
        try:
            quality = float(named.get("q", "1"))
        except ValueError:
            quality = 0.0
        if 0.0 < quality <= 1.0:
            yield media_range, quality


def refusal(error: CodedError, media_type: str, correlation_id: str) -> HttpResponse:
    """A coded error as a response: nothing was executed, so there is no `data`, unless its status says otherwise."""
    entries = error.entries if isinstance(error, GraphQLRequestError) else (error.formatted(),)
    body: dict[str, Any] = {"errors": [_with_correlation(entry, correlation_id) for entry in entries]}
    status = error.status
    if isinstance(error, GraphQLRequestError) and media_type == JSON:
        status = error.legacy_status
    elif status == 200:
        # The operation was valid but nothing of it could be run: the answer is there, and it is null.
        body["data"] = None
    return HttpResponse(status, msgspec.json.encode(body), media_type, _headers(error), error.code)


def _with_correlation(entry: Mapping[str, Any], correlation_id: str) -> dict[str, Any]:
    return {**entry, "extensions": {**entry.get("extensions", {}), "correlationId": correlation_id}}


def _headers(error: CodedError) -> dict[str, str]:
    """The headers that HTTP wants beside a status (RFC 9110: 15.5.2, 15.5.6, 12.5.3, 10.2.3)."""
    if error.status == 401:
        # A request without a token is not told that its token is wrong (RFC 6750: 3.1).
        wrong = "" if isinstance(error, TokenMissing) else f', error="invalid_token", error_description="{error.code}"'
        return {"www-authenticate": f'Bearer realm="leds-graph"{wrong}'}
    if isinstance(error, MethodNotAllowed):
        return {"allow": error.allow}
    if isinstance(error, UnsupportedEncoding):
        return {"accept-encoding": "gzip, deflate"}
    return {"retry-after": "1"} if error.status == 503 else {}

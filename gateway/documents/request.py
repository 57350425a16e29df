"""An HTTP request in; the GraphQL request it carries, or a coded error, out (GraphQL over HTTP, 5). Does no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gateway.errors import (
    CrossSiteRequest,
    MalformedJson,
    MalformedRequest,
    MethodNotAllowed,
    PersistedQueryUnsupported,
    UnsupportedMediaType,
)

# What only a script that was allowed to can put on a cross-site request: browsers ask first (Fetch standard, CORS).
PREFLIGHT_HEADERS = ("apollo-require-preflight", "x-apollo-operation-name", "authorization", "content-type")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as the server received it: header names in lower case, the body complete."""

    method: str
    headers: Mapping[str, str]
    query_string: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What the client asks for. `variables` are JSON values, not yet checked against the operation."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def read_request(http: HttpRequest) -> GraphQLRequest:
    """Read a POST with a JSON body or a GET with URL parameters.

    Raises MethodNotAllowed, UnsupportedMediaType, MalformedJson, MalformedRequest, CrossSiteRequest or
    PersistedQueryUnsupported.
    """
    if http.method == "GET":
        # A page of any site may send a GET with the media types of forms; nobody needs one here.
        if "content-type" in http.headers:
            _require_json(http.headers["content-type"])
        return _from_parameters(_url_parameters(http))
    if http.method != "POST":
        raise MethodNotAllowed("GraphQL is asked with GET or POST.", allow="GET, POST")
    _require_json(http.headers.get("content-type", ""))
    return _from_parameters(_json_object(http.body))


def _url_parameters(http: HttpRequest) -> dict[str, Any]:
    site = http.headers.get("sec-fetch-site", "none")
    if site not in ("none", "same-origin") and not any(name in http.headers for name in PREFLIGHT_HEADERS):
        raise CrossSiteRequest("A page of another site may not ask this way.")
    try:
        parameters: dict[str, Any] = dict(parse_qsl(http.query_string, keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise MalformedRequest("The URL's parameters are not UTF-8 text.") from error
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _decoded(parameters[name].encode(), f"The parameter `{name}` is not JSON.")
        else:
            parameters.pop(name, None)
    return parameters


def _require_json(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    named = [part.partition("=") for part in parameters]
    charsets = {value.strip().strip('"') for name, _, value in named if name.strip() == "charset"}
    if media_type != "application/json" or not charsets <= {"utf-8", "utf8"}:
        raise UnsupportedMediaType("The body's media type is not application/json in UTF-8.")


def _json_object(body: bytes) -> dict[str, Any]:
    parameters = _decoded(body, "The body is not JSON.")
    if type(parameters) is not dict:
        raise MalformedRequest("The body is not a JSON object.")
    return parameters


def _decoded(text: bytes, message: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(message) from error


def _from_parameters(parameters: Mapping[str, Any]) -> GraphQLRequest:
    query, name = parameters.get("query"), parameters.get("operationName")
    variables, extensions = parameters.get("variables"), parameters.get("extensions")
    if variables is not None and type(variables) is not dict:
        raise MalformedRequest("`variables` is not an object.")
    if extensions is not None and type(extensions) is not dict:
        raise MalformedRequest("`extensions` is not an object.")
    if name is not None and type(name) is not str:
        raise MalformedRequest("`operationName` is not a string.")
    if query is None and extensions and "persistedQuery" in extensions:
        raise PersistedQueryUnsupported("PersistedQueryNotSupported")
    if type(query) is not str:
        raise MalformedRequest("`query` is missing." if query is None else "`query` is not a string.")
    return GraphQLRequest(query, name or None, MappingProxyType(variables or {}))

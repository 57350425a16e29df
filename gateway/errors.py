"""The coded errors of the gateway's edge: requests, documents, posture. Composition and planning keep their own
registries.

Codes are never reused. `GATEWAY_ERRORS` is the registry the error page is generated from.
"""

from collections.abc import Sequence
from typing import Any

from schema.errors import CodedError, InternalError


class RequestError(CodedError):
    """The HTTP request is not a GraphQL request (GraphQL over HTTP, 5)."""

    code = "BAD_REQUEST"


class MalformedJson(RequestError):
    """A body that is not JSON in UTF-8."""

    code = "MALFORMED_JSON"
    advice = 'Send a JSON object in UTF-8: {"query": "…", "variables": {…}}.'


class MalformedRequest(RequestError):
    """JSON that is not a GraphQL request."""

    code = "MALFORMED_REQUEST"
    advice = "`query` is a string; `operationName` a string or null; `variables` and `extensions` objects or null."


class BodyTooLarge(RequestError):
    """A request body beyond the limit."""

    code = "BODY_TOO_LARGE"
    status = 413
    advice = "Ask for less in one request, or send long lists in several."


class MalformedEncoding(RequestError):
    """A compressed body that is not what its Content-Encoding says."""

    code = "MALFORMED_ENCODING"
    advice = "Send one complete gzip or deflate (zlib) stream and nothing after it, or no Content-Encoding."


class UnsupportedEncoding(RequestError):
    """A Content-Encoding that is not read here (RFC 9110 section 15.5.16)."""

    code = "UNSUPPORTED_CONTENT_ENCODING"
    status = 415
    advice = "Compress the body once, with gzip or deflate, or not at all."


class UnsupportedMediaType(RequestError):
    """A request body of another media type than JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415
    advice = "Send `Content-Type: application/json` (UTF-8)."


class NotAcceptable(RequestError):
    """An Accept header that no response of ours satisfies."""

    code = "NOT_ACCEPTABLE"
    status = 406
    advice = "Accept `application/graphql-response+json` or `application/json`."


class MethodNotAllowed(RequestError):
    """`allow` is the value of the response's Allow header."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    advice = "Send mutations with POST; GET is for queries."

    def __init__(self, message: str, allow: str, *, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.allow = allow


class UnknownPath(RequestError):
    """A path at which nothing is served."""

    code = "UNKNOWN_PATH"
    status = 404
    advice = "Send queries to `/graphql`; `/schema.graphql` has the schema, `/graphiql` an editor in the browser."


class CrossSiteRequest(RequestError):
    """A browser sends a GET for another site's page, and nothing shows that its script was allowed to."""

    code = "CROSS_SITE_REQUEST"
    status = 403
    advice = "Send `Apollo-Require-Preflight: true`, or use POST with `Content-Type: application/json`."


class GraphQLRequestError(CodedError):
    """A request error of the GraphQL specification (7.1.1): nothing was executed. `entries` are the response's
    errors.

    Asked for `application/json`, its status is 200 for clients from before GraphQL over HTTP (6.4.1).
    """

    legacy_status = 200

    def __init__(self, message: str, entries: Sequence[dict[str, Any]] = (), *, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.entries = tuple(entries) or (self.formatted(),)


class SyntaxRefused(GraphQLRequestError):
    """A document that is not GraphQL."""

    code = "GRAPHQL_PARSE_FAILED"
    advice = "Correct the document at the place the message names."


class ValidationRefused(GraphQLRequestError):
    """A document that is not valid over the API schema."""

    code = "GRAPHQL_VALIDATION_FAILED"
    advice = "Compare the document with `/schema.graphql`."


class DocumentTooLarge(GraphQLRequestError):
    """A document beyond a limit: of tokens, brackets, depth, fields, aliases, directives, fragments, introspection."""

    code = "DOCUMENT_TOO_LARGE"
    advice = "Split the operation: it is beyond the limit that the message names."


class UnknownOperation(GraphQLRequestError):
    """`operationName` names no operation, or there are several and no name."""

    code = "UNKNOWN_OPERATION"
    advice = "Name one of the document's operations in `operationName`."


class VariablesRefused(GraphQLRequestError):
    """Variables that do not fit the operation's definitions."""

    code = "BAD_VARIABLES"
    advice = "Correct the variables that the messages name."


class VariablesTooLarge(GraphQLRequestError):
    """Variables that hold a longer list, or nest more deeply, than may be sent."""

    code = "VARIABLES_TOO_LARGE"
    advice = "Send long lists in several requests."


class PageRefused(GraphQLRequestError):
    """`first` or `last` asks for fewer than no items, or for more than a page may have."""

    code = "PAGE_OUT_OF_BOUNDS"
    advice = "Ask for a page within the bounds that the message names, and for the next one by its cursor."


class SubscriptionUnsupported(GraphQLRequestError):
    """A subscription sent over plain HTTP."""

    code = "SUBSCRIPTION_UNSUPPORTED"
    advice = (
        "Subscribe over a WebSocket (graphql-transport-ws), or accept `text/event-stream` or "
        "`multipart/mixed;subscriptionSpec=1.0`."
    )


class PersistedQueryUnsupported(GraphQLRequestError):
    """The code that clients with automatic persisted queries understand: they send the text instead."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    advice = "Send the document's text in `query`."


class UnsafeSupergraph(CodedError):
    """A supergraph with access rules that this posture cannot enforce: it refuses to start."""

    code = "UNSAFE_SUPERGRAPH"
    status = 500


class GovernedSupergraph(UnsafeSupergraph):
    """A supergraph with the LEDS directives given to the general gateway."""

    code = "GOVERNED_SUPERGRAPH"
    advice = "Serve it with `leds serve gateway`, where tokens, decisions and the ledger are always on."


class AuthenticationUnconfigured(UnsafeSupergraph):
    """A supergraph with access rules given to a gateway that authenticates nobody."""

    code = "AUTHENTICATION_UNCONFIGURED"
    advice = "Say whose access tokens to accept: `--issuer URL --audience NAME`, with `--jwks FILE|URL` for its keys."


class PoliciesUnconfigured(UnsafeSupergraph):
    """A supergraph with `@policy` given to a gateway that has no policies."""

    code = "POLICIES_UNCONFIGURED"
    advice = "Say who may do what: `--policies DIRECTORY` with Cedar files whose actions are the names of @policy."


class RulesLowered(CodedError):
    """A new graph asks less of a caller somewhere than the one that is served: the last good graph stays."""

    code = "ACCESS_RULES_LOWERED"
    status = 500
    advice = "If that is meant, give the graph's version: `--approve-lowered-rules VERSION`, or add it to that FILE."


class ReloadFailed(InternalError):
    """Building a new graph failed in a way that nobody foresaw. The last good graph stays."""

    code = "RELOAD_FAILED"
    advice = "Report the frames of the log line; the graph that was served before still is."


class CheckUnanswered(InternalError):
    """What a service depends on has not said in time whether it can be used (`/health/ready`)."""

    code = "CHECK_UNANSWERED"
    advice = "Look at the part that is named: it hangs, or the machine does."


class Starting(CodedError):
    """A service that listens and has not answered its first query yet (`/health/ready`)."""

    code = "STARTING"
    status = 503
    advice = "Wait; the log says when it fails."


class Unexpected(InternalError):
    """Something that no stage foresaw; the correlation id leads to the log line."""

    code = "INTERNAL_ERROR"


GATEWAY_ERRORS: tuple[type[CodedError], ...] = (
    RequestError,
    MalformedJson,
    MalformedRequest,
    BodyTooLarge,
    MalformedEncoding,
    UnsupportedEncoding,
    UnsupportedMediaType,
    NotAcceptable,
    MethodNotAllowed,
    UnknownPath,
    CrossSiteRequest,
    SyntaxRefused,
    ValidationRefused,
    DocumentTooLarge,
    UnknownOperation,
    VariablesRefused,
    VariablesTooLarge,
    PageRefused,
    SubscriptionUnsupported,
    PersistedQueryUnsupported,
    GovernedSupergraph,
    AuthenticationUnconfigured,
    PoliciesUnconfigured,
    RulesLowered,
    ReloadFailed,
    CheckUnanswered,
    Starting,
    Unexpected,
)

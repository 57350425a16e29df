"""Coded errors of the subgraph services, for their only caller, the gateway. Texts never hold a governed value."""

from schema.errors import CodedError, InternalError


class BadRequest(CodedError):
    """The body is not a GraphQL request."""

    code = "MALFORMED_REQUEST"
    advice = "POST a JSON object with a text `query` and, where needed, `variables` and `operationName`."


class BodyTooLarge(CodedError):
    """The body is longer than this service reads."""

    code = "BODY_TOO_LARGE"
    status = 413
    advice = "Ask for fewer entities in one request."


class UnsupportedContentType(CodedError):
    """The body is not declared as JSON."""

    code = "UNSUPPORTED_CONTENT_TYPE"
    status = 415
    advice = "Send `Content-Type: application/json`."


class NotStarted(CodedError):
    """The service was asked before it was started, or after it was stopped."""

    code = "NOT_READY"
    status = 503
    advice = "Wait until `/health/ready` answers 200."


class UnknownPath(CodedError):
    """A path at which a subgraph serves nothing."""

    code = "UNKNOWN_PATH"
    status = 404
    advice = "The gateway posts to `/graphql`; `/health/live` and `/health/ready` are beside it."


class MethodNotAllowed(CodedError):
    """A method that a path of a subgraph does not take."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    advice = "Send POST to `/graphql`, GET to `/health/live` and `/health/ready`."


class InvalidDocument(CodedError):
    """The operation does not parse or is not valid for this subgraph's schema."""

    code = "GRAPHQL_VALIDATION_FAILED"
    advice = "Compare the operation with this subgraph's SDL (`{ _service { sdl } }`)."


class UnknownEntityType(CodedError):
    """A representation names a type that is not an entity of this subgraph."""

    code = "UNKNOWN_ENTITY_TYPE"
    advice = "Compare the supergraph with this subgraph's SDL: they are of different versions."


class TooManyEntities(CodedError):
    """One request asks for more entities than a statement can name."""

    code = "TOO_MANY_ENTITIES"
    advice = "Ask for at most 10000 entities in one request."


class AmbiguousLookup(CodedError):
    """A root field was given none, or more than one, of its alternative keys."""

    code = "AMBIGUOUS_LOOKUP"
    advice = "Give exactly one of the arguments the message names."


class NotWritable(CodedError):
    """A change was asked of a subgraph that was started for reads only."""

    code = "NOT_WRITABLE"
    status = 503
    advice = "Send the change to a service that is configured to write."


class UngovernedSchema(InternalError):
    """A schema could be reached without a tag, or would be forced to answer: it is refused when it is built."""

    code = "UNGOVERNED_SCHEMA"

"""OAuth and OpenID Connect errors with their registered names; texts never repeat what the caller sent."""

from schema.errors import CodedError


class OAuthError(CodedError):
    """An error answered as `{"error", "error_description", "code"}`; `error` is the registered OAuth name."""

    code = "OAUTH_ERROR"
    error = "invalid_request"

    def document(self) -> dict[str, str]:
        """The JSON body of the answer."""
        description = f"{self.message} {self.advice}".strip()
        return {"error": self.error, "error_description": description, "code": self.code}


class InvalidRequest(OAuthError):
    """A parameter is missing, given twice or malformed."""

    code = "OAUTH_INVALID_REQUEST"
    error = "invalid_request"


class InvalidClient(OAuthError):
    """The client is unknown or did not prove who it is."""

    code = "OAUTH_INVALID_CLIENT"
    error = "invalid_client"
    status = 401
    advice = "Use client_secret_basic or private_key_jwt as registered; public clients send client_id only."


class InvalidGrant(OAuthError):
    """The code or refresh token is unknown, used, expired, revoked or another client's."""

    code = "OAUTH_INVALID_GRANT"
    error = "invalid_grant"
    advice = "Begin again at the authorization endpoint."


class UnauthorizedClient(OAuthError):
    """The client may not use this grant type or response type."""

    code = "OAUTH_UNAUTHORIZED_CLIENT"
    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """The grant type is none of those in the discovery document."""

    code = "OAUTH_UNSUPPORTED_GRANT_TYPE"
    error = "unsupported_grant_type"
    advice = "Use authorization_code, refresh_token or client_credentials."


class UnsupportedResponseType(OAuthError):
    """Only the code flow is offered."""

    code = "OAUTH_UNSUPPORTED_RESPONSE_TYPE"
    error = "unsupported_response_type"
    advice = "Use response_type=code with PKCE (S256)."


class InvalidScope(OAuthError):
    """A scope that the client may not ask for, or more than was granted."""

    code = "OAUTH_INVALID_SCOPE"
    error = "invalid_scope"
    advice = "Ask for scopes of the discovery document that were granted."


class RequestNotSupported(OAuthError):
    """Request objects are not offered."""

    code = "OAUTH_REQUEST_NOT_SUPPORTED"
    error = "request_not_supported"
    advice = "Send the parameters in the query."


class LoginRequired(OAuthError):
    """prompt=none: nobody is ever signed in here without choosing."""

    code = "OAUTH_LOGIN_REQUIRED"
    error = "login_required"
    advice = "Repeat without prompt=none."


class LoginRefused(OAuthError):
    """The person at the page chose nobody."""

    code = "OAUTH_ACCESS_DENIED"
    error = "access_denied"


class InvalidToken(OAuthError):
    """The access token is missing, forged, expired or not from here."""

    code = "OAUTH_INVALID_TOKEN"
    error = "invalid_token"
    status = 401
    advice = "Send an access token of this issuer as `Authorization: Bearer …`."


class InsufficientScope(OAuthError):
    """The access token is not for a person who signed in."""

    code = "OAUTH_INSUFFICIENT_SCOPE"
    error = "insufficient_scope"
    status = 403
    advice = "Ask for the scope openid in the code flow."


class NotFound(OAuthError):
    """There is no such page at this issuer."""

    code = "OAUTH_NOT_FOUND"
    status = 404
    advice = "The endpoints are listed in .well-known/openid-configuration."


class MethodNotAllowed(OAuthError):
    """The endpoint takes another method."""

    code = "OAUTH_METHOD_NOT_ALLOWED"
    status = 405


class ServerError(OAuthError):
    """A fault of the issuer; its cause is in the log, never in the answer."""

    code = "OAUTH_SERVER_ERROR"
    error = "server_error"
    status = 500

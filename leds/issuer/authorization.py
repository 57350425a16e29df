"""An authorization request's parameters in, a checked request out, or the error and where it may be told. No I/O.

RFC 6749 section 4.1, RFC 7636 (PKCE, S256 only), OpenID Connect Core section 3.1.2. An error is sent to the redirect
URI only after client and URI are known to be a registered pair.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from leds.issuer.clients import Client
from leds.issuer.errors import (
    InvalidRequest,
    InvalidScope,
    LoginRequired,
    OAuthError,
    RequestNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from leds.issuer.grants import Authorization
from leds.issuer.parameters import required

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_OPAQUE = 1024
FORM_FIELDS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be answered with a code. `state` and `nonce` are the client's, returned as they came."""

    client: Client
    redirect_uri: str
    scope: tuple[str, ...]
    code_challenge: str
    state: str | None
    nonce: str | None


class RedirectError(Exception):
    """An error the client may be told at its redirect URI."""

    def __init__(self, error: OAuthError, redirect_uri: str, state: str | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.redirect_uri = redirect_uri
        self.state = state


def read_authorization(parameters: dict[str, str], clients: Mapping[str, Client]) -> AuthorizationRequest:
    """The checked request.

    Raises InvalidRequest when client and redirect URI are no registered pair (told on a page only), RedirectError else.
    """
    client = clients.get(required(parameters, "client_id"))
    redirect_uri = required(parameters, "redirect_uri")
    if client is None or redirect_uri not in client.redirect_uris:
        raise InvalidRequest(
            "The client is not registered with this redirect URI.",
            advice="Both must be exactly as registered; the demo's GraphiQL is at http://127.0.0.1:8000/graphiql.",
        )
    try:
        error = next(_errors(parameters, client), None)
        scope = tuple(dict.fromkeys(parameters.get("scope", "").split()))
    except InvalidRequest as missing:
        error, scope = missing, ()
    if error is not None:
        raise RedirectError(error, redirect_uri, parameters.get("state"))
    return AuthorizationRequest(
        client, redirect_uri, scope, parameters["code_challenge"], parameters.get("state"), parameters.get("nonce")
    )


def _errors(parameters: dict[str, str], client: Client) -> Iterator[OAuthError]:
    if "request" in parameters or "request_uri" in parameters:
        yield RequestNotSupported("Request objects are not read here.")
    if required(parameters, "response_type") != "code":
        yield UnsupportedResponseType("Only response_type=code is offered.")
    if "authorization_code" not in client.grants:
        yield UnauthorizedClient("The client may not use the code flow.")
    if parameters.get("response_mode", "query") != "query":
        yield InvalidRequest("Only response_mode=query is offered.")
    yield from _errors_of_pkce(parameters)
    if unknown := set(parameters.get("scope", "").split()) - client.scopes:
        yield InvalidScope(f"{len(unknown)} of the scopes may not be asked for by this client.")
    if any(len(parameters.get(name, "")) > _MAX_OPAQUE for name in ("state", "nonce")):
        yield InvalidRequest(f"state and nonce have at most {_MAX_OPAQUE} characters.")
    if parameters.get("prompt", "").split() == ["none"]:
        yield LoginRequired("Nobody is signed in.")


def _errors_of_pkce(parameters: dict[str, str]) -> Iterator[OAuthError]:
    advice = "Send code_challenge_method=S256 and code_challenge=BASE64URL(SHA256(code_verifier))."
    if parameters.get("code_challenge_method") != "S256":
        yield InvalidRequest("PKCE with S256 is required.", advice=advice)
    if not _CHALLENGE.fullmatch(parameters.get("code_challenge", "")):
        yield InvalidRequest("The code_challenge is missing or no SHA-256 in base64url.", advice=advice)


def authorization_of(request: AuthorizationRequest, persona: str, now: int) -> Authorization:
    """What a code for this request stands for once `persona` was chosen at `now`."""
    return Authorization(
        client=request.client.id,
        redirect_uri=request.redirect_uri,
        persona=persona,
        scope=request.scope,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        auth_time=now,
    )


def redirect_with(redirect_uri: str, issuer: str, state: str | None, **parameters: str) -> str:
    """The redirect URI with the answer in its query, `iss` included (RFC 9207)."""
    answer = parameters | {"iss": issuer} | ({} if state is None else {"state": state})
    separator = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{urlencode(answer)}"

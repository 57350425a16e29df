"""The issuer over HTTP: a Starlette application to mount under `/oidc`. It decides nothing; the modules beside it do.

Endpoints: discovery, JWKS, authorization (code with PKCE), token, userinfo. Errors are coded.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from leds.issuer.authorization import RedirectError, authorization_of, read_authorization, redirect_with
from leds.issuer.client_authentication import ClientAuthenticator
from leds.issuer.clients import SCOPES, Client, demo_clients
from leds.issuer.errors import (
    InsufficientScope,
    InvalidClient,
    InvalidRequest,
    InvalidToken,
    LoginRefused,
    MethodNotAllowed,
    NotFound,
    OAuthError,
    ServerError,
)
from leds.issuer.grants import GrantStore
from leds.issuer.page import choice_page, error_page, page_headers
from leds.issuer.parameters import MAX_BODY, form_values, single_values
from leds.issuer.token_endpoint import TokenEndpoint
from leds.issuer.tokens import ALGORITHM, DEMO_AUDIENCE, claims_of_own_token
from leds.keys import Keys
from leds.personas import PERSONAS

MOUNT = "/oidc"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Issuer:
    """The parts of a running issuer; `issuer` is its URL without a slash at the end."""

    issuer: str
    keys: Keys
    clients: Mapping[str, Client]
    grants: GrantStore
    tokens: TokenEndpoint
    clock: Callable[[], int]


def demo_issuer(
    origin: str,
    keys: Keys,
    clock: Callable[[], int],
    randomness: Callable[[int], bytes],
    audience: str = DEMO_AUDIENCE,
) -> Starlette:
    """The application for a demo at `origin` (scheme, host, port), to be mounted at `/oidc`; times are Unix seconds."""
    url = origin + MOUNT
    clients = demo_clients(origin, keys)
    grants = GrantStore(randomness)
    tokens = TokenEndpoint(
        issuer=url,
        audience=audience,
        key=keys.issuer,
        principals={name: persona.principal for name, persona in PERSONAS.items()},
        authenticator=ClientAuthenticator(clients, frozenset({url, f"{url}/token"})),
        grants=grants,
        randomness=randomness,
    )
    return _application(Issuer(url, keys, clients, grants, tokens, clock))


def public_key_set(keys: Keys) -> dict[str, Any]:
    """The JWKS that verifies this issuer's tokens."""
    return {"keys": [keys.issuer.as_dict(private=False)]}


def discovery(issuer: str) -> dict[str, Any]:
    """The discovery document (OpenID Connect Discovery 1.0, RFC 8414)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_supported": ["sub", "name", "org", "roles"],
    }


def _application(issuer: Issuer) -> Starlette:
    public = {"Cache-Control": "public, max-age=300"}
    style = files("leds.issuer").joinpath("static/style.css").read_bytes()

    async def show_discovery(_: Request) -> Response:
        return JSONResponse(discovery(issuer.issuer), headers=public)

    async def show_keys(_: Request) -> Response:
        return JSONResponse(public_key_set(issuer.keys), headers=public)

    async def show_style(_: Request) -> Response:
        return Response(style, media_type="text/css", headers=public | {"X-Content-Type-Options": "nosniff"})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", show_discovery),
            Route("/jwks", show_keys),
            Route("/style.css", show_style),
            Route("/authorize", _bound(_show_choice, issuer), methods=["GET"]),
            Route("/authorize", _bound(_take_choice, issuer), methods=["POST"]),
            Route("/token", _bound(_token, issuer), methods=["POST"]),
            Route("/userinfo", _bound(_userinfo, issuer), methods=["GET", "POST"]),
        ],
        exception_handlers={OAuthError: _answer_error, HTTPException: _answer_http_error, Exception: _answer_fault},
    )


def _bound(
    endpoint: Callable[[Issuer, Request], Awaitable[Response]], issuer: Issuer
) -> Callable[[Request], Awaitable[Response]]:
    async def call(request: Request) -> Response:
        return await endpoint(issuer, request)

    return call


async def _show_choice(issuer: Issuer, request: Request) -> Response:
    def answer() -> Response:
        parameters = single_values(request.query_params.multi_items())
        asked = read_authorization(parameters, issuer.clients)
        page = choice_page(asked, parameters, PERSONAS.values(), MOUNT)
        return HTMLResponse(page, headers=page_headers(asked.redirect_uri))

    return _told(issuer, answer)


async def _take_choice(issuer: Issuer, request: Request) -> Response:
    body = await _body(request)

    def answer() -> Response:
        _require_own_page(issuer, request)
        parameters = form_values(request.headers.get("content-type", ""), body)
        asked = read_authorization(parameters, issuer.clients)
        persona = parameters.get("persona", "")
        if persona not in PERSONAS:
            raise RedirectError(LoginRefused("Nobody was chosen."), asked.redirect_uri, asked.state)
        now = issuer.clock()
        code = issuer.grants.new_code(authorization_of(asked, persona, now), now)
        return _redirect(redirect_with(asked.redirect_uri, issuer.issuer, asked.state, code=code))

    return _told(issuer, answer)


def _require_own_page(issuer: Issuer, request: Request) -> None:
    """Another site's form must not choose for somebody (its browser says where the form was)."""
    own = urlsplit(issuer.issuer)
    if request.headers.get("origin", f"{own.scheme}://{own.netloc}") != f"{own.scheme}://{own.netloc}":
        raise InvalidRequest("The choice was sent from another site.", advice="Choose on the issuer's own page.")


def _told(issuer: Issuer, answer: Callable[[], Response]) -> Response:
    """The answer, or its error told where it may be told: at the redirect URI, else on a page."""
    try:
        return answer()
    except RedirectError as refused:
        error = {"error": refused.error.error, "error_description": refused.error.document()["error_description"]}
        return _redirect(redirect_with(refused.redirect_uri, issuer.issuer, refused.state, **error))
    except InvalidRequest as error:
        return HTMLResponse(error_page(error, MOUNT), status_code=error.status, headers=page_headers())


def _redirect(target: str) -> Response:
    return RedirectResponse(target, status_code=303, headers=_NO_STORE | {"Referrer-Policy": "no-referrer"})


async def _token(issuer: Issuer, request: Request) -> Response:
    parameters = form_values(request.headers.get("content-type", ""), await _body(request))
    answer = issuer.tokens.answer(request.headers.get("authorization"), parameters, issuer.clock())
    return JSONResponse(answer, headers=_NO_STORE)


async def _userinfo(issuer: Issuer, request: Request) -> Response:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("There is no access token.")
    claims = claims_of_own_token(token.strip(), issuer.keys.issuer, issuer.clock(), issuer=issuer.issuer)
    if "openid" not in claims.get("scope", "").split():
        raise InsufficientScope("The access token was not granted the scope openid.")
    return JSONResponse({name: claims[name] for name in ("sub", "name", "org", "roles")}, headers=_NO_STORE)


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise InvalidRequest("The body is too long.", advice=f"Send at most {MAX_BODY} bytes.")
        parts.append(part)
    return b"".join(parts)


async def _answer_error(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, OAuthError) else ServerError("Something went wrong here.")
    headers = dict(_NO_STORE)
    if isinstance(known, InvalidToken | InsufficientScope):
        headers["WWW-Authenticate"] = f'Bearer realm="leds", error="{known.error}"'
    elif isinstance(known, InvalidClient) and "authorization" in request.headers:
        headers["WWW-Authenticate"] = 'Basic realm="leds"'
    return JSONResponse(known.document(), status_code=known.status, headers=headers)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return await _answer_error(request, NotFound("There is nothing at this address."))
    if status == 405:
        return await _answer_error(request, MethodNotAllowed("The endpoint takes another method."))
    return await _answer_error(request, InvalidRequest("The request cannot be read."))


async def _answer_fault(request: Request, _: Exception) -> Response:
    return await _answer_error(request, ServerError("Something went wrong here."))

"""Claims in, signed tokens out: access tokens (RFC 9068, `at+jwt`, ES256) and OpenID Connect ID tokens. No state."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from authz.principal import Principal
from leds.issuer.errors import InvalidToken

DEMO_ISSUER = "http://127.0.0.1:8000/oidc"
DEMO_AUDIENCE = "leds-graph"
ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whose token, for which client and scope; `claims` are `sub` and the principal's attributes."""

    client: str
    scope: str
    claims: Mapping[str, Any]
    token_id: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an ID token says of one sign-in; `access_token` is bound to it by `at_hash`."""

    client: str
    subject: str
    name: str
    nonce: str | None
    auth_time: int
    access_token: str


def principal_claims(principal: Principal) -> dict[str, Any]:
    """The claims a token carries for `principal`, by the names `authz/tokens.py` reads."""
    claims = {
        "sub": principal.subject,
        "name": principal.name,
        "org": principal.organisation,
        "org_kind": principal.organisation_kind,
        "agreement": principal.agreement,
        "roles": list(principal.roles),
        "route": principal.route,
        "system": principal.system,
        "fs": principal.force_station,
        "vetting": principal.vetting,
        "training": list(principal.training),
        "areas": list(principal.areas),
        "standing": principal.standing,
    }
    return {name: value for name, value in claims.items() if value is not None}


def access_token(subject: TokenSubject, key: ECKey, now: int, seconds: int, *, issuer: str, audience: str) -> str:
    """An access token valid from `now` (Unix seconds) for `seconds`."""
    claims = dict(subject.claims) | {
        "iss": issuer,
        "aud": audience,
        "client_id": subject.client,
        "scope": subject.scope,
        "jti": subject.token_id,
        "iat": now,
        "nbf": now,
        "exp": now + seconds,
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def id_token(sign_in: SignIn, key: ECKey, now: int, seconds: int, *, issuer: str) -> str:
    """The ID token of one sign-in; its audience is the client."""
    digest = hashlib.sha256(sign_in.access_token.encode()).digest()[:16]
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": sign_in.client,
        "sub": sign_in.subject,
        "name": sign_in.name,
        "auth_time": sign_in.auth_time,
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "iat": now,
        "exp": now + seconds,
    }
    if sign_in.nonce is not None:
        claims["nonce"] = sign_in.nonce
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def claims_of_own_token(token: str, key: ECKey, now: int, *, issuer: str) -> dict[str, Any]:
    """The claims of an access token of this issuer. Raises InvalidToken for any other."""
    try:
        decoded = jwt.decode(token, KeySet([key]), algorithms=[ALGORITHM])
    except (JoseError, ValueError) as error:
        raise InvalidToken("The access token cannot be verified.") from error
    claims = decoded.claims
    if decoded.header.get("typ") != "at+jwt" or claims.get("iss") != issuer:
        raise InvalidToken("The token is no access token of this issuer.")
    if not claims.get("nbf", 0) <= now < claims.get("exp", 0):
        raise InvalidToken("The access token is not valid at this time.")
    return claims

"""Access tokens: a signed JWT (RFC 9068) in, a `Principal` out, or a coded refusal. No header a caller writes is used.

Claims: `sub`, `name`, `org`, `org_kind`, `agreement`, `roles`, `route`, `system`, and optionally `fs`, `vetting`,
`training`, `areas`, `standing`, `jti`; beside `iss`, `aud`, `exp` and optionally `iat`, `nbf`. Organisation, kind and
agreement must be the directory's. Verified tokens are remembered by their hash until they expire or the keys change.
"""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key

from authz.errors import (
    OrganisationRefused,
    TokenExpired,
    TokenMalformed,
    TokenMissing,
    TokenNotYetValid,
    TokenUntrusted,
)
from authz.facts import Facts
from authz.keys import KeySource
from authz.principal import Principal

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
TYPES = frozenset({"at+jwt", "application/at+jwt"})
LEEWAY_SECONDS = 5
MAXIMUM_LENGTH = 16_384
REMEMBERED_TOKENS = 10_000
TEXTS = ("sub", "name", "org", "org_kind", "agreement", "route", "system")
OPTIONAL_TEXTS = ("fs", "vetting", "standing", "jti")
LISTS = ("roles", "training", "areas")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens are accepted, and made for whom."""

    issuer: str
    audience: str


class _Accepted(jws.JWSRegistry):
    """The algorithms accepted. `EdDSA` stays while issuers still send that name for what RFC 9864 calls `Ed25519`."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError("The algorithm is not accepted.")
        return self.algorithms[name]


_ACCEPTED = _Accepted(algorithms=ALGORITHMS)


class Expiring(Protocol):
    """Whoever a token speaks for, until then (seconds since 1970)."""

    @property
    def expires_at(self) -> int: ...


Speaker = TypeVar("Speaker", bound=Expiring)


class VerifiedTokens(Generic[Speaker]):
    """Verifies access tokens of one issuer; `read` makes of verified claims whom the token speaks for, or raises.
    `types` are the accepted values of the header `typ`, in lower case ("": none)."""

    def __init__(
        self,
        trust: Trust,
        keys: KeySource,
        read: Callable[[Mapping[str, Any]], Speaker],
        types: frozenset[str] = TYPES,
        capacity: int = REMEMBERED_TOKENS,
    ) -> None:
        self._trust = trust
        self._keys = keys
        self._read = read
        self._types = types
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, bytes], Speaker] = OrderedDict()

    async def speaker(self, token: str, now: float) -> Speaker:
        """Whom this token speaks for. Raises TokenMalformed, TokenUntrusted, TokenExpired, TokenNotYetValid or what
        `read` raises; KeysUnavailable when the issuer cannot be asked for its keys."""
        known = (self._keys.version, hashlib.sha256(token.encode("utf-8", "replace")).digest())
        speaker = self._known.get(known)
        if speaker is None:
            claims = _verified(token, await self._key(token))
            _check_registered(claims, self._trust, now)
            speaker = self._read(claims)
            self._remember((self._keys.version, known[1]), speaker)
        if speaker.expires_at + LEEWAY_SECONDS <= now:
            raise TokenExpired("The access token has expired.")
        return speaker

    def _remember(self, known: tuple[str, bytes], speaker: Speaker) -> None:
        self._known[known] = speaker
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)

    async def _key(self, token: str) -> Key:
        """The issuer's key the token names. The header is not trusted for more than choosing among known keys."""
        header = _header(token)
        key_id = header.get("kid")
        if str(header.get("typ", "")).lower() not in self._types:
            raise TokenUntrusted("The token is not an access token (typ at+jwt).")
        key = await self._keys.key(key_id) if isinstance(key_id, str) and key_id else None
        if key is None:
            raise TokenUntrusted("The access token names no key that the issuer publishes.")
        return key


class TokenVerifier(VerifiedTokens[Principal]):
    """Verifies the access tokens of governed callers. Build a new one when the facts change."""

    def __init__(self, trust: Trust, keys: KeySource, facts: Facts, capacity: int = REMEMBERED_TOKENS) -> None:
        super().__init__(trust, keys, lambda claims: _principal(claims, facts), capacity=capacity)

    async def principal(self, token: str, now: float) -> Principal:
        """Who presents this token. Raises as `speaker` does, and OrganisationRefused."""
        return await self.speaker(token, now)


def token_from_headers(headers: Mapping[str, str]) -> str:
    """The bearer token of a request, from headers by lower-case name. Raises TokenMissing or TokenMalformed."""
    value = headers.get("authorization", "").strip()
    if not value:
        raise TokenMissing("The request carries no access token.")
    scheme, *tokens = value.split()
    if scheme.lower() != "bearer" or len(tokens) != 1 or "," in tokens[0]:
        raise TokenMalformed("The Authorization header is not `Bearer` and one token.")
    return tokens[0]


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > MAXIMUM_LENGTH:
        raise TokenMalformed("The access token is too long.")
    try:
        return jws.extract_compact(token.encode("utf-8")).headers()
    except (JoseError, ValueError) as error:
        raise TokenMalformed("The access token is not a signed JWT.") from error


def _verified(token: str, key: Key) -> Mapping[str, Any]:
    """The claims, once the signature is known to be the issuer's and of the kind the key is for."""
    try:
        return jwt.decode(token, key, registry=_ACCEPTED).claims
    except (JoseError, ValueError) as error:
        raise TokenUntrusted("The access token's signature is not the issuer's.") from error


def _check_registered(claims: Mapping[str, Any], trust: Trust, now: float) -> None:
    """RFC 7519 section 4.1: issuer, audience, expiry and not-before."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if claims.get("iss") != trust.issuer or trust.audience not in audiences:
        raise TokenUntrusted("The access token is of another issuer or for another service.")
    times = {name: claims.get(name, 0) for name in ("exp", "nbf", "iat")}
    if not all(map(_is_time, times.values())) or not times["exp"]:
        raise TokenMalformed("The access token's times are not numbers, or it has no expiry.")
    if times["nbf"] > now + LEEWAY_SECONDS or times["iat"] > now + LEEWAY_SECONDS:
        raise TokenNotYetValid("The access token is not valid yet.")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _principal(claims: Mapping[str, Any], facts: Facts) -> Principal:
    texts = {name: _text(claims, name) for name in TEXTS}
    optional = {name: _text(claims, name) if claims.get(name) is not None else None for name in OPTIONAL_TEXTS}
    lists = {name: _texts(claims, name) for name in LISTS}
    if not lists["roles"] or not facts.roles.issuperset(lists["roles"]):
        raise TokenMalformed("The access token names no role, or one that does not exist.")
    if texts["route"] not in facts.routes:
        raise TokenMalformed("The access token names a route that does not exist.")
    _check_organisation(texts, facts)
    return Principal(
        subject=texts["sub"],
        name=texts["name"],
        organisation=texts["org"],
        organisation_kind=texts["org_kind"],
        agreement=texts["agreement"],
        roles=lists["roles"],
        route=texts["route"],
        system=texts["system"],
        force_station=optional["fs"],
        vetting=optional["vetting"],
        training=lists["training"],
        areas=lists["areas"],
        standing=optional["standing"] or "ACTIVE",
        token_id=optional["jti"] or "",
        issued_at=int(claims.get("iat", 0)),
        expires_at=int(claims["exp"]),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise TokenMalformed(f"The access token's claim `{name}` is not a text.")
    return value


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = claims.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise TokenMalformed(f"The access token's claim `{name}` is not a list of texts.")
    return tuple(values)


def _check_organisation(texts: Mapping[str, str], facts: Facts) -> None:
    organisation = facts.organisations.get(texts["org"])
    if organisation is None:
        raise OrganisationRefused("The organisation in the access token is not in the directory.")
    if organisation.kind != texts["org_kind"] or organisation.agreement != texts["agreement"]:
        raise OrganisationRefused("The organisation's kind or agreement is not the one in the directory.")

"""Who holds a verified access token, for graphs with the standard directives: subject, scopes and plain claims.

In: claims whose signature, issuer, audience and times were verified. Out: `TokenHolder`, or a coded refusal. A claim
that is not exactly what its specification says is refused, never read generously.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from authz.errors import TokenMalformed
from authz.keys import KeySource
from authz.tokens import Trust, VerifiedTokens

# RFC 6749 section 3.3: printable ASCII without space, quotation mark and backslash; look-alikes of other scripts fail.
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
REGISTERED = frozenset({"sub", "iss", "aud", "exp", "nbf", "iat", "jti", "scope"})
TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt", ""})
"""RFC 9068 access tokens, and what issuers from before it send."""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The holder of a verified token. `claims` are its other claims that are texts or lists of texts."""

    subject: str
    issuer: str
    scopes: frozenset[str] = frozenset()
    claims: tuple[tuple[str, frozenset[str]], ...] = ()
    expires_at: int = 0


def holders(trust: Trust, keys: KeySource) -> VerifiedTokens[TokenHolder]:
    """What verifies the tokens of one issuer for one audience, whatever other claims they have."""
    return VerifiedTokens(trust, keys, holder_from_claims, TYPES)


def holder_from_claims(claims: Mapping[str, Any]) -> TokenHolder:
    """The holder of a token with these claims. Raises TokenMalformed."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip() or not subject.isprintable():
        raise TokenMalformed("The access token's claim `sub` is not a text.")
    return TokenHolder(
        subject=subject,
        issuer=str(claims["iss"]),
        scopes=_scopes(claims),
        claims=tuple(sorted(_texts(claims), key=lambda claim: claim[0])),
        expires_at=int(claims["exp"]),
    )


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """The scopes of RFC 8693 section 4.2 (separated by single spaces), or a list of them."""
    stated = claims.get("scope", "")
    listed = [name for name in stated.split(" ") if stated] if isinstance(stated, str) else stated
    if not isinstance(listed, list) or not all(isinstance(name, str) and SCOPE.fullmatch(name) for name in listed):
        raise TokenMalformed("The access token's claim `scope` is not a list of scopes separated by single spaces.")
    return frozenset(listed)


def _texts(claims: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    for name, value in claims.items():
        listed = [value] if isinstance(value, str) else value
        texts = isinstance(listed, list) and all(isinstance(item, str) for item in listed)
        if texts and name not in REGISTERED:
            yield name, frozenset(listed)

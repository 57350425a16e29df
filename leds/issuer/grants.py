"""What the issuer remembers between requests: authorization codes and refresh tokens, each usable once. In memory only.

A code or refresh token that comes a second time revokes everything that grew from it (RFC 6749 section 4.1.2, RFC 9700
section 2.2.2). Only hashes are kept.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from leds.issuer.errors import InvalidGrant

CODE_SECONDS = 60
REFRESH_SECONDS = 12 * 3600
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a person agreed to: which persona, for which client, bound to which redirect URI, challenge and nonce."""

    client: str
    redirect_uri: str
    persona: str
    scope: tuple[str, ...]
    code_challenge: str
    nonce: str | None
    auth_time: int


@dataclass(slots=True)
class _Family:
    """All codes and refresh tokens of one authorization; revoked together."""

    authorization: Authorization
    expires_at: int
    revoked: bool = False


@dataclass(slots=True)
class _Token:
    family: _Family
    expires_at: int
    used: bool = False


@dataclass(slots=True)
class GrantStore:
    """Issues and redeems codes and refresh tokens; `randomness(n)` gives bytes, times are Unix seconds."""

    randomness: Callable[[int], bytes]
    _codes: dict[bytes, _Token] = field(default_factory=dict)
    _refresh: dict[bytes, _Token] = field(default_factory=dict)

    @property
    def remembered(self) -> int:
        """How many codes and refresh tokens are kept."""
        return len(self._codes) + len(self._refresh)

    def new_code(self, authorization: Authorization, now: int) -> str:
        """A code for `authorization`, valid for one minute."""
        self._forget(now)
        family = _Family(authorization, now + REFRESH_SECONDS)
        return self._issue(self._codes, family, now + CODE_SECONDS)

    def redeem_code(self, code: str, now: int) -> Authorization:
        """What the code stands for; it is used up, whatever comes of it. Raises InvalidGrant."""
        return self._redeem(self._codes, code, now).authorization

    def new_refresh_token(self, code: str) -> str:
        """The first refresh token of a redeemed code."""
        family = self._codes[_hash(code)].family
        return self._issue(self._refresh, family, family.expires_at)

    def rotate(self, refresh_token: str, client: str, now: int) -> tuple[Authorization, str]:
        """What a refresh token stands for, and the token that replaces it. Raises InvalidGrant."""
        family = self._redeem(self._refresh, refresh_token, now)
        if family.authorization.client != client:
            family.revoked = True
            raise InvalidGrant("The refresh token is another client's.")
        return family.authorization, self._issue(self._refresh, family, family.expires_at)

    def _issue(self, tokens: dict[bytes, _Token], family: _Family, expires_at: int) -> str:
        text = base64.urlsafe_b64encode(self.randomness(_TOKEN_BYTES)).rstrip(b"=").decode()
        tokens[_hash(text)] = _Token(family, expires_at)
        return text

    def _redeem(self, tokens: dict[bytes, _Token], text: str, now: int) -> _Family:
        token = tokens.get(_hash(text))
        if token is None:
            raise InvalidGrant("The code or refresh token is not known.")
        if token.used:
            token.family.revoked = True
        if token.used or token.family.revoked or token.expires_at <= now:
            raise InvalidGrant("The code or refresh token is used, revoked or expired.")
        token.used = True
        return token.family

    def _forget(self, now: int) -> None:
        """Drop what no longer matters; a used code is kept as long as its tokens, to notice a second use."""
        for tokens in (self._codes, self._refresh):
            for key in [key for key, token in tokens.items() if token.family.expires_at <= now]:
                del tokens[key]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

"""A token request in, tokens out: authorization code with PKCE, refresh token, client credentials. No I/O."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey

from authz.principal import Principal
from leds.issuer.client_authentication import ClientAuthenticator
from leds.issuer.clients import Client
from leds.issuer.errors import InvalidGrant, InvalidScope, UnauthorizedClient, UnsupportedGrantType
from leds.issuer.grants import Authorization, GrantStore
from leds.issuer.parameters import required
from leds.issuer.tokens import SignIn, TokenSubject, access_token, id_token, principal_claims

ACCESS_SECONDS = 3600
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_TOKEN_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Everything the token endpoint needs; `principals` are the personas' principals by name."""

    issuer: str
    audience: str
    key: ECKey
    principals: Mapping[str, Principal]
    authenticator: ClientAuthenticator
    grants: GrantStore
    randomness: Callable[[int], bytes]

    def answer(self, authorization: str | None, parameters: dict[str, str], now: int) -> dict[str, Any]:
        """The token response. Raises OAuthError."""
        handlers = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_credentials,
        }
        grant_type = required(parameters, "grant_type")
        client = self.authenticator.authenticate(authorization, parameters, now)
        if grant_type not in handlers:
            raise UnsupportedGrantType("The grant type is not offered.")
        if grant_type not in client.grants:
            raise UnauthorizedClient("The client may not use this grant type.")
        return handlers[grant_type](client, parameters, now)

    def _by_code(self, client: Client, parameters: dict[str, str], now: int) -> dict[str, Any]:
        code, verifier = required(parameters, "code"), required(parameters, "code_verifier")
        redirect_uri = required(parameters, "redirect_uri")
        granted = self.grants.redeem_code(code, now)
        if granted.client != client.id or granted.redirect_uri != redirect_uri:
            raise InvalidGrant("The code was issued to another client or redirect URI.")
        if not _verifies(verifier, granted.code_challenge):
            raise InvalidGrant("The code_verifier does not match the code_challenge.")
        response = self._signed_in(granted, granted.scope, now)
        if "offline_access" in granted.scope and "refresh_token" in client.grants:
            response["refresh_token"] = self.grants.new_refresh_token(code)
        return response

    def _by_refresh_token(self, client: Client, parameters: dict[str, str], now: int) -> dict[str, Any]:
        granted, replacement = self.grants.rotate(required(parameters, "refresh_token"), client.id, now)
        scope = tuple(dict.fromkeys(parameters.get("scope", " ".join(granted.scope)).split()))
        if not set(scope) <= set(granted.scope):
            raise InvalidScope("More is asked for than was granted.")
        return self._signed_in(granted, scope, now) | {"refresh_token": replacement}

    def _by_credentials(self, client: Client, parameters: dict[str, str], now: int) -> dict[str, Any]:
        scope = tuple(dict.fromkeys(parameters.get("scope", "leds").split()))
        if client.public or client.principal is None:
            raise UnauthorizedClient("The client has no identity of its own.")
        if not set(scope) <= client.scopes:
            raise InvalidScope("The client may not ask for this scope.")
        return self._response(client.id, client.principal, scope, now)

    def _signed_in(self, granted: Authorization, scope: tuple[str, ...], now: int) -> dict[str, Any]:
        principal = self.principals[granted.persona]
        response = self._response(granted.client, principal, scope, now)
        if "openid" in scope:
            sign_in = SignIn(
                client=granted.client,
                subject=principal.subject,
                name=principal.name,
                nonce=granted.nonce,
                auth_time=granted.auth_time,
                access_token=response["access_token"],
            )
            response["id_token"] = id_token(sign_in, self.key, now, ACCESS_SECONDS, issuer=self.issuer)
        return response

    def _response(self, client: str, principal: Principal, scope: tuple[str, ...], now: int) -> dict[str, Any]:
        subject = TokenSubject(
            client, " ".join(scope), principal_claims(principal), self.randomness(_TOKEN_ID_BYTES).hex()
        )
        token = access_token(subject, self.key, now, ACCESS_SECONDS, issuer=self.issuer, audience=self.audience)
        return {"access_token": token, "token_type": "Bearer", "expires_in": ACCESS_SECONDS, "scope": " ".join(scope)}


def _verifies(verifier: str, challenge: str) -> bool:
    """PKCE with S256 (RFC 7636 section 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode())

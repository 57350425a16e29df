"""A token request in, the client that proved to have sent it out (RFC 6749 section 2.3, RFC 7523)."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError

from leds.issuer.clients import Client, secret_hash
from leds.issuer.errors import InvalidClient, InvalidRequest

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 300
_NOBODY = secret_hash("")


@dataclass(slots=True)
class ClientAuthenticator:
    """Authenticates clients; `audiences` are the names an assertion may be addressed to (issuer and token endpoint)."""

    clients: Mapping[str, Client]
    audiences: frozenset[str]
    _used: dict[tuple[str, str], int] = field(default_factory=dict)

    def authenticate(self, authorization: str | None, parameters: Mapping[str, str], now: int) -> Client:
        """The client. Raises InvalidClient when it is not proven, InvalidRequest when several methods are mixed."""
        assertion = "client_assertion" in parameters or "client_assertion_type" in parameters
        if sum((authorization is not None, assertion, "client_secret" in parameters)) > 1:
            raise InvalidRequest("More than one method of client authentication is used.", advice="Use one.")
        if authorization is not None:
            client = self._by_secret(authorization)
        elif assertion:
            client = self._by_assertion(parameters, now)
        elif "client_secret" in parameters:
            raise InvalidClient("client_secret_post is not offered.")
        else:
            client = self._by_name(parameters)
        if parameters.get("client_id", client.id) != client.id:
            raise InvalidClient("client_id is not the client that authenticated.")
        return client

    def _by_name(self, parameters: Mapping[str, str]) -> Client:
        client = self.clients.get(parameters.get("client_id", ""))
        if client is None or not client.public:
            raise InvalidClient("The client is unknown or must authenticate.")
        return client

    def _by_secret(self, authorization: str) -> Client:
        scheme, _, encoded = authorization.partition(" ")
        try:
            text = base64.b64decode(encoded.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        name, _, secret = (unquote_plus(part) for part in text.partition(":"))
        client = self.clients.get(name)
        expected = client.secret_hash if client is not None else None
        if not hmac.compare_digest(secret_hash(secret), expected or _NOBODY) or client is None or expected is None:
            raise InvalidClient("The client's name or secret is wrong.")
        return client

    def _by_assertion(self, parameters: Mapping[str, str], now: int) -> Client:
        if parameters.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in parameters:
            raise InvalidClient("The client assertion or its type is missing.")
        assertion = parameters["client_assertion"]
        for client in self.clients.values():
            if client.key is not None and (claims := _claims(assertion, client)) is not None:
                self._require_fresh(client, claims, now)
                return client
        raise InvalidClient("The client assertion is not signed by a registered client.")

    def _require_fresh(self, client: Client, claims: Mapping[str, Any], now: int) -> None:
        audience = claims.get("aud")
        addressed = {audience} if isinstance(audience, str) else set(audience) if isinstance(audience, list) else set()
        expires, token_id = claims.get("exp"), claims.get("jti")
        if not addressed & self.audiences or not {claims.get("iss"), claims.get("sub")} == {client.id}:
            raise InvalidClient("The client assertion is not addressed to this issuer by this client.")
        if not isinstance(expires, int) or not now < expires <= now + ASSERTION_SECONDS:
            raise InvalidClient(f"The client assertion must expire within {ASSERTION_SECONDS} seconds.")
        self._used = {used: until for used, until in self._used.items() if until > now}
        if not isinstance(token_id, str) or (client.id, token_id) in self._used:
            raise InvalidClient("The client assertion needs a jti that was not used before.")
        self._used[client.id, token_id] = expires


def _claims(assertion: str, client: Client) -> Mapping[str, Any] | None:
    if client.key is None:
        return None
    try:
        return jwt.decode(assertion, client.key, algorithms=["ES256"]).claims
    except (JoseError, ValueError):
        return None

"""The issuer's public keys: given once (`StaticKeys`) or read from the issuer and read again when a new key is named.

In: a JWKS, or an issuer's address and a way to fetch it. Out: keys by id. Private keys are refused.
"""

import asyncio
import hashlib
import json
import logging
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from authz.errors import KeysUnavailable

LOG = logging.getLogger("leds.keys")
DISCOVERY = "/.well-known/openid-configuration"
FETCH_SECONDS = 5
MAXIMUM_BYTES = 1_000_000
MINIMUM_REFRESH_SECONDS = 10
MAXIMUM_AGE_SECONDS = 3600

Fetch = Callable[[str], Awaitable[bytes]]


class KeySource(Protocol):
    """Where the issuer's keys come from. `version` changes with the keys."""

    version: str

    async def key(self, key_id: str) -> Key | None:
        """The key of this id, or None when the issuer publishes none."""
        ...


class StaticKeys:
    """A fixed set of public keys. Raises KeysUnavailable for anything but a JWKS of public keys with ids."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = keys_from_jwks(jwks)
        self.version = _version(jwks)

    async def key(self, key_id: str) -> Key | None:
        return self._keys.get(key_id)


class PublishedKeys:
    """The keys of a JWKS that is published somewhere, read again hourly and when a new id is named.

    However many requests come, it is read at most once in ten seconds. `read` raises OSError, ValueError or
    KeysUnavailable; `publisher` is named in the log.
    """

    def __init__(
        self, publisher: str, read: Callable[[], Awaitable[Mapping[str, Any]]], clock: Callable[[], float]
    ) -> None:
        self._publisher = publisher
        self._read = read
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._reading = asyncio.Lock()
        self.version = ""

    async def key(self, key_id: str) -> Key | None:
        if self._due(key_id) or self._reading.locked():
            async with self._reading:
                if self._due(key_id):
                    await self._read_again()
        if self._read_at is None:
            raise KeysUnavailable("The issuer's keys cannot be read.")
        return self._keys.get(key_id)

    def _due(self, key_id: str) -> bool:
        """Whether the keys are old or lack this one, and have not just been read."""
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < MINIMUM_REFRESH_SECONDS:
            return False
        return self._read_at is None or key_id not in self._keys or now - self._read_at >= MAXIMUM_AGE_SECONDS

    async def _read_again(self) -> None:
        """Read the keys. A publisher that cannot be reached takes away no key that is already known."""
        self._tried_at = self._clock()
        try:
            jwks = await self._read()
            self._keys = keys_from_jwks(jwks)
        except (OSError, ValueError, KeysUnavailable) as error:
            LOG.warning("The keys of the issuer %s cannot be read: %s", self._publisher, type(error).__name__)
            return
        self.version = _version(jwks)
        self._read_at = self._clock()


class IssuerKeys(PublishedKeys):
    """The keys an issuer publishes: OpenID discovery, then its JWKS."""

    def __init__(self, issuer: str, clock: Callable[[], float], fetch: Fetch | None = None) -> None:
        address, fetch = issuer.rstrip("/"), fetch or fetch_over_http

        async def read() -> Mapping[str, Any]:
            discovery = json_object(await fetch(address + DISCOVERY))
            if str(discovery.get("issuer", "")).rstrip("/") != address:
                raise KeysUnavailable("The discovery document is of another issuer.")
            return json_object(await fetch(str(discovery.get("jwks_uri", ""))))

        super().__init__(address, read, clock)


class JwksKeys(PublishedKeys):
    """The keys of the JWKS at one address, or wherever `fetch` finds it by that name."""

    def __init__(self, address: str, clock: Callable[[], float], fetch: Fetch | None = None) -> None:
        fetch = fetch or fetch_over_http

        async def read() -> Mapping[str, Any]:
            return json_object(await fetch(address))

        super().__init__(address, read, clock)


def json_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object that an issuer answered with. Raises ValueError, or KeysUnavailable for another kind of JSON."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise KeysUnavailable("The issuer answered with something else than a JSON object.")
    return found


def keys_from_jwks(jwks: Mapping[str, Any]) -> Mapping[str, Key]:
    """Public keys by id. Raises KeysUnavailable when the set is malformed, or a key is private or has no id."""
    try:
        published = list(jwks["keys"])
        named = {key["kid"] for key in published}
        keys = KeySet.import_key_set({"keys": published}).keys
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise KeysUnavailable("The key set is not a JWKS of keys with ids.") from error
    if len(named) != len(keys) or any(key.is_private for key in keys):
        raise KeysUnavailable("Every key of the key set needs an id of its own and must be public.")
    return {str(key.kid): key for key in keys}


def _version(jwks: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(jwks, sort_keys=True).encode()).hexdigest()


async def fetch_over_http(url: str) -> bytes:
    """The bytes at an http(s) address, read in a thread. Raises OSError or ValueError."""
    return await asyncio.to_thread(_read, url)


def _read(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise ValueError("Only http and https addresses are fetched.")
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as response:
        return response.read(MAXIMUM_BYTES)

"""The issuer's keys: discovered, remembered, read again when one is new, never asked for in a storm."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from joserfc.jwk import OctKey

from authz.errors import KeysUnavailable, TokenUntrusted
from authz.facts import packaged_facts
from authz.keys import IssuerKeys, StaticKeys, fetch_over_http, keys_from_jwks
from authz.tokens import TokenVerifier, Trust
from tests.authz.issuing import AUDIENCE, ISSUER, KEYS, NOW, jwks, token


class Issuer:
    """An issuer whose answers a test sets; counts how often its keys are read. The clock is the test's."""

    def __init__(self, *algorithms: str) -> None:
        self.published = jwks(*algorithms)
        self.discovery: object = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        self.reachable = True
        self.reads = 0
        self.time = 0.0

    async def fetch(self, url: str) -> bytes:
        await asyncio.sleep(0)
        if not self.reachable:
            raise ConnectionError("unreachable")
        if url.endswith("/.well-known/openid-configuration"):
            return json.dumps(self.discovery).encode()
        assert url == f"{ISSUER}/keys"
        self.reads += 1
        return json.dumps(self.published).encode()

    def keys(self) -> IssuerKeys:
        return IssuerKeys(f"{ISSUER}/", lambda: self.time, self.fetch)


async def test_keys_are_discovered_once_for_all_who_wait():
    issuer = Issuer()
    keys = issuer.keys()
    found = await asyncio.gather(*(keys.key(name) for name in ("ed", "rsa", "ec")))
    assert [key.kid for key in found if key] == ["ed", "rsa", "ec"]
    assert issuer.reads == 1


async def test_a_new_key_is_fetched_when_a_token_names_it():
    issuer = Issuer("RS256")
    keys = issuer.keys()
    verifier = TokenVerifier(Trust(ISSUER, AUDIENCE), keys, packaged_facts())
    await verifier.principal(token("RS256"), NOW)
    issuer.published, issuer.time, before = jwks("EdDSA"), 10.0, keys.version

    assert (await verifier.principal(token("EdDSA"), NOW)).subject == "u-20-4419"

    assert keys.version != before
    with pytest.raises(TokenUntrusted):
        await verifier.principal(token("RS256"), NOW)


async def test_unknown_ids_do_not_storm_the_issuer():
    issuer = Issuer()
    keys = issuer.keys()
    for number in range(20):
        assert await keys.key(f"unknown-{number}") is None
    assert issuer.reads == 1


async def test_known_keys_are_read_again_hourly():
    issuer = Issuer()
    keys = issuer.keys()
    await keys.key("ed")
    issuer.time = 3599
    await keys.key("ed")
    assert issuer.reads == 1
    issuer.time = 3600
    await keys.key("ed")
    assert issuer.reads == 2


async def test_an_issuer_that_cannot_be_reached_takes_no_known_key_away():
    issuer = Issuer()
    keys = issuer.keys()
    await keys.key("ed")
    issuer.reachable, issuer.time = False, 4000
    assert await keys.key("ed") is not None


async def test_without_any_keys_nothing_can_be_checked():
    issuer = Issuer()
    issuer.reachable = False
    keys = issuer.keys()
    with pytest.raises(KeysUnavailable) as caught:
        await keys.key("ed")
    assert caught.value.status == 503
    issuer.reachable = True
    with pytest.raises(KeysUnavailable):
        await keys.key("ed")
    issuer.time = 10
    assert await keys.key("ed") is not None


@pytest.mark.parametrize("discovery", [{"issuer": "https://other.example", "jwks_uri": f"{ISSUER}/keys"}, [], {}])
async def test_a_discovery_document_that_is_not_the_issuers_is_refused(discovery: object):
    issuer = Issuer()
    issuer.discovery = discovery
    with pytest.raises(KeysUnavailable):
        await issuer.keys().key("ed")


@pytest.mark.parametrize(
    "published",
    [
        {},
        {"keys": 7},
        {"keys": [{"kty": "nonsense"}]},
        {"keys": [KEYS["EdDSA"].as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256, {"kid": "secret"}).as_dict()]},
        {"keys": [{k: v for k, v in KEYS["EdDSA"].as_dict(private=False).items() if k != "kid"}]},
        {"keys": jwks("EdDSA")["keys"] * 2},
    ],
)
def test_only_public_keys_with_ids_of_their_own_are_keys(published: dict[str, object]):
    with pytest.raises(KeysUnavailable):
        keys_from_jwks(published)


async def test_static_keys_know_only_what_they_were_given():
    keys = StaticKeys(jwks("EdDSA"))
    assert await keys.key("ed") is not None
    assert await keys.key("rsa") is None
    assert keys.version == StaticKeys(jwks("EdDSA")).version != StaticKeys(jwks()).version


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(jwks()).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the test speaks."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()
        serving.join()


async def test_keys_are_read_over_http(address: str):
    assert keys_from_jwks(json.loads(await fetch_over_http(address))).keys() == {"rsa", "ec", "ed"}


async def test_nothing_but_http_is_fetched(tmp_path: Path):
    keys = tmp_path / "keys.json"
    keys.write_text("{}")
    with pytest.raises(ValueError, match="http"):
        await fetch_over_http(keys.as_uri())

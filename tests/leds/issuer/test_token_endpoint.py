"""What the demo's one code flow client cannot show: codes and refresh tokens belong to their client."""

from pathlib import Path

import pytest

from leds.issuer.client_authentication import ClientAuthenticator
from leds.issuer.clients import Client
from leds.issuer.errors import InvalidGrant
from leds.issuer.grants import Authorization, GrantStore
from leds.issuer.token_endpoint import TokenEndpoint
from leds.keys import ensure_keys
from leds.personas import PERSONAS
from tests.leds.issuer.running import CHALLENGE, START, VERIFIER, Counter

FLOW = frozenset({"authorization_code", "refresh_token"})
SCOPE = ("leds", "offline_access")
CLIENTS = {name: Client(name, name, FLOW, frozenset(SCOPE)) for name in ("one", "other")}
AUTHORIZATION = Authorization("one", "https://one.example/", "officer", SCOPE, CHALLENGE, None, START)


@pytest.fixture
def endpoint(tmp_path: Path) -> TokenEndpoint:
    principals = {name: persona.principal for name, persona in PERSONAS.items()}
    authenticator = ClientAuthenticator(CLIENTS, frozenset())
    key, random = ensure_keys(tmp_path).issuer, Counter()
    return TokenEndpoint("https://i.example", "a", key, principals, authenticator, GrantStore(random), random)


def code_form(endpoint: TokenEndpoint, client: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": client,
        "code": endpoint.grants.new_code(AUTHORIZATION, START),
        "redirect_uri": "https://one.example/",
        "code_verifier": VERIFIER,
    }


def test_a_code_is_for_the_client_it_was_issued_to(endpoint: TokenEndpoint) -> None:
    assert endpoint.answer(None, code_form(endpoint, "one"), START)["access_token"]
    with pytest.raises(InvalidGrant):
        endpoint.answer(None, code_form(endpoint, "other"), START)


def test_a_refresh_token_in_another_clients_hands_is_lost_to_both(endpoint: TokenEndpoint) -> None:
    token = endpoint.answer(None, code_form(endpoint, "one"), START)["refresh_token"]
    for client in ("other", "one"):
        form = {"grant_type": "refresh_token", "client_id": client, "refresh_token": token}
        with pytest.raises(InvalidGrant):
            endpoint.answer(None, form, START)


def test_codes_and_tokens_are_forgotten_once_they_no_longer_matter(endpoint: TokenEndpoint) -> None:
    for hour in range(40):
        endpoint.grants.new_code(AUTHORIZATION, START + hour * 3600)
    assert endpoint.grants.remembered == 12

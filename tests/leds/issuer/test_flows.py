"""The flows as clients use them, over HTTP: code with PKCE, refresh, client credentials, userinfo."""

import base64
import hashlib
from html.parser import HTMLParser

import pytest

from authz.facts import packaged_facts
from authz.keys import StaticKeys
from authz.tokens import TokenVerifier, Trust
from leds.issuer.clients import INSURER_SYSTEM
from leds.issuer.tokens import DEMO_AUDIENCE
from leds.personas import PERSONAS
from tests.leds.issuer.running import Running


def test_discovery_describes_endpoints_that_answer(issuer: Running) -> None:
    document = issuer.http.get(f"{issuer.issuer}/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer.issuer
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    assert issuer.http.get(document["jwks_uri"]).json()["keys"][0]["alg"] == "ES256"
    assert issuer.http.get(document["authorization_endpoint"]).status_code == 400
    assert issuer.http.post(document["token_endpoint"]).json()["error"] == "invalid_request"
    assert issuer.http.get(document["userinfo_endpoint"]).status_code == 401


def test_the_key_set_holds_no_private_part(issuer: Running) -> None:
    for key in issuer.http.get(f"{issuer.issuer}/jwks").json()["keys"]:
        assert "d" not in key
        assert key["kid"]


@pytest.mark.parametrize("persona", PERSONAS)
async def test_the_code_flow_gives_a_token_that_the_service_accepts(issuer: Running, persona: str) -> None:
    answer = issuer.choose(persona)
    assert (answer["state"], answer["iss"]) == ("a state & more", issuer.issuer)
    reply = issuer.exchange(answer["code"])
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    tokens = reply.json()
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "openid offline_access leds")
    keys = StaticKeys(issuer.http.get(f"{issuer.issuer}/jwks").json())
    verifier = TokenVerifier(Trust(issuer.issuer, DEMO_AUDIENCE), keys, packaged_facts())
    principal = await verifier.principal(tokens["access_token"], issuer.clock.now)
    expected = PERSONAS[persona].principal
    assert (principal.subject, principal.roles, principal.training, principal.route, principal.agreement) == (
        expected.subject,
        expected.roles,
        expected.training,
        expected.route,
        expected.agreement,
    )
    assert principal.expires_at == issuer.clock.now + tokens["expires_in"]


def test_the_id_token_is_bound_to_client_nonce_and_access_token(issuer: Running) -> None:
    tokens = issuer.exchange(issuer.choose(nonce="n-42")["code"]).json()
    claims = issuer.claims(tokens["id_token"])
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert (claims["aud"], claims["nonce"], claims["iss"]) == ("graphiql", "n-42", issuer.issuer)
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert claims["sub"] == PERSONAS["officer"].principal.subject


def test_without_openid_there_is_no_id_token_and_without_offline_access_no_refresh_token(issuer: Running) -> None:
    tokens = issuer.exchange(issuer.choose(scope="leds")["code"]).json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope"}


def test_access_tokens_are_rfc_9068_tokens(issuer: Running) -> None:
    token = issuer.exchange(issuer.choose()["code"]).json()["access_token"]
    claims = issuer.claims(token)
    assert base64.urlsafe_b64decode(token.split(".")[0] + "==").find(b'"at+jwt"') > 0
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} <= set(claims)
    assert (claims["aud"], claims["client_id"]) == (DEMO_AUDIENCE, "graphiql")


def test_refresh_tokens_rotate(issuer: Running) -> None:
    first = issuer.exchange(issuer.choose()["code"]).json()
    second = issuer.refresh(first["refresh_token"]).json()
    third = issuer.refresh(second["refresh_token"], scope="openid").json()
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    assert len({issuer.claims(tokens["access_token"])["jti"] for tokens in (first, second, third)}) == 3
    assert third["scope"] == "openid"


@pytest.mark.parametrize("method", ["client_secret_basic", "private_key_jwt"])
async def test_client_credentials_speak_for_the_connecting_system(issuer: Running, method: str) -> None:
    if method == "private_key_jwt":
        reply = issuer.token(issuer.assertion())
    else:
        secret = ("insurer-system", issuer.keys.client_secret)
        reply = issuer.token({"grant_type": "client_credentials"}, auth=secret)
    assert reply.status_code == 200, reply.text
    assert set(reply.json()) == {"access_token", "token_type", "expires_in", "scope"}
    keys = StaticKeys(issuer.http.get(f"{issuer.issuer}/jwks").json())
    verifier = TokenVerifier(Trust(issuer.issuer, DEMO_AUDIENCE), keys, packaged_facts())
    principal = await verifier.principal(reply.json()["access_token"], issuer.clock.now)
    assert (principal.subject, principal.organisation) == ("insurer-system", INSURER_SYSTEM.organisation)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_userinfo_says_who_signed_in(issuer: Running, verb: str) -> None:
    token = issuer.exchange(issuer.choose("dpo")["code"]).json()["access_token"]
    reply = issuer.http.request(verb, f"{issuer.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 200
    assert reply.json()["sub"] == PERSONAS["dpo"].principal.subject
    assert reply.json()["roles"] == ["dpo"]


class Page(HTMLParser):
    """What matters of a page: its tags, attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_offers_every_persona_and_says_that_all_is_synthetic(issuer: Running) -> None:
    reply = issuer.http.get(f"{issuer.issuer}/authorize", params=issuer.request())
    page = Page(reply.text)
    assert reply.status_code == 200
    assert [button["value"] for button in page.all("button")] == [*PERSONAS, ""]
    assert "SYNTHETIC" in page.text
    assert page.all("html")[0]["lang"] == "en-GB"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    described = {attributes.get("id") for _, attributes in page.tags}
    assert {button["aria-describedby"] for button in page.all("button")[:-1]} <= described


def test_the_page_runs_no_script_and_loads_only_its_own_style(issuer: Running) -> None:
    reply = issuer.http.get(f"{issuer.issuer}/authorize", params=issuer.request())
    page = Page(reply.text)
    assert page.all("script") == page.all("style") == page.all("img") == []
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    style = issuer.http.get(issuer.origin + str(page.all("link")[0]["href"]))
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_the_page_can_be_submitted_as_it_stands(issuer: Running) -> None:
    page = Page(issuer.http.get(f"{issuer.issuer}/authorize", params=issuer.request()).text)
    form = {str(field["name"]): str(field["value"]) for field in page.all("input")} | {"persona": "analyst"}
    reply = issuer.http.post(issuer.origin + str(page.all("form")[0]["action"]), data=form)
    assert reply.status_code == 303
    assert reply.headers["location"].startswith(f"{issuer.redirect_uri}?code=")


def test_what_the_client_sends_is_escaped_on_the_page(issuer: Running) -> None:
    state = '"><script>alert(1)</script>'
    reply = issuer.http.get(f"{issuer.issuer}/authorize", params=issuer.request(state=state))
    assert "<script" not in reply.text
    assert state in [field["value"] for field in Page(reply.text).all("input")]

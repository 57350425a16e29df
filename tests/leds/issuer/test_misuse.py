"""Everything that is not a proper flow: a coded OAuth error, told where it may be told, and nothing issued."""

import base64
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from tests.leds.issuer.running import CHALLENGE, VERIFIER, Running

PAGE_ONLY: list[dict[str, str | None]] = [
    {"client_id": None},
    {"client_id": "nobody"},
    {"client_id": "insurer-system"},
    {"redirect_uri": None},
    {"redirect_uri": "https://evil.example/graphiql"},
    {"redirect_uri": "ORIGIN/graphiql/"},
    {"redirect_uri": "ORIGIN/graphiql?x=1"},
    {"redirect_uri": "ORIGIN/graphiql/../evil"},
]


@pytest.mark.parametrize("changes", PAGE_ONLY, ids=str)
def test_a_wrong_client_or_redirect_uri_is_told_on_a_page_and_never_redirected(
    issuer: Running, changes: dict[str, str | None]
) -> None:
    changes = {name: value and value.replace("ORIGIN", issuer.origin) for name, value in changes.items()}
    shown = issuer.http.get(f"{issuer.issuer}/authorize", params=issuer.request(**changes))
    chosen = issuer.http.post(f"{issuer.issuer}/authorize", data=issuer.request(**changes) | {"persona": "officer"})
    for reply in (shown, chosen):
        assert reply.status_code == 400
        assert "location" not in reply.headers
        assert "OAUTH_INVALID_REQUEST" in reply.text
        assert "evil" not in reply.text


REDIRECTED: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "x" * 44}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"scope": "openid admin"}, "invalid_scope"),
    ({"state": "s" * 1025}, "invalid_request"),
    ({"nonce": "n" * 1025}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
    ({"request": "eyJ"}, "request_not_supported"),
    ({"request_uri": "https://evil.example/r"}, "request_not_supported"),
]


@pytest.mark.parametrize(("changes", "error"), REDIRECTED, ids=lambda case: str(case)[:60])
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_faulty_request_of_a_known_client_is_told_at_its_redirect_uri(
    issuer: Running, changes: dict[str, str | None], error: str, verb: str
) -> None:
    request = issuer.request(**changes)
    where = {"params": request} if verb == "GET" else {"data": request | {"persona": "officer"}}
    reply = issuer.http.request(verb, f"{issuer.issuer}/authorize", **where)  # pyright: ignore[reportArgumentType]
    assert reply.status_code == 303
    answer = parse_qs(urlsplit(reply.headers["location"]).query)
    assert reply.headers["location"].startswith(issuer.redirect_uri)
    assert (answer["error"], answer["iss"]) == ([error], [issuer.issuer])
    assert answer["state"] == [request["state"]]
    assert "code" not in answer


@pytest.mark.parametrize("persona", ["", "nobody", "system_admin"])
def test_choosing_nobody_is_access_denied(issuer: Running, persona: str) -> None:
    assert issuer.choose(persona)["error"] == "access_denied"


def test_a_choice_sent_from_another_site_is_refused(issuer: Running) -> None:
    form = issuer.request() | {"persona": "officer"}
    reply = issuer.http.post(f"{issuer.issuer}/authorize", data=form, headers={"Origin": "https://evil.example"})
    assert (reply.status_code, "location" in reply.headers) == (400, False)


def test_a_parameter_given_twice_is_refused(issuer: Running) -> None:
    twice = [*issuer.request().items(), ("client_id", "graphiql")]
    assert issuer.http.get(f"{issuer.issuer}/authorize", params=twice).status_code == 400
    reply = issuer.http.post(f"{issuer.issuer}/token", content="grant_type=a&grant_type=b", headers=FORM)
    assert refusal(reply) == (400, "invalid_request")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def refusal(reply: Any) -> tuple[int, str]:
    """Status and error; every refusal is coded, says what to do and is never cached."""
    document = reply.json()
    assert document["code"].startswith("OAUTH_")
    assert document["error_description"]
    assert "Traceback" not in reply.text
    assert reply.headers["cache-control"] == "no-store"
    return reply.status_code, document["error"]


CODE_MISUSES: list[tuple[dict[str, str | None], tuple[int, str]]] = [
    ({"code_verifier": None}, (400, "invalid_request")),
    ({"code_verifier": "another-verifier-of-forty-three-characters-000"}, (400, "invalid_grant")),
    ({"code_verifier": CHALLENGE}, (400, "invalid_grant")),
    ({"code_verifier": VERIFIER[:42]}, (400, "invalid_grant")),
    ({"code_verifier": VERIFIER + " "}, (400, "invalid_grant")),
    ({"redirect_uri": None}, (400, "invalid_request")),
    ({"redirect_uri": "http://127.0.0.1/graphiql"}, (400, "invalid_grant")),
    ({"client_id": None}, (401, "invalid_client")),
    ({"client_id": "nobody"}, (401, "invalid_client")),
    ({"client_id": "insurer-system"}, (401, "invalid_client")),
    ({"code": "made-up"}, (400, "invalid_grant")),
    ({"code": None}, (400, "invalid_request")),
    ({"grant_type": None}, (400, "invalid_request")),
    ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ({"grant_type": "client_credentials"}, (400, "unauthorized_client")),
    ({"client_secret": "guess"}, (401, "invalid_client")),
]


@pytest.mark.parametrize(("changes", "expected"), CODE_MISUSES, ids=str)
def test_a_code_is_worth_nothing_without_what_it_is_bound_to(
    issuer: Running, changes: dict[str, str | None], expected: tuple[int, str]
) -> None:
    assert refusal(issuer.exchange(issuer.choose()["code"], **changes)) == expected


def test_a_failed_exchange_uses_the_code_up(issuer: Running) -> None:
    code = issuer.choose()["code"]
    issuer.exchange(code, code_verifier="another-verifier-of-forty-three-characters-000")
    assert refusal(issuer.exchange(code)) == (400, "invalid_grant")


def test_a_code_lives_for_a_minute(issuer: Running) -> None:
    code = issuer.choose()["code"]
    issuer.clock.now += 60
    assert refusal(issuer.exchange(code)) == (400, "invalid_grant")


def test_a_code_used_twice_revokes_the_tokens_that_grew_from_it(issuer: Running) -> None:
    code = issuer.choose()["code"]
    refresh_token = issuer.exchange(code).json()["refresh_token"]
    assert refusal(issuer.exchange(code)) == (400, "invalid_grant")
    assert refusal(issuer.refresh(refresh_token)) == (400, "invalid_grant")


def test_a_refresh_token_used_twice_revokes_the_whole_family(issuer: Running) -> None:
    first = issuer.exchange(issuer.choose()["code"]).json()["refresh_token"]
    second = issuer.refresh(first).json()["refresh_token"]
    assert refusal(issuer.refresh(first)) == (400, "invalid_grant")
    assert refusal(issuer.refresh(second)) == (400, "invalid_grant")


def test_a_refresh_token_ends_with_its_sign_in_however_often_it_is_rotated(issuer: Running) -> None:
    token = issuer.exchange(issuer.choose()["code"]).json()["refresh_token"]
    issuer.clock.now += 11 * 3600
    token = issuer.refresh(token).json()["refresh_token"]
    issuer.clock.now += 3600
    assert refusal(issuer.refresh(token)) == (400, "invalid_grant")


def test_a_refresh_cannot_widen_the_scope(issuer: Running) -> None:
    token = issuer.exchange(issuer.choose(scope="offline_access leds")["code"]).json()["refresh_token"]
    assert refusal(issuer.refresh(token, scope="leds openid")) == (400, "invalid_scope")


ASSERTION_MISUSES: list[dict[str, Any]] = [
    {"iss": "graphiql"},
    {"sub": "graphiql"},
    {"iss": None},
    {"aud": "https://elsewhere.example/token"},
    {"aud": None},
    {"aud": 7},
    {"exp": 0},
    {"exp": None},
    {"exp": "soon"},
    {"exp": 1 << 40},
    {"jti": None},
]


@pytest.mark.parametrize("changes", ASSERTION_MISUSES, ids=str)
def test_an_assertion_must_be_fresh_and_meant_for_this_issuer(issuer: Running, changes: dict[str, Any]) -> None:
    assert refusal(issuer.token(issuer.assertion(**changes))) == (401, "invalid_client")


def test_an_assertion_is_accepted_once(issuer: Running) -> None:
    form = issuer.assertion()
    assert issuer.token(form).status_code == 200
    assert refusal(issuer.token(form)) == (401, "invalid_client")


HS256, NONE = b'{"alg":"HS256"}', b'{"alg":"none"}'


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_an_assertion_of_another_key_or_kind_is_refused(issuer: Running) -> None:
    foreign = ECKey.generate_key("P-256")
    assert refusal(issuer.token(issuer.assertion(foreign))) == (401, "invalid_client")
    form = issuer.assertion()
    payload = form["client_assertion"].split(".")[1]
    public = issuer.keys.client.as_pem(private=False)
    confused = f"{encoded(HS256)}.{payload}"
    confused += "." + encoded(hmac.digest(public, confused.encode(), "sha256"))
    for assertion in (confused, f"{encoded(NONE)}.{payload}."):
        assert refusal(issuer.token(form | {"client_assertion": assertion})) == (401, "invalid_client")
    assert refusal(issuer.token(form | {"client_assertion": "no.jwt"})) == (401, "invalid_client")
    assert refusal(issuer.token(form | {"client_assertion_type": "saml"})) == (401, "invalid_client")


def test_only_one_way_of_proving_the_client_is_taken(issuer: Running) -> None:
    reply = issuer.token(issuer.assertion(), auth=("insurer-system", issuer.keys.client_secret))
    assert refusal(reply) == (400, "invalid_request")


def test_client_id_must_be_the_client_that_authenticated(issuer: Running) -> None:
    assert refusal(issuer.token(issuer.assertion() | {"client_id": "graphiql"})) == (401, "invalid_client")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"insurer-system").decode(),
        "Basic " + base64.b64encode(b"insurer-system:wrong").decode(),
        "Basic " + base64.b64encode(b"insurer-system:").decode(),
        "Basic " + base64.b64encode(b"graphiql:").decode(),
        "Basic " + base64.b64encode(b"nobody:x").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Bearer abc",
    ],
)
def test_a_wrong_secret_is_refused_with_a_challenge(issuer: Running, header: str) -> None:
    reply = issuer.token({"grant_type": "client_credentials"}, headers={"Authorization": header})
    assert refusal(reply) == (401, "invalid_client")
    assert reply.headers["www-authenticate"].startswith("Basic")


def test_a_client_cannot_ask_for_scopes_or_grants_it_is_not_registered_for(issuer: Running) -> None:
    secret = ("insurer-system", issuer.keys.client_secret)
    scope = issuer.token({"grant_type": "client_credentials", "scope": "leds openid"}, auth=secret)
    assert refusal(scope) == (400, "invalid_scope")
    flow = issuer.token({"grant_type": "refresh_token", "refresh_token": "x"}, auth=secret)
    assert refusal(flow) == (400, "unauthorized_client")


BAD_BODIES: list[tuple[str, bytes]] = [
    ("application/json", b'{"grant_type":"client_credentials"}'),
    ("", b"grant_type=client_credentials"),
    ("application/x-www-form-urlencoded", b""),
    ("application/x-www-form-urlencoded", b"grant_type"),
    ("application/x-www-form-urlencoded", b"grant_type=%ff"),
    ("application/x-www-form-urlencoded", b"\xff\xfe"),
    ("application/x-www-form-urlencoded", b"a=1&" * 60),
    ("application/x-www-form-urlencoded", b"grant_type=" + b"x" * 17_000),
]


@pytest.mark.parametrize(("content_type", "body"), BAD_BODIES, ids=lambda case: str(case)[:40])
def test_a_body_that_is_no_small_form_is_refused(issuer: Running, content_type: str, body: bytes) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    reply = issuer.http.post(f"{issuer.issuer}/token", content=body, headers=headers)
    assert refusal(reply) == (400, "invalid_request")


def bearer(issuer: Running, token: str) -> Any:
    return issuer.http.get(f"{issuer.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_userinfo_takes_only_current_access_tokens_of_its_own(issuer: Running) -> None:
    tokens = issuer.exchange(issuer.choose()["code"]).json()
    assert bearer(issuer, tokens["access_token"]).status_code == 200
    forged = tokens["access_token"][:-4] + "AAAA"
    for token in (forged, tokens["id_token"], tokens["refresh_token"], "x.y.z", "é"):
        reply = issuer.http.get(f"{issuer.issuer}/userinfo", headers=[(b"Authorization", f"Bearer {token}".encode())])
        assert refusal(reply) == (401, "invalid_token")
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]
    issuer.clock.now += 3600
    assert refusal(bearer(issuer, tokens["access_token"])) == (401, "invalid_token")


def test_userinfo_is_for_people_who_signed_in(issuer: Running) -> None:
    token = issuer.token(issuer.assertion()).json()["access_token"]
    assert refusal(bearer(issuer, token)) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [("GET", "/token", 405), ("DELETE", "/authorize", 405), ("GET", "/nothing", 404), ("POST", "/jwks", 405)],
)
def test_unknown_pages_and_methods_are_coded(issuer: Running, verb: str, path: str, status: int) -> None:
    assert refusal(issuer.http.request(verb, issuer.issuer + path))[0] == status

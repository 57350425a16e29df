"""Access tokens: only the issuer's, only for us, only now, and only for organisations the directory confirms."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import OKPKey, RSAKey

from authz.errors import (
    CodedError,
    OrganisationRefused,
    TokenExpired,
    TokenMalformed,
    TokenMissing,
    TokenNotYetValid,
    TokenUntrusted,
)
from authz.facts import packaged_facts
from authz.keys import StaticKeys
from authz.principal import Principal
from authz.tokens import TokenVerifier, Trust, token_from_headers
from tests.authz.issuing import AUDIENCE, ISSUER, KEYS, NOW, claims, jwks, token

TRUST = Trust(ISSUER, AUDIENCE)


def verifier(capacity: int = 100) -> TokenVerifier:
    return TokenVerifier(TRUST, StaticKeys(jwks()), packaged_facts(), capacity)


async def refusal(presented: str, now: float = NOW) -> CodedError:
    with pytest.raises(CodedError) as caught:
        await verifier().principal(presented, now)
    return caught.value


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_the_claims_become_the_principal(algorithm: str):
    assert await verifier().principal(token(algorithm), NOW) == Principal(
        subject="u-20-4419",
        name="DC 4419 EXAMPLE",
        organisation="ORG-20",
        organisation_kind="police_territorial",
        agreement="AGR-JC-01",
        roles=("detective",),
        route="DIRECT",
        system="LEDS-Direct",
        force_station="20R1",
        vetting="RV",
        training=("NM-ENQ", "COP"),
        areas=("20",),
        token_id="t-1",
        issued_at=int(NOW),
        expires_at=int(NOW) + 900,
    )


async def test_optional_claims_may_be_absent():
    optional = dict.fromkeys(("fs", "vetting", "training", "areas", "standing", "jti", "nbf", "iat"))
    found = await verifier().principal(token(**optional, aud=["other", AUDIENCE]), NOW)
    assert (found.vetting, found.training, found.standing, found.issued_at) == (None, (), "ACTIVE", 0)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"iss": "https://other.example"}, TokenUntrusted),
        ({"iss": None}, TokenUntrusted),
        ({"aud": "other"}, TokenUntrusted),
        ({"aud": None}, TokenUntrusted),
        ({"aud": 7}, TokenUntrusted),
        ({"exp": None}, TokenMalformed),
        ({"exp": "tomorrow"}, TokenMalformed),
        ({"nbf": True}, TokenMalformed),
        ({"exp": float("inf")}, TokenMalformed),
        ({"nbf": int(NOW) + 6}, TokenNotYetValid),
        ({"iat": int(NOW) + 6}, TokenNotYetValid),
        ({"exp": int(NOW) - 5}, TokenExpired),
        ({"sub": None}, TokenMalformed),
        ({"sub": " "}, TokenMalformed),
        ({"name": "a\nb"}, TokenMalformed),
        ({"system": ["LEDS-Direct"]}, TokenMalformed),
        ({"vetting": 3}, TokenMalformed),
        ({"roles": None}, TokenMalformed),
        ({"roles": []}, TokenMalformed),
        ({"roles": "detective"}, TokenMalformed),
        ({"roles": ["detective", 1]}, TokenMalformed),
        ({"roles": ["overlord"]}, TokenMalformed),
        ({"training": {"COP": True}}, TokenMalformed),
        ({"route": "CARRIER-PIGEON"}, TokenMalformed),
        ({"org": "ORG-NONE"}, OrganisationRefused),
        ({"org_kind": "regulator"}, OrganisationRefused),
        ({"agreement": "AGR-PN-01"}, OrganisationRefused),
    ],
)
async def test_claims_that_do_not_hold_are_refused(changes: dict[str, Any], refused: type[CodedError]):
    assert type(await refusal(token(**changes))) is refused


@pytest.mark.parametrize(
    "header",
    [{"typ": None}, {"typ": "JWT"}, {"kid": None}, {"kid": ""}, {"kid": "unknown"}, {"kid": "rsa"}, {"kid": "ec"}],
)
async def test_a_header_that_does_not_name_the_issuers_key_is_refused(header: dict[str, Any]):
    assert type(await refusal(token(header=header))) is TokenUntrusted


async def test_a_token_of_another_key_under_a_known_name_is_refused():
    assert type(await refusal(token(key=OKPKey.generate_key("Ed25519", {"kid": "ed"})))) is TokenUntrusted


async def test_an_altered_token_is_refused():
    head, _, tail = token().split(".")
    altered = base64.urlsafe_b64encode(json.dumps(claims(roles=["dpo"])).encode()).rstrip(b"=").decode()
    assert type(await refusal(f"{head}.{altered}.{tail}")) is TokenUntrusted


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256"])
async def test_an_algorithm_not_allowed_is_refused(algorithm: str):
    """The classic forgeries: no signature, and an HMAC with the public key as its secret."""
    public = KEYS["RS256"].as_pem(private=False) if isinstance(KEYS["RS256"], RSAKey) else b""
    head = encoded({"alg": algorithm, "typ": "at+jwt", "kid": "rsa"}) + "." + encoded(claims())
    signature = b"" if algorithm == "none" else hmac.new(public, head.encode(), hashlib.sha256).digest()
    forged = f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert type(await refusal(forged)) in (TokenUntrusted, TokenMalformed)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("presented", ["", "x", "a.b.c", "a.b.c.d.e", "é.é.é", "\ud800.a.b", "A" * 20_000])
async def test_what_is_no_token_is_refused(presented: str):
    assert type(await refusal(presented)) is TokenMalformed


async def test_a_remembered_token_still_expires():
    found = verifier()
    presented = token()
    first = await found.principal(presented, NOW)
    assert await found.principal(presented, NOW + 904) is first
    with pytest.raises(TokenExpired):
        await found.principal(presented, NOW + 905)


async def test_no_more_tokens_are_remembered_than_allowed():
    found = verifier(capacity=1)
    first = await found.principal(token(), NOW)
    await found.principal(token("RS256"), NOW)
    assert await found.principal(token(), NOW) is not first


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("", TokenMissing),
        ("Basic abc", TokenMalformed),
        ("Bearer ", TokenMalformed),
        ("Bearer", TokenMalformed),
        ("Bearer abc def", TokenMalformed),
        ("Bearer abc, Bearer def", TokenMalformed),
        ("Bearer abc,def", TokenMalformed),
    ],
)
def test_the_authorization_header_is_bearer_and_a_token(value: str, refused: type[CodedError]):
    with pytest.raises(refused):
        token_from_headers({"authorization": value})


def test_the_token_is_read_from_the_authorization_header():
    assert token_from_headers({"authorization": "bearer  abc "}) == "abc"
    with pytest.raises(TokenMissing) as caught:
        token_from_headers({})
    assert (caught.value.status, caught.value.code) == (401, "TOKEN_MISSING")

"""Whose token is accepted where only scopes matter, and how strictly its claims are read."""

import json

import pytest

from authz.errors import KeysUnavailable, TokenError, TokenExpired, TokenMalformed, TokenNotYetValid, TokenUntrusted
from authz.keys import JwksKeys, StaticKeys
from authz.standard.holder import holder_from_claims, holders
from authz.tokens import Trust
from tests.authz.issuing import AUDIENCE, ISSUER, NOW, jwks, token

TRUST = Trust(ISSUER, AUDIENCE)
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "exp": NOW + 60}


async def test_a_token_of_any_issuer_in_the_field_is_read():
    plain = {"name": None, "org": None, "roles": None, "route": None, "scope": "a b:c", "groups": ["x", "y"]}
    for typ in ("at+jwt", "application/at+jwt", "JWT", None):
        known = await holders(TRUST, StaticKeys(jwks())).speaker(token(header={"typ": typ}, **plain), NOW)
        assert known.scopes == {"a", "b:c"}
        assert (known.subject, known.issuer) == ("u-20-4419", ISSUER)
        assert dict(known.claims)["groups"] == {"x", "y"}
        assert not {"sub", "iss", "aud", "scope", "jti"} & dict(known.claims).keys()


SCOPES = {
    "absent": ({}, set()),
    "empty": ({"scope": ""}, set()),
    "a list": ({"scope": ["a", "b"]}, {"a", "b"}),
    "an empty list": ({"scope": []}, set()),
    "repeated": ({"scope": "a a"}, {"a"}),
    "as it is written": ({"scope": "A a"}, {"A", "a"}),
}


@pytest.mark.parametrize(("claims", "expected"), SCOPES.values(), ids=SCOPES)
def test_scopes(claims, expected):
    assert holder_from_claims(CLAIMS | claims).scopes == expected


MALFORMED = {
    "null": {"scope": None},
    "a number": {"scope": 1},
    "an object": {"scope": {"a": True}},
    "two spaces": {"scope": "a  b"},
    "a space before": {"scope": " a"},
    "a tab": {"scope": "a\tb"},
    "a line": {"scope": "a\nb"},
    "a look-alike": {"scope": "ａdmin"},
    "a quotation mark": {"scope": 'a"b'},
    "a list with a number": {"scope": ["a", 1]},
    "a list with two in one": {"scope": ["a b"]},
    "a list with an empty one": {"scope": [""]},
    "no subject": {"sub": None},
    "an empty subject": {"sub": " "},
    "a subject that is no text": {"sub": 7},
    "a subject that is not printable": {"sub": "a\u202eb"},
}


@pytest.mark.parametrize("claims", MALFORMED.values(), ids=MALFORMED)
def test_a_claim_that_is_not_exactly_one_is_refused(claims):
    with pytest.raises(TokenMalformed):
        holder_from_claims(CLAIMS | claims)


def test_claims_that_are_not_texts_are_left_out():
    known = holder_from_claims(CLAIMS | {"n": 1, "mixed": ["a", 1], "deep": {"a": "b"}, "flag": True, "text": "t"})
    assert known.claims == (("text", frozenset({"t"})),)


REFUSED = {
    "expired": (token(exp=int(NOW) - 60), TokenExpired),
    "not yet valid": (token(nbf=int(NOW) + 60), TokenNotYetValid),
    "of another issuer": (token(iss="https://other.example"), TokenUntrusted),
    "for another service": (token(aud="other"), TokenUntrusted),
    "without expiry": (token(exp=None), TokenMalformed),
    "with a key nobody published": (token(header={"kid": "unknown"}), TokenUntrusted),
    "signed with another key": (token(header={"kid": "rsa"}), TokenUntrusted),
    "of another type": (token(header={"typ": "logout+jwt"}), TokenUntrusted),
    "no token": ("abc", TokenMalformed),
    "too long": (token(scope=" ".join(f"scope{number}" for number in range(4_000))), TokenMalformed),
}


@pytest.mark.parametrize(("sent", "error"), REFUSED.values(), ids=REFUSED)
async def test_refuses_a_token(sent, error):
    with pytest.raises(error):
        await holders(TRUST, StaticKeys(jwks())).speaker(sent, NOW)


async def test_a_known_token_still_expires():
    verified = holders(TRUST, StaticKeys(jwks()))
    sent = token(exp=int(NOW) + 10)
    await verified.speaker(sent, NOW)
    with pytest.raises(TokenExpired):
        await verified.speaker(sent, NOW + 60)


class Publisher:
    """A JWKS that can be read, changed and lost, and how often it was read."""

    def __init__(self, *algorithms: str) -> None:
        self.algorithms: tuple[str, ...] | None = algorithms
        self.read = 0

    async def fetch(self, address: str) -> bytes:
        assert address == "keys.json"
        self.read += 1
        if self.algorithms is None:
            raise OSError
        return json.dumps(jwks(*self.algorithms)).encode()


async def test_a_new_key_is_found_and_unknown_ones_do_not_make_the_publisher_busy():
    published, now = Publisher("EdDSA"), [0.0]
    verified = holders(TRUST, JwksKeys("keys.json", lambda: now[0], published.fetch))
    await verified.speaker(token("EdDSA"), NOW)
    published.algorithms = ("EdDSA", "ES256")
    for _ in range(5):
        with pytest.raises(TokenUntrusted):
            await verified.speaker(token("ES256"), NOW)
    assert published.read == 1
    now[0] = 11.0
    await verified.speaker(token("ES256"), NOW)
    published.algorithms = None
    now[0] = 22.0
    await verified.speaker(token("EdDSA", jti="other"), NOW)
    for _ in range(5):
        with pytest.raises(TokenUntrusted):
            await verified.speaker(token("EdDSA", header={"kid": "none"}), NOW)
    assert published.read == 3


async def test_without_any_keys_nobody_can_be_verified():
    published = Publisher()
    published.algorithms = None
    with pytest.raises(KeysUnavailable):
        await holders(TRUST, JwksKeys("keys.json", lambda: 0.0, published.fetch)).speaker(token(), NOW)


def test_every_refusal_of_a_token_is_an_unauthorised_one():
    assert {error.status for _, error in REFUSED.values()} == {401}
    assert all(issubclass(error, TokenError) for _, error in REFUSED.values())

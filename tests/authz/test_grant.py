"""The signed grant: good for one request to one subgraph, once, now."""

import base64
import hmac
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.errors import GrantError, GrantMalformed, GrantMissing, GrantReplayed, GrantStale, GrantUntrusted
from authz.grant import (
    Grant,
    GrantKeys,
    decode_grant,
    encode_grant,
    request_signer,
    sign_grant,
    verify_grant,
)
from authz.nonces import NonceWindow
from authz.rings import GrantKey, KeyRing
from authz.signatures import content_digest
from tests.authz.callers import DETECTIVE, INVESTIGATION, NOON

SECRET = bytes(range(32))
KEY = GrantKey("2026-02", SECRET)
BODY = b'{"query":"{ vehicle { make } }"}'
CREATED = int(NOON.timestamp())


def keys(**secrets: bytes) -> GrantKeys:
    return GrantKeys(KeyRing(tuple(GrantKey(*each) for each in (secrets or {"2026-02": SECRET}).items())))


def signed(subgraph: str = "vehicle", body: bytes = BODY, nonce: str = "n-1", key: GrantKey = KEY) -> dict[str, str]:
    grant = encode_grant(Grant(DETECTIVE, INVESTIGATION))
    return sign_grant(key, subgraph, body, grant, CREATED, nonce)


async def test_who_asks_and_why_arrive_unchanged():
    assert await verify_grant(keys(), "vehicle", BODY, signed(), NOON) == Grant(DETECTIVE, INVESTIGATION)


def test_the_signature_base_is_the_one_of_the_specification():
    """RFC 9421 section 2.5, written out."""
    base = (
        b'"@method": POST\n'
        b'"@path": /graphql\n'
        b'"content-digest": sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:\n'
        b'"leds-grant": e30=\n'
        b'"@signature-params": ("@method" "@path" "content-digest" "leds-grant")'
        b';created=1700000000;nonce="n";keyid="2026-02";alg="hmac-sha256";tag="vehicle"'
    )
    expected = base64.b64encode(hmac.digest(SECRET, base, "sha256")).decode()
    headers = sign_grant(KEY, "vehicle", b"{}", "e30=", 1_700_000_000, "n")
    assert headers == {
        "content-digest": "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:",
        "leds-grant": "e30=",
        "signature-input": 'leds=("@method" "@path" "content-digest" "leds-grant");created=1700000000;nonce="n"'
        ';keyid="2026-02";alg="hmac-sha256";tag="vehicle"',
        "signature": f"leds=:{expected}:",
    }


async def test_the_signer_of_a_request_signs_every_fetch_with_a_new_nonce():
    numbers = itertools.count()
    sign = request_signer(
        lambda _name: KeyRing((KEY,)),
        Grant(DETECTIVE, INVESTIGATION),
        lambda: float(CREATED),
        lambda: f"n-{next(numbers)}",
    )
    found = keys()
    for subgraph in ("vehicle", "vehicle", "person"):
        assert await verify_grant(found, subgraph, BODY, sign(subgraph, BODY), NOON) == Grant(DETECTIVE, INVESTIGATION)


@pytest.mark.parametrize("name", ["content-digest", "leds-grant", "signature-input", "signature"])
async def test_a_request_without_one_of_the_headers_is_refused(name: str):
    headers = signed()
    headers[name] = ""
    with pytest.raises(GrantMissing, match=name):
        await verify_grant(keys(), "vehicle", BODY, headers, NOON)


async def test_a_grant_for_another_subgraph_is_refused():
    with pytest.raises(GrantUntrusted):
        await verify_grant(keys(), "person", BODY, signed(), NOON)


async def test_another_body_is_refused():
    with pytest.raises(GrantUntrusted, match="body"):
        await verify_grant(keys(), "vehicle", BODY + b" ", signed(), NOON)


async def test_another_body_under_its_own_digest_is_refused():
    other = BODY + b" "
    with pytest.raises(GrantUntrusted, match="signature"):
        await verify_grant(keys(), "vehicle", other, signed() | {"content-digest": content_digest(other)}, NOON)


async def test_another_principal_is_refused():
    forged = encode_grant(Grant(replace(DETECTIVE, roles=("dpo",)), INVESTIGATION))
    with pytest.raises(GrantUntrusted):
        await verify_grant(keys(), "vehicle", BODY, signed() | {"leds-grant": forged}, NOON)


async def test_an_unknown_or_wrong_key_is_refused():
    for found in (keys(other=SECRET), keys(**{"2026-02": b"x" * 32})):
        with pytest.raises(GrantUntrusted):
            await verify_grant(found, "vehicle", BODY, signed(), NOON)


async def test_keys_rotate_without_a_gap():
    new = GrantKey("2026-03", b"y" * 32)
    both = keys(**{"2026-02": SECRET, "2026-03": new.secret})
    for number, key in enumerate((KEY, new)):
        await verify_grant(both, "vehicle", BODY, signed(key=key, nonce=f"n-{number}"), NOON)


@pytest.mark.parametrize(
    ("late", "stale"),
    [
        (timedelta(0), False),
        (timedelta(seconds=30), False),
        (timedelta(seconds=31), True),
        (timedelta(seconds=-6), True),
    ],
)
async def test_a_grant_is_good_for_seconds(late: timedelta, stale: bool):
    if stale:
        with pytest.raises(GrantStale, match="too long ago"):
            await verify_grant(keys(), "vehicle", BODY, signed(), NOON + late)
    else:
        await verify_grant(keys(), "vehicle", BODY, signed(), NOON + late)


async def test_a_grant_does_not_outlive_the_callers_token():
    expired = replace(DETECTIVE, expires_at=CREATED - 5)
    headers = sign_grant(KEY, "vehicle", BODY, encode_grant(Grant(expired, INVESTIGATION)), CREATED, "n")
    with pytest.raises(GrantStale, match="token"):
        await verify_grant(keys(), "vehicle", BODY, headers, NOON)


async def test_a_replay_is_refused():
    found, headers = keys(), signed()
    await verify_grant(found, "vehicle", BODY, headers, NOON)
    with pytest.raises(GrantReplayed):
        await verify_grant(found, "vehicle", BODY, headers, NOON + timedelta(seconds=29))


async def test_a_forged_grant_uses_up_no_nonce():
    found = keys()
    with pytest.raises(GrantUntrusted):
        await verify_grant(found, "vehicle", BODY, signed(key=GrantKey("2026-02", b"x" * 32)), NOON)
    await verify_grant(found, "vehicle", BODY, signed(), NOON)


async def test_nonces_are_forgotten_only_when_their_grants_are_stale():
    window = NonceWindow(seconds=10, capacity=2)
    assert await window.first_use("vehicle", "k", "a", 100)
    assert not await window.first_use("vehicle", "k", "a", 110)
    assert await window.first_use("vehicle", "other", "a", 105)
    assert not await window.first_use("vehicle", "k", "b", 110), "full means refuse"
    assert await window.first_use("vehicle", "k", "b", 111)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"@path" ', ""),
        lambda text: text.replace("leds=", "other="),
        lambda text: text.replace(';nonce="n-1"', ""),
        lambda text: text + ";expires=1",
        lambda text: text + ';nonce="n-2"',
        lambda text: text.replace(str(CREATED), f'"{CREATED}x"'),
        lambda text: "",
    ],
)
async def test_parameters_that_are_not_the_required_ones_are_refused(change: Callable[[str], str]):
    headers = signed()
    headers["signature-input"] = change(headers["signature-input"]) or "nothing"
    with pytest.raises(GrantMalformed):
        await verify_grant(keys(), "vehicle", BODY, headers, NOON)


async def test_another_algorithm_is_refused():
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace("hmac-sha256", "none")
    with pytest.raises(GrantUntrusted):
        await verify_grant(keys(), "vehicle", BODY, headers, NOON)


async def test_a_signature_that_is_none_is_refused():
    with pytest.raises(GrantMalformed):
        await verify_grant(keys(), "vehicle", BODY, signed() | {"signature": "leds=:??:"}, NOON)


@pytest.mark.parametrize(
    "header", ["?", base64.urlsafe_b64encode(b"{}").decode(), base64.urlsafe_b64encode(b"x").decode()]
)
def test_a_grant_that_cannot_be_read_is_refused(header: str):
    with pytest.raises(GrantMalformed):
        decode_grant(header)


@settings(deadline=None)
@given(st.sampled_from(["content-digest", "leds-grant", "signature-input", "signature"]), st.data())
async def test_no_byte_of_a_grant_can_be_changed(name: str, data: st.DataObject):
    headers = signed()
    position = data.draw(st.integers(0, len(headers[name]) - 1))
    letter = data.draw(
        st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != headers[name][position])
    )
    headers[name] = headers[name][:position] + letter + headers[name][position + 1 :]
    with pytest.raises(GrantError):
        await verify_grant(keys(), "vehicle", BODY, headers, NOON)


def test_a_secret_is_not_printed():
    assert str(SECRET) not in f"{KEY!r} {keys()!r}"

"""Signed replies: good for one request, from the subgraph that was asked, as it was sent."""

import base64
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.errors import NoSigningKey, ReplyUntrusted
from authz.replies import END, Asked, sign_event, sign_reply, verified_event, verify_reply
from authz.rings import GrantKey, KeyRing
from authz.signatures import content_digest

NOW = 1_700_000_000.0
SECRET = bytes(range(32))
RING = KeyRing((GrantKey("2026-02", SECRET),))
OTHERS = KeyRing((GrantKey("2026-02", bytes(32)),))
REQUEST = "leds=:cmVxdWVzdA==:"
BODY = b'{"data":{"vehicle":null}}'
ASKED = Asked("vehicle", RING, REQUEST)


def signed(**changed: Any) -> dict[str, str]:
    said = {"ring": RING, "subgraph": "vehicle", "request_signature": REQUEST, "status": 200, "body": BODY, "now": NOW}
    return sign_reply(**(said | changed))


def test_the_signature_base_is_the_one_of_the_specification():
    """RFC 9421 sections 2.4 and 2.5, written out."""
    base = (
        b'"@status": 200\n'
        b'"content-digest": sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:\n'
        b'"signature";req;key="leds": :cmVxdWVzdA==:\n'
        b'"@signature-params": ("@status" "content-digest" "signature";req;key="leds")'
        b';created=1700000000;keyid="2026-02";alg="hmac-sha256";tag="vehicle"'
    )
    expected = base64.b64encode(hmac.digest(SECRET, base, "sha256")).decode()
    assert signed(body=b"{}") == {
        "content-digest": "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:",
        "signature-input": 'leds=("@status" "content-digest" "signature";req;key="leds")'
        ';created=1700000000;keyid="2026-02";alg="hmac-sha256";tag="vehicle"',
        "signature": f"leds=:{expected}:",
    }


def test_the_answer_to_the_request_is_believed():
    verify_reply(ASKED, 200, BODY, signed(), NOW)


@pytest.mark.parametrize(
    ("reply", "status", "body"),
    [
        ({}, 200, BODY),
        (signed(request_signature="leds=:YW5vdGhlcg==:"), 200, BODY),
        (signed(subgraph="person"), 200, BODY),
        (signed(ring=OTHERS), 200, BODY),
        (signed(ring=KeyRing((GrantKey("unknown", SECRET),))), 200, BODY),
        (signed(), 500, BODY),
        (signed(), 200, BODY + b" "),
        (signed() | {"content-digest": content_digest(b"{}")}, 200, b"{}"),
        ({name: value for name, value in signed().items() if name != "signature"}, 200, BODY),
        ({name: value.replace("leds=", "other=") for name, value in signed().items()}, 200, BODY),
        ({name: value.replace(' "content-digest"', "") for name, value in signed().items()}, 200, BODY),
    ],
    ids=[
        *("unsigned", "to another request", "of another subgraph", "wrong key", "unknown key", "another status"),
        *("another body", "another body and digest", "no signature", "another label", "less is covered"),
    ],
)
def test_what_is_not_that_answer_is_refused(reply: dict[str, str], status: int, body: bytes):
    with pytest.raises(ReplyUntrusted):
        verify_reply(ASKED, status, body, reply, NOW)


@settings(deadline=None)
@given(st.sampled_from(["content-digest", "signature-input", "signature"]), st.data())
def test_no_byte_of_a_signed_reply_can_be_changed(name: str, data: st.DataObject):
    headers = signed()
    position = data.draw(st.integers(0, len(headers[name]) - 1))
    was = headers[name][position]
    letter = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda new: new != was))
    headers[name] = headers[name][:position] + letter + headers[name][position + 1 :]
    with pytest.raises(ReplyUntrusted):
        verify_reply(ASKED, 200, BODY, headers, NOW)


def event(number: int, body: bytes = BODY, **changed: Any) -> bytes:
    said = {"ring": RING, "subgraph": "vehicle", "request_signature": REQUEST} | changed
    return sign_event(**said, number=number, body=body, now=NOW) + b"\n" + body


def test_the_events_of_a_stream_are_believed_in_their_order():
    assert [verified_event(ASKED, number, event(number), NOW) for number in range(3)] == [BODY] * 3
    assert verified_event(ASKED, 3, event(3, END), NOW) == END


@pytest.mark.parametrize(
    "sent",
    [
        event(1),
        event(0, request_signature="leds=:YW5vdGhlcg==:"),
        event(0, subgraph="person"),
        event(0, ring=OTHERS),
        event(0) + b" ",
        event(0, END) + BODY,
        BODY,
        b"",
        b"\xff\n" + BODY,
    ],
    ids=[
        "left out",
        "of another stream",
        "of another subgraph",
        "wrong key",
        "altered",
        "an end",
        "unsigned",
        "0",
        "x",
    ],
)
def test_an_event_out_of_its_place_is_refused(sent: bytes):
    with pytest.raises(ReplyUntrusted):
        verified_event(ASKED, 0, sent, NOW)


def test_a_key_is_good_for_its_time_only_and_the_newest_signs():
    old, new = GrantKey("old", SECRET, 0, 200), GrantKey("new", SECRET, 100)
    ring = KeyRing((new, old))
    assert [ring.signing(now).key_id for now in (0, 99, 100, 300)] == ["old", "old", "new", "new"]
    assert [ring.accepted("old", now) for now in (150, 204, 205)] == [old, old, None]
    assert [ring.accepted("new", now) for now in (94, 95, 9_999)] == [None, new, new]
    with pytest.raises(NoSigningKey):
        KeyRing((old,)).signing(200)


def test_a_secret_is_not_printed():
    assert str(SECRET) not in repr(RING) + repr(RING.keys[0]) + repr(ASKED)

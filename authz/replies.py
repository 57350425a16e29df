"""A subgraph's signed word that a reply is its own and answers one request: status, digest and its signature.

HTTP message signatures of responses (RFC 9421 section 2.4, hmac-sha256). The events of a stream are signed alike, each
with its number, so that none can be left out, moved or taken from another stream. Keys and the time are given.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from authz.errors import ReplyUntrusted
from authz.rings import Ring
from authz.signatures import ALGORITHM, LABEL, SIGNATURE, content_digest, mac

COMPONENTS = f'("@status" "content-digest" "signature";req;key="{LABEL}")'
REPLY_HEADERS = ("content-digest", "signature-input", "signature")
END = b""
"""The body of the event that says that a stream is complete."""

_INPUT = re.compile(
    rf'{LABEL}=(?P<parameters>{re.escape(COMPONENTS)};created=\d{{1,12}};keyid="(?P<key>[\x21\x23-\x5b\x5d-\x7e]+)"'
    rf';alg="{ALGORITHM}";tag="(?P<tag>[^"\\]*)")'
)


def sign_reply(
    ring: Ring, subgraph: str, request_signature: str, status: int, body: bytes, now: float
) -> dict[str, str]:
    """The headers that make a reply this subgraph's answer to the request with that `signature` header, and to no
    other. Raises NoSigningKey."""
    key, digest = ring.signing(now), content_digest(body)
    parameters = f'{COMPONENTS};created={int(now)};keyid="{key.key_id}";alg="{ALGORITHM}";tag="{subgraph}"'
    signature = mac(key.secret, _base(status, digest, request_signature, parameters))
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={parameters}",
        "signature": f"{LABEL}=:{signature}:",
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was sent: to whom, under whose keys, and its `signature` header."""

    subgraph: str
    ring: Ring
    signature: str


def verify_reply(asked: Asked, status: int, body: bytes, headers: Mapping[str, str], now: float) -> None:
    """Raise ReplyUntrusted unless the subgraph that was asked gave exactly this reply to exactly this request.

    `headers` by lower-case name.
    """
    digest, signature_input, signature = (headers.get(name, "") for name in REPLY_HEADERS)
    found, said = _INPUT.fullmatch(signature_input), SIGNATURE.fullmatch(signature)
    if found is None or said is None:
        raise ReplyUntrusted("The reply is not signed as it must be.")
    key = asked.ring.accepted(found["key"], now)
    if key is None or found["tag"] != asked.subgraph:
        raise ReplyUntrusted("The reply is of another subgraph, or signed with a key that does not count.")
    expected = mac(key.secret, _base(status, digest, asked.signature, found["parameters"]))
    if not hmac.compare_digest(expected.encode(), said["value"].encode()):
        raise ReplyUntrusted("The reply's signature does not match the request and the reply.")
    if not hmac.compare_digest(digest.encode(), content_digest(body).encode()):
        raise ReplyUntrusted("The reply's body is not the one that was signed.")


def sign_event(ring: Ring, subgraph: str, request_signature: str, number: int, body: bytes, now: float) -> bytes:
    """One line that makes an event the stream's `number`th (from 0). `END` is the body of the last. Raises
    NoSigningKey."""
    key = ring.signing(now)
    return f"{key.key_id} {mac(key.secret, _event_base(subgraph, request_signature, number, body))}".encode()


def verified_event(asked: Asked, number: int, event: bytes, now: float) -> bytes:
    """The body of the stream's `number`th event: what follows its signature's line. Raises ReplyUntrusted."""
    line, _, body = event.partition(b"\n")
    key_id, _, said = line.decode("latin-1").partition(" ")
    key = asked.ring.accepted(key_id, now)
    if key is None:
        raise ReplyUntrusted("The event is not signed with a key that counts.")
    expected = mac(key.secret, _event_base(asked.subgraph, asked.signature, number, body))
    if not hmac.compare_digest(expected.encode(), said.encode()):
        raise ReplyUntrusted("The event's signature does not match the subscription and its place in the stream.")
    return body


def _base(status: int, digest: str, request_signature: str, parameters: str) -> str:
    """The signature base (RFC 9421 section 2.5)."""
    return (
        f'"@status": {status}\n"content-digest": {digest}\n'
        f'"signature";req;key="{LABEL}": {_member(request_signature)}\n"@signature-params": {parameters}'
    )


def _event_base(subgraph: str, request_signature: str, number: int, body: bytes) -> str:
    return (
        f'"leds-event": {number}\n"content-digest": {content_digest(body)}\n'
        f'"signature";req;key="{LABEL}": {_member(request_signature)}\n"leds-subgraph": {subgraph}'
    )


def _member(signature: str) -> str:
    return signature.removeprefix(f"{LABEL}=")

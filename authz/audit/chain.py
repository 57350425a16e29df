"""The hash that chains entries and the signed head over them: format only, shared by writer and verifier. No I/O."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

HEAD_FORMAT = "leds-ledger-head/1"
_GENESIS = b"leds-ledger/1 genesis\n"
_ENTRY = b"leds-ledger/1 entry\n"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_HASH = re.compile(r"[0-9a-f]{64}")


def genesis(origin: str) -> bytes:
    """The hash before the first entry; the ledger's name is in it, so that chains of two ledgers never mix."""
    return hashlib.sha256(_GENESIS + origin.encode()).digest()


def link(previous: bytes, canonical: bytes) -> bytes:
    """The hash of an entry's canonical bytes behind the hash of the entry before it (32 bytes each)."""
    return hashlib.sha256(_ENTRY + previous + canonical).digest()


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen hexadecimal digits that name a public key."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Head:
    """How far a ledger reaches: `number` counts the commits, `count` the entries, `hash` is the last entry's."""

    origin: str
    number: int
    count: int
    hash: str
    time: str

    def __str__(self) -> str:
        return f"{HEAD_FORMAT}\n{self.origin}\n{self.number}\n{self.count}\n{self.hash}\n{self.time}\n"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with the id of the key that signed it and the Ed25519 signature over its text."""

    head: Head
    key: str
    signature: bytes

    def __str__(self) -> str:
        return f"{self.head}{self.key} {base64.b64encode(self.signature).decode()}\n"

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether `key` signed this head."""
        try:
            key.verify(self.signature, str(self.head).encode())
        except InvalidSignature:
            return False
        return self.key == key_id(key)


def sign_head(head: Head, key: Ed25519PrivateKey) -> SignedHead:
    """`head` signed with `key`."""
    return SignedHead(head, key_id(key.public_key()), key.sign(str(head).encode()))


def parse_head(text: str) -> SignedHead:
    """The signed head that `text` is the exact print of. Raises ValueError for anything else."""
    lines = text.split("\n")
    if len(lines) != 8 or lines[0] != HEAD_FORMAT or lines[7]:
        raise ValueError("not a ledger head")
    _, origin, number, count, digest, time, signature, _ = lines
    if not (_NUMBER.fullmatch(number) and _NUMBER.fullmatch(count) and _HASH.fullmatch(digest)):
        raise ValueError("a ledger head with an impossible number, count or hash")
    name, _, encoded = signature.partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("a ledger head whose signature is not base64") from error
    parsed = SignedHead(Head(origin, int(number), int(count), digest, time), name, raw)
    if str(parsed) != text:
        raise ValueError("a ledger head that is not printed canonically")
    return parsed

"""Checkpoints (c2sp.org/tlog-checkpoint) in signed notes (c2sp.org/signed-note) and the keys they are checked with.

Texts in, checkpoints that a known key signed out. Does no I/O.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.verifier.timestamp import milliseconds
from authz.verifier.tree import HASH_BYTES

_ED25519 = b"\x01"
_SIGNATURE_BYTES = 64
_KEY_ID_BYTES = 4
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class KeyUnreadable(ValueError):
    """A text that is neither a verifier key of the note format nor an Ed25519 public key in PEM."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a log reached: its name, number of leaves, root (32 bytes) and the time (milliseconds since 1970), with
    the signed text and its signatures (name, key id, signature)."""

    origin: str
    size: int
    root: bytes
    at: int
    text: str = field(repr=False)
    signatures: tuple[tuple[str, bytes, bytes], ...] = field(repr=False)


def parse_checkpoint(note: str) -> Checkpoint:
    """The checkpoint that `note` is the exact print of. Raises ValueError for anything else."""
    note.encode()  # a text with lone surrogates is none, and raises a ValueError
    text, separator, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) != 4 or _CONTROL.search(note) or not signatures.endswith("\n"):
        raise ValueError("no checkpoint of a ledger")
    origin, size, root, time = lines
    if not (_NAME.fullmatch(origin) and _SIZE.fullmatch(size) and time.startswith("time ")):
        raise ValueError("a checkpoint with an impossible name, size or time")
    digest = _exact_base64(root)
    if len(digest) != HASH_BYTES:
        raise ValueError("a checkpoint with a root of another length")
    signed = tuple(_signature(line) for line in signatures.removesuffix("\n").split("\n"))
    return Checkpoint(origin, int(size), digest, milliseconds(time.removeprefix("time ")), text + "\n", signed)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    matched = _SIGNATURE_LINE.fullmatch(line)
    data = _exact_base64(matched[2]) if matched else b""
    if matched is None or len(data) <= _KEY_ID_BYTES:
        raise ValueError("a checkpoint with a line that is no signature")
    return matched[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def _exact_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 with bits that mean nothing")
    return data


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys that are trusted: (name, key); a key without a name may sign for every log."""

    keys: tuple[tuple[str | None, Ed25519PublicKey], ...]

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether a key of this log's name signed the checkpoint."""
        message = checkpoint.text.encode()
        return any(
            name == checkpoint.origin and self.verify(name, signature, message, key_id)
            for name, key_id, signature in checkpoint.signatures
        )

    def verify(self, name: str, signature: bytes, message: bytes, key_id: bytes | None = None) -> bool:
        """Whether a key of that name, and that id if one is given, made the signature (64 bytes)."""
        return any(
            _verifies(key, signature, message)
            for known, key in self.keys
            if known in (None, name) and key_id in (None, id_of(name, key))
        )

    def knows(self, name: str) -> bool:
        """Whether any key may sign for the log of that name."""
        return any(known in (None, name) for known, _ in self.keys)


def id_of(name: str, key: Ed25519PublicKey) -> bytes:
    """The four bytes that name a key within a note."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


def _verifies(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return len(signature) == _SIGNATURE_BYTES


def read_keys(texts: Iterable[str]) -> Keys:
    """The keys in texts, each one PEM block or verifier keys (`name+id+key`), one a line. Raises KeyUnreadable."""
    found: list[tuple[str | None, Ed25519PublicKey]] = []
    for text in texts:
        if "-----BEGIN" in text:
            found.append((None, _pem(text)))
        else:
            found += [_verifier_key(line) for line in text.splitlines() if line]
    if not found:
        raise KeyUnreadable("no key was given")
    return Keys(tuple(found))


def _pem(text: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable("a PEM text that holds no public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnreadable("a public key that is no Ed25519 key")
    return key


def _verifier_key(line: str) -> tuple[str, Ed25519PublicKey]:
    name, _, rest = line.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = _exact_base64(encoded)
        key = Ed25519PublicKey.from_public_bytes(data[1:])
    except ValueError as error:
        raise KeyUnreadable("a text that is no verifier key") from error
    if not _NAME.fullmatch(name) or data[:1] != _ED25519 or id_of(name, key).hex() != key_id:
        raise KeyUnreadable("a verifier key whose name, kind or id does not fit")
    return name, key

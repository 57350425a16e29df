"""C2SP signed notes (c2sp.org/signed-note): a text with the signatures under it, and the keys that check them. No I/O.

Only Ed25519 signatures (type 0x01) are made and checked; lines of other types and keys are kept as they are.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_SIGNATURES = 100
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
# Control characters but the newline, and lone surrogates, which have no UTF-8.
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """The four bytes that name a key in a signature line; an identifier, no proof of anything."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the key's name and four-byte id and the signature's bytes.

    Raises ValueError when the name is empty or holds a space or plus, or the id or signature has an impossible length.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.key_id) != _KEY_ID_BYTES or not self.signature:
            raise ValueError("a signature line without a key id or a signature")

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text that ends in a newline, and from one to a hundred signatures over it.

    Raises ValueError when the text does not end so, holds a control character or is not Unicode, or by the number of
    signatures.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _FORBIDDEN.search(self.text):
            raise ValueError("a note's text ends in a newline and is Unicode without other control characters")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise ValueError(f"a note has from 1 to {MAX_SIGNATURES} signatures")

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def signed_by(self, key: Ed25519PublicKey, name: str) -> bool:
        """Whether `key`, known as `name`, signed this: every line with that name and key id holds, and there is one.

        Raises ValueError for a name that no key can have.
        """
        _check_name(name)
        known = (name, key_id(name, key))
        signatures = [line.signature for line in self.signatures if (line.name, line.key_id) == known]
        return bool(signatures) and all(_verifies(key, signature, self.text) for signature in signatures)


def sign_note(text: str, key: Ed25519PrivateKey, name: str) -> SignedNote:
    """`text` signed with `key`, known as `name`. Raises ValueError for a text or name that no note can have."""
    line = NoteSignature(name, key_id(name, key.public_key()), key.sign(text.encode()))
    return SignedNote(text, (line,))


def parse_note(text: str) -> SignedNote:
    """The note that `text` is the exact print of. Raises ValueError for anything else."""
    body, blank, lines = text.rpartition("\n\n")
    if not blank:
        raise ValueError("not a note: no signature lines after an empty line")
    parsed = SignedNote(f"{body}\n", tuple(map(_signature_from_line, lines.removesuffix("\n").split("\n"))))
    if str(parsed) != text:
        raise ValueError("a note that is not printed canonically")
    return parsed


def verifier_key(name: str, key: Ed25519PublicKey) -> str:
    """A public key and its name in one word, `name+id+key`, as golang.org/x/mod/sumdb/note writes it.

    Raises ValueError for a name that no key can have.
    """
    _check_name(name)
    return f"{name}+{key_id(name, key).hex()}+{base64.b64encode(_ED25519 + key.public_bytes_raw()).decode()}"


def parse_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """The name and the key that `text` is the `verifier_key` of. Raises ValueError for anything else."""
    name, _, rest = text.partition("+")
    encoded = base64.b64decode(rest.partition("+")[2], validate=True)
    key = Ed25519PublicKey.from_public_bytes(encoded[len(_ED25519) :])
    if verifier_key(name, key) != text:
        raise ValueError("not an Ed25519 verifier key, or one whose id is another key's")
    return name, key


def _signature_from_line(line: str) -> NoteSignature:
    _, name, encoded = line.split(" ")
    raw = base64.b64decode(encoded, validate=True)
    return NoteSignature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _check_name(name: str) -> None:
    if not name or "+" in name or _FORBIDDEN.search(name) or any(character.isspace() for character in name):
        raise ValueError("the name of a key is not empty and holds no space, plus or control character")


def _verifies(key: Ed25519PublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True

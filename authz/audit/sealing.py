"""What only an authorised inspector may read of an outcome: silent refusals, encrypted, always of one size."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from authz.audit.errors import InvalidEntry
from authz.audit.leaf import Refusal
from authz.audit.parts import Sealed

SIZE = 1024
_NONCE_BYTES = 12
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key (32 bytes) that seals, and its id. A gateway seals; only who inspects has a use for opening."""

    id: str
    secret: bytes = field(repr=False)

    def seal(self, silent: Sequence[Refusal], place: str, randomness: Callable[[int], bytes]) -> Sealed:
        """The sealed part that holds these refusals; `place` (`place_of`) binds it to one request in one log."""
        text = _encode({"silent": silent})
        padded = text.ljust(-(-max(len(text), 1) // SIZE) * SIZE)
        nonce = randomness(_NONCE_BYTES)
        data = nonce + AESGCM(self.secret).encrypt(nonce, padded, place.encode())
        return Sealed(self.id, base64.b64encode(data).decode())

    def open(self, sealed: Sealed, place: str) -> tuple[Refusal, ...]:
        """What was silent. Raises InvalidEntry for another key's, another place's or altered data."""
        data = base64.b64decode(sealed.data)
        try:
            text = AESGCM(self.secret).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise InvalidEntry("A sealed part does not open with this key at this place.") from error
        return msgspec.convert(json.loads(text)["silent"], tuple[Refusal, ...])


def place_of(origin: str, audit_id: str) -> str:
    """What a sealed part is bound to: the log and the request."""
    return f"{origin}\n{audit_id}"

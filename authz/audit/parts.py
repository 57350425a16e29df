"""What a leaf commits to beside its bytes: statements, silences and subjects, each salted (`docs/ledger-format.md`,
*Parts*). Parts and random bytes in, slots and their root out. No I/O.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from authz.audit import merkle
from authz.audit.errors import InvalidEntry
from authz.audit.leaf import EventType, Part, Parts, encode
from authz.decision import Form

SALT_BYTES = 16
SEED_BYTES = 32


class Statements(Part, frozen=True, tag="statements", tag_field="part"):
    """What people wrote, and the name of who asked: may be erased one day without anything else becoming unprovable."""

    name: str | None
    on_behalf_of: str | None
    stated_name: str | None
    reason_text: str | None
    justification: str | None
    reference: str | None
    geolocation: str | None
    originator_line: str


class Sealed(Part, frozen=True, tag="sealed", tag_field="part"):
    """What only an authorised inspector may read, encrypted: `key` names the key, `data` is base64."""

    key: str
    data: str


class Shown(Part, frozen=True):
    """What was shown of one subject from one dataset in one form, and the policies that led there."""

    dataset: str
    form: Form
    fields: tuple[str, ...]
    policies: tuple[str, ...]


class Subject(Part, frozen=True, tag="subject", tag_field="part"):
    """One record shown: its type, the keyed hash of its key (never the key) and what was shown of it."""

    type: str
    key_hash: str
    event_type: EventType
    forms: tuple[Shown, ...]


class About(Part, frozen=True, tag="about", tag_field="part"):
    """What an event says of people: names of what is told, and the text (hashed where it is an identifier)."""

    said: dict[str, str]


AnyPart = Statements | Sealed | Subject | About
_decode = msgspec.json.Decoder(AnyPart, strict=True).decode


@dataclass(frozen=True, slots=True)
class Slot:
    """One part as it is kept: its bytes with their salt, and the subject's hash by which it is found."""

    key_hash: str | None
    salt: bytes
    canonical: bytes


@dataclass(frozen=True, slots=True)
class Committed:
    """The slots of one leaf, the seed of their padding (empty where there is none) and what the leaf says of them."""

    slots: tuple[Slot, ...]
    seed: bytes
    parts: Parts | None


def part_from_bytes(data: bytes) -> AnyPart:
    """The part that `data` is the canonical form of. Raises InvalidEntry when it is anything else."""
    try:
        part = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidEntry("The bytes are not a part of a leaf.") from error
    if encode(part) != data:
        raise InvalidEntry("The bytes are not the canonical form of a part.")
    return part


def committed(parts: Sequence[tuple[str | None, bytes]], randomness: bytes) -> Committed:
    """Parts (hash of the subject, canonical bytes) behind salts; `randomness` has `random_bytes_for(len(parts))`."""
    seed = randomness[:SEED_BYTES]
    if not parts:
        return Committed((), b"", None)
    salts = range(SEED_BYTES, len(randomness), SALT_BYTES)
    slots = tuple(
        Slot(key_hash, randomness[at : at + SALT_BYTES], data)
        for (key_hash, data), at in zip(parts, salts, strict=True)
    )
    hashes = [slot_hash(slot.salt, slot.canonical) for slot in slots]
    count = 1 << (len(slots) - 1).bit_length()
    hashes += [padding(seed, number) for number in range(len(slots), count)]
    return Committed(slots, seed if count > len(slots) else b"", Parts(merkle.root_of(hashes).hex(), count))


def random_bytes_for(parts: int) -> int:
    """How many random bytes a leaf with so many parts needs."""
    return SEED_BYTES + parts * SALT_BYTES


def slot_hash(salt: bytes, canonical: bytes) -> bytes:
    """The hash of a part behind its salt."""
    return merkle.leaf_hash(salt + canonical)


def padding(seed: bytes, number: int) -> bytes:
    """The hash that stands in a slot without a part, which nobody can tell from one with."""
    return merkle.leaf_hash(hashlib.sha256(seed + number.to_bytes(4)).digest())

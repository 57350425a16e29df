"""The keys that gateway and subgraphs share, one file for each subgraph: files in, keys out, new ones as they come.

A line is `id secret not-before not-after` (base64; Unix seconds, `-` for no end). Never prints a secret.
"""

import base64
import binascii
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from authz.rings import GrantKey, KeyRing, Ring, Rings
from leds.keys import KeyUnusable, Randomness, read_private, write_once
from leds.watching import fingerprint
from schema.errors import CodedError

FOLDER = "subgraphs"
SUFFIX = ".keys"
SECRET_BYTES = 32
LOOK_SECONDS = 1.0
LEAD_SECONDS = 60
OVERLAP_SECONDS = 3600


class RingFile:
    """One subgraph's keys, read again when the file has changed: looked at every second, and when an id is unknown.

    A file that cannot be read leaves the keys that are known; their own ends still count.
    """

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._seen = fingerprint((path,))
        self._looked = monotonic()
        self._ring = read_ring(path)

    def signing(self, now: float) -> GrantKey:
        """See Ring."""
        if self._monotonic() - self._looked >= LOOK_SECONDS:
            self._look()
        return self._ring.signing(now)

    def accepted(self, key_id: str, now: float) -> GrantKey | None:
        """See Ring."""
        if self._monotonic() - self._looked >= LOOK_SECONDS or self._ring.accepted(key_id, now) is None:
            self._look()
        return self._ring.accepted(key_id, now)

    def _look(self) -> None:
        seen, self._looked = fingerprint((self._path,)), self._monotonic()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._ring = read_ring(self._path)
        except CodedError as error:
            structlog.get_logger("leds").error("keys_refused", file=self._path.name, code=error.code)


def rings_in(keys: Path, randomness: Randomness = os.urandom) -> Rings:
    """The ring of each subgraph under the folder of keys, made when there is none. Raises KeyExposed, KeyUnusable."""
    rings: dict[str, Ring] = {}

    def ring(subgraph: str) -> Ring:
        if subgraph not in rings:
            rings[subgraph] = RingFile(ensure_ring(keys, subgraph, randomness))
        return rings[subgraph]

    return ring


def ensure_ring(keys: Path, subgraph: str, randomness: Randomness = os.urandom) -> Path:
    """The file of a subgraph's keys, made with one that never ends when there is none. Raises KeyUnusable."""
    path = keys / FOLDER / f"{subgraph}{SUFFIX}"
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, _text((_new_key(randomness, 0),)))
    except OSError as error:
        raise KeyUnusable(f"The keys of {subgraph} cannot be made: {error.strerror}.") from error
    return path


def rotate(path: Path, now: int, lead: int, overlap: int, randomness: Randomness = os.urandom) -> GrantKey:
    """Add a key that is signed with from `lead` seconds on; the others are accepted `overlap` seconds longer.

    Keys that are over are dropped. Raises KeyExposed, KeyUnusable.
    """
    begins = now + lead
    fresh = _new_key(randomness, begins)
    kept = tuple(_ending(key, begins + overlap) for key in read_ring(path).keys if key.good(now))
    beside = path.with_name(f"{path.name}.{os.getpid()}.next")
    try:
        write_once(beside, _text((*kept, fresh)))
        beside.replace(path)
    except OSError as error:
        raise KeyUnusable(f"The file {path} cannot be written: {error.strerror}.") from error
    return fresh


def read_ring(path: Path) -> KeyRing:
    """The keys in a file. Raises KeyExposed, KeyUnusable."""
    try:
        keys = tuple(_key(line) for line in read_private(path).decode().splitlines() if line.strip())
    except (ValueError, binascii.Error) as error:
        raise KeyUnusable(f"The file {path} holds something else than keys with their ids and times.") from error
    if not keys or len({key.key_id for key in keys}) != len(keys):
        raise KeyUnusable(f"The file {path} holds no key, or two of one id.")
    return KeyRing(keys)


def _key(line: str) -> GrantKey:
    name, encoded, begins, ends = line.split()
    secret = base64.b64decode(encoded, validate=True)
    if len(secret) != SECRET_BYTES:
        raise ValueError("a secret of another length")
    return GrantKey(name, secret, int(begins), None if ends == "-" else int(ends))


def _ending(key: GrantKey, end: int) -> GrantKey:
    ends = end if key.not_after is None else min(end, key.not_after)
    return GrantKey(key.key_id, key.secret, key.not_before, ends)


def _new_key(randomness: Randomness, begins: int) -> GrantKey:
    secret = randomness(SECRET_BYTES)
    return GrantKey(hashlib.sha256(b"leds key id\n" + secret).hexdigest()[:8], secret, begins)


def _text(keys: tuple[GrantKey, ...]) -> bytes:
    lines = (
        f"{key.key_id} {base64.b64encode(key.secret).decode()} {key.not_before} "
        f"{'-' if key.not_after is None else key.not_after}\n"
        for key in keys
    )
    return "".join(lines).encode()

"""Payloads in, the bytes of a file that checks itself out, and back: a write cut short is told from damage. No I/O.

A frame is `LSP` and 0xFF, the payload's length (4 bytes, big-endian), SHA-256 over length and payload, the payload
(JSON text, so it holds no zero byte). A frame is written only when the one before it is durable.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from authz.audit.errors import SpoolDamaged

_MARK = b"LSP\xff"
_LENGTH = 4
_DIGEST = 32
_SECTOR = 512
_HEADER = len(_MARK) + _LENGTH + _DIGEST


@dataclass(frozen=True, slots=True)
class Frames:
    """The payloads in their order, and how many bytes their frames have; what follows was never acknowledged."""

    payloads: tuple[bytes, ...]
    size: int


def framed(payload: bytes) -> bytes:
    """The frame of one payload."""
    length = len(payload).to_bytes(_LENGTH)
    return _MARK + length + _digest(length, payload) + payload


def read_frames(data: bytes) -> Frames:
    """The whole frames of a file, without a last one that a crash cut short.

    Raises SpoolDamaged, with its number and place, for a frame that was whole once and is not what was written.
    """
    payloads: list[bytes] = []
    at = 0
    while at < len(data):
        payload = _payload(data, at)
        if payload is None:
            if not _torn(data[at:], at):
                raise SpoolDamaged(f"Record {len(payloads)} of the spool, at byte {at}, is not what was written.")
            break
        payloads.append(payload)
        at += _HEADER + len(payload)
    return Frames(tuple(payloads), at)


def _payload(data: bytes, at: int) -> bytes | None:
    """The payload of a whole frame; None for anything else."""
    length = data[at + len(_MARK) : at + len(_MARK) + _LENGTH]
    digest = data[at + len(_MARK) + _LENGTH : at + _HEADER]
    payload = data[at + _HEADER : at + _HEADER + int.from_bytes(length)]
    whole = data.startswith(_MARK, at) and len(payload) == int.from_bytes(length)
    return payload if whole and digest == _digest(length, payload) else None


def _torn(rest: bytes, at: int) -> bool:
    """Whether what stands at this place of the file is the last write as a crash leaves it: without its end, or with
    zeros for sectors that never reached the disk.

    It is not when there is a later frame, or when a digest fits all of it: then only its length was changed.
    """
    begins = all(found in (0, right) for found, right in zip(rest, _MARK, strict=False))
    if not begins or _MARK in rest[1:]:
        return False
    if rest.endswith(b"\0") or not all(map(any, _sectors(rest, at))):
        return True
    payload = rest[_HEADER:]
    fits = rest[len(_MARK) + _LENGTH : _HEADER] == _digest(len(payload).to_bytes(_LENGTH), payload)
    ends_early = len(rest) < _HEADER or len(payload) < int.from_bytes(rest[len(_MARK) : len(_MARK) + _LENGTH])
    return rest.startswith(_MARK[: len(rest)]) and ends_early and not fits


def _sectors(data: bytes, at: int) -> Iterator[bytes]:
    """Data that stand at this place of a file, cut where a disk may write one part and not the next."""
    first = _SECTOR - at % _SECTOR
    yield data[:first]
    yield from (data[start : start + _SECTOR] for start in range(first, len(data), _SECTOR))


def _digest(length: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(length + payload).digest()

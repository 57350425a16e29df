"""A request body as it arrives in; its bytes, decoded and within their limit, out. Never holds more than the limit and
one part, however small the compressed body is."""

import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from gateway.errors import BodyTooLarge, MalformedEncoding, UnsupportedEncoding


async def read_body(headers: Mapping[str, str], parts: AsyncIterator[bytes], largest: int) -> bytes:
    """The whole body, decoded (RFC 9110 section 8.4.1); `largest` bytes of it as sent, and as decoded.

    Raises BodyTooLarge, UnsupportedEncoding or MalformedEncoding.
    """
    stated = headers.get("content-length", "0")
    if not (stated.isascii() and stated.isdigit()) or int(stated) > largest:
        raise BodyTooLarge(f"The body is larger than {largest} bytes.")
    decoder, sent, body = _decoder(headers.get("content-encoding", "identity")), 0, bytearray()
    async for part in parts:
        sent += len(part)
        body += decoder.decode(part, largest + 1 - len(body))
        if sent > largest or len(body) > largest:
            raise BodyTooLarge(f"The body is larger than {largest} bytes.")
    decoder.end()
    return bytes(body)


class _Decoder(Protocol):
    def decode(self, part: bytes, room: int) -> bytes:
        """At most `room` bytes of what the part comes to; as many mean that there may be more."""
        ...

    def end(self) -> None:
        """Raise MalformedEncoding when something is missing."""


class _Identity:
    def decode(self, part: bytes, room: int) -> bytes:
        return part

    def end(self) -> None:
        """Nothing can be missing."""


class _Zlib:
    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)

    def decode(self, part: bytes, room: int) -> bytes:
        try:
            decoded = self._inflate.decompress(part, room) if part else b""
        except zlib.error as error:
            raise MalformedEncoding("The body is not compressed as its Content-Encoding says.") from error
        if self._inflate.unused_data:
            raise MalformedEncoding("Something follows the compressed body.")
        return decoded

    def end(self) -> None:
        if not self._inflate.eof:
            raise MalformedEncoding("The compressed body ends early.")


def _decoder(encoding: str) -> _Decoder:
    """A list of several codings is one that is not known: a bomb inside a bomb."""
    name = encoding.strip().lower()
    if name == "identity":
        return _Identity()
    if name in ("gzip", "x-gzip"):
        return _Zlib(16 + zlib.MAX_WBITS)
    if name == "deflate":
        return _Zlib(zlib.MAX_WBITS)
    raise UnsupportedEncoding("The body's Content-Encoding is not read here.")

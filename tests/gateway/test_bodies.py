"""Request bodies: decoded as they arrive, within the limit before and after, and nothing read that is half there."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.app import AppOptions, create_app
from gateway.bodies import read_body
from gateway.errors import BodyTooLarge, MalformedEncoding, RequestError, UnsupportedEncoding
from gateway.metrics import Metrics
from tests.gateway.kit import pipeline, served

ENCODERS = {"identity": bytes, "gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}
LARGEST = 1_000


async def in_parts(body: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
    yield b""


@given(st.sampled_from(sorted(ENCODERS)), st.binary(max_size=LARGEST), st.integers(1, 64))
async def test_what_was_encoded_is_read_back_however_it_arrives(encoding: str, body: bytes, size: int):
    sent = ENCODERS[encoding](body)
    assert await read_body({"content-encoding": encoding}, in_parts(sent, size), LARGEST + 100) == body


@pytest.mark.parametrize("encoding", sorted(ENCODERS))
@pytest.mark.parametrize(("length", "fits"), [(LARGEST, True), (LARGEST + 1, False)])
async def test_the_limit_is_one_of_decoded_bytes(encoding: str, length: int, fits: bool):
    reading = read_body({"content-encoding": encoding}, in_parts(ENCODERS[encoding](b"x" * length)), LARGEST)
    if fits:
        assert len(await reading) == length
    else:
        with pytest.raises(BodyTooLarge):
            await reading


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_refused_at_the_limit_and_takes_no_memory(encoding: str):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    bomb = b"".join([*(compressor.compress(bytes(1_000_000)) for _ in range(40)), compressor.flush()])
    read = 0

    async def arriving() -> AsyncIterator[bytes]:
        nonlocal read
        async for part in in_parts(bomb, 4_096):
            read += 1
            yield part

    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            await read_body({"content-encoding": encoding}, arriving(), 256 * 1024)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert read <= 2


REFUSED: dict[str, tuple[str, bytes, type[RequestError]]] = {
    "a bomb inside a bomb": ("gzip, gzip", gzip.compress(gzip.compress(b"{}")), UnsupportedEncoding),
    "a coding that is not read": ("br", b"\x0b\x00\x80{}\x03", UnsupportedEncoding),
    "no coding at all": ("", b"{}", UnsupportedEncoding),
    "plain text said to be compressed": ("gzip", b"{}", MalformedEncoding),
    "deflate said to be gzip": ("gzip", zlib.compress(b"{}"), MalformedEncoding),
    "half of it": ("gzip", gzip.compress(b"{}" * 100)[:-9], MalformedEncoding),
    "nothing": ("deflate", b"", MalformedEncoding),
    "something after it": ("gzip", gzip.compress(b"{}") + b"{}", MalformedEncoding),
    "two of them": ("gzip", gzip.compress(b"{") + gzip.compress(b"}"), MalformedEncoding),
    "a broken checksum": ("gzip", gzip.compress(b"{}")[:-8] + bytes(8), MalformedEncoding),
}


@pytest.mark.parametrize(("encoding", "body", "error"), REFUSED.values(), ids=REFUSED)
async def test_what_is_not_one_whole_body_is_refused(encoding: str, body: bytes, error: type[RequestError]):
    with pytest.raises(error):
        await read_body({"content-encoding": encoding}, in_parts(body, 4_096), LARGEST)


@pytest.mark.parametrize("stated", ["1001", "x", "²", "-1", "10, 10"])
async def test_a_length_beyond_the_limit_or_that_is_none_is_refused_unread(stated: str):
    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    with pytest.raises(BodyTooLarge):
        await read_body({"content-length": stated}, unread(), LARGEST)


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"content-encoding": "gzip"}, gzip.compress(b'{"query":"{ __typename }"}'), 200, None),
        ({"content-encoding": "gzip"}, gzip.compress(b" " * 3_000), 413, "BODY_TOO_LARGE"),
        ({"content-encoding": "br"}, b"{}", 415, "UNSUPPORTED_CONTENT_ENCODING"),
        ({"content-encoding": "gzip"}, b"{}", 400, "MALFORMED_ENCODING"),
    ],
    ids=["as it should be", "too large once decoded", "an encoding nobody knows", "not encoded at all"],
)
async def test_over_http(headers: dict[str, str], body: bytes, status: int, code: str | None):
    metrics = Metrics()
    async with served(create_app(pipeline(metrics=metrics), metrics, AppOptions(max_body=2_000))) as client:
        sent = headers | {"content-type": "application/json"}
        response = await client.post("/graphql", content=body, headers=sent)
    assert response.status_code == status
    assert [each["extensions"]["code"] for each in response.json().get("errors", ())] == ([code] if code else [])
    if status == 415:
        assert response.headers["accept-encoding"] == "gzip, deflate"
    assert json.loads(response.content)

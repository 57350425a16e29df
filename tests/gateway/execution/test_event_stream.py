"""Event streams: the same events however their bytes are cut, and nothing kept beyond what one event may be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.execution.event_stream import COMPLETE, KEEP_ALIVE, NEXT, EventReader, MalformedStream, event_bytes

BODIES = st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), max_size=5)


@given(bodies=BODIES, cuts=st.lists(st.integers(1, 9), max_size=60), ends=st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_events_are_the_same_however_the_stream_is_cut_and_its_lines_end(bodies, cuts, ends):
    expected = [json.dumps(body).encode() for body in bodies]
    stream = KEEP_ALIVE.join(event_bytes(NEXT, body) for body in expected) + event_bytes(COMPLETE)
    stream = stream.replace(b"\n", ends)
    reader, found, place = EventReader(10_000), [], 0
    for cut in [*cuts, len(stream)]:
        found += reader.feed(stream[place : place + cut])
        place += cut
    found += reader.feed(b"x")
    assert found == expected
    assert reader.complete


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"event: next\ndata: 1\ndata: 2\n\n", [b"1\n2"]),
        (b"event:next\ndata:1\n\n", [b"1"]),
        (b"data: 1\n\n", []),
        (b"event: other\ndata: 1\n\n", []),
        (b": comment\nevent: next\nid: 7\nretry: 9\ndata: 1\n\n", [b"1"]),
        (b"event: next\n\n", []),
        (b"event: complete\n\nevent: next\ndata: 1\n\n", []),
        (b"event: next\ndata: 1\n", []),
    ],
)
def test_what_is_an_event_of_the_protocol(stream: bytes, expected: list[bytes]):
    assert list(EventReader(100).feed(stream)) == expected


@pytest.mark.parametrize("stream", [b"data: " + b"x" * 101, b"event: next\n" + b"data: xxxxx\n" * 21])
def test_an_event_beyond_the_limit_is_refused(stream: bytes):
    with pytest.raises(MalformedStream):
        list(EventReader(100).feed(stream))

"""A file of frames tells a write that a crash cut short from everything else that can have happened to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.audit.errors import SpoolDamaged
from authz.audit.framing import framed, read_frames

PAYLOADS = (b'["one"]', b'["two","and a longer one"]', b"[]")
FRAMES = [framed(payload) for payload in PAYLOADS]
payloads = st.lists(st.text("[]{}abc\u00e9", min_size=1).map(str.encode), min_size=1, max_size=5).map(tuple)


def size_of(count: int) -> int:
    return sum(map(len, FRAMES[:count]))


@given(payloads)
def test_what_was_framed_is_read_back(written: tuple[bytes, ...]):
    data = b"".join(map(framed, written))
    assert (read_frames(data).payloads, read_frames(data).size) == (written, len(data))


@pytest.mark.parametrize("zeros", [0, 1, 40, 4096])
@pytest.mark.parametrize("cut", range(len(FRAMES[2])))
def test_a_last_frame_cut_at_any_byte_is_left_out_whatever_of_it_reads_as_zeros(cut: int, zeros: int):
    whole = b"".join(FRAMES[:2])
    found = read_frames(whole + FRAMES[2][:cut] + bytes(zeros))
    assert (found.payloads, found.size) == (PAYLOADS[:2], len(whole))


LONG = framed(b'["' + b"x" * 3000 + b'"]')


@pytest.mark.parametrize("lost", range(6))
@pytest.mark.parametrize("before", [b"", FRAMES[0]])
def test_a_last_frame_of_which_any_sector_never_reached_the_disk_is_left_out(lost: int, before: bytes):
    data = bytearray(before + LONG)
    start = max(lost * 512, len(before))
    data[start : (lost + 1) * 512] = bytes(len(data[start : (lost + 1) * 512]))
    assert read_frames(bytes(data)).size == len(before)
    with pytest.raises(SpoolDamaged):
        read_frames(bytes(data) + FRAMES[1])


@given(payloads, st.data())
def test_any_changed_byte_is_refused_and_its_record_named(written: tuple[bytes, ...], data: st.DataObject):
    frames = [framed(payload) for payload in written]
    whole = bytearray(b"".join(frames))
    place = data.draw(st.integers(0, len(whole) - 1))
    # The very end as a zero is what a write that was cut short looks like.
    value = data.draw(st.integers(1, 255).filter(lambda value: value != whole[place]))
    whole[place] = value
    at, number = 0, 0
    while place >= at + len(frames[number]):
        at, number = at + len(frames[number]), number + 1
    with pytest.raises(SpoolDamaged, match=f"Record {number} of the spool, at byte {at},"):
        read_frames(bytes(whole))


@pytest.mark.parametrize("bits", [0x01, 0x10, 0x80])
@pytest.mark.parametrize("number", range(3))
def test_each_byte_of_each_record_is_watched(number: int, bits: int):
    for place in range(size_of(number), size_of(number + 1)):
        changed = bytearray(b"".join(FRAMES))
        changed[place] ^= bits
        with pytest.raises(SpoolDamaged, match=f"Record {number} "):
            read_frames(bytes(changed))


@pytest.mark.parametrize("number", range(2))
def test_a_frame_in_the_middle_that_is_zeros_or_gone_is_damage(number: int):
    zeroed = [bytes(len(frame)) if each == number else frame for each, frame in enumerate(FRAMES)]
    with pytest.raises(SpoolDamaged):
        read_frames(b"".join(zeroed))
    shortened = [frame[:-1] if each == number else frame for each, frame in enumerate(FRAMES)]
    with pytest.raises(SpoolDamaged):
        read_frames(b"".join(shortened))


@pytest.mark.parametrize("data", [b"text", b"SQLite format 3\0", b"\0\0x", b"LSP", b"LSPX"])
def test_what_is_no_frame_is_refused_unless_it_begins_like_one(data: bytes):
    if data == b"LSP":
        assert read_frames(data).payloads == ()
        return
    with pytest.raises(SpoolDamaged):
        read_frames(data)

"""The canonical bytes of leaves and parts: one text for one value, and nothing else accepted."""

import json
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.audit.errors import InvalidEntry
from authz.audit.leaf import Leaf, canonical_bytes, leaf_from_bytes
from authz.audit.parts import part_from_bytes
from authz.audit.ulid import ulid
from tests.authz.audit.samples import STATEMENTS, sample

PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def changed(number: int, texts: tuple[str, str, str], count: int) -> Leaf:
    base = sample(number).leaf
    assert base.request is not None
    assert base.request.user is not None
    user = msgspec.structs.replace(base.request.user, id=texts[0], training=(texts[1],))
    request = msgspec.structs.replace(base.request, user=user, session_id=texts[2], reason=texts[1] or None)
    return msgspec.structs.replace(base, request=request, result_count=count)


ANY_LEAF = st.builds(
    changed,
    st.integers(0, 1 << 40),
    st.tuples(PLAIN_TEXT, PLAIN_TEXT, PLAIN_TEXT),
    st.integers(-(1 << 53), 1 << 53),
)


@given(ANY_LEAF)
def test_a_leaf_reads_back_as_itself(leaf: Leaf) -> None:
    assert leaf_from_bytes(canonical_bytes(leaf)) == leaf


@given(ANY_LEAF, ANY_LEAF)
def test_bytes_are_equal_exactly_when_leaves_are(one: Leaf, other: Leaf) -> None:
    assert (canonical_bytes(one) == canonical_bytes(other)) == (one == other)


@given(ANY_LEAF)
def test_the_bytes_are_sorted_compact_json_in_utf_8(leaf: Leaf) -> None:
    data = canonical_bytes(leaf)
    again = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert data == again


@given(ANY_LEAF, st.data())
def test_any_other_spelling_of_the_same_json_is_refused(leaf: Leaf, data: st.DataObject) -> None:
    respelt = data.draw(
        st.sampled_from(
            [
                json.dumps(json.loads(canonical_bytes(leaf)), sort_keys=True).encode(),
                json.dumps(json.loads(canonical_bytes(leaf)), separators=(",", ":")).encode() + b"\n",
                canonical_bytes(leaf).replace(b'"RR14"', b'"\\u0052R14"'),
                canonical_bytes(leaf).replace(b"{", b'{"aaa":1,', 1),
                canonical_bytes(leaf).replace(b'"resultCount":', b'"resultCount":0.0,"x":', 1),
                canonical_bytes(leaf)[:-1],
            ]
        )
    )
    with pytest.raises(InvalidEntry):
        leaf_from_bytes(respelt)


def test_every_key_is_always_there_and_in_the_published_spelling() -> None:
    document = json.loads(canonical_bytes(sample(0).leaf))
    assert document["format"] == "leds-audit-leaf/2"
    assert set(document) == {
        "auditId", "event", "eventType", "format", "intent", "occurredAt", "outcome", "part", "parts", "recipient",
        "refusals", "refusedBy", "request", "resultCount", "retention", "spooled", "stage", "witnessed", "world",
    }  # fmt: skip
    assert set(document["request"]) == {
        "actionCode", "activityCode", "activityFlowId", "applicationTime", "correlationId", "operation", "purpose",
        "reason", "sessionId", "system", "user",
    }  # fmt: skip
    assert document["recipient"] is None


@pytest.mark.parametrize("part", [STATEMENTS, *sample(0, 1).subjects], ids=["statements", "subject"])
def test_a_part_reads_back_as_itself_and_in_no_other_spelling(part) -> None:
    data = canonical_bytes(part)
    assert part_from_bytes(data) == part
    for other in (data + b" ", data.replace(b"{", b'{"aaa":1,', 1), data[:-1], b"{}", b"\xff"):
        with pytest.raises(InvalidEntry):
            part_from_bytes(other)


def test_another_version_is_not_read_as_this_one() -> None:
    other = msgspec.structs.replace(sample(0).leaf, format="leds-audit-leaf/3")
    with pytest.raises(InvalidEntry):
        leaf_from_bytes(canonical_bytes(other))


def test_a_float_has_no_canonical_form() -> None:
    data = canonical_bytes(sample(0).leaf).replace(b'"resultCount":1', b'"resultCount":1.5')
    with pytest.raises(InvalidEntry):
        leaf_from_bytes(data)


def test_a_leaf_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        sample(0).leaf.outcome = "OK"  # pyright: ignore[reportAttributeAccessIssue] - the point of the test


@given(st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_ulids_sort_by_time(one: int, other: int, randomness: bytes) -> None:
    assert (one < other) == (ulid(one, randomness) < ulid(other, randomness))
    assert len(ulid(one, randomness)) == 26
    assert set(ulid(one, randomness)) <= set(string.digits + string.ascii_uppercase) - set("ILOU")


def test_the_published_ulid_example_is_reproduced() -> None:
    assert ulid(1469918176385, bytes(10)) == "01ARYZ6S41" + "0" * 16


@pytest.mark.parametrize(("milliseconds", "randomness"), [(-1, bytes(10)), (1 << 48, bytes(10)), (0, bytes(9))])
def test_a_ulid_out_of_range_is_refused(milliseconds: int, randomness: bytes) -> None:
    with pytest.raises(ValueError, match="ULID"):
        ulid(milliseconds, randomness)

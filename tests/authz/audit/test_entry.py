"""The canonical bytes of an entry: one text for one value, and nothing else accepted."""

import json
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.audit.entry import Entry, canonical_bytes, entry_from_bytes
from authz.audit.errors import InvalidEntry
from authz.audit.ulid import ulid
from tests.authz.audit.samples import sample_entry

PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def changed(number: int, texts: tuple[str, str, str], count: int, subjects: int) -> Entry:
    base = sample_entry(number, subjects)
    assert base.user is not None
    return msgspec.structs.replace(
        base,
        user=msgspec.structs.replace(base.user, name=texts[0], training=(texts[1],)),
        geolocation=texts[2],
        result_count=count,
        on_behalf_of=texts[1] or None,
    )


ANY_ENTRY = st.builds(
    changed,
    st.integers(0, 1 << 40),
    st.tuples(PLAIN_TEXT, PLAIN_TEXT, PLAIN_TEXT),
    st.integers(-(1 << 53), 1 << 53),
    st.integers(0, 4),
)


@given(ANY_ENTRY)
def test_an_entry_reads_back_as_itself(entry: Entry) -> None:
    assert entry_from_bytes(canonical_bytes(entry)) == entry


@given(ANY_ENTRY, ANY_ENTRY)
def test_bytes_are_equal_exactly_when_entries_are(one: Entry, other: Entry) -> None:
    assert (canonical_bytes(one) == canonical_bytes(other)) == (one == other)


@given(ANY_ENTRY)
def test_the_bytes_are_sorted_compact_json_in_utf_8(entry: Entry) -> None:
    data = canonical_bytes(entry)
    again = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert data == again


@given(ANY_ENTRY, st.data())
def test_any_other_spelling_of_the_same_json_is_refused(entry: Entry, data: st.DataObject) -> None:
    respelt = data.draw(
        st.sampled_from(
            [
                json.dumps(json.loads(canonical_bytes(entry)), sort_keys=True).encode(),
                json.dumps(json.loads(canonical_bytes(entry)), separators=(",", ":")).encode() + b"\n",
                canonical_bytes(entry).replace(b'"RR14"', b'"\\u0052R14"'),
                canonical_bytes(entry).replace(b"{", b'{"aaa":1,', 1),
                canonical_bytes(entry).replace(b'"resultCount":', b'"resultCount":0.0,"x":', 1),
                canonical_bytes(entry)[:-1],
            ]
        )
    )
    with pytest.raises(InvalidEntry):
        entry_from_bytes(respelt)


def test_every_key_is_always_there_and_in_the_published_spelling() -> None:
    document = json.loads(canonical_bytes(sample_entry(0)))
    assert document["format"] == "leds-audit-entry/1"
    assert set(document) == {
        "actionCode", "activityCode", "activityFlowId", "applicationTime", "auditId", "correlationId", "eventType",
        "format", "geolocation", "occurredAt", "onBehalfOf", "operation", "originatorLine", "outcome", "reason",
        "recipient", "refusals", "refusedBy", "resultCount", "retention", "sessionId", "subjects", "system", "user",
        "world",
    }  # fmt: skip
    assert document["recipient"] is None


def test_another_version_is_not_read_as_this_one() -> None:
    other = msgspec.structs.replace(sample_entry(0), format="leds-audit-entry/2")
    with pytest.raises(InvalidEntry):
        entry_from_bytes(canonical_bytes(other))


def test_a_float_has_no_canonical_form() -> None:
    data = canonical_bytes(sample_entry(0)).replace(b'"resultCount":1', b'"resultCount":1.5')
    with pytest.raises(InvalidEntry):
        entry_from_bytes(data)


def test_an_entry_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        sample_entry(0).outcome = "OK"  # pyright: ignore[reportAttributeAccessIssue] - the point of the test


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

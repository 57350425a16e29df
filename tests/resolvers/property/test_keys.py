"""The normal forms of numbers on property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.property.keys import compact, identifier_key


@pytest.mark.parametrize("written", ["JCB-3CX-0001", "jcb 3cx 1", "JCB3CX0001", "JCB/3CX/001", " JCB-3CX-1 "])
def test_one_number_has_one_key_however_it_is_written(written: str):
    assert identifier_key(written) == "JCB3CX1"


@pytest.mark.parametrize(
    ("value", "key"), [("000", "0"), ("100", "100"), ("A1001", "A1001"), ("A1-001", "A1001"), ("--", ""), ("", "")]
)
def test_only_leading_zeros_of_a_run_of_digits_are_dropped(value: str, key: str):
    assert identifier_key(value) == key


@given(st.text(alphabet="AB019 -/", max_size=20))
def test_a_key_is_its_own_key(value: str):
    assert identifier_key(identifier_key(value)) == identifier_key(value)


@given(st.text(alphabet="AB019", min_size=1, max_size=12), st.data())
def test_separators_never_change_a_key(value: str, data: st.DataObject):
    place = data.draw(st.integers(0, len(value)))
    assert identifier_key(f"{value[:place]}-{value[place:]}") == identifier_key(value)
    assert compact(f"{value[:place]} {value[place:]}") == value

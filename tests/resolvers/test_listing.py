"""Pages of a list that is already here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.connections import Order, cursor, page_from
from resolvers.errors import InvalidCursor
from resolvers.listing import slice_of

ORDER = Order(("key",))
ROWS = [{"key": f"row-{number}"} for number in (4, 1, 3, 2, 5)]


def after(number: int) -> str:
    return cursor(ORDER, {"key": f"row-{number}"})


@pytest.mark.parametrize(
    ("arguments", "keys", "has_next", "has_previous"),
    [
        ((2, None, None, None), [4, 1], True, False),
        ((2, after(1), None, None), [3, 2], True, True),
        ((9, after(2), None, None), [5], False, True),
        ((None, None, 2, None), [2, 5], False, True),
        ((None, None, 2, after(3)), [4, 1], True, False),
        ((None, None, 3, after(3)), [4, 1], True, False),
        ((0, None, None, None), [], True, False),
    ],
)
def test_a_page_keeps_the_order_of_the_list(arguments, keys, has_next, has_previous):
    found = slice_of(ROWS, ORDER, page_from(*arguments))
    assert [row["key"] for row in found.rows] == [f"row-{key}" for key in keys]
    assert (found.has_next, found.has_previous) == (has_next, has_previous)


@given(st.integers(1, 6))
def test_pages_one_after_another_are_the_list(size: int):
    seen, place = [], None
    while True:
        found = slice_of(ROWS, ORDER, page_from(size, place, None, None))
        seen += found.rows
        if not found.has_next:
            break
        place = cursor(ORDER, found.rows[-1])
    assert seen == ROWS


def test_a_place_that_is_not_in_the_list_is_refused():
    with pytest.raises(InvalidCursor):
        slice_of(ROWS, ORDER, page_from(2, after(9), None, None))

"""Counts that may be told: no small one is, and no sum of what is told says what a small one is."""

from hypothesis import given
from hypothesis import strategies as st

from resolvers.audit.small_counts import FEWEST, total_told, withheld

COUNTS = st.lists(st.integers(1, 30) | st.integers(1, 6), max_size=8)


@given(COUNTS)
def test_no_small_count_is_told(counts):
    hidden = withheld(counts)
    assert all(place in hidden for place, count in enumerate(counts) if count < FEWEST)
    assert hidden or total_told(counts) == sum(counts)


@given(COUNTS)
def test_a_total_leaves_every_count_that_is_withheld_more_than_one_value(counts):
    hidden = withheld(counts)
    if not hidden or total_told(counts) is None:
        return
    rest = sum(counts) - sum(count for place, count in enumerate(counts) if place not in hidden)
    # The others are at least 1 each: one may be any number from 1 to this.
    assert len(hidden) >= 2
    assert rest - (len(hidden) - 1) >= FEWEST


@given(COUNTS)
def test_nothing_is_withheld_where_no_count_is_small(counts):
    assert bool(withheld(counts)) is any(count < FEWEST for count in counts)


def test_the_examples_of_the_rule():
    assert withheld([10, 5]) == frozenset()
    assert withheld([10, 5, 1]) == {1, 2}
    assert withheld([100, 4, 4]) == {1, 2}
    assert withheld([100, 1, 1]) == {0, 1, 2}
    assert (total_told([3]), total_told([1, 1, 1]), total_told([100, 1])) == (None, None, 101)

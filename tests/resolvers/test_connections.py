"""Pages as laws: whatever the sizes and directions, following the cursors shows every row once and in list order."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.connections import Order, Page, Slice, count_statement, cursor, page_from, page_statement, slice_from
from resolvers.errors import InvalidCursor, InvalidPage

ENTRY = sa.Table(
    "entry",
    sa.MetaData(),
    sa.Column("parent", sa.Integer),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("id", sa.String(8), primary_key=True),
)
ORDERS = [Order(("day", "id"), descending) for descending in (False, True)] + [Order(("at", "id"))]


@pytest.fixture(scope="module")
def connection():
    """Two parents with eleven and three entries; several share their day."""
    engine = sa.create_engine("sqlite://")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {
            "parent": parent,
            "day": date(2026, 1, 1 + n // 3),
            "at": start + timedelta(hours=n // 2),
            "id": f"{parent}-{n:02d}",
        }
        for parent, size in ((1, 11), (2, 3))
        for n in range(size)
    ]
    with engine.begin() as opened:
        ENTRY.create(opened)
        opened.execute(ENTRY.insert(), rows)
        yield opened
    engine.dispose()


def page_of(connection, order: Order, page: Page, parent: int = 1) -> Slice:
    rows = connection.execute(page_statement(sa.select(ENTRY), "parent", order, page)).mappings()
    return slice_from([dict(row) for row in rows if row["parent"] == parent], page)


def ids(rows) -> list[str]:
    return [row["id"] for row in rows]


@given(order=st.sampled_from(ORDERS), size=st.integers(1, 12), backwards=st.booleans())
@settings(max_examples=40, deadline=None)
def test_following_cursors_shows_every_row_once(connection, order, size, backwards):
    everything = page_of(connection, order, Page(200)).rows
    seen, bound = [], None
    while True:
        page = page_from(None, None, size, bound) if backwards else page_from(size, bound, None, None)
        found = page_of(connection, order, page)
        seen = [*found.rows, *seen] if backwards else [*seen, *found.rows]
        if not (found.has_previous if backwards else found.has_next):
            break
        bound = cursor(order, found.rows[0] if backwards else found.rows[-1])
    assert ids(seen) == ids(everything)
    assert len(seen) == 11


def test_each_parent_has_its_own_page_in_one_statement(connection):
    first, second = (page_of(connection, ORDERS[0], Page(3), parent) for parent in (1, 2))
    assert [row["id"] for row in first.rows] == ["1-00", "1-01", "1-02"]
    assert first.has_next
    assert [row["id"] for row in second.rows] == ["2-00", "2-01", "2-02"]
    assert not second.has_next


def test_a_page_between_two_cursors_is_bounded_by_both(connection):
    everything = page_of(connection, ORDERS[0], Page(200)).rows
    after, before = cursor(ORDERS[0], everything[2]), cursor(ORDERS[0], everything[6])
    found = page_of(connection, ORDERS[0], page_from(None, after, None, before))
    assert ids(found.rows) == ids(everything[3:6])


def test_rows_are_counted_by_parent(connection):
    totals = connection.execute(count_statement(sa.select(ENTRY), "parent")).all()
    assert sorted(totals) == [(1, 11), (2, 3)]


def test_a_cursor_is_text_for_a_url_and_names_one_row():
    row = {"day": date(2026, 1, 1), "id": "1-00"}
    text = cursor(ORDERS[0], row)
    assert text.replace("_", "").replace("-", "").isalnum()
    assert page_from(1, text, None, None).after == ("2026-01-01", "1-00")


@pytest.mark.parametrize("text", ["", "!", "e30", "WzFd", "bnVsbA", "[]", "é", "W" * 100_000])
def test_a_cursor_nobody_handed_out_is_refused(text):
    with pytest.raises(InvalidCursor):
        page_from(1, text, None, None)


def test_a_cursor_of_another_list_is_refused():
    other = page_from(1, cursor(Order(("id",)), {"id": "x"}), None, None)
    with pytest.raises(InvalidCursor):
        page_statement(sa.select(ENTRY), "parent", ORDERS[0], other)


@pytest.mark.parametrize("arguments", [(-1, None), (None, -1), (201, None), (None, 201), (1, 1)])
def test_a_size_that_no_page_has_is_refused(arguments):
    first, last = arguments
    with pytest.raises(InvalidPage):
        page_from(first, None, last, None)

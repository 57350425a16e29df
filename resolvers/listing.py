"""Pages of a list that is bounded and already here: Relay arguments and rows in list order in, a slice out. No I/O."""

from collections.abc import Sequence

from resolvers.connections import Order, Page, Row, Slice, cursor, page_from
from resolvers.errors import InvalidCursor


def slice_of(rows: Sequence[Row], order: Order, page: Page) -> Slice:
    """The page of `rows`; the order columns only name a row. Raises InvalidCursor for a row that is not in the list."""
    places = [_place(order, row) for row in rows]
    begin = 0 if page.after is None else _index(places, page.after) + 1
    end = len(rows) if page.before is None else _index(places, page.before)
    if page.backwards:
        begin = max(begin, end - page.size)
    else:
        end = min(end, begin + page.size)
    return Slice(tuple(rows[begin:end]), has_next=end < len(rows), has_previous=begin > 0)


def _place(order: Order, row: Row) -> tuple[str, ...] | None:
    return page_from(None, cursor(order, row), None, None).after


def _index(places: Sequence[tuple[str, ...] | None], place: tuple[str, ...]) -> int:
    try:
        return places.index(place)
    except ValueError:
        raise InvalidCursor("The cursor belongs to another list.") from None

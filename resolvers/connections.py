"""Pages of lists: Relay arguments in, one statement for all parents' pages out, its rows cut into slices. No I/O."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from resolvers.errors import InvalidCursor, InvalidPage

DEFAULT_SIZE = 50
LARGEST_SIZE = 200
PAGE_ROW = "page_row"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """The columns a list is ordered by: never null, unique together, all in one direction."""

    columns: tuple[str, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Which slice of a list is asked for; `after` and `before` are the texts of order columns."""

    size: int = DEFAULT_SIZE
    backwards: bool = False
    after: tuple[str, ...] | None = None
    before: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one page, in list order."""

    rows: tuple[Row, ...]
    has_next: bool
    has_previous: bool


def page_from(first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
    """The page the Relay arguments name. Raises InvalidPage, InvalidCursor."""
    if first is not None and last is not None:
        raise InvalidPage("`first` and `last` were both given.")
    size = DEFAULT_SIZE if first is None and last is None else (first if first is not None else last)
    if size is None or not 0 <= size <= LARGEST_SIZE:
        raise InvalidPage(f"A page holds 0 to {LARGEST_SIZE} entries.")
    return Page(size, last is not None, _position(after), _position(before))


def cursor(order: Order, row: Row) -> str:
    """The opaque place of a row in its list."""
    texts = [_text(row[name]) for name in order.columns]
    return urlsafe_b64encode(json.dumps(texts, separators=(",", ":")).encode()).decode().rstrip("=")


def page_statement(source: sa.Select, parent: str | None, order: Order, page: Page) -> sa.Select:
    """`source` cut to one page, and one row more, for each value of its column `parent` (None: one page in all).

    Raises InvalidCursor when a cursor's texts do not fit the order columns.
    """
    rows = source.subquery("source")
    columns = [rows.c[name] for name in order.columns]
    falling = order.descending != page.backwards
    number = sa.func.row_number().over(
        partition_by=None if parent is None else rows.c[parent],
        order_by=[column.desc() if falling else column.asc() for column in columns],
    )
    bounds = _bounds(columns, order, page)
    numbered = sa.select(rows, number.label(PAGE_ROW)).where(*bounds).subquery("numbered")
    return sa.select(numbered).where(numbered.c[PAGE_ROW] <= page.size + 1).order_by(numbered.c[PAGE_ROW])


def capped(source: sa.Select, order: Order, most: int = LARGEST_SIZE) -> sa.Select:
    """The first `most` rows of `source` in list order: all that its pages hold together (P14)."""
    columns = [source.selected_columns[name] for name in order.columns]
    places = [column.desc() if order.descending else column.asc() for column in columns]
    return source.order_by(None).order_by(*places).limit(most)


def count_statement(source: sa.Select, parent: str) -> sa.Select:
    """How many rows of `source` each value of its column `parent` has."""
    rows = source.subquery("source")
    return sa.select(rows.c[parent].label("parent"), sa.func.count().label("total")).group_by(rows.c[parent])


def slice_from(rows: Sequence[Row], page: Page) -> Slice:
    """The page in list order, from the rows of one parent as `page_statement` numbered them."""
    more = len(rows) > page.size
    kept = tuple(rows[: page.size])
    if page.backwards:
        return Slice(kept[::-1], has_next=page.before is not None, has_previous=more)
    return Slice(kept, has_next=more, has_previous=page.after is not None)


def _position(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    try:
        position = json.loads(urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
    except (Base64Error, ValueError, RecursionError) as error:
        raise InvalidCursor("The cursor cannot be read.") from error
    if not isinstance(position, list) or not all(isinstance(part, str) for part in position):
        raise InvalidCursor("The cursor cannot be read.")
    return tuple(position)


def _bounds(columns: Sequence[sa.ColumnElement[Any]], order: Order, page: Page) -> list[sa.ColumnElement[bool]]:
    bounds = []
    for position, forward in ((page.after, True), (page.before, False)):
        if position is not None:
            place, here = sa.tuple_(*columns), sa.tuple_(*_values(columns, position))
            bounds.append(place < here if order.descending is forward else place > here)
    return bounds


def _values(columns: Sequence[sa.ColumnElement[Any]], position: tuple[str, ...]) -> list[sa.ColumnElement[Any]]:
    if len(columns) != len(position):
        raise InvalidCursor("The cursor belongs to another list.")
    try:
        return [
            sa.literal(_value(column.type.python_type, text), column.type)
            for column, text in zip(columns, position, strict=True)
        ]
    except ValueError as error:
        raise InvalidCursor("The cursor belongs to another list.") from error


def _value(kind: type, text: str) -> object:
    if kind is datetime:
        return datetime.fromisoformat(text)
    if kind is date:
        return date.fromisoformat(text)
    return kind(text)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)

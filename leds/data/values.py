"""From the generator's plain values (text for dates, instants, JSON and money) to what each database driver wants."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

import sqlalchemy as sa

Convert = Callable[[str], object]


@lru_cache(maxsize=131_072)
def _date(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=131_072)
def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def postgres_conversions(table: sa.Table, columns: tuple[str, ...]) -> Mapping[int, Convert]:
    """How to convert the places of a row whose driver type is not text; other places pass as they are."""
    kinds: tuple[tuple[type, Convert], ...] = ((sa.DateTime, _instant), (sa.Date, _date), (sa.Numeric, Decimal))
    conversions: dict[int, Convert] = {}
    for place, name in enumerate(columns):
        column = table.columns[name]
        if isinstance(column.type, sa.Float):
            continue
        for kind, convert in kinds:
            if isinstance(column.type, kind):
                conversions[place] = convert
                break
    return conversions


def plain(value: object) -> object:
    """A value of the cast or the reference lists as the generator's rows carry it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value) if isinstance(value, Decimal) else value


def plain_row(row: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[object, ...]]:
    """The columns and the plain values of one row."""
    return tuple(row), tuple(plain(value) for value in row.values())

"""Loads of one request: each kind of load asks once for all keys wanted at that moment, whatever the number of rows.

A load's statement is built once, with `KEYS` where the keys belong (it only says `column.in_(keys)`); one that
is about pairs (`PAIRS`, `FIRSTS`) is marked `paired`.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from aiodataloader import DataLoader

from resolvers.connections import Order, Page, Row, Slice, count_statement, page_statement, slice_from
from resolvers.database import KEYS, Reading

Statement = Callable[[Any], sa.Select]
STATEMENTS_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Lookup:
    """At most one row for each value of the column `key`; when a statement finds several, the first one counts."""

    statement: Statement
    key: str


@dataclass(frozen=True, slots=True)
class Children:
    """All rows for each value of the column `key`, in the statement's order: for small bounded lists only."""

    statement: Statement
    key: str
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """A page of rows for each value of the column `key`, in `order`."""

    statement: Statement
    key: str
    order: Order


class Loading:
    """One request's loaders, made on first use; a loader is shared by everything that loads the same thing."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._loaders: dict[object, DataLoader[str, Any]] = {}

    @property
    def statements(self) -> int:
        """How many statements ran."""
        return self._reading.statements

    def row(self, lookup: Lookup, key: str) -> Awaitable[Row | None]:
        """The row with this key, or None."""

        async def batch(keys: list[str]) -> list[Row | None]:
            found = await self._grouped(_built_once(lookup.statement), lookup.key, keys)
            return [found[key][0] if key in found else None for key in keys]

        return self._loader(lookup, batch).load(key)

    def rows(self, children: Children, key: Any) -> Awaitable[list[Row]]:
        """All rows of this key."""

        async def batch(keys: list[str]) -> list[list[Row]]:
            found = await self._grouped(_built_once(children.statement), children.key, keys, paired=children.paired)
            return [found.get(key, []) for key in keys]

        return self._loader(children, batch).load(key)

    def page(self, pages: Pages, key: str, page: Page) -> Awaitable[Slice]:
        """The page of this key. Raises InvalidCursor."""

        async def batch(keys: list[str]) -> list[Slice]:
            found = await self._grouped(_paged(pages, page), pages.key, keys)
            return [slice_from(found.get(key, []), page) for key in keys]

        return self._loader((pages, page), batch).load(key)

    def total(self, pages: Pages, key: str) -> Awaitable[int]:
        """How many rows this key has in all pages."""

        async def batch(keys: list[str]) -> list[int]:
            counted = await self._reading.rows(_counted(pages), keys)
            totals = {row["parent"]: row["total"] for row in counted}
            return [totals.get(key, 0) for key in keys]

        return self._loader((pages, "total"), batch).load(key)

    async def select(self, statement: sa.Select) -> Sequence[Row]:
        """The rows of a statement that belongs to the operation, not to a row: a search or a root field."""
        return await self._reading.rows(statement)

    async def count(self, statement: sa.Select) -> int:
        """How many rows a search has in all pages."""
        total = sa.select(sa.func.count().label("total")).select_from(statement.subquery())
        return (await self._reading.rows(total))[0]["total"]

    async def _grouped(
        self, statement: sa.Select, key: str, keys: Sequence[Any], *, paired: bool = False
    ) -> dict[str, list[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in await self._reading.rows(statement, keys, paired=paired):
            found[row[key]].append(row)
        return found

    def _loader(self, identity: object, batch: Callable[[list[str]], Any]) -> DataLoader[str, Any]:
        loader = self._loaders.get(identity)
        if loader is None:
            loader = self._loaders[identity] = DataLoader(batch)
        return loader


def _paged(pages: Pages, page: Page) -> sa.Select:
    if page.after is not None or page.before is not None:
        return page_statement(_built_once(pages.statement), pages.key, pages.order, page)
    return _first_page(pages, page)


@lru_cache(STATEMENTS_KEPT)
def _counted(pages: Pages) -> sa.Select:
    return count_statement(_built_once(pages.statement), pages.key)


@lru_cache(STATEMENTS_KEPT)
def _built_once(statement: Statement) -> sa.Select:
    return statement(KEYS)


@lru_cache(STATEMENTS_KEPT)
def _first_page(pages: Pages, page: Page) -> sa.Select:
    return page_statement(_built_once(pages.statement), pages.key, pages.order, page)

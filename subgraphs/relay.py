"""Relay connections for lists that can grow: one generic pair of types, and the field that serves a parent's page."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import federation
from strawberry.types.field import StrawberryField

from resolvers.connections import Order, Row, Slice, capped, cursor, page_from, page_statement, slice_from
from resolvers.loading import Pages
from subgraphs.people_counts import People, noted, require_somebody, told
from subgraphs.records import Record, resolved
from subgraphs.request import RequestInfo, SubgraphRequest
from subgraphs.tags import Cursor, First, value_type

Node = TypeVar("Node")
Counter = Callable[[], Awaitable[int]]
Maker = Callable[[Row, RequestInfo], Any]


@value_type
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None = None
    end_cursor: str | None = None


@value_type
class Edge(Generic[Node]):
    """One entry of a list with its place."""

    cursor: str
    node: Node | None


@value_type
class Connection(Generic[Node]):
    """A page of a list; `totalCount` is counted only when asked for."""

    edges: list[Edge[Node]] | None
    page_info: PageInfo
    count: strawberry.Private[Counter]
    people: strawberry.Private[People | None] = None

    @federation.field()
    def nodes(self) -> list[Node | None] | None:
        """The entries without their cursors."""
        return None if self.edges is None else [edge.node for edge in self.edges]

    @federation.field()
    async def total_count(self, info: RequestInfo) -> int | None:
        """How many entries the whole list has."""
        found = await self.count()
        return found if self.people is None else told(found, self.people, info)


def connection_of(node: Callable[[Any], Any], found: Slice, order: Order, count: Counter) -> Connection[Any]:
    """The connection over one slice; `node` makes an entry from its row."""
    edges = [Edge(cursor=cursor(order, row), node=node(row)) for row in found.rows]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=found.has_next,
            has_previous_page=found.has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        count=count,
    )


def given(argument: Any) -> Any:
    """An argument's value, None where it was left out."""
    return None if argument is strawberry.UNSET else argument


async def search_page(
    node: Callable[[Row], Any],
    statement: sa.Select,
    order: Order,
    arguments: tuple[int | None, str | None, int | None, str | None],
    info: RequestInfo,
) -> Connection[Any]:
    """One page of a search at the root; `arguments` are first, after, last, before. All pages together hold no more
    than the largest page (P14)."""
    asked = page_from(*arguments)
    loading, best = info.context.loading, capped(statement, order)
    found = slice_from(await loading.select(page_statement(best, None, order, asked)), asked)
    return connection_of(node, found, order, lambda: loading.count(best))


async def people_page(
    node: Callable[[Row], Record],
    statement: sa.Select,
    order: Order,
    arguments: tuple[int | None, str | None, int | None, str | None],
    dataset: str,
    info: RequestInfo,
) -> Connection[Any]:
    """`search_page` over people: who is listed is noted, and few are counted only beside all of them."""
    require_somebody(page_from(*arguments))
    found = await search_page(node, statement, order, arguments, info)
    found.people = noted([edge.node for edge in found.edges or ()], dataset, info)
    return found


def paged(node: type[Record] | Maker, pages: Pages, via: str, *, tag: object | None = None) -> Any:
    """A connection field: pages whose key is the parent's column `via`, one statement for all parents.

    `node` is the record type of the entries, or a plain function that makes a value from a row and `info`.
    """

    async def page(
        root: Record,
        info: RequestInfo,
        first: First = strawberry.UNSET,
        after: Cursor = strawberry.UNSET,
        last: First = strawberry.UNSET,
        before: Cursor = strawberry.UNSET,
    ) -> Any:
        asked = page_from(given(first), given(after), given(last), given(before))
        loading, key = info.context.loading, root.row[via]
        found = await loading.page(pages, key, asked)
        return connection_of(lambda row: _made(node, row, info), found, pages.order, lambda: loading.total(pages, key))

    async def counted(root: Record, request: SubgraphRequest) -> int:
        return await request.loading.total(pages, root.row[via])

    page.counted = counted  # type: ignore[attr-defined]
    return resolved(page, tag=tag)


def counter_of(field: StrawberryField) -> Callable[[Any, Any], Awaitable[int]] | None:
    """What counts the entries of a paged field without loading any; None for other fields."""
    resolver = field.base_resolver
    return None if resolver is None else getattr(resolver.wrapped_func, "counted", None)


def _made(node: type[Record] | Maker, row: Row, info: RequestInfo) -> Any:
    return node(row=row) if isinstance(node, type) else node(row, info)

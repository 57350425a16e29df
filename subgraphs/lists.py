"""Fields over the rows of other tables, one line each: small lists, single rows, and pages from an entry point."""

from collections.abc import Callable, Mapping
from typing import Any

from resolvers.connections import Page
from resolvers.loading import Children, Lookup, Pages
from subgraphs.records import Record, resolved, value
from subgraphs.relay import connection_of
from subgraphs.request import RequestInfo

Make = Callable[[Mapping[str, Any], RequestInfo], Any]


def listed(
    children: Children,
    via: str,
    node: type[Record] | None = None,
    *,
    make: Make | None = None,
    keep: Callable[[Mapping[str, Any]], bool] | None = None,
    tag: object | None = None,
) -> Any:
    """All children of the parent's column `via`: records of type `node`, or what `make` makes of each row.

    `keep` leaves rows out; one statement serves all parents.
    """

    async def rows(root: Record, info: RequestInfo) -> Any:
        found = await info.context.loading.rows(children, root.row[via])
        kept = found if keep is None else [row for row in found if keep(row)]
        return [_entry(row, info, node, make) for row in kept]

    return resolved(rows, tag=tag)


def beside(lookup: Lookup, via: str, make: Make, *, tag: object | None = None) -> Any:
    """What `make` makes of the one row another table holds for the parent's column `via`; None where it holds none."""

    async def found(root: Record, info: RequestInfo) -> Any:
        row = await info.context.loading.row(lookup, root.row[via])
        return None if row is None else make(row, info)

    return resolved(found, tag=tag)


def texts(source: str) -> Any:
    """A list of texts from a JSON column; empty where none is held."""
    return value(lambda row, _info: list(row[source] or ()))


async def page_of(node: type[Record], pages: Pages, key: str, page: Page, info: RequestInfo) -> Any:
    """The connection over one page of the rows that `pages` finds for `key`."""
    loading = info.context.loading
    found = await loading.page(pages, key, page)
    return connection_of(lambda row: node(row=row), found, pages.order, lambda: loading.total(pages, key))


def _entry(row: Mapping[str, Any], info: RequestInfo, node: type[Record] | None, make: Make | None) -> Any:
    if make is not None:
        return make(row, info)
    assert node is not None
    return node(row=row)

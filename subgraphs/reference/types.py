"""The types of the reference subgraph: lists and their dated values, open to everybody."""

from datetime import date
from typing import Any

import strawberry

from resolvers.connections import page_from
from resolvers.reference.statements import values_at
from subgraphs.records import Record, open_record, resolved
from subgraphs.relay import Connection, connection_of, given
from subgraphs.request import RequestInfo
from subgraphs.tags import Cursor, First


@open_record
class ReferenceValue(Record):
    """A code of a list; `resolved` is false for a code the list does not hold, or not on the day asked about."""

    list_id: str | None
    code: str | None
    label: str | None
    group: str | None
    version: str | None
    resolved: bool | None
    valid_from: date | None
    valid_to: date | None
    notes: str | None
    basis: str | None
    source: str | None


async def _values(
    root: Record,
    info: RequestInfo,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Any:
    asked = page_from(given(first), given(after), given(last), given(before))
    loading, list_id, pages = info.context.loading, root.row["list_id"], values_at(root.row.get("at"))
    found = await loading.page(pages, list_id, asked)
    return connection_of(value_of, found, pages.order, lambda: loading.total(pages, list_id))


def value_of(row: Any) -> ReferenceValue:
    """A value that its list holds."""
    return ReferenceValue(row={**row, "resolved": True})


@open_record
class ReferenceList(Record):
    """A reference list: `version` is what new rows are written under, `usedBy` the coordinates that take its codes."""

    list_id: str | None
    key: str | None
    name: str | None
    owner: str | None
    scope: str | None
    used_in: str | None
    size_in_life: str | None
    version: str | None
    origin: str | None
    used_by: list[str] | None
    values: Connection[ReferenceValue] | None = resolved(_values)

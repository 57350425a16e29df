"""The reference subgraph's schema: every list, one list as it was on a day, one value. All of it is open."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import strawberry

from resolvers.reference import statements
from schema.directives import Open
from schema.reference_lists import UnknownReferenceList
from subgraphs.federated import GovernedSchema
from subgraphs.records import governed_field, governed_type
from subgraphs.reference.types import ReferenceList, ReferenceValue
from subgraphs.relay import Connection, given, search_page
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, Cursor, First

Name = Annotated[str, OPEN]
Day = Annotated[date | None, OPEN]


async def _list(name: str, info: RequestInfo) -> Mapping[str, Any]:
    rows = await info.context.loading.select(statements.list_by_name(name))
    if not rows:
        raise UnknownReferenceList("There is no such reference list.")
    return rows[0]


@governed_type()
class Query:
    """How reference data is entered."""

    @governed_field(tag=Open())
    async def reference_lists(
        self,
        info: RequestInfo,
        first: First = strawberry.UNSET,
        after: Cursor = strawberry.UNSET,
        last: First = strawberry.UNSET,
        before: Cursor = strawberry.UNSET,
    ) -> Connection[ReferenceList] | None:
        """Every reference list."""
        arguments = (given(first), given(after), given(last), given(before))
        order = statements.LISTS_BY_ID
        return await search_page(lambda row: ReferenceList(row=row), statements.all_lists(), order, arguments, info)

    @governed_field(tag=Open())
    async def reference_list(self, info: RequestInfo, id: Name, at: Day = strawberry.UNSET) -> ReferenceList | None:
        """The list with this id or key; with `at`, its values as they were valid on that day."""
        return ReferenceList(row={**await _list(id, info), "at": given(at)})

    @governed_field(tag=Open())
    async def reference_value(
        self, info: RequestInfo, list_id: Name, code: Name, at: Day = strawberry.UNSET
    ) -> ReferenceValue | None:
        """The value of a code; one the list does not hold is answered unresolved, not refused (R27)."""
        header = await _list(list_id, info)
        rows = await info.context.loading.select(statements.value_by_code(header["list_id"], code, given(at)))
        unknown = {"list_id": header["list_id"], "code": code, "version": header["version"], "resolved": False}
        return ReferenceValue(row={**rows[0], "resolved": True} if rows else unknown)


schema = GovernedSchema(Query)

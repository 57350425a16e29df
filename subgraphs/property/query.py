"""The entry point to property: an identifier as somebody wrote it."""

from typing import Annotated

import strawberry

from resolvers.connections import page_from
from resolvers.errors import IdentifierNotSearchable
from resolvers.property import loaders
from resolvers.property.keys import identifier_key
from subgraphs.lists import page_of
from subgraphs.property.types import PROPERTY, PropertyItem
from subgraphs.records import governed_type, resolved
from subgraphs.relay import Connection, given
from subgraphs.request import RequestInfo
from subgraphs.tags import Cursor, First, dataset_tag, reads


async def _property(
    info: RequestInfo,
    identifier: Annotated[str, reads("PropertyItem.identifiers")],
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Connection[PropertyItem]:
    key = identifier_key(identifier)
    if not key:
        raise IdentifierNotSearchable("The identifier has no letter or digit to search for.")
    page = page_from(given(first), given(after), given(last), given(before))
    return await page_of(PropertyItem, loaders.ITEMS_BY_IDENTIFIER, key, page, info)


@governed_type()
class Query:
    """Where questions about property begin."""

    property: Connection[PropertyItem] | None = resolved(_property, tag=dataset_tag(PROPERTY))

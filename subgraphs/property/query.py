"""The entry point to property: an identifier as somebody wrote it."""

from typing import Annotated

import strawberry

from resolvers.errors import IdentifierNotSearchable
from resolvers.property import loaders, statements
from resolvers.property.keys import identifier_key
from subgraphs.property.types import FIREARMS, PROPERTY, FirearmCertificate, PropertyItem
from subgraphs.records import governed_type, resolved
from subgraphs.relay import Connection, given, search_page
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
    arguments = (given(first), given(after), given(last), given(before))
    found = statements.items_by_identifier([key])
    return await search_page(lambda row: PropertyItem(row=row), found, loaders.BY_ID, arguments, info)


async def _certificate(
    info: RequestInfo, id: Annotated[strawberry.ID, reads("FirearmCertificate.certificateId")]
) -> FirearmCertificate | None:
    row = await info.context.loading.row(loaders.CERTIFICATE, str(id))
    return None if row is None else FirearmCertificate(row=row)


@governed_type()
class Query:
    """Where questions about property begin."""

    firearm_certificate: FirearmCertificate | None = resolved(_certificate, tag=dataset_tag(FIREARMS))

    property: Connection[PropertyItem] | None = resolved(_property, tag=dataset_tag(PROPERTY))

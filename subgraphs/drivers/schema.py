"""The drivers subgraph's schema: how drivers are found, and what the product adds to other records."""

from datetime import date
from typing import Annotated

import strawberry

from resolvers.drivers import loaders, statements
from resolvers.names import match_name
from schema.scalars import DriverNumber, InvalidValue, PartialDate
from subgraphs.drivers import matches
from subgraphs.drivers.types import DRIVER_TAG, Driver
from subgraphs.federated import GovernedSchema
from subgraphs.records import governed_field, governed_type
from subgraphs.relay import Connection, given, people_page
from subgraphs.request import RequestInfo
from subgraphs.tags import Cursor, First, reads
from subgraphs.values import NameInput


@governed_type()
class Query:
    """How the drivers product is entered."""

    @governed_field(tag=DRIVER_TAG)
    async def driver(
        self, info: RequestInfo, number: Annotated[DriverNumber, reads("Driver.driverNumber")]
    ) -> Driver | None:
        """The driver with this number; a number that has changed leads to the present record."""
        row = await info.context.loading.row(loaders.DRIVER, number)
        return None if row is None else Driver(row=row)

    @governed_field(tag=DRIVER_TAG)
    async def drivers(  # noqa: PLR0913  each parameter is an argument of the field
        self,
        info: RequestInfo,
        name: Annotated[NameInput, reads("Driver.names")],
        date_of_birth: Annotated[PartialDate, reads("Driver.dateOfBirth")],
        first: First = strawberry.UNSET,
        after: Cursor = strawberry.UNSET,
        last: First = strawberry.UNSET,
        before: Cursor = strawberry.UNSET,
    ) -> Connection[Driver] | None:
        """Drivers of this name, in any writing of it, born on this day; forenames may be left out or given in part."""
        asked = statements.drivers_by_name(match_name(name.last, given(name.first) or ()), _whole_date(date_of_birth))
        arguments = (given(first), given(after), given(last), given(before))
        return await people_page(lambda row: Driver(row=row), asked, loaders.BY_NAME, arguments, DRIVER_TAG.id, info)


def _whole_date(text: str) -> date:
    """DVLA dates are whole. Raises InvalidValue for a partial one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue("Drivers are searched by a whole date of birth: YYYY-MM-DD.") from None


schema = GovernedSchema(Query, types=[matches.KeeperRecord, matches.Vehicle, matches.Person])

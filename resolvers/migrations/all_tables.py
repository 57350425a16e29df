"""Every product's tables, registered on the one metadata: what the migrations are compared with. Holds no rows."""

import sqlalchemy as sa

from resolvers.changes import tables as changes
from resolvers.controls import tables as controls
from resolvers.drivers import tables as drivers
from resolvers.intelligence import tables as intelligence
from resolvers.metadata import metadata
from resolvers.missing import tables as missing
from resolvers.person import tables as person
from resolvers.property import tables as property_
from resolvers.reference import tables as reference
from resolvers.vehicle import tables as vehicle

PRODUCTS = (changes, controls, drivers, intelligence, missing, person, property_, reference, vehicle)


def all_tables() -> tuple[sa.Table, ...]:
    """Every table, parents before children."""
    return tuple(metadata.sorted_tables)

"""Tables of the Property product: items and reports (PNC.PROP) and firearm certificate pointers (NFLMS)."""

import sqlalchemy as sa

from resolvers.columns import (
    MATCH_NAME_LENGTH,
    MATCH_POSTCODE_LENGTH,
    address_columns,
    code,
    key,
    record_columns,
)
from resolvers.tables import dataset_table, date, instant, integer, link_columns, sequence, text

PRODUCT = "property"

property_item = dataset_table(
    "property_item",
    "PNC.PROP",
    PRODUCT,
    key("property_id", primary=True),
    code("category", nullable=False),
    text("make", 40),
    text("model", 40),
    code("colour"),
    text("description"),
    text("value_band", 20),
    *link_columns("owner"),  # R20: the reported owner, a Person
    *record_columns(),
)

property_identifier = dataset_table(
    "property_identifier",
    "PNC.PROP",
    PRODUCT,
    sa.Column("property_id", sa.String(36), sa.ForeignKey("property_item.property_id"), primary_key=True),
    sequence(),
    code("type", nullable=False),
    text("value", 40, nullable=False),
    text("value_key", 40, nullable=False, index=True),  # keys.identifier_key
)

property_report = dataset_table(
    "property_report",
    "PNC.PROP",
    PRODUCT,
    key("property_report_id", primary=True),
    sa.Column("property_id", sa.String(36), sa.ForeignKey("property_item.property_id"), nullable=False, index=True),
    code("state", nullable=False),
    instant("reported_at", nullable=False),
    text("crime_reference", 20),
    code("outcome"),
    date("weed_date", nullable=False),
    *record_columns(),
)

firearm_certificate = dataset_table(
    "firearm_certificate",
    "NFLMS",
    PRODUCT,
    key("certificate_id", primary=True),
    code("certificate_type", nullable=False),
    code("state", nullable=False),
    *link_columns("holder"),  # R17: the holder, a Person, where somebody linked one
    *address_columns(),
    text("match_name", MATCH_NAME_LENGTH),  # of the holder
    text("match_postcode", MATCH_POSTCODE_LENGTH, index=True),  # of the premises
    integer("weapons_held"),
    *record_columns(),
)

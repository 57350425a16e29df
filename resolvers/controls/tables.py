"""The register of record controls and the household feed (CTRL). Every product's database has its copy of both."""

import sqlalchemy as sa

from resolvers.tables import dataset_table, date, text

PRODUCT = "controls"
KEY_LENGTH = 40

record_control = dataset_table(
    "record_control",  # entities 3.4; the owner, who is not bound by it, is an organisation, a force or a unit
    "CTRL",
    PRODUCT,
    sa.Column("subject_type", sa.String(40), primary_key=True),
    sa.Column("subject_key", sa.String(KEY_LENGTH), primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),  # list record_control_kinds
    text("owner", 20, nullable=False),
    text("area", 12),  # of kind own_area: the area the record belongs to
    date("from_date", nullable=False),
    date("to_date"),  # inclusive; empty until lifted
    text("note", 200),
)

hr_household = dataset_table(
    "hr_household",  # access.md 2.4: where each user lives, as the premises key that person_address carries
    "CTRL",
    PRODUCT,
    sa.Column("user_id", sa.String(80), primary_key=True),
    sa.Column("premises_key", sa.String(80), primary_key=True),
)

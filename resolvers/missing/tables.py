"""Tables of the Missing product: the national register's episodes (NRMP) and the child-protection pointer (PND.CP)."""

import sqlalchemy as sa

from resolvers.columns import code, key, record_columns, values
from resolvers.tables import dataset_table, flag, instant, sequence, text

PRODUCT = "missing"

missing_report = dataset_table(
    "missing_report",
    "NRMP",
    PRODUCT,
    key("missing_id", primary=True),
    sa.Column("national_reference", sa.String(20), nullable=False, unique=True),
    text("person_id", 36, index=True),  # R9: many missing people are not nominals
    instant("episode_start", nullable=False),
    code("risk_level", nullable=False),
    values("factors"),  # [code]
    values("last_seen_lines"),  # [line]
    text("last_seen_postcode", 8),
    text("last_seen_uprn", 12),
    code("last_seen_country"),
    values("description"),  # {heightCm, build, hairColour, clothing, marks: [{type, location, text}]}
    flag("child_under_18", nullable=False),
    flag("looked_after"),
    code("status", nullable=False),  # open, located, deceased or cancelled
    code("outcome"),
    text("reporting_force", 4, nullable=False),
    code("contact_type"),
    text("contact_value", 254),
    values("return_interview"),  # {date, summary}
    *record_columns(),
)

missing_risk_change = dataset_table(
    "missing_risk_change",  # every change of the risk level is kept
    "NRMP",
    PRODUCT,
    sa.Column("missing_id", sa.String(36), sa.ForeignKey("missing_report.missing_id"), primary_key=True),
    sequence(),
    code("risk_level", nullable=False),
    instant("changed_at", nullable=False),
)

missing_match = dataset_table(
    "missing_match",  # R21: a possible match, to be confirmed by a person
    "NRMP",
    PRODUCT,
    sa.Column("missing_id", sa.String(36), sa.ForeignKey("missing_report.missing_id"), primary_key=True),
    sequence(),
    text("other_type", 40, nullable=False),
    text("other_key", 40, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
)

missing_child_protection = dataset_table(
    "missing_child_protection",
    "PND.CP",
    PRODUCT,
    key("missing_id", primary=True),
    flag("linked", nullable=False),
)

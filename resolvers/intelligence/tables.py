"""Tables of the Intelligence product: the nominal index (PND.NOM), and 3x5x2 reports with their links (PND.INT)."""

import sqlalchemy as sa

from resolvers.columns import code, key, person_name_columns, record_columns, values
from resolvers.tables import dataset_table, date, integer, name_use_columns, partial_date, sequence, text

PRODUCT = "intelligence"

intel_nominal = dataset_table(
    "intel_nominal",
    "PND.NOM",
    PRODUCT,
    key("intel_nominal_id", primary=True),
    partial_date("date_of_birth"),
    integer("report_count"),  # PND.NOM's own figure: counting PND.INT rows would read another dataset
    *record_columns(),
)

intel_nominal_name = dataset_table(
    "intel_nominal_name",
    "PND.NOM",
    PRODUCT,
    sa.Column("intel_nominal_id", sa.String(36), sa.ForeignKey("intel_nominal.intel_nominal_id"), primary_key=True),
    sequence(),
    *person_name_columns(),
    *name_use_columns(),
)

intel_pnc_link = dataset_table(
    "intel_pnc_link",  # R15: a row without confirmed_by is a proposal and joins nothing
    "PND.NOM",
    PRODUCT,
    sa.Column("intel_nominal_id", sa.String(36), sa.ForeignKey("intel_nominal.intel_nominal_id"), primary_key=True),
    text("person_id", 36, nullable=False, index=True),
    code("method", nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    text("confirmed_by", 80),
    date("confirmed_on"),
)

intel_report = dataset_table(
    "intel_report",
    "PND.INT",
    PRODUCT,
    key("intel_report_id", primary=True),
    text("source_force", 4, nullable=False),
    code("source_evaluation", nullable=False),
    code("information_assessment", nullable=False),
    code("handling", nullable=False),  # P or C
    code("handling_action"),  # A1..A3 where C
    code("handling_sanitisation"),  # S1, S2 where C
    text("handling_text"),
    code("classification", nullable=False),
    text("text"),
    text("source_text"),
    date("date_of_intelligence", nullable=False),
    values("risk_assessment"),  # {publicImmunity, sourceSafety, text}
    *record_columns(),
)

intel_link = dataset_table(
    "intel_link",
    "PND.INT",
    PRODUCT,
    sa.Column("intel_report_id", sa.String(36), sa.ForeignKey("intel_report.intel_report_id"), primary_key=True),
    sequence(),
    code("object_type", nullable=False),  # PERSON, VEHICLE …
    text("target_type", 40),  # IntelNominal, Vehicle, MissingReport …; empty where the object is no record of ours
    text("target_key", 80, nullable=False),  # intelNominalId, normalised VRM (R16), missingId …
    code("kind", nullable=False),
    code("role"),
    sa.Index(None, "target_key", "target_type"),
)

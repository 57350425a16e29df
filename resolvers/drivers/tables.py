"""Drivers product: one table per DVLA dataset (DRV, END, MED, IMG). Declares columns, holds no rows."""

import sqlalchemy as sa

from resolvers.columns import address_columns, code, key, match_columns, person_name_columns, record_columns, values
from resolvers.metadata import metadata

DRIVER_NUMBER_LENGTH = 16


def _info(dataset: str) -> dict[str, str]:
    return {"dataset": dataset, "product": "drivers"}


def _driver_number(*, primary: bool = False) -> sa.Column[str]:
    return sa.Column(
        "driver_number",
        sa.String(DRIVER_NUMBER_LENGTH),
        sa.ForeignKey("driver.driver_number"),
        primary_key=primary,
        nullable=False,
        index=not primary,
    )


driver = sa.Table(
    "driver",
    metadata,
    sa.Column("driver_number", sa.String(DRIVER_NUMBER_LENGTH), primary_key=True),
    *person_name_columns(),
    sa.Column("date_of_birth", sa.Date, nullable=True, index=True),
    *address_columns(),
    sa.Column("place_of_birth", sa.String(54), nullable=True),
    code("licence_type"),
    code("licence_status"),
    code("licence_status_qualifier"),
    # objects of value (the licence's number), from and to (ISO dates or null)
    values("previous_licences"),
    sa.Column("approved_instructor", sa.Boolean, nullable=True),
    sa.Column("military", sa.Boolean, nullable=True),
    sa.Column("driver_redirect", sa.Boolean, nullable=True),
    sa.Column("token_issue", sa.String(8), nullable=True),
    sa.Column("token_from", sa.Date, nullable=True),
    sa.Column("token_to", sa.Date, nullable=True),
    *match_columns(),
    *record_columns(),
    info=_info("DVLA.DRV"),
)

# A driver number changes with the name; the former one still leads to the record (Driver.driverRedirect is then true).
driver_former_number = sa.Table(
    "driver_former_number",
    metadata,
    sa.Column("former_number", sa.String(DRIVER_NUMBER_LENGTH), primary_key=True),
    _driver_number(),
    info=_info("DVLA.DRV"),
)

driver_entitlement = sa.Table(
    "driver_entitlement",
    metadata,
    key("entitlement_id", primary=True),
    _driver_number(),
    code("category", nullable=False),
    sa.Column("from_date", sa.Date, nullable=True),
    sa.Column("expiry_date", sa.Date, nullable=True),
    values("restrictions"),
    sa.Column("automatic_only", sa.Boolean, nullable=True),
    sa.Column("from_non_gb", sa.Boolean, nullable=True),
    *record_columns(),
    info=_info("DVLA.DRV"),
)

driver_endorsement = sa.Table(
    "driver_endorsement",
    metadata,
    key("endorsement_id", primary=True),
    _driver_number(),
    code("offence_code", nullable=False),
    sa.Column("offence_date", sa.Date, nullable=False),
    sa.Column("conviction_date", sa.Date, nullable=True),
    # Points count until this day (4 years from the offence or conviction, 11 for the gravest).
    sa.Column("expires_on", sa.Date, nullable=True),
    sa.Column("penalty_points", sa.Integer, nullable=True),
    sa.Column("fine_amount", sa.Numeric(12, 2, asdecimal=True), nullable=True),
    sa.Column("fine_currency", sa.String(3), nullable=True),
    code("intoxicant_type"),
    code("intoxicant_method"),
    sa.Column("intoxicant_level", sa.Integer, nullable=True),
    sa.Column("intoxicant_unit", sa.String(20), nullable=True),
    sa.Column("disqualification_years", sa.Integer, nullable=True),
    sa.Column("disqualification_months", sa.Integer, nullable=True),
    sa.Column("disqualification_days", sa.Integer, nullable=True),
    sa.Column("disqualification_for_life", sa.Boolean, nullable=True),
    code("sentencing_court"),
    sa.Column("appeal_date", sa.Date, nullable=True),
    sa.Column("rehabilitation_course", sa.Boolean, nullable=True),
    *record_columns(),
    info=_info("DVLA.END"),
)

driver_disqualification = sa.Table(
    "driver_disqualification",
    metadata,
    _driver_number(primary=True),
    sa.Column("disqualified_until", sa.Date, nullable=True),
    sa.Column("disqualified_for_life", sa.Boolean, nullable=True),
    *record_columns(),
    info=_info("DVLA.END"),
)

driver_medical = sa.Table(
    "driver_medical",
    metadata,
    _driver_number(primary=True),
    sa.Column("eyesight", sa.Text, nullable=True),
    sa.Column("hearing", sa.Text, nullable=True),
    sa.Column("medical_notes", sa.Text, nullable=True),
    *record_columns(),
    info=_info("DVLA.MED"),
)

driver_image = sa.Table(
    "driver_image",
    metadata,
    _driver_number(primary=True),
    sa.Column("location", sa.String(120), nullable=True),
    sa.Column("taken_on", sa.Date, nullable=True),
    sa.Column("view_only", sa.Boolean, nullable=True),
    info=_info("DVLA.IMG"),
)

"""Vehicle product: one table per dataset (DVLA, DVSA, MID, PNC, ANPR, INTERPOL). Declares columns, holds no rows."""

import sqlalchemy as sa

from resolvers.columns import (
    address_columns,
    code,
    key,
    match_columns,
    parent,
    person_name_columns,
    record_columns,
    values,
)
from resolvers.metadata import metadata

VEHICLE_KEY = "vehicle.vehicle_id"


def _info(dataset: str) -> dict[str, str]:
    return {"dataset": dataset, "product": "vehicle"}


vehicle = sa.Table(
    "vehicle",
    metadata,
    key("vehicle_id", primary=True),
    sa.Column("vrm", sa.String(16), nullable=True, unique=True),
    sa.Column("vin", sa.String(17), nullable=True, index=True),
    code("make"),
    sa.Column("model", sa.String(40), nullable=True),
    # Two colours are written "BLU/WHI", as the registration document does.
    sa.Column("colour", sa.String(25), nullable=True),
    code("body_type"),
    code("wheelplan"),
    code("fuel_type"),
    sa.Column("engine_capacity", sa.Integer, nullable=True),
    sa.Column("engine_number", sa.String(25), nullable=True, index=True),
    sa.Column("year_of_manufacture", sa.Integer, nullable=True),
    sa.Column("month_of_first_registration", sa.String(7), nullable=True),
    sa.Column("co2_emissions", sa.Integer, nullable=True),
    sa.Column("euro_status", sa.String(20), nullable=True),
    code("type_approval"),
    sa.Column("revenue_weight", sa.Integer, nullable=True),
    code("tax_status"),
    sa.Column("tax_due_date", sa.Date, nullable=True),
    code("mot_status"),
    sa.Column("date_of_last_v5c_issued", sa.Date, nullable=True),
    sa.Column("marked_for_export", sa.Boolean, nullable=True),
    values("dvla_markers"),
    *record_columns(),
    info=_info("DVLA.VEH"),
)

vehicle_vrm_history = sa.Table(
    "vehicle_vrm_history",
    metadata,
    parent("vehicle_id", VEHICLE_KEY, primary=True),
    sa.Column("vrm", sa.String(16), primary_key=True, index=True),
    sa.Column("from_date", sa.Date, nullable=True),
    sa.Column("to_date", sa.Date, nullable=True),
    info=_info("DVLA.VEH"),
)

keeper_record = sa.Table(
    "keeper_record",
    metadata,
    key("keeper_record_id", primary=True),
    parent("vehicle_id", VEHICLE_KEY),
    code("keeper_type"),
    code("status"),
    *person_name_columns(),
    sa.Column("organisation_name", sa.String(120), nullable=True),
    *address_columns(),
    sa.Column("fleet_number", sa.String(6), nullable=True),
    sa.Column("since_date", sa.Date, nullable=True),
    sa.Column("previous_keeper_count", sa.Integer, nullable=True),
    *match_columns(),
    *record_columns(),
    info=_info("DVLA.KEEPER"),
)

vehicle_mot = sa.Table(
    "vehicle_mot",
    metadata,
    parent("vehicle_id", VEHICLE_KEY, primary=True),
    sa.Column("mot_expiry_date", sa.Date, nullable=True),
    *record_columns(),
    info=_info("DVSA.MOT"),
)

vehicle_mot_test = sa.Table(
    "vehicle_mot_test",
    metadata,
    key("mot_test_id", primary=True),
    parent("vehicle_id", VEHICLE_KEY),
    sa.Column("test_date", sa.Date, nullable=False),
    code("result", nullable=False),
    sa.Column("mileage", sa.Integer, nullable=True),
    values("items"),
    info=_info("DVSA.MOT"),
)

insurance_policy = sa.Table(
    "insurance_policy",
    metadata,
    key("mid_policy_id", primary=True),
    parent("vehicle_id", VEHICLE_KEY),
    sa.Column("insurer", sa.String(80), nullable=True),
    sa.Column("policy_number", sa.String(40), nullable=True),
    sa.Column("from_date", sa.Date, nullable=False),
    sa.Column("to_date", sa.Date, nullable=True),
    code("cover"),
    # objects of value ("EXAMPLE, Robin"), from and to (ISO dates or null)
    values("permitted_drivers"),
    code("state"),
    *record_columns(),
    info=_info("MID"),
)

vehicle_report = sa.Table(
    "vehicle_report",
    metadata,
    key("vehicle_report_id", primary=True),
    parent("vehicle_id", VEHICLE_KEY),
    code("type", nullable=False),
    code("state", nullable=False),
    sa.Column("weed_date", sa.Date, nullable=False),
    sa.Column("crime_reference", sa.String(30), nullable=True),
    sa.Column("circumstances", sa.Text, nullable=True),
    sa.Column("warning", sa.Text, nullable=True),
    sa.Column("dvla_notified", sa.Boolean, nullable=True),
    *record_columns(),
    info=_info("PNC.VEH.REPORT"),
)

# A row here (or type BLK above) puts the whole report in PNC.VEH.BLOCK: every statement over reports leaves it out.
vehicle_report_block = sa.Table(
    "vehicle_report_block",
    metadata,
    parent("vehicle_report_id", "vehicle_report.vehicle_report_id", primary=True),
    sa.Column("owner_fs", sa.String(4), nullable=False),
    sa.Column("from_date", sa.Date, nullable=False),
    sa.Column("to_date", sa.Date, nullable=True),
    info=_info("PNC.VEH.BLOCK"),
)

foreign_vehicle_check = sa.Table(
    "foreign_vehicle_check",
    metadata,
    key("check_id", primary=True),
    parent("vehicle_id", VEHICLE_KEY),
    sa.Column("plate", sa.String(16), nullable=False),
    code("country", nullable=False),
    code("state", nullable=False),
    code("source"),
    code("contact_type"),
    sa.Column("contact_value", sa.String(120), nullable=True),
    *record_columns(),
    info=_info("INT.SMV"),
)

anpr_hotlist_entry = sa.Table(
    "anpr_hotlist_entry",
    metadata,
    key("hotlist_entry_id", primary=True),
    parent("vehicle_id", VEHICLE_KEY),
    code("category", nullable=False),
    sa.Column("source", sa.String(40), nullable=True),
    sa.Column("since", sa.Date, nullable=True),
    info=_info("ANPR"),
)

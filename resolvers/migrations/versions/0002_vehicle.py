"""Tables: vehicle."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_vehicle()
    _create_anpr_hotlist_entry()
    _create_foreign_vehicle_check()
    _create_insurance_policy()
    _create_keeper_record()
    _create_vehicle_mot()
    _create_vehicle_mot_test()
    _create_vehicle_report()
    _create_vehicle_vrm_history()
    _create_vehicle_report_block()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("vehicle_report_block")
    op.drop_table("vehicle_vrm_history")
    op.drop_table("vehicle_report")
    op.drop_table("vehicle_mot_test")
    op.drop_table("vehicle_mot")
    op.drop_table("keeper_record")
    op.drop_table("insurance_policy")
    op.drop_table("foreign_vehicle_check")
    op.drop_table("anpr_hotlist_entry")
    op.drop_table("vehicle")


def _create_vehicle() -> None:
    op.create_table(
        "vehicle",
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("vrm", sa.String(length=16), nullable=True),
        sa.Column("vin", sa.String(length=17), nullable=True),
        sa.Column("make", sa.String(length=40), nullable=True),
        sa.Column("model", sa.String(length=40), nullable=True),
        sa.Column("colour", sa.String(length=25), nullable=True),
        sa.Column("body_type", sa.String(length=40), nullable=True),
        sa.Column("wheelplan", sa.String(length=40), nullable=True),
        sa.Column("fuel_type", sa.String(length=40), nullable=True),
        sa.Column("engine_capacity", sa.Integer(), nullable=True),
        sa.Column("engine_number", sa.String(length=25), nullable=True),
        sa.Column("year_of_manufacture", sa.Integer(), nullable=True),
        sa.Column("month_of_first_registration", sa.String(length=7), nullable=True),
        sa.Column("co2_emissions", sa.Integer(), nullable=True),
        sa.Column("euro_status", sa.String(length=20), nullable=True),
        sa.Column("type_approval", sa.String(length=40), nullable=True),
        sa.Column("revenue_weight", sa.Integer(), nullable=True),
        sa.Column("tax_status", sa.String(length=40), nullable=True),
        sa.Column("tax_due_date", sa.Date(), nullable=True),
        sa.Column("mot_status", sa.String(length=40), nullable=True),
        sa.Column("date_of_last_v5c_issued", sa.Date(), nullable=True),
        sa.Column("marked_for_export", sa.Boolean(), nullable=True),
        sa.Column("dvla_markers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("vrm", name=op.f("uq_vehicle_vrm")),
        info={"dataset": "DVLA.VEH", "product": "vehicle"},
    )
    op.create_index(op.f("ix_vehicle_engine_number"), "vehicle", ["engine_number"], unique=False)
    op.create_index(op.f("ix_vehicle_vin"), "vehicle", ["vin"], unique=False)


def _create_anpr_hotlist_entry() -> None:
    op.create_table(
        "anpr_hotlist_entry",
        sa.Column("hotlist_entry_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_anpr_hotlist_entry_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("hotlist_entry_id", name=op.f("pk_anpr_hotlist_entry")),
        info={"dataset": "ANPR", "product": "vehicle"},
    )
    op.create_index(op.f("ix_anpr_hotlist_entry_vehicle_id"), "anpr_hotlist_entry", ["vehicle_id"], unique=False)


def _create_foreign_vehicle_check() -> None:
    op.create_table(
        "foreign_vehicle_check",
        sa.Column("check_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("contact_type", sa.String(length=40), nullable=True),
        sa.Column("contact_value", sa.String(length=120), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_foreign_vehicle_check_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("check_id", name=op.f("pk_foreign_vehicle_check")),
        info={"dataset": "INT.SMV", "product": "vehicle"},
    )
    op.create_index(op.f("ix_foreign_vehicle_check_vehicle_id"), "foreign_vehicle_check", ["vehicle_id"], unique=False)


def _create_insurance_policy() -> None:
    op.create_table(
        "insurance_policy",
        sa.Column("mid_policy_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("insurer", sa.String(length=80), nullable=True),
        sa.Column("policy_number", sa.String(length=40), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("cover", sa.String(length=40), nullable=True),
        sa.Column("permitted_drivers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_insurance_policy_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("mid_policy_id", name=op.f("pk_insurance_policy")),
        info={"dataset": "MID", "product": "vehicle"},
    )
    op.create_index(op.f("ix_insurance_policy_vehicle_id"), "insurance_policy", ["vehicle_id"], unique=False)


def _create_keeper_record() -> None:
    op.create_table(
        "keeper_record",
        sa.Column("keeper_record_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("keeper_type", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=40), nullable=True),
        sa.Column("last_name", sa.String(length=54), nullable=True),
        sa.Column("first_names", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("organisation_name", sa.String(length=120), nullable=True),
        sa.Column("address_lines", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("address_postcode", sa.String(length=8), nullable=True),
        sa.Column("address_uprn", sa.String(length=12), nullable=True),
        sa.Column("address_country", sa.String(length=40), nullable=True),
        sa.Column("address_from", sa.Date(), nullable=True),
        sa.Column("address_to", sa.Date(), nullable=True),
        sa.Column("address_usage", sa.String(length=40), nullable=True),
        sa.Column("address_status", sa.String(length=40), nullable=True),
        sa.Column("fleet_number", sa.String(length=6), nullable=True),
        sa.Column("since_date", sa.Date(), nullable=True),
        sa.Column("previous_keeper_count", sa.Integer(), nullable=True),
        sa.Column("match_name", sa.String(length=200), nullable=True),
        sa.Column("match_postcode", sa.String(length=8), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_keeper_record_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("keeper_record_id", name=op.f("pk_keeper_record")),
        info={"dataset": "DVLA.KEEPER", "product": "vehicle"},
    )
    op.create_index(op.f("ix_keeper_record_match_name"), "keeper_record", ["match_name"], unique=False)
    op.create_index(op.f("ix_keeper_record_match_postcode"), "keeper_record", ["match_postcode"], unique=False)
    op.create_index(op.f("ix_keeper_record_vehicle_id"), "keeper_record", ["vehicle_id"], unique=False)


def _create_vehicle_mot() -> None:
    op.create_table(
        "vehicle_mot",
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("mot_expiry_date", sa.Date(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_vehicle_mot_vehicle_id_vehicle")),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_vehicle_mot")),
        info={"dataset": "DVSA.MOT", "product": "vehicle"},
    )


def _create_vehicle_mot_test() -> None:
    op.create_table(
        "vehicle_mot_test",
        sa.Column("mot_test_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("test_date", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("mileage", sa.Integer(), nullable=True),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_vehicle_mot_test_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("mot_test_id", name=op.f("pk_vehicle_mot_test")),
        info={"dataset": "DVSA.MOT", "product": "vehicle"},
    )
    op.create_index(op.f("ix_vehicle_mot_test_vehicle_id"), "vehicle_mot_test", ["vehicle_id"], unique=False)


def _create_vehicle_report() -> None:
    op.create_table(
        "vehicle_report",
        sa.Column("vehicle_report_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("weed_date", sa.Date(), nullable=False),
        sa.Column("crime_reference", sa.String(length=30), nullable=True),
        sa.Column("circumstances", sa.Text(), nullable=True),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("dvla_notified", sa.Boolean(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_vehicle_report_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("vehicle_report_id", name=op.f("pk_vehicle_report")),
        info={"dataset": "PNC.VEH.REPORT", "product": "vehicle"},
    )
    op.create_index(op.f("ix_vehicle_report_vehicle_id"), "vehicle_report", ["vehicle_id"], unique=False)


def _create_vehicle_vrm_history() -> None:
    op.create_table(
        "vehicle_vrm_history",
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("vrm", sa.String(length=16), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.vehicle_id"], name=op.f("fk_vehicle_vrm_history_vehicle_id_vehicle")
        ),
        sa.PrimaryKeyConstraint("vehicle_id", "vrm", name=op.f("pk_vehicle_vrm_history")),
        info={"dataset": "DVLA.VEH", "product": "vehicle"},
    )
    op.create_index(op.f("ix_vehicle_vrm_history_vrm"), "vehicle_vrm_history", ["vrm"], unique=False)


def _create_vehicle_report_block() -> None:
    op.create_table(
        "vehicle_report_block",
        sa.Column("vehicle_report_id", sa.String(length=36), nullable=False),
        sa.Column("owner_fs", sa.String(length=4), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_report_id"],
            ["vehicle_report.vehicle_report_id"],
            name=op.f("fk_vehicle_report_block_vehicle_report_id_vehicle_report"),
        ),
        sa.PrimaryKeyConstraint("vehicle_report_id", name=op.f("pk_vehicle_report_block")),
        info={"dataset": "PNC.VEH.BLOCK", "product": "vehicle"},
    )

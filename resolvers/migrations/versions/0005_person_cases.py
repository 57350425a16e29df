"""Tables: person cases."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_arrest_report()
    _create_court_case()
    _create_court_order()
    _create_immigration_marker()
    _create_non_conviction()
    _create_pnc_disqualification()
    _create_wanted_missing_report()
    _create_offence()
    _create_remand()
    _create_court_case_offence()
    _create_disposal()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("disposal")
    op.drop_table("court_case_offence")
    op.drop_table("remand")
    op.drop_table("offence")
    op.drop_table("wanted_missing_report")
    op.drop_table("pnc_disqualification")
    op.drop_table("non_conviction")
    op.drop_table("immigration_marker")
    op.drop_table("court_order")
    op.drop_table("court_case")
    op.drop_table("arrest_report")


def _create_arrest_report() -> None:
    op.create_table(
        "arrest_report",
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("asn", sa.String(length=24), nullable=False),
        sa.Column("process_stage", sa.String(length=40), nullable=False),
        sa.Column("process_stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrest_title", sa.String(length=40), nullable=True),
        sa.Column("arrest_last", sa.String(length=54), nullable=True),
        sa.Column("arrest_first", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("arrest_date_of_birth", sa.String(length=10), nullable=True),
        sa.Column("arresting_officer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("prosecuting_agent", sa.String(length=40), nullable=True),
        sa.Column("case_detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_arrest_report")),
        sa.UniqueConstraint("asn", name=op.f("uq_arrest_report_asn")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )
    op.create_index(op.f("ix_arrest_report_person_id"), "arrest_report", ["person_id"], unique=False)


def _create_court_case() -> None:
    op.create_table(
        "court_case",
        sa.Column("court_case_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("court_case_reference", sa.String(length=15), nullable=False),
        sa.Column("case_status_marker", sa.String(length=40), nullable=False),
        sa.Column("court_code", sa.String(length=4), nullable=True),
        sa.Column("court_name", sa.String(length=71), nullable=True),
        sa.Column("conviction_date", sa.Date(), nullable=True),
        sa.Column("defendant", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("subsequent_appearances", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("court_case_id", name=op.f("pk_court_case")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )
    op.create_index(op.f("ix_court_case_court_case_reference"), "court_case", ["court_case_reference"], unique=False)
    op.create_index(op.f("ix_court_case_person_id"), "court_case", ["person_id"], unique=False)


def _create_court_order() -> None:
    op.create_table(
        "court_order",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("conditions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("court_code", sa.String(length=4), nullable=True),
        sa.Column("court_name", sa.String(length=71), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_court_order")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )


def _create_immigration_marker() -> None:
    op.create_table(
        "immigration_marker",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("marker", sa.String(length=40), nullable=False),
        sa.Column("owner_fs", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_immigration_marker")),
        info={"dataset": "HO.IMM", "product": "person"},
    )


def _create_non_conviction() -> None:
    op.create_table(
        "non_conviction",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_non_conviction")),
        info={"dataset": "PNC.NAMES.NONCONV", "product": "person"},
    )


def _create_pnc_disqualification() -> None:
    op.create_table(
        "pnc_disqualification",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("court_code", sa.String(length=4), nullable=True),
        sa.Column("court_name", sa.String(length=71), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_pnc_disqualification")),
        info={"dataset": "PNC.NAMES.DD", "product": "person"},
    )


def _create_wanted_missing_report() -> None:
    op.create_table(
        "wanted_missing_report",
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("power", sa.String(length=40), nullable=True),
        sa.Column("offence_or_reason", sa.Text(), nullable=True),
        sa.Column("owner_contact", sa.String(length=40), nullable=True),
        sa.Column("circulated_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.Column("action_text", sa.Text(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_wanted_missing_report")),
        info={"dataset": "PNC.NAMES.WM", "product": "person"},
    )
    op.create_index(op.f("ix_wanted_missing_report_person_id"), "wanted_missing_report", ["person_id"], unique=False)


def _create_offence() -> None:
    op.create_table(
        "offence",
        sa.Column("offence_id", sa.String(length=36), nullable=False),
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("court_offence_sequence_number", sa.Integer(), nullable=True),
        sa.Column("cjs_offence_code", sa.String(length=8), nullable=False),
        sa.Column("npcc_offence_code", sa.String(length=20), nullable=True),
        sa.Column("role_qualifiers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("legislation_qualifiers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("description", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.String(length=5), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("end_time", sa.String(length=5), nullable=True),
        sa.Column("committed_on_bail", sa.Boolean(), nullable=True),
        sa.Column("crime_reference", sa.String(length=15), nullable=True),
        sa.Column("location_lines", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("location_postcode", sa.String(length=8), nullable=True),
        sa.Column("location_fs_code", sa.String(length=4), nullable=True),
        sa.Column("plea", sa.String(length=40), nullable=True),
        sa.Column("adjudications", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("offences_taken_into_consideration", sa.Integer(), nullable=True),
        sa.Column("others_charged", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["arrest_report.report_id"], name=op.f("fk_offence_report_id_arrest_report")
        ),
        sa.PrimaryKeyConstraint("offence_id", name=op.f("pk_offence")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )
    op.create_index(op.f("ix_offence_report_id"), "offence", ["report_id"], unique=False)


def _create_remand() -> None:
    op.create_table(
        "remand",
        sa.Column("remand_id", sa.String(length=36), nullable=False),
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("appearance_result", sa.String(length=40), nullable=False),
        sa.Column("appearance_date", sa.Date(), nullable=True),
        sa.Column("court_code", sa.String(length=4), nullable=True),
        sa.Column("court_name", sa.String(length=71), nullable=True),
        sa.Column("next_date", sa.Date(), nullable=True),
        sa.Column("next_court_code", sa.String(length=4), nullable=True),
        sa.Column("next_court_name", sa.String(length=71), nullable=True),
        sa.Column("next_station", sa.String(length=4), nullable=True),
        sa.Column("bail_conditions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("bail_condition_types", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("local_authority", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["arrest_report.report_id"], name=op.f("fk_remand_report_id_arrest_report")
        ),
        sa.PrimaryKeyConstraint("remand_id", name=op.f("pk_remand")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )
    op.create_index(op.f("ix_remand_report_id"), "remand", ["report_id"], unique=False)


def _create_court_case_offence() -> None:
    op.create_table(
        "court_case_offence",
        sa.Column("court_case_id", sa.String(length=36), nullable=False),
        sa.Column("offence_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["court_case_id"], ["court_case.court_case_id"], name=op.f("fk_court_case_offence_court_case_id_court_case")
        ),
        sa.ForeignKeyConstraint(
            ["offence_id"], ["offence.offence_id"], name=op.f("fk_court_case_offence_offence_id_offence")
        ),
        sa.PrimaryKeyConstraint("court_case_id", "offence_id", name=op.f("pk_court_case_offence")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )
    op.create_index(op.f("ix_court_case_offence_offence_id"), "court_case_offence", ["offence_id"], unique=False)


def _create_disposal() -> None:
    op.create_table(
        "disposal",
        sa.Column("disposal_id", sa.String(length=36), nullable=False),
        sa.Column("offence_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("disposal_code", sa.String(length=40), nullable=False),
        sa.Column("qualifiers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("duration_unit", sa.String(length=40), nullable=True),
        sa.Column("duration_count", sa.Integer(), nullable=True),
        sa.Column("fine_amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("fine_currency", sa.String(length=3), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("text", sa.String(length=64), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["offence_id"], ["offence.offence_id"], name=op.f("fk_disposal_offence_id_offence")),
        sa.PrimaryKeyConstraint("disposal_id", name=op.f("pk_disposal")),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person"},
    )
    op.create_index(op.f("ix_disposal_offence_id"), "disposal", ["offence_id"], unique=False)

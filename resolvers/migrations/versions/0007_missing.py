"""Tables: missing."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_missing_child_protection()
    _create_missing_report()
    _create_missing_match()
    _create_missing_risk_change()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("missing_risk_change")
    op.drop_table("missing_match")
    op.drop_table("missing_report")
    op.drop_table("missing_child_protection")


def _create_missing_child_protection() -> None:
    op.create_table(
        "missing_child_protection",
        sa.Column("missing_id", sa.String(length=36), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("missing_id", name=op.f("pk_missing_child_protection")),
        info={"dataset": "PND.CP", "product": "missing"},
    )


def _create_missing_report() -> None:
    op.create_table(
        "missing_report",
        sa.Column("missing_id", sa.String(length=36), nullable=False),
        sa.Column("national_reference", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("episode_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("risk_level", sa.String(length=40), nullable=False),
        sa.Column("factors", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("last_seen_lines", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("last_seen_postcode", sa.String(length=8), nullable=True),
        sa.Column("last_seen_uprn", sa.String(length=12), nullable=True),
        sa.Column("last_seen_country", sa.String(length=40), nullable=True),
        sa.Column("description", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("child_under_18", sa.Boolean(), nullable=False),
        sa.Column("looked_after", sa.Boolean(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("reporting_force", sa.String(length=4), nullable=False),
        sa.Column("contact_type", sa.String(length=40), nullable=True),
        sa.Column("contact_value", sa.String(length=254), nullable=True),
        sa.Column("return_interview", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("missing_id", name=op.f("pk_missing_report")),
        sa.UniqueConstraint("national_reference", name=op.f("uq_missing_report_national_reference")),
        info={"dataset": "NRMP", "product": "missing"},
    )
    op.create_index(op.f("ix_missing_report_person_id"), "missing_report", ["person_id"], unique=False)


def _create_missing_match() -> None:
    op.create_table(
        "missing_match",
        sa.Column("missing_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_type", sa.String(length=40), nullable=False),
        sa.Column("other_key", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["missing_id"], ["missing_report.missing_id"], name=op.f("fk_missing_match_missing_id_missing_report")
        ),
        sa.PrimaryKeyConstraint("missing_id", "seq", name=op.f("pk_missing_match")),
        info={"dataset": "NRMP", "product": "missing"},
    )


def _create_missing_risk_change() -> None:
    op.create_table(
        "missing_risk_change",
        sa.Column("missing_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("risk_level", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["missing_id"], ["missing_report.missing_id"], name=op.f("fk_missing_risk_change_missing_id_missing_report")
        ),
        sa.PrimaryKeyConstraint("missing_id", "seq", name=op.f("pk_missing_risk_change")),
        info={"dataset": "NRMP", "product": "missing"},
    )

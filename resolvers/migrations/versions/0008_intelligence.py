"""Tables: intelligence."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_intel_nominal()
    _create_intel_report()
    _create_intel_link()
    _create_intel_nominal_name()
    _create_intel_pnc_link()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("intel_pnc_link")
    op.drop_table("intel_nominal_name")
    op.drop_table("intel_link")
    op.drop_table("intel_report")
    op.drop_table("intel_nominal")


def _create_intel_nominal() -> None:
    op.create_table(
        "intel_nominal",
        sa.Column("intel_nominal_id", sa.String(length=36), nullable=False),
        sa.Column("date_of_birth", sa.String(length=10), nullable=True),
        sa.Column("report_count", sa.Integer(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("intel_nominal_id", name=op.f("pk_intel_nominal")),
        info={"dataset": "PND.NOM", "product": "intelligence"},
    )


def _create_intel_report() -> None:
    op.create_table(
        "intel_report",
        sa.Column("intel_report_id", sa.String(length=36), nullable=False),
        sa.Column("source_force", sa.String(length=4), nullable=False),
        sa.Column("source_evaluation", sa.String(length=40), nullable=False),
        sa.Column("information_assessment", sa.String(length=40), nullable=False),
        sa.Column("handling", sa.String(length=40), nullable=False),
        sa.Column("handling_action", sa.String(length=40), nullable=True),
        sa.Column("handling_sanitisation", sa.String(length=40), nullable=True),
        sa.Column("handling_text", sa.Text(), nullable=True),
        sa.Column("classification", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("source_text", sa.Text(), nullable=True),
        sa.Column("date_of_intelligence", sa.Date(), nullable=False),
        sa.Column("risk_assessment", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("intel_report_id", name=op.f("pk_intel_report")),
        info={"dataset": "PND.INT", "product": "intelligence"},
    )


def _create_intel_link() -> None:
    op.create_table(
        "intel_link",
        sa.Column("intel_report_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("target_type", sa.String(length=40), nullable=True),
        sa.Column("target_key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["intel_report_id"],
            ["intel_report.intel_report_id"],
            name=op.f("fk_intel_link_intel_report_id_intel_report"),
        ),
        sa.PrimaryKeyConstraint("intel_report_id", "seq", name=op.f("pk_intel_link")),
        info={"dataset": "PND.INT", "product": "intelligence"},
    )
    op.create_index(
        op.f("ix_intel_link_target_key_target_type"), "intel_link", ["target_key", "target_type"], unique=False
    )


def _create_intel_nominal_name() -> None:
    op.create_table(
        "intel_nominal_name",
        sa.Column("intel_nominal_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=40), nullable=True),
        sa.Column("last_name", sa.String(length=54), nullable=True),
        sa.Column("first_names", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intel_nominal_id"],
            ["intel_nominal.intel_nominal_id"],
            name=op.f("fk_intel_nominal_name_intel_nominal_id_intel_nominal"),
        ),
        sa.PrimaryKeyConstraint("intel_nominal_id", "seq", name=op.f("pk_intel_nominal_name")),
        info={"dataset": "PND.NOM", "product": "intelligence"},
    )


def _create_intel_pnc_link() -> None:
    op.create_table(
        "intel_pnc_link",
        sa.Column("intel_nominal_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intel_nominal_id"],
            ["intel_nominal.intel_nominal_id"],
            name=op.f("fk_intel_pnc_link_intel_nominal_id_intel_nominal"),
        ),
        sa.PrimaryKeyConstraint("intel_nominal_id", name=op.f("pk_intel_pnc_link")),
        info={"dataset": "PND.NOM", "product": "intelligence"},
    )
    op.create_index(op.f("ix_intel_pnc_link_person_id"), "intel_pnc_link", ["person_id"], unique=False)

"""Tables: changes that callers ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_disposal_change()
    _create_vehicle_report_review()


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("vehicle_report_review")
    op.drop_table("disposal_change")


def _create_disposal_change() -> None:
    op.create_table(
        "disposal_change",
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("pending_for", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.String(length=40), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("offence_id", sa.String(length=36), nullable=False),
        sa.Column("fs_code", sa.String(length=4), nullable=False),
        sa.Column("expected_version", sa.Integer(), nullable=False),
        sa.Column("disposal_code", sa.String(length=40), nullable=False),
        sa.Column("qualifiers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("duration_unit", sa.String(length=40), nullable=True),
        sa.Column("duration_count", sa.Integer(), nullable=True),
        sa.Column("fine_amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("fine_currency", sa.String(length=3), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("text", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_disposal_change")),
        sa.UniqueConstraint("pending_for", name=op.f("uq_disposal_change_pending_for")),
        sa.UniqueConstraint(
            "requested_by", "idempotency_key", name=op.f("uq_disposal_change_requested_by_idempotency_key")
        ),
        info={"dataset": "PNC.NAMES.CRIM", "product": "person", "filled_by": "callers"},
    )
    op.create_index(op.f("ix_disposal_change_offence_id"), "disposal_change", ["offence_id"], unique=False)
    op.create_index(op.f("ix_disposal_change_state"), "disposal_change", ["state"], unique=False)


def _create_vehicle_report_review() -> None:
    op.create_table(
        "vehicle_report_review",
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("pending_for", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.String(length=40), nullable=True),
        sa.Column("vehicle_id", sa.String(length=36), nullable=False),
        sa.Column("vehicle_report_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=False),
        sa.Column("approvers", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_vehicle_report_review")),
        sa.UniqueConstraint("pending_for", name=op.f("uq_vehicle_report_review_pending_for")),
        sa.UniqueConstraint(
            "requested_by", "idempotency_key", name=op.f("uq_vehicle_report_review_requested_by_idempotency_key")
        ),
        info={"dataset": "RRD", "product": "vehicle", "filled_by": "callers"},
    )
    op.create_index(op.f("ix_vehicle_report_review_state"), "vehicle_report_review", ["state"], unique=False)
    op.create_index(
        op.f("ix_vehicle_report_review_vehicle_report_id"), "vehicle_report_review", ["vehicle_report_id"], unique=False
    )

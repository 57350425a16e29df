"""Tables: record controls and the household feed. Two indexes that no statement used go."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNUSED_INDEXES = ("firearm_certificate", "person_name")


def upgrade() -> None:
    """Create the tables and drop the indexes."""
    _create_record_control()
    _create_hr_household()
    for table in UNUSED_INDEXES:
        op.drop_index(op.f(f"ix_{table}_match_name"), table_name=table)


def downgrade() -> None:
    """Drop the tables and create the indexes."""
    for table in UNUSED_INDEXES:
        op.create_index(op.f(f"ix_{table}_match_name"), table, ["match_name"], unique=False)
    op.drop_table("hr_household")
    op.drop_table("record_control")


def _create_record_control() -> None:
    op.create_table(
        "record_control",
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("subject_type", "subject_key", "kind", name=op.f("pk_record_control")),
        info={"dataset": "CTRL", "product": "controls"},
    )


def _create_hr_household() -> None:
    op.create_table(
        "hr_household",
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("premises_key", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "premises_key", name=op.f("pk_hr_household")),
        info={"dataset": "CTRL", "product": "controls"},
    )

"""Tables: reference."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_reference_list()
    _create_reference_value()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("reference_value")
    op.drop_table("reference_list")


def _create_reference_list() -> None:
    op.create_table(
        "reference_list",
        sa.Column("list_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("used_in", sa.String(length=80), nullable=False),
        sa.Column("size_in_life", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("used_by", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_reference_list")),
        sa.UniqueConstraint("key", name=op.f("uq_reference_list_key")),
        info={"dataset": "REF", "product": "reference"},
    )


def _create_reference_value() -> None:
    op.create_table(
        "reference_value",
        sa.Column("list_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("group", sa.String(length=120), nullable=True),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=1), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["reference_list.list_id"], name=op.f("fk_reference_value_list_id_reference_list")
        ),
        sa.PrimaryKeyConstraint("list_id", "code", name=op.f("pk_reference_value")),
        info={"dataset": "REF", "product": "reference"},
    )
    op.create_index(
        op.f("ix_reference_value_list_id_position"), "reference_value", ["list_id", "position"], unique=False
    )

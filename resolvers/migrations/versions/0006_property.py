"""Tables: property."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_firearm_certificate()
    _create_property_item()
    _create_property_identifier()
    _create_property_report()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("property_report")
    op.drop_table("property_identifier")
    op.drop_table("property_item")
    op.drop_table("firearm_certificate")


def _create_firearm_certificate() -> None:
    op.create_table(
        "firearm_certificate",
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("certificate_type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("holder_type", sa.String(length=40), nullable=True),
        sa.Column("holder_key", sa.String(length=40), nullable=True),
        sa.Column("holder_method", sa.String(length=40), nullable=True),
        sa.Column("holder_score", sa.Float(), nullable=True),
        sa.Column("holder_confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("address_lines", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("address_postcode", sa.String(length=8), nullable=True),
        sa.Column("address_uprn", sa.String(length=12), nullable=True),
        sa.Column("address_country", sa.String(length=40), nullable=True),
        sa.Column("address_from", sa.Date(), nullable=True),
        sa.Column("address_to", sa.Date(), nullable=True),
        sa.Column("address_usage", sa.String(length=40), nullable=True),
        sa.Column("address_status", sa.String(length=40), nullable=True),
        sa.Column("match_name", sa.String(length=200), nullable=True),
        sa.Column("match_postcode", sa.String(length=8), nullable=True),
        sa.Column("weapons_held", sa.Integer(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_firearm_certificate")),
        info={"dataset": "NFLMS", "product": "property"},
    )
    op.create_index(op.f("ix_firearm_certificate_holder_key"), "firearm_certificate", ["holder_key"], unique=False)
    op.create_index(op.f("ix_firearm_certificate_match_name"), "firearm_certificate", ["match_name"], unique=False)
    op.create_index(
        op.f("ix_firearm_certificate_match_postcode"), "firearm_certificate", ["match_postcode"], unique=False
    )


def _create_property_item() -> None:
    op.create_table(
        "property_item",
        sa.Column("property_id", sa.String(length=36), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("make", sa.String(length=40), nullable=True),
        sa.Column("model", sa.String(length=40), nullable=True),
        sa.Column("colour", sa.String(length=40), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("value_band", sa.String(length=20), nullable=True),
        sa.Column("owner_type", sa.String(length=40), nullable=True),
        sa.Column("owner_key", sa.String(length=40), nullable=True),
        sa.Column("owner_method", sa.String(length=40), nullable=True),
        sa.Column("owner_score", sa.Float(), nullable=True),
        sa.Column("owner_confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", name=op.f("pk_property_item")),
        info={"dataset": "PNC.PROP", "product": "property"},
    )
    op.create_index(op.f("ix_property_item_owner_key"), "property_item", ["owner_key"], unique=False)


def _create_property_identifier() -> None:
    op.create_table(
        "property_identifier",
        sa.Column("property_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("value_key", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["property_id"],
            ["property_item.property_id"],
            name=op.f("fk_property_identifier_property_id_property_item"),
        ),
        sa.PrimaryKeyConstraint("property_id", "seq", name=op.f("pk_property_identifier")),
        info={"dataset": "PNC.PROP", "product": "property"},
    )
    op.create_index(op.f("ix_property_identifier_value_key"), "property_identifier", ["value_key"], unique=False)


def _create_property_report() -> None:
    op.create_table(
        "property_report",
        sa.Column("property_report_id", sa.String(length=36), nullable=False),
        sa.Column("property_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("crime_reference", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("weed_date", sa.Date(), nullable=False),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["property_id"], ["property_item.property_id"], name=op.f("fk_property_report_property_id_property_item")
        ),
        sa.PrimaryKeyConstraint("property_report_id", name=op.f("pk_property_report")),
        info={"dataset": "PNC.PROP", "product": "property"},
    )
    op.create_index(op.f("ix_property_report_property_id"), "property_report", ["property_id"], unique=False)

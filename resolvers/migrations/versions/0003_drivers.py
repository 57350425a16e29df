"""Tables: drivers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_driver()
    _create_driver_disqualification()
    _create_driver_endorsement()
    _create_driver_entitlement()
    _create_driver_former_number()
    _create_driver_image()
    _create_driver_medical()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("driver_medical")
    op.drop_table("driver_image")
    op.drop_table("driver_former_number")
    op.drop_table("driver_entitlement")
    op.drop_table("driver_endorsement")
    op.drop_table("driver_disqualification")
    op.drop_table("driver")


def _create_driver() -> None:
    op.create_table(
        "driver",
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=True),
        sa.Column("last_name", sa.String(length=54), nullable=True),
        sa.Column("first_names", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("address_lines", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("address_postcode", sa.String(length=8), nullable=True),
        sa.Column("address_uprn", sa.String(length=12), nullable=True),
        sa.Column("address_country", sa.String(length=40), nullable=True),
        sa.Column("address_from", sa.Date(), nullable=True),
        sa.Column("address_to", sa.Date(), nullable=True),
        sa.Column("address_usage", sa.String(length=40), nullable=True),
        sa.Column("address_status", sa.String(length=40), nullable=True),
        sa.Column("place_of_birth", sa.String(length=54), nullable=True),
        sa.Column("licence_type", sa.String(length=40), nullable=True),
        sa.Column("licence_status", sa.String(length=40), nullable=True),
        sa.Column("licence_status_qualifier", sa.String(length=40), nullable=True),
        sa.Column("previous_licences", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("approved_instructor", sa.Boolean(), nullable=True),
        sa.Column("military", sa.Boolean(), nullable=True),
        sa.Column("driver_redirect", sa.Boolean(), nullable=True),
        sa.Column("token_issue", sa.String(length=8), nullable=True),
        sa.Column("token_from", sa.Date(), nullable=True),
        sa.Column("token_to", sa.Date(), nullable=True),
        sa.Column("match_name", sa.String(length=200), nullable=True),
        sa.Column("match_postcode", sa.String(length=8), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("driver_number", name=op.f("pk_driver")),
        info={"dataset": "DVLA.DRV", "product": "drivers"},
    )
    op.create_index(op.f("ix_driver_date_of_birth"), "driver", ["date_of_birth"], unique=False)
    op.create_index(op.f("ix_driver_match_name"), "driver", ["match_name"], unique=False)
    op.create_index(op.f("ix_driver_match_postcode"), "driver", ["match_postcode"], unique=False)


def _create_driver_disqualification() -> None:
    op.create_table(
        "driver_disqualification",
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.Column("disqualified_until", sa.Date(), nullable=True),
        sa.Column("disqualified_for_life", sa.Boolean(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["driver_number"], ["driver.driver_number"], name=op.f("fk_driver_disqualification_driver_number_driver")
        ),
        sa.PrimaryKeyConstraint("driver_number", name=op.f("pk_driver_disqualification")),
        info={"dataset": "DVLA.END", "product": "drivers"},
    )


def _create_driver_endorsement() -> None:
    op.create_table(
        "driver_endorsement",
        sa.Column("endorsement_id", sa.String(length=36), nullable=False),
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.Column("offence_code", sa.String(length=40), nullable=False),
        sa.Column("offence_date", sa.Date(), nullable=False),
        sa.Column("conviction_date", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("penalty_points", sa.Integer(), nullable=True),
        sa.Column("fine_amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("fine_currency", sa.String(length=3), nullable=True),
        sa.Column("intoxicant_type", sa.String(length=40), nullable=True),
        sa.Column("intoxicant_method", sa.String(length=40), nullable=True),
        sa.Column("intoxicant_level", sa.Integer(), nullable=True),
        sa.Column("intoxicant_unit", sa.String(length=20), nullable=True),
        sa.Column("disqualification_years", sa.Integer(), nullable=True),
        sa.Column("disqualification_months", sa.Integer(), nullable=True),
        sa.Column("disqualification_days", sa.Integer(), nullable=True),
        sa.Column("disqualification_for_life", sa.Boolean(), nullable=True),
        sa.Column("sentencing_court", sa.String(length=40), nullable=True),
        sa.Column("appeal_date", sa.Date(), nullable=True),
        sa.Column("rehabilitation_course", sa.Boolean(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["driver_number"], ["driver.driver_number"], name=op.f("fk_driver_endorsement_driver_number_driver")
        ),
        sa.PrimaryKeyConstraint("endorsement_id", name=op.f("pk_driver_endorsement")),
        info={"dataset": "DVLA.END", "product": "drivers"},
    )
    op.create_index(op.f("ix_driver_endorsement_driver_number"), "driver_endorsement", ["driver_number"], unique=False)


def _create_driver_entitlement() -> None:
    op.create_table(
        "driver_entitlement",
        sa.Column("entitlement_id", sa.String(length=36), nullable=False),
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("expiry_date", sa.Date(), nullable=True),
        sa.Column("restrictions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("automatic_only", sa.Boolean(), nullable=True),
        sa.Column("from_non_gb", sa.Boolean(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["driver_number"], ["driver.driver_number"], name=op.f("fk_driver_entitlement_driver_number_driver")
        ),
        sa.PrimaryKeyConstraint("entitlement_id", name=op.f("pk_driver_entitlement")),
        info={"dataset": "DVLA.DRV", "product": "drivers"},
    )
    op.create_index(op.f("ix_driver_entitlement_driver_number"), "driver_entitlement", ["driver_number"], unique=False)


def _create_driver_former_number() -> None:
    op.create_table(
        "driver_former_number",
        sa.Column("former_number", sa.String(length=16), nullable=False),
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["driver_number"], ["driver.driver_number"], name=op.f("fk_driver_former_number_driver_number_driver")
        ),
        sa.PrimaryKeyConstraint("former_number", name=op.f("pk_driver_former_number")),
        info={"dataset": "DVLA.DRV", "product": "drivers"},
    )
    op.create_index(
        op.f("ix_driver_former_number_driver_number"), "driver_former_number", ["driver_number"], unique=False
    )


def _create_driver_image() -> None:
    op.create_table(
        "driver_image",
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.Column("location", sa.String(length=120), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("view_only", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["driver_number"], ["driver.driver_number"], name=op.f("fk_driver_image_driver_number_driver")
        ),
        sa.PrimaryKeyConstraint("driver_number", name=op.f("pk_driver_image")),
        info={"dataset": "DVLA.IMG", "product": "drivers"},
    )


def _create_driver_medical() -> None:
    op.create_table(
        "driver_medical",
        sa.Column("driver_number", sa.String(length=16), nullable=False),
        sa.Column("eyesight", sa.Text(), nullable=True),
        sa.Column("hearing", sa.Text(), nullable=True),
        sa.Column("medical_notes", sa.Text(), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["driver_number"], ["driver.driver_number"], name=op.f("fk_driver_medical_driver_number_driver")
        ),
        sa.PrimaryKeyConstraint("driver_number", name=op.f("pk_driver_medical")),
        info={"dataset": "DVLA.MED", "product": "drivers"},
    )

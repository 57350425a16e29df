"""Tables: person names."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, parents before children."""
    _create_person()
    _create_person_biometric()
    _create_person_information_marker()
    _create_person_warning()
    _create_person_address()
    _create_person_association()
    _create_person_birth_date()
    _create_person_contact()
    _create_person_identifier()
    _create_person_name()
    _create_person_name_word()


def downgrade() -> None:
    """Drop the tables, children before parents."""
    op.drop_table("person_name_word")
    op.drop_table("person_name")
    op.drop_table("person_identifier")
    op.drop_table("person_contact")
    op.drop_table("person_birth_date")
    op.drop_table("person_association")
    op.drop_table("person_address")
    op.drop_table("person_warning")
    op.drop_table("person_information_marker")
    op.drop_table("person_biometric")
    op.drop_table("person")


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("person_urn", sa.String(length=13), nullable=False),
        sa.Column("cro_number", sa.String(length=12), nullable=True),
        sa.Column("sex", sa.String(length=40), nullable=True),
        sa.Column("date_of_birth", sa.String(length=10), nullable=True),
        sa.Column("place_of_birth", sa.String(length=54), nullable=True),
        sa.Column("place_of_birth_folded", sa.String(length=56), nullable=True),
        sa.Column("nationalities", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ethnicity_observed", sa.String(length=40), nullable=True),
        sa.Column("ethnicity_self_defined", sa.String(length=40), nullable=True),
        sa.Column("religion", sa.String(length=40), nullable=True),
        sa.Column("deceased", sa.Boolean(), nullable=True),
        sa.Column("date_of_death", sa.Date(), nullable=True),
        sa.Column("height_cm", sa.Integer(), nullable=True),
        sa.Column("build", sa.String(length=40), nullable=True),
        sa.Column("eye_colour", sa.String(length=40), nullable=True),
        sa.Column("hair_colour", sa.String(length=40), nullable=True),
        sa.Column("facial_hair", sa.String(length=40), nullable=True),
        sa.Column("hair_type", sa.String(length=40), nullable=True),
        sa.Column("skin_colour", sa.String(length=40), nullable=True),
        sa.Column("complexion", sa.String(length=40), nullable=True),
        sa.Column("accent", sa.String(length=40), nullable=True),
        sa.Column("glasses", sa.String(length=40), nullable=True),
        sa.Column("handedness", sa.String(length=40), nullable=True),
        sa.Column("marks", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("occupations", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("skills", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("places_frequented", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("driver_number_recorded", sa.String(length=16), nullable=True),
        sa.Column("police_references", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("other_details", sa.String(length=512), nullable=True),
        sa.Column("owner_fs", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        sa.UniqueConstraint("cro_number", name=op.f("uq_person_cro_number")),
        sa.UniqueConstraint("person_urn", name=op.f("uq_person_person_urn")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_date_of_birth"), "person", ["date_of_birth"], unique=False)
    op.create_index(op.f("ix_person_driver_number_recorded"), "person", ["driver_number_recorded"], unique=False)


def _create_person_biometric() -> None:
    op.create_table(
        "person_biometric",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("fingerprint_status", sa.String(length=40), nullable=True),
        sa.Column("dna_status", sa.String(length=40), nullable=True),
        sa.Column("photos", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_biometric")),
        info={"dataset": "PNC.NAMES.BIO", "product": "person"},
    )


def _create_person_information_marker() -> None:
    op.create_table(
        "person_information_marker",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("added_by", sa.String(length=4), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_information_marker")),
        info={"dataset": "PNC.NAMES.WARN", "product": "person"},
    )


def _create_person_warning() -> None:
    op.create_table(
        "person_warning",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("added_by", sa.String(length=4), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_warning")),
        info={"dataset": "PNC.NAMES.WARN", "product": "person"},
    )


def _create_person_address() -> None:
    op.create_table(
        "person_address",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address_lines", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("address_postcode", sa.String(length=8), nullable=True),
        sa.Column("address_uprn", sa.String(length=12), nullable=True),
        sa.Column("address_country", sa.String(length=40), nullable=True),
        sa.Column("address_from", sa.Date(), nullable=True),
        sa.Column("address_to", sa.Date(), nullable=True),
        sa.Column("address_usage", sa.String(length=40), nullable=True),
        sa.Column("address_status", sa.String(length=40), nullable=True),
        sa.Column("fs_code", sa.String(length=4), nullable=True),
        sa.Column("place_words", sa.String(length=300), nullable=False),
        sa.Column("match_postcode", sa.String(length=8), nullable=True),
        sa.Column("premises_key", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_person_address_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_address")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_address_match_postcode"), "person_address", ["match_postcode"], unique=False)
    op.create_index(op.f("ix_person_address_premises_key"), "person_address", ["premises_key"], unique=False)


def _create_person_association() -> None:
    op.create_table(
        "person_association",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_type", sa.String(length=40), nullable=False),
        sa.Column("other_key", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("last_seen", sa.Date(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("fk_person_association_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_association")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_association_other_key"), "person_association", ["other_key"], unique=False)


def _create_person_birth_date() -> None:
    op.create_table(
        "person_birth_date",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("fk_person_birth_date_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_birth_date")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_birth_date_value"), "person_birth_date", ["value"], unique=False)


def _create_person_contact() -> None:
    op.create_table(
        "person_contact",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("value_key", sa.String(length=254), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_person_contact_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_contact")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_contact_value_key"), "person_contact", ["value_key"], unique=False)


def _create_person_identifier() -> None:
    op.create_table(
        "person_identifier",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("fk_person_identifier_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_identifier")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )


def _create_person_name() -> None:
    op.create_table(
        "person_name",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=40), nullable=True),
        sa.Column("last_name", sa.String(length=54), nullable=True),
        sa.Column("first_names", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("last_key", sa.String(length=54), nullable=False),
        sa.Column("match_name", sa.String(length=200), nullable=False),
        sa.Column("first_words", sa.String(length=120), nullable=False),
        sa.Column("first_codes", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_person_name_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "seq", name=op.f("pk_person_name")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_name_match_name"), "person_name", ["match_name"], unique=False)


def _create_person_name_word() -> None:
    op.create_table(
        "person_name_word",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sa.String(length=54), nullable=False),
        sa.Column("code", sa.String(length=54), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_person_name_word_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "seq", "word", name=op.f("pk_person_name_word")),
        info={"dataset": "PNC.NAMES.CORE", "product": "person"},
    )
    op.create_index(op.f("ix_person_name_word_code_person_id"), "person_name_word", ["code", "person_id"], unique=False)
    op.create_index(op.f("ix_person_name_word_word_person_id"), "person_name_word", ["word", "person_id"], unique=False)

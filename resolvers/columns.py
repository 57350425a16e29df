"""Columns that recur in every product's tables: keys, record housekeeping, names and addresses. Builds columns only."""

import sqlalchemy as sa

KEY_LENGTH = 36
CODE_LENGTH = 40
MATCH_NAME_LENGTH = 200
MATCH_POSTCODE_LENGTH = 8


def key(name: str, *, primary: bool = False) -> sa.Column[str]:
    """A UUID kept as its 36 characters of text, the same on SQLite and PostgreSQL."""
    return sa.Column(name, sa.String(KEY_LENGTH), primary_key=primary, nullable=False)


def parent(name: str, target: str, *, primary: bool = False) -> sa.Column[str]:
    """An indexed reference to the row that owns this one; `target` is `table.column`."""
    return sa.Column(
        name, sa.String(KEY_LENGTH), sa.ForeignKey(target), primary_key=primary, nullable=False, index=not primary
    )


def code(name: str, *, nullable: bool = True) -> sa.Column[str]:
    """A code of a reference list; the label is resolved from the catalogue, never stored."""
    return sa.Column(name, sa.String(CODE_LENGTH), nullable=nullable)


def values(name: str) -> sa.Column:
    """A small bounded list of values kept as JSON; absent is SQL NULL, never JSON null."""
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=True)


def record_columns() -> list[sa.Column]:
    """What every record carries: owner, version, lifetime and how far its copy is behind the source (entities §11)."""
    return [
        sa.Column("owner_fs", sa.String(4), nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_seconds", sa.Integer, nullable=False, server_default="0"),
        sa.Column("review_date", sa.Date, nullable=True),
    ]


def person_name_columns(prefix: str = "") -> list[sa.Column]:
    """A PersonName in columns: title and type are codes, forenames a JSON list of strings in order."""
    return [
        sa.Column(f"{prefix}title", sa.String(CODE_LENGTH), nullable=True),
        sa.Column(f"{prefix}last_name", sa.String(54), nullable=True),
        values(f"{prefix}first_names"),
    ]


def address_columns(prefix: str = "address_") -> list[sa.Column]:
    """An Address in columns: at most five lines as a JSON list; the postcode may be an outward code alone."""
    return [
        values(f"{prefix}lines"),
        sa.Column(f"{prefix}postcode", sa.String(8), nullable=True),
        sa.Column(f"{prefix}uprn", sa.String(12), nullable=True),
        sa.Column(f"{prefix}country", sa.String(CODE_LENGTH), nullable=True),
        sa.Column(f"{prefix}from", sa.Date, nullable=True),
        sa.Column(f"{prefix}to", sa.Date, nullable=True),
        sa.Column(f"{prefix}usage", sa.String(CODE_LENGTH), nullable=True),
        sa.Column(f"{prefix}status", sa.String(CODE_LENGTH), nullable=True),
    ]


def match_columns() -> list[sa.Column]:
    """Folded name (`SURNAME FORENAME …`) and unspaced postcode: what matches compare. Null for organisations."""
    return [
        sa.Column("match_name", sa.String(MATCH_NAME_LENGTH), nullable=True, index=True),
        sa.Column("match_postcode", sa.String(MATCH_POSTCODE_LENGTH), nullable=True, index=True),
    ]

"""Tables of the Reference product: list headers and their dated values (dataset REF). Holds no rows."""

import sqlalchemy as sa

from resolvers.metadata import metadata

_INFO = {"dataset": "REF", "product": "reference"}

reference_list = sa.Table(
    "reference_list",
    metadata,
    sa.Column("list_id", sa.String(40), primary_key=True),
    sa.Column("key", sa.String(40), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("owner", sa.String(80), nullable=False),
    sa.Column("scope", sa.String(40), nullable=False),
    sa.Column("used_in", sa.String(80), nullable=False),
    sa.Column("size_in_life", sa.String(40), nullable=False),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("used_by", sa.JSON(none_as_null=True), nullable=False),
    info=_INFO,
)

reference_value = sa.Table(
    "reference_value",
    metadata,
    sa.Column("list_id", sa.String(40), sa.ForeignKey("reference_list.list_id"), primary_key=True),
    sa.Column("code", sa.String(60), primary_key=True),
    # The place in the list: what cursors order by.
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("label", sa.String(300), nullable=False),
    sa.Column("group", sa.String(120), nullable=True),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("basis", sa.String(1), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Index(None, "list_id", "position"),
    info=_INFO,
)

"""How a table names its dataset, and short declarations of the columns it is made of. Declares only.

A partial date is ISO text as precise as it is known; small bounded lists are JSON (`resolvers.columns.values`).
"""

import sqlalchemy as sa

from resolvers.columns import CODE_LENGTH, code
from resolvers.metadata import metadata


def dataset_table(name: str, dataset: str, product: str, *items: sa.schema.SchemaItem) -> sa.Table:
    """The table `name`, holding columns of exactly one `dataset` (datasets.csv) and owned by `product`."""
    return sa.Table(name, metadata, *items, info={"dataset": dataset, "product": product})


def sequence() -> sa.Column[int]:
    """The place of a child row among its siblings; with the parent's key it is the row's own key."""
    return sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False)


def text(name: str, length: int | None = None, *, nullable: bool = True, index: bool = False) -> sa.Column[str]:
    """Text, of at most `length` characters when given."""
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, nullable=nullable, index=index)


def integer(name: str, *, nullable: bool = True) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.Integer, nullable=nullable)


def flag(name: str, *, nullable: bool = True) -> sa.Column[bool]:
    """A Boolean."""
    return sa.Column(name, sa.Boolean, nullable=nullable)


def date(name: str, *, nullable: bool = True) -> sa.Column:
    """A whole calendar date."""
    return sa.Column(name, sa.Date, nullable=nullable)


def instant(name: str, *, nullable: bool = True) -> sa.Column:
    """A moment in UTC (SQLite hands it back without its zone)."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def partial_date(name: str, *, nullable: bool = True, index: bool = False) -> sa.Column[str]:
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`: containment is being a prefix."""
    return sa.Column(name, sa.String(10), nullable=nullable, index=index)


def court_columns() -> tuple[sa.Column, ...]:
    """A Court: its four-digit code, or its name where the code is 9998."""
    return (text("court_code", 4), text("court_name", 71))


def link_columns(prefix: str) -> tuple[sa.Column, ...]:
    """An EntityLink: the other record, how it was matched, how surely (0..1) and who confirmed it."""
    return (
        text(f"{prefix}_type", 40),
        text(f"{prefix}_key", 40, index=True),
        code(f"{prefix}_method"),
        sa.Column(f"{prefix}_score", sa.Float),
        text(f"{prefix}_confirmed_by", 80),
    )


def name_use_columns() -> tuple[sa.Column, ...]:
    """What kind of name a PersonName is (list name_type) and when it was used."""
    return (sa.Column("type", sa.String(CODE_LENGTH), nullable=False), date("from_date"), date("to_date"))

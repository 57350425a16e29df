"""The SELECTs of the reference product: list names and dates in, statements out. Runs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from resolvers.connections import Order
from resolvers.loading import Pages
from resolvers.reference.tables import reference_list, reference_value

LISTS_BY_ID = Order(("list_id",))
VALUES_IN_ORDER = Order(("position",))


def all_lists() -> sa.Select:
    """Every list's header."""
    return sa.select(reference_list)


def list_by_name(name: str) -> sa.Select:
    """The list with this id (`RD080`) or key (`vehicle_colour`)."""
    return sa.select(reference_list).where(sa.or_(reference_list.c.list_id == name, reference_list.c.key == name))


def value_by_code(list_id: str, code: str, at: date | None) -> sa.Select:
    """One value of a list; with `at`, only when it is valid on that day."""
    value = reference_value
    return sa.select(value).where(value.c.list_id == list_id, value.c.code == code, *_valid(at))


@dataclass(frozen=True, slots=True)
class ValuesOfLists:
    """The statement of lists' values; two for the same day are the same load."""

    at: date | None

    def __call__(self, keys: Sequence[str]) -> sa.Select:
        """Values of these lists; with a day, only those valid on it."""
        return sa.select(reference_value).where(reference_value.c.list_id.in_(keys), *_valid(self.at))


def values_at(at: date | None) -> Pages:
    """The pages of a list's values in list order."""
    return Pages(ValuesOfLists(at), "list_id", VALUES_IN_ORDER)


def _valid(at: date | None) -> tuple[sa.ColumnElement[bool], ...]:
    """Both ends are inclusive, an open end is unbounded (reference_data.md, "How the lists behave")."""
    if at is None:
        return ()
    begun = sa.or_(reference_value.c.valid_from.is_(None), reference_value.c.valid_from <= at)
    not_ended = sa.or_(reference_value.c.valid_to.is_(None), reference_value.c.valid_to >= at)
    return begun, not_ended

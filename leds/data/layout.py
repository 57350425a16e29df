"""Which columns the generator fills, in which order its rows carry them, and the hash that stands for rows."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec
import sqlalchemy as sa

from leds.data import cases, controls, drivers, keepers, markers, others, people, vehicles
from leds.data.population import Row
from resolvers.migrations.all_tables import all_tables

REFERENCE_COLUMNS = {
    "reference_list": (
        *("list_id", "key", "name", "owner", "scope", "used_in", "size_in_life", "version", "origin", "used_by"),
    ),
    "reference_value": (
        *("list_id", "code", "position", "label", "group", "version", "valid_from", "valid_to", "notes", "basis"),
        "source",
    ),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    **REFERENCE_COLUMNS,
    **people.COLUMNS,
    **markers.COLUMNS,
    **cases.COLUMNS,
    **drivers.COLUMNS,
    **vehicles.COLUMNS,
    **keepers.COLUMNS,
    **others.COLUMNS,
    **controls.COLUMNS,
}
_encode = msgspec.msgpack.Encoder().encode


def load_order() -> tuple[sa.Table, ...]:
    """Every table, parents before children: the order in which a batch is written."""
    return all_tables()


class Digest:
    """Counts and hashes a table's rows as they are generated, so that two runs can be compared by their reports."""

    __slots__ = ("_hash", "rows")

    def __init__(self) -> None:
        self._hash = sha256()
        self.rows = 0

    def add(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Take in rows of these columns."""
        self.rows += len(rows)
        self._hash.update(_encode(columns))
        self._hash.update(_encode(rows))

    def hexdigest(self) -> str:
        """The hash so far."""
        return self._hash.hexdigest()

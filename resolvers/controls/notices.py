"""Rows whose being read somebody is told of: rows in, the people in them out. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Any

from authz.row_rules import ROW_FACTS, RowFact

NOTICED = int(RowFact.HIGH_PROFILE | RowFact.OWN)

Subject = tuple[str, str]
Notice = tuple[Subject, RowFact]


def noticed(rows: Sequence[Mapping[str, Any]]) -> list[Notice]:
    """The high-profile people among these rows, and those of the caller's own household (P15)."""
    if not rows or ROW_FACTS not in rows[0] or "person_id" not in rows[0]:
        return []
    return [(("Person", row["person_id"]), RowFact(facts)) for row in rows if (facts := row[ROW_FACTS] & NOTICED)]

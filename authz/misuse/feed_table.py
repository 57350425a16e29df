"""The rows of a feed's file, checked cell by cell: everything that is wrong is named at once, by line and column."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from authz.misuse.transactions import Operator

_HASH = re.compile(r"h:[^:\s]+:[0-9a-f]{32}")
NO_TIME = datetime.max.replace(tzinfo=UTC)
"""Stands for a time that is none."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row. A cell that is wrong goes to `problems` with its line; values never do, for they are personal data."""

    line: int
    cells: dict[str, str]
    problems: list[str] = field(compare=False)

    def wrong(self, column: str, must: str) -> None:
        """Note what a cell must be."""
        self.problems.append(f"line {self.line}: `{column}` {must}")

    def text(self, column: str) -> str:
        """The cell, possibly empty."""
        return self.cells[column]

    def required(self, column: str) -> str:
        """The cell, which must not be empty."""
        if not self.cells[column]:
            self.wrong(column, "must not be empty")
        return self.cells[column]

    def operator(self) -> Operator:
        """The user."""
        return self.required("organisation"), self.required("user")

    def hashed(self, column: str) -> str:
        """A keyed hash as the ledger has it."""
        if not _HASH.fullmatch(self.cells[column]):
            self.wrong(column, "must be a keyed hash (h:…) of `leds misuse hash`")
        return self.cells[column]

    def time(self, column: str) -> datetime:
        """A time with its offset."""
        try:
            found = datetime.fromisoformat(self.cells[column])
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.wrong(column, "must be an ISO 8601 time with its offset, as in 2026-02-02T21:00Z")
            return NO_TIME
        return found

    def one_of(self, column: str, choices: Sequence[str]) -> str:
        """One of some codes."""
        if self.cells[column] not in choices:
            self.wrong(column, f"must be one of {', '.join(choices)}")
        return self.cells[column]

    def number(self, column: str, low: float, high: float) -> float:
        """A number in a range, its ends included."""
        try:
            found = float(self.cells[column])
        except ValueError:
            found = float("nan")
        if not low <= found <= high:
            self.wrong(column, f"must be a number from {low:g} to {high:g}")
        return found


def feed_rows(columns: Sequence[str], text: str, problems: list[str]) -> list[FeedRow]:
    """The rows below a header that names exactly these columns, without white space around cells."""
    reader, found = csv.reader(io.StringIO(text, newline=""), strict=True), list[FeedRow]()
    try:
        if tuple(next(reader, ())) != tuple(columns):
            problems.append(f"line 1: the columns must be {','.join(columns)}")
            return []
        for cells in reader:
            if len(cells) != len(columns):
                problems.append(f"line {reader.line_num}: must have {len(columns)} cells")
                continue
            values = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
            found.append(FeedRow(reader.line_num, values, problems))
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: is not CSV ({error})")
    return found

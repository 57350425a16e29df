"""Days as ordinals and as the text the databases store; every date of a population is relative to one `as_of` day."""

from datetime import date, timedelta
from functools import cache

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2130, 12, 31)


@cache
def _days() -> tuple[str, ...]:
    count = (LAST_DAY - FIRST_DAY).days + 1
    return tuple((FIRST_DAY + timedelta(days=day)).isoformat() for day in range(count))


class Calendar:
    """Ordinals (proleptic Gregorian, as `date.toordinal`) around the day `as_of`."""

    __slots__ = ("_days", "_first", "now", "today", "year")

    def __init__(self, as_of: date) -> None:
        self._days = _days()
        self._first = FIRST_DAY.toordinal()
        self.today = as_of.toordinal()
        self.year = as_of.year
        self.now = self.instant(self.today, 6 * 60)

    def iso(self, day: int) -> str:
        """`YYYY-MM-DD` of an ordinal."""
        return self._days[day - self._first]

    def instant(self, day: int, minute: int) -> str:
        """`YYYY-MM-DD HH:MM:00.000000`, UTC, of an ordinal and a minute of the day."""
        return f"{self._days[day - self._first]} {minute // 60:02d}:{minute % 60:02d}:00.000000"

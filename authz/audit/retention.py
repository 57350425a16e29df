"""How long leaves are kept: a month and its leaves' retention rules in, the day from which it may be dropped out.

The lengths are those of the reference list `retention_rules`; a rule without a number of years never ends by itself.
"""

import re
from datetime import date

from schema.reference_lists import reference_catalogue

_YEARS = re.compile(r"\b(\d+) years?\b")


def droppable_from(month: str, rules: tuple[str, ...]) -> date | None:
    """The first day on which every leaf of `month` (`2026-11`) has been kept for as long as all of `rules` demand; None
    when one of them names no length."""
    kept = {value.code: _YEARS.search(value.notes) for value in reference_catalogue().values("retention_rules")}
    lengths = [kept.get(rule) for rule in rules]
    years = [int(length[1]) for length in lengths if length]
    if not years or len(years) != len(lengths):
        return None
    year, number = map(int, month.split("-"))
    return date(year + max(years) + number // 12, number % 12 + 1, 1)

"""The answer to a partner's fraud check: reports and a VIN in, less than they say out. Pure (entities 3.3, story 7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from resolvers.connections import Row

CURRENT = "CURRENT"
CHECK_PENDING = "CHECK_PENDING"
NO_CURRENT_REPORT = "NO_CURRENT_REPORT"


def stolen_check(state_groups: Iterable[str | None]) -> str:
    """The strongest of the states' groups; there is no Boolean "stolen" and never a "not stolen"."""
    groups = set(state_groups)
    return next((answer for answer in (CURRENT, CHECK_PENDING) if answer in groups), NO_CURRENT_REPORT)


def true_at(reports: Sequence[Row], now: datetime) -> datetime:
    """The instant the answer is true of: now, less the longest lag of the copies it rests on."""
    return now - timedelta(seconds=max((report["lag_seconds"] for report in reports), default=0))


def vin_matches(asked: str | None, recorded: str | None) -> bool | None:
    """Whether the VIN belongs to the mark; None when there is nothing to compare."""
    return None if asked is None or recorded is None else asked == recorded

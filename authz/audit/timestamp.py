"""The one way times are written in the ledger: UTC, milliseconds, `Z`."""

from datetime import UTC, datetime


def utc_timestamp(moment: datetime) -> str:
    """`moment` (aware) as `2026-02-02T21:14:07.318Z`. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time in the ledger needs a zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""The one way times are written in the ledger (UTC, milliseconds, `Z`) in, milliseconds since 1970 out. No I/O."""

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(text: str) -> int:
    """The milliseconds since 1970 of `2026-02-02T21:14:07.318Z`. Raises ValueError for any other spelling."""
    if not _FORM.fullmatch(text):
        raise ValueError("no time as the ledger writes it")
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)

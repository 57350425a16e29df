"""The cast: fixed, documented records for the fifteen stories, in every generated database (docs/cast.md)."""

from collections.abc import Iterator, Mapping
from datetime import date


def cast(as_of: date) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield from ()

"""The cast: fixed, documented records for the fifteen stories, in every generated database (docs/cast.md)."""

from collections.abc import Iterator
from datetime import date

from leds.data.cast.builder import CastRow, Stage
from leds.data.cast.checks import checks
from leds.data.cast.controlled import controlled
from leds.data.cast.linked import linked
from leds.data.cast.products import products
from leds.data.cast.roadside import roadside


def cast(as_of: date) -> Iterator[CastRow]:
    """Every row of the cast, as table name and columns, with dates relative to `as_of`."""
    stage = Stage(as_of)
    for story in (roadside, checks, products, linked, controlled):
        yield from story(stage)

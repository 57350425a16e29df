"""The work beside the requests while a database is away: ever less often, and its return is said once."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from resolvers.changes.writing import Writer
from resolvers.database import Database
from resolvers.errors import DatabaseUnavailable
from subgraphs.changes import LONGEST_WAIT, CarryingOut
from tests.authz.callers import NOON

SECONDS = 1.0


class Sometimes(CarryingOut):
    """Work over a database that is there at some of the looks only; the last look is the end of the test."""

    def __init__(self, looks: Sequence[bool]) -> None:
        super().__init__((), lambda: NOON, lambda: "")
        self._looks = iter(looks)

    async def once(self, database: Database, writer: Writer) -> int:
        """See CarryingOut."""
        if not next(self._looks):
            raise DatabaseUnavailable("The database cannot be opened.")
        return 0


async def carried_out(looks: Sequence[bool], folder: Path) -> tuple[list[float], list[dict[str, object]]]:
    """How long was waited after each look, and what was logged."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == len(looks):
            raise asyncio.CancelledError

    url = f"sqlite+aiosqlite:///{folder / 'nothing.sqlite'}"
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await Sometimes(looks).run(Database(url), Writer(url), SECONDS, sleep, "vehicle")
    return waits, [dict(line) for line in logs]


async def test_after_each_failure_in_a_row_the_next_look_is_later_up_to_the_longest_wait(tmp_path: Path):
    waits, logs = await carried_out([True, *[False] * 12], tmp_path)
    assert waits[0] == SECONDS
    assert all(later == min(2 * sooner, LONGEST_WAIT) for sooner, later in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT
    assert [line["again_in"] for line in logs] == waits[1:]
    assert {(line["event"], line["subgraph"]) for line in logs} == {("changes_not_carried_out", "vehicle")}


async def test_a_recovery_is_said_once_and_the_looks_are_as_close_as_before(tmp_path: Path):
    waits, logs = await carried_out([False, False, False, True, True, True, False], tmp_path)
    assert waits == [2, 4, 8, 1, 1, 1, 2]
    events = [line["event"] for line in logs]
    assert events == [*["changes_not_carried_out"] * 3, "changes_carried_out_again", "changes_not_carried_out"]
    assert logs[3]["failures"] == 3

"""What the mutations of all subgraphs share: who asks under which key, and the carrying out of what was accepted."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
import strawberry
import structlog

from authz.row_rules import row_caller
from resolvers.background import to_its_end
from resolvers.changes.requests import Asker, waiting
from resolvers.changes.writing import Writer
from resolvers.controls.parameters import parameters
from resolvers.database import Database
from subgraphs.errors import NotWritable
from subgraphs.request import RequestInfo

log = structlog.get_logger("leds.subgraph")
LONGEST_WAIT = 60.0
Sleep = Callable[[float], Awaitable[None]]


@strawberry.enum
class ChangeState(Enum):
    """How far a change is: accepted and pending, carried out, or refused because the record had moved on."""

    ACCEPTED = "ACCEPTED"
    COMPLETED = "COMPLETED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Pending:
    """One kind of change: the table of its requests, and what carries one out (writer, request id, now, new id)."""

    table: sa.Table
    carry_out: Callable[[Writer, str, datetime, str], Awaitable[None]]


def writing_for(info: RequestInfo, idempotency_key: str) -> tuple[Writer, Asker]:
    """What a mutation's resolver writes with, and for whom. Raises NotWritable where nothing may be written."""
    request = info.context
    if request.writer is None or request.caller is None:
        raise NotWritable("This subgraph serves reads only.")
    caller = request.caller
    seen = parameters(row_caller(caller))
    return request.writer, Asker(caller.subject, idempotency_key, request.new_id(), request.now, caller, seen)


class CarryingOut:
    """Carries accepted changes out, one after the other, however many processes do so: each change once."""

    def __init__(self, kinds: Sequence[Pending], clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._kinds = kinds
        self._clock = clock
        self._new_id = new_id

    async def once(self, database: Database, writer: Writer) -> int:
        """Carry out what waits now; how many requests were taken up. Raises DatabaseUnavailable."""
        done = 0
        for kind in self._kinds:
            async with database.reading(self._clock().date()) as reading:
                found = await reading.rows(waiting(kind.table))
            for row in found:
                await kind.carry_out(writer, row["request_id"], self._clock(), self._new_id())
                done += 1
        return done

    async def run(
        self, database: Database, writer: Writer, seconds: float, sleep: Sleep = asyncio.sleep, subgraph: str = ""
    ) -> None:
        """Look again and again until cancelled; a look that fails is logged by its kind and made again.

        After each failure in a row twice as many seconds pass before the next look, LONGEST_WAIT at most.
        """
        failures = 0
        while True:
            wait = seconds
            try:
                await to_its_end(self.once(database, writer))
            except Exception as error:
                failures += 1
                wait = min(seconds * 2**failures, max(LONGEST_WAIT, seconds))
                log.error("changes_not_carried_out", subgraph=subgraph, error=type(error).__name__, again_in=wait)
            else:
                if failures:
                    log.info("changes_carried_out_again", subgraph=subgraph, failures=failures)
                failures = 0
            await sleep(wait)


async def cancelled(task: asyncio.Task[None] | None) -> None:
    """End a background task and wait until it has ended."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

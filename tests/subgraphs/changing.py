"""A subgraph that can be written to, its gateway, and the carrying out of what was accepted, when a test says so."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from resolvers.changes.writing import Writer
from resolvers.database import Database
from subgraphs.changes import CarryingOut, Pending
from subgraphs.federated import GovernedSchema
from subgraphs.service import Subgraph
from tests.authz.callers import NOON, caller, context
from tests.subgraphs.world import Gateway, key_of, settings

UPDATER = caller("bureau_update", vetting="MV", training=("OFF-PRE", "OFF-RES", "NM-ENQ", "VP-ENQ", "COP"))
REVIEWER = caller("rrd_reviewer", vetting="MV")
UPDATE = context("9", "CO3")


@dataclass(frozen=True, slots=True)
class Changing:
    """A writable subgraph: `gateway` asks it, `carry_out` does what waits at `now`."""

    gateway: Gateway
    kinds: Sequence[Pending]
    database: Database
    writer: Writer

    async def carry_out(self, now: datetime = NOON) -> int:
        """Carry out every accepted change; how many there were."""
        ids = count(9_000)
        return await CarryingOut(self.kinds, lambda: now, lambda: key_of(next(ids))).once(self.database, self.writer)


@asynccontextmanager
async def changing(name: str, schema: GovernedSchema, kinds: Sequence[Pending], url: str) -> AsyncIterator[Changing]:
    """The subgraph over the database at `url`; its request ids count up from 1."""
    numbers = count(1)
    app = Subgraph(name, schema, kinds)
    await app.start(replace(settings(url), new_id=lambda: key_of(next(numbers), "eeee")))
    database, writer = Database(url), Writer(url)
    try:
        yield Changing(Gateway(app), kinds, database, writer)
    finally:
        await writer.close()
        await database.close()
        await app.stop()

"""Which vehicles' reports have changed, whoever changed them: their versions in the database, looked at repeatedly.

In: a vehicle's key. Out: a word that something about its reports is different. What it is, and whether the listener may
know of it, is for the listener to read: this tells nothing of any report.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from weakref import WeakSet

import sqlalchemy as sa
import structlog

from resolvers.background import to_its_end
from resolvers.database import KEYS, Database
from resolvers.vehicle.tables import vehicle_report

KEYS_AT_ONCE = 500
Versions = frozenset[tuple[str, int]]
log = structlog.get_logger("leds.subgraph")


def report_versions() -> sa.Select:
    """The reports of vehicles by key, each with its version: no row rule, because nobody is shown them."""
    report = vehicle_report.c
    return sa.select(report.vehicle_id, report.vehicle_report_id, report.version).where(report.vehicle_id.in_(KEYS))


class Watch:
    """One listener's wait for changes of one vehicle's reports. A watch that nobody holds any more is forgotten."""

    def __init__(self, vehicle_id: str) -> None:
        self.vehicle_id = vehicle_id
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Something changed."""
        self._changed.set()

    async def changed(self) -> None:
        """Wait until something has changed since the last time."""
        await self._changed.wait()
        self._changed.clear()


class ReportFeed:
    """Looks at the versions of all watched vehicles' reports with one statement, every `seconds`."""

    def __init__(self, database: Database, today: Callable[[], date], seconds: float) -> None:
        self._database = database
        self._today = today
        self._seconds = seconds
        self._watches: WeakSet[Watch] = WeakSet()
        self._seen: dict[str, Versions] = {}

    async def watch(self, vehicle_id: str) -> Watch:
        """Listen from now on: the versions are as they are when this returns. Raises DatabaseUnavailable."""
        watch = Watch(vehicle_id)
        if vehicle_id not in self._seen:
            found = await self._versions([vehicle_id])
            self._seen.setdefault(vehicle_id, found[vehicle_id])
        self._watches.add(watch)
        return watch

    async def run(self) -> None:
        """Look until cancelled; a look that fails is logged by its kind and made again."""
        while True:
            try:
                await to_its_end(self.look())
            except Exception as error:
                log.error("changes_not_seen", error=type(error).__name__)
            await asyncio.sleep(self._seconds)

    async def look(self) -> None:
        """Look once, and tell whoever waits for what has changed. Raises DatabaseUnavailable."""
        watched = {watch.vehicle_id for watch in self._watches}
        for gone in self._seen.keys() - watched:
            del self._seen[gone]
        for start in range(0, len(watched), KEYS_AT_ONCE):
            found = await self._versions(sorted(watched)[start : start + KEYS_AT_ONCE])
            for vehicle_id, versions in found.items():
                if self._seen.get(vehicle_id) != versions:
                    self._seen[vehicle_id] = versions
                    for watch in self._watches:
                        if watch.vehicle_id == vehicle_id:
                            watch.tell()

    async def _versions(self, vehicle_ids: Sequence[str]) -> dict[str, Versions]:
        found: dict[str, set[tuple[str, int]]] = {vehicle_id: set() for vehicle_id in vehicle_ids}
        # Also of reports that are SILENT for most: the row policies of the database stand aside, nobody is shown them.
        async with self._database.reading(self._today(), hidden_only=True) as reading:
            for row in await reading.rows(report_versions(), vehicle_ids):
                found[row["vehicle_id"]].add((row["vehicle_report_id"], row["version"]))
        return {vehicle_id: frozenset(versions) for vehicle_id, versions in found.items()}

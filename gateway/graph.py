"""One version of a supergraph in one posture, ready to be served, and its life: taken up, held by requests, retired.

In: what a posture built. Out: the version a request holds from its first stage to its last byte. Decides nothing.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from authz.bulk.asked import AskedInBulk
from authz.rules import Rules
from authz.standard.rules import StandardRules
from gateway.documents.store import DocumentStore
from gateway.execution.executor import Executor
from gateway.execution.program import Program
from gateway.lru import Lru
from gateway.planning.override_labels import Overrides
from gateway.planning.plan import QueryPlan
from gateway.stages import Enforced, Planner, Reduced, Stages

CACHED = 2_000


@dataclass(frozen=True, slots=True)
class Graph:
    """A supergraph with everything that answers requests over it. `version` is the supergraph's hash, `api_sdl` the
    schema that clients see, `deadline` the seconds of one request, `rules` what its posture holds callers to,
    `coordinates` what these rules could be about."""

    version: str
    api_sdl: str
    documents: DocumentStore
    planner: Planner
    executor: Executor
    stages: Stages
    deadline: float | None = 30.0
    rules: Rules | StandardRules | None = None
    coordinates: frozenset[str] = frozenset()


class Version:
    """A graph, what is cached for it, and how many requests are on it. Nothing cached outlives its graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.asked: Lru[AskedInBulk] = Lru(CACHED)
        self.enforced: Lru[tuple[Enforced, str]] = Lru(CACHED)
        self.reduced: Lru[Reduced] = Lru(CACHED)
        self.overrides: Lru[Overrides] = Lru(CACHED)
        self.planned: Lru[tuple[QueryPlan, Program]] = Lru(CACHED)
        self.checked: Lru[bool] = Lru(CACHED)
        self._holders = 0
        self._unheld = asyncio.Event()
        self._unheld.set()

    def __enter__(self) -> "Version":
        self._holders += 1
        self._unheld.clear()
        return self

    def __exit__(self, *_: Any) -> None:
        self._holders -= 1
        if not self._holders:
            self._unheld.set()

    async def retire(self) -> None:
        """Close the way to the subgraphs once the last request has ended."""
        while self._holders:
            await self._unheld.wait()
        await self.graph.executor.close()


class Served:
    """The version that new requests get. Replacing it is one assignment: a request sees the old one or the new one."""

    def __init__(self, graph: Graph) -> None:
        self.current = Version(graph)
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def graph(self) -> Graph:
        """The graph that a request starting now is answered over."""
        return self.current.graph

    def replace(self, graph: Graph) -> None:
        """Serve another graph from now on; the old one goes when its last request has ended."""
        replaced, self.current = self.current, Version(graph)
        self._retire(replaced)

    async def close(self) -> None:
        """Retire every version, waiting no longer than a request may take."""
        self._retire(self.current)
        ended, hanging = await asyncio.wait(self._retiring, timeout=self.graph.deadline)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*ended)

    def _retire(self, version: Version) -> None:
        task = asyncio.ensure_future(version.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

"""A new graph while the old one serves: build it aside, take it up whole, or keep the last good one and say why.

In: something that builds a graph. Out: a replaced graph or a refusal in the log, the metrics and `/health/graph`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

import structlog

from gateway.errors import ReloadFailed
from gateway.frames import frames_of
from gateway.graph import Graph, Served
from schema.errors import CodedError

Build = Callable[[], Awaitable[Graph]]
Admit = Callable[[Graph, Graph], None]
"""What is served and what is to be → nothing; raises CodedError when the new one may not be taken up."""


def admit_all(served: Graph, graph: Graph) -> None:
    """Whatever could be built is taken up."""


class ReloadOutcome(StrEnum):
    """How an attempt ended."""

    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ReloadObserver(Protocol):
    """Counts attempts."""

    def reloaded(self, outcome: str) -> None: ...


class Reloader:
    """Replaces the served graph by what `build` makes, if `admit` lets it, one attempt at a time."""

    def __init__(self, served: Served, build: Build, observer: ReloadObserver, admit: Admit = admit_all) -> None:
        self._served = served
        self._build = build
        self._observer = observer
        self._admit = admit
        self._log = structlog.get_logger("gateway")
        self._one_at_a_time = asyncio.Lock()
        self._refusal: CodedError | None = None

    async def reload(self) -> ReloadOutcome:
        """Build and take up. Never raises: whatever is wrong with the new graph, the old one stays."""
        async with self._one_at_a_time:
            outcome = await self._attempt()
        self._observer.reloaded(outcome)
        return outcome

    def health(self) -> dict[str, Any]:
        """What is served, and why what came after it is not. Codes only: the log has the rest."""
        refused = self._refusal.code if self._refusal else None
        return {"version": self._served.graph.version, "refused": refused}

    async def _attempt(self) -> ReloadOutcome:
        try:
            graph = await self._build()
        except CodedError as error:
            return self._refused(error)
        except Exception as error:
            return self._refused(ReloadFailed(f"{type(error).__name__} at {' > '.join(frames_of(error)[-3:])}"))
        try:
            self._admit(self._served.graph, graph)
        except CodedError as error:
            await graph.executor.close()
            return self._refused(error)
        self._refusal = None
        if graph.version == self._served.graph.version:
            self._log.info("graph_unchanged", version=graph.version)
            await graph.executor.close()
            return ReloadOutcome.UNCHANGED
        self._served.replace(graph)
        self._log.info("graph_replaced", version=graph.version)
        return ReloadOutcome.REPLACED

    def _refused(self, error: CodedError) -> ReloadOutcome:
        self._refusal = error
        self._log.error(
            "graph_refused",
            code=error.code,
            message=error.message,
            advice=error.advice,
            details=error.details,
            still_serving=self._served.graph.version,
        )
        return ReloadOutcome.REFUSED

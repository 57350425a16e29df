"""Counts and times for Prometheus in a registry of our own. Labels are stages, subgraphs and codes: never a caller
or a value."""

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gateway.execution.result import FetchTrace

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The observer of a pipeline."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "leds_gateway_requests",
            "Requests by outcome and HTTP status.",
            ("outcome", "status"),
            registry=self.registry,
        )
        self._stages = Histogram(
            "leds_gateway_stage_seconds", "Time of each stage.", ("stage",), registry=self.registry, buckets=SECONDS
        )
        self._fetches = Histogram(
            "leds_gateway_fetch_seconds",
            "Time of each subgraph request by how it ended.",
            ("subgraph", "status"),
            registry=self.registry,
            buckets=SECONDS,
        )
        self._statements = Counter(
            "leds_subgraph_statements", "SQL statements by their own count.", ("subgraph",), registry=self.registry
        )
        self._reloads = Counter(
            "leds_gateway_reloads",
            "Attempts to replace the graph by how they ended.",
            ("outcome",),
            registry=self.registry,
        )
        self._refused = Gauge(
            "leds_gateway_reload_refused",
            "1 while the newest graph is refused and an older one is served.",
            registry=self.registry,
        )

    def stage(self, name: str, seconds: float) -> None:
        """A stage ended."""
        self._stages.labels(name).observe(seconds)

    def fetched(self, trace: FetchTrace) -> None:
        """A subgraph request ended."""
        self._fetches.labels(trace.subgraph, trace.status).observe(trace.duration)
        self._statements.labels(trace.subgraph).inc(trace.statements)

    def finished(self, outcome: str, status: int) -> None:
        """A request was answered."""
        self._requests.labels(outcome, str(status)).inc()

    def reloaded(self, outcome: str) -> None:
        """An attempt to replace the graph ended."""
        self._reloads.labels(outcome).inc()
        self._refused.set(outcome == "refused")

    def facts(self, health: Callable[[], Mapping[str, Any]]) -> None:
        """Say from now on which access facts hold, and how many changes of them do not count."""
        Gauge(
            "leds_gateway_access_facts", "Number of the newest change of access facts.", registry=self.registry
        ).set_function(lambda: health()["number"])
        Gauge(
            "leds_gateway_access_facts_refused",
            "Changes of access facts that open something and that nobody signed.",
            registry=self.registry,
        ).set_function(lambda: len(health()["refused"]))

    def ledger(self, spooled: Callable[[], int], unavailable: Callable[[], bool]) -> None:
        """Say from now on how many leaves wait in the spool, and whether the ledger cannot be written."""
        Gauge(
            "leds_ledger_spooled", "Leaves that are in the spool and not yet in the ledger.", registry=self.registry
        ).set_function(spooled)
        Gauge(
            "leds_ledger_unavailable", "1 while the disclosure ledger cannot be written.", registry=self.registry
        ).set_function(unavailable)

    def exposition(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

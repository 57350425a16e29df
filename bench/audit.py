"""What the ledger costs the main query: CPU and waiting with it and without, fifty requests at a time, in turns.

The pipeline without the two stages is assembled here from the running one: nothing can switch them off. Subgraphs say
what they disclosed either way. `flush_ms` is what one leaf waits for when nobody else writes.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

from authz.audit.leaf import Event, EventType
from authz.audit.recorder import AuditedAnswer, AuditedRequest
from bench._measure import cpu_seconds, write_result
from gateway.documents.request import HttpRequest
from gateway.graph import Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.stages import Recorded
from leds.config import load_configuration
from leds.demo import MAIN_QUERY, Embedded, embedded
from leds.demo_data import prepare, recipe_for

CONNECTIONS = 50
TURNS = 12
REQUESTS_A_TURN = 3
FLUSHES = 40
PERSONA = "officer"


async def unintended(request: AuditedRequest) -> Recorded | None:
    """Nothing is written down."""
    return None


async def unrecorded(request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Recorded | None:
    """Nothing is written down."""
    return None


def without_audit(service: Embedded) -> Pipeline:
    """The running pipeline without what records."""
    graph = service.governed.pipeline.served.graph
    stages = replace(graph.stages, intend=unintended, record=unrecorded)
    return Pipeline(Served(replace(graph, stages=stages)), Metrics())


async def turn(pipeline: Pipeline, asked: HttpRequest) -> tuple[float, float, list[float]]:
    """CPU milliseconds a request, requests a second, and how long each waited (milliseconds)."""
    waits: list[float] = []

    async def connection() -> None:
        for _ in range(REQUESTS_A_TURN):
            begun = time.perf_counter()
            response = await pipeline.answer(asked)
            waits.append((time.perf_counter() - begun) * 1000)
            if not json.loads(response.body)["data"]["vehicle"]:
                raise SystemExit("the main query was not answered")

    cpu, begun = cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    elapsed = time.perf_counter() - begun
    return (cpu_seconds() - cpu) / len(waits) * 1000, len(waits) / elapsed, waits


async def flush(service: Embedded) -> float:
    """The median milliseconds that a leaf waits for alone."""
    ledger, waits = service.governed.ledger, []
    recorder = service.governed.recorder
    for number in range(FLUSHES):
        begun = time.perf_counter()
        await ledger.append(recorder.event(EventType.CONFIG, Event("bench", str(number)), {}))
        waits.append((time.perf_counter() - begun) * 1000)
    return statistics.median(waits)


async def measure() -> dict[str, object]:
    """Both pipelines in turns; ratios and differences are medians of the turns'."""
    async with embedded(load_configuration(None, {})) as service:
        body = {"query": MAIN_QUERY.read_text(encoding="utf-8"), "variables": {"vrm": "AB12CDE"}}
        headers = service.headers(PERSONA) | {"content-type": "application/json"}
        asked = HttpRequest("POST", headers, "", json.dumps(body).encode())
        pair = (service.governed.pipeline, without_audit(service))
        for each in pair:
            await turn(each, asked)
        turns = []
        for number in range(TURNS):
            order = pair if number % 2 else pair[::-1]
            taken = [await turn(each, asked) for each in order]
            turns.append(tuple(taken if number % 2 else taken[::-1]))
        flushed = await flush(service)
    return {
        "connections": CONNECTIONS,
        "cpu_ms_with": round(statistics.median(with_[0] for with_, _ in turns), 2),
        "cpu_ms_without": round(statistics.median(without[0] for _, without in turns), 2),
        "cpu_ratio": round(statistics.median(with_[0] / without[0] for with_, without in turns), 3),
        "p50_ms_with": round(statistics.median(statistics.median(with_[2]) for with_, _ in turns), 1),
        "p50_ms_without": round(statistics.median(statistics.median(without[2]) for _, without in turns), 1),
        "p50_ms_added": round(
            statistics.median(statistics.median(with_[2]) - statistics.median(out[2]) for with_, out in turns), 1
        ),
        "flush_ms": round(flushed, 2),
    }


def main() -> None:
    """Measure and keep the figures. The folder is beside the result, because a temporary one may be in memory."""
    today = date.today()
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as home:
        os.environ["LEDS_HOME"] = home
        prepare(Path(home) / "demo.sqlite", recipe_for(today, people=200), today, lambda text: None)
        figures = asyncio.run(measure())
    write_result("audit", {"load_average": round(os.getloadavg()[0], 1), **figures})


if __name__ == "__main__":
    main()

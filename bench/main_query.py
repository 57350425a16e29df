"""CPU of the main query in the embedded service (gateway, seven subgraphs, ledger in one process), warm, by persona."""

import asyncio
import json
import os
import tempfile
from datetime import date
from pathlib import Path

from bench._measure import cpu_seconds, write_result
from gateway.documents.request import HttpRequest
from leds.config import load_configuration
from leds.demo import MAIN_QUERY, embedded
from leds.demo_data import prepare, recipe_for

PERSONAS = ("officer", "detective", "analyst", "insurer")
PLATES = {"AB12CDE": "the roadside stop", "OO00ONE": "one of each record", "OO00MNY": "two hundred of each record"}
REQUESTS = 60


async def measure() -> dict[str, object]:
    """CPU milliseconds a request for each persona and plate, after a warm-up."""
    today = date.today()
    directory = Path(os.environ["LEDS_HOME"])
    prepare(directory / "demo.sqlite", recipe_for(today, people=200), today, lambda text: None)
    async with embedded(load_configuration(None, {})) as service:
        query = MAIN_QUERY.read_text(encoding="utf-8")
        figures: dict[str, object] = {}
        for persona in PERSONAS:
            headers = service.headers(persona)
            for plate in PLATES:
                body = json.dumps({"query": query, "variables": {"vrm": plate}}).encode()
                request = HttpRequest("POST", headers | {"content-type": "application/json"}, "", body)
                for _ in range(5):
                    response = await service.governed.pipeline.answer(request)
                started = cpu_seconds()
                for _ in range(REQUESTS):
                    response = await service.governed.pipeline.answer(request)
                if not json.loads(response.body)["data"]["vehicle"]:
                    raise SystemExit(f"{persona} was not answered for {plate}")
                milliseconds = (cpu_seconds() - started) / REQUESTS * 1000
                figures[f"{persona} {plate}"] = {"cpu_ms": round(milliseconds, 2), "bytes": len(response.body)}
        return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEDS_HOME"] = home
        write_result("main_query", {"requests_each": REQUESTS, "plates": PLATES, "cpu_ms": asyncio.run(measure())})

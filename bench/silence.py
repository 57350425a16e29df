"""Whether time tells of a record that is SILENT: answers with one, and their twins without, timed in random turns.

Each pair is asked of the embedded service as the same caller. `told` is how often a look at one response time of each
names the one with the record (0.5: no better than a coin, with its 95 % interval); `control` is the same figure between
two halves of the twin's own times, which is what noise alone gives.
"""

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import Any

from bench._measure import write_result
from gateway.documents.request import HttpRequest
from leds.config import load_configuration
from leds.data.cast import identities as cast
from leds.demo import Embedded, embedded
from leds.demo_data import prepare, recipe_for
from schema.identifiers.person import person_urn

ROUNDS = 1_500
WARM_UP = 50
SEED = 11
PERSON = '{ person(urn: "%s") { personUrn filedName { last } warningSignals { code { code } } } }'
REPORTS = '{ vehicle(vrm: "%s") { vrm reports { totalCount nodes { type { code } state { code } } } } }'
NOBODY = person_urn(2018, 9_000_099)
"""A person's URN that the demo gives to nobody."""
PAIRS: Mapping[str, tuple[str, str, str]] = {
    "a blocked report, and none": ("officer", REPORTS % cast.BLOCKED_VRM, REPORTS % cast.UNREPORTED_VRM),
    "a protected person, and nobody": ("officer", PERSON % cast.PROTECTED_URN, PERSON % NOBODY),
    "a protected person, and nobody, to an analyst": ("analyst", PERSON % cast.PROTECTED_URN, PERSON % NOBODY),
}


async def measure() -> dict[str, Any]:
    """The figures of every pair."""
    today = date.today()
    directory = Path(os.environ["LEDS_HOME"])
    prepare(directory / "demo.sqlite", recipe_for(today, people=200), today, lambda text: None)
    async with embedded(load_configuration(None, {})) as service:
        return {name: await _pair(service, *pair) for name, pair in PAIRS.items()}


async def _pair(service: Embedded, persona: str, secret: str, twin: str) -> dict[str, Any]:
    headers = service.headers(persona) | {"content-type": "application/json"}
    asked = [HttpRequest("POST", headers, "", json.dumps({"query": query}).encode()) for query in (secret, twin)]
    random, times = Random(SEED), ([], [])
    for number in range(WARM_UP + ROUNDS):
        said = {}
        for which in random.sample((0, 1), 2):
            started = perf_counter_ns()
            response = await service.governed.pipeline.answer(asked[which])
            took = (perf_counter_ns() - started) / 1_000_000
            said[which] = json.loads(response.body)["data"]
            if number >= WARM_UP:
                times[which].append(took)
        if _but_for_the_mark(said[0]) != _but_for_the_mark(said[1]):
            raise SystemExit(f"the answers already differ: {said}")
    halves = times[1][::2], times[1][1::2]
    return {
        "rounds": ROUNDS,
        "median_ms": {"with the record": round(median(times[0]), 3), "without": round(median(times[1]), 3)},
        "told": _told(*times),
        "control": _told(*halves),
    }


def _but_for_the_mark(data: dict[str, Any]) -> dict[str, Any]:
    """An answer without the mark that was asked for."""
    return {name: found and {**found, "vrm": None} for name, found in data.items()}


def _told(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """The probability that a time of `one` is the longer (Mann and Whitney's U over both sizes), and its interval."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_value, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    share = (ranks - n * (n + 1) / 2) / (n * m)
    width = 1.96 * ((n + m + 1) / (12 * n * m)) ** 0.5
    return {"share": round(share, 4), "from": round(share - width, 4), "to": round(share + width, 4)}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEDS_HOME"] = home
        write_result("silence", {"seed": SEED, "pairs": asyncio.run(measure())})

"""What the laws have shown: results of single tests in, `{law: {cases, failures, seed}}` out. How often, from where.

`SEED=n` draws other cases, `LAWS_CASES=n` so many times as many. Never a clock: time is bounded by counts of cases.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

SEED = int(os.environ.get("SEED", "1"))
TIMES = int(os.environ.get("LAWS_CASES", "1"))

EVERYTHING = 20
"""From so many times as many on, finite sets of cases are tried whole."""

LAW = "law"
CASES = "cases"


def cases(small: int) -> int:
    """How many cases to draw where `make test` draws `small`."""
    return small * TIMES


def of_all(small: int, there_are: int) -> int:
    """How many of a finite number of cases to draw where `make test` draws `small`; `make test-laws` draws them all."""
    return there_are if TIMES >= EVERYTHING else min(there_are, cases(small))


@dataclass(frozen=True, slots=True)
class Shown:
    """One test of a law: how many cases it tried, and whether it failed."""

    law: str
    cases: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """One law over a whole session."""

    cases: int
    failures: int
    seed: int


def shown(properties: Iterable[tuple[str, object]], *, failed: bool) -> Shown | None:
    """What a test's recorded properties say of a law (one case when it counts none); None when it is of no law."""
    found = dict(properties)
    return Shown(str(found[LAW]), int(str(found.get(CASES, 1))), failed) if LAW in found else None


def tallies(results: Iterable[Shown], seed: int) -> dict[str, Tally]:
    """The laws by name, in order of names."""
    found: dict[str, Tally] = {}
    for each in results:
        before = found.get(each.law, Tally(0, 0, seed))
        found[each.law] = Tally(before.cases + each.cases, before.failures + each.failed, seed)
    return dict(sorted(found.items()))


def write(path: Path, laws: dict[str, Tally]) -> None:
    """Keep the tallies as a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: asdict(tally) for name, tally in laws.items()}, indent=2) + "\n", "utf-8")

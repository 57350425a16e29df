"""How many rows a second the generator writes into SQLite, and how its memory grows with the population."""

import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench._measure import cpu_seconds, write_result
from leds.data.generate import generate

SEED = 7
PEOPLE = (2_000, 50_000)


def quiet(_done: int, _total: int) -> None:
    """A progress that tells nobody."""


def measure(people: int) -> dict[str, Any]:
    """Generate one world into a new file and throw it away."""
    before = cpu_seconds()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "world.sqlite"
        report = generate(people, SEED, f"sqlite:///{path}", quiet)
        size = path.stat().st_size
    spent = cpu_seconds() - before
    return {
        "people": people,
        "rows": report.rows,
        "seconds": round(report.seconds, 2),
        "rows_per_second": round(report.rows / report.seconds),
        "cpu_seconds": round(spent, 2),
        "rows_per_cpu_second": round(report.rows / spent),
        "database_bytes": size,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Measure the populations given as arguments, or those of the demonstration and of scale.md's small data set."""
    populations = [int(argument) for argument in sys.argv[1:]] or PEOPLE
    write_result("generate", {"seed": SEED, "worlds": [measure(people) for people in populations]})


if __name__ == "__main__":
    main()

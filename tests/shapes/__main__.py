"""`python -m tests.shapes FILE`: run every test that holds a shape, and write what passed, by transport and mode."""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.execution.corpus import shared_folder
from tests.shapes.elsewhere import HELD, NOT_HERE

# Named here and not imported: what a test run is to look into must not be loaded before it begins.
TRANSPORTS = ("POST", "GET", "WebSocket", "SSE", "multipart")
MODES = ("embedded", "deployed")

ID = re.compile(r"(?:az|cp|rc|kc|ht|pd|sg|au)\d\db?")
RANGE = re.compile(r"(az)(\d\d)_to_az(\d\d)")
BY_ACCEPT = {"plain": "POST", "SSE": "SSE", "multipart": "multipart"}
OTHER = "without transport"
HEAD = """# The access shapes, by transport and mode

`python -m tests.shapes bench/results/shapes.md` runs every test that holds a shape of the shared table and writes this
file. Each cell is what passed of what ran, embedded and deployed: embedded with the gateway and its subgraphs in one
process, over rules that composition has propagated and over rules that nobody has; deployed with `leds gateway` as a
process of its own over the latter. AZ18, AZ40, AZ41 and AZ44 run in the governed service too, over a graph of the same
shape with a source's record sealed, and over its twin without that record. A mutation sent with GET passes by being
refused.
"""


class Collected:
    """A pytest plugin that keeps how each test of a shape went: by shape and column, [passed, run]."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.expected_failures: list[str] = []
        self._by_test: dict[str, set[str]] = defaultdict(set)
        for shape, tests in HELD.items():
            for test in tests:
                self._by_test[test].add(shape)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        report: Any = yield
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self._take(item, report)
        return report

    def _take(self, item: pytest.Item, report: pytest.TestReport) -> None:
        params = getattr(getattr(item, "callspec", None), "params", {})
        mode = params["world"][0] if "world" in params else params.get("governed", "")
        column = params.get("transport") or _accepted(item) or OTHER
        for shape in self._shapes(item, params):
            if hasattr(report, "wasxfail"):
                self.expected_failures.append(f"{shape} {mode}")
                continue
            cell = self.cells[shape, column if mode else OTHER, mode]
            cell[0] += report.passed
            cell[1] += 1

    def _shapes(self, item: pytest.Item, params: dict[str, Any]) -> set[str]:
        name = item.nodeid.split("[")[0]
        found = {each for prefix, each in self._held(name)}
        if item.path.parent.name == "shapes":
            found |= {params["shape"]} if "shape" in params else _named(name.rpartition("::")[2], params)
        return found

    def _held(self, name: str) -> Iterator[tuple[str, str]]:
        for test, shapes in self._by_test.items():
            if name == test or name.startswith(f"{test}::"):
                yield from ((test, shape) for shape in shapes)


def _accepted(item: pytest.Item) -> str | None:
    ids = item.nodeid.partition("[")[2].rstrip("]")
    return next((column for known, column in BY_ACCEPT.items() if known in ids.split("-")), None)


def _named(test: str, params: dict[str, Any]) -> set[str]:
    found = {text.upper().replace("B", "b") for text in ID.findall(test)}
    if match := RANGE.search(test):
        found |= {f"AZ{number}" for number in range(int(match[2]), int(match[3]) + 1)}
    case = str(params.get("case", ""))[:4]
    return {case} if case in found else found


def shapes() -> list[str]:
    """The ids of the shared table."""
    folder = shared_folder()
    assert folder is not None, "no conformance folder: set LEDS_SHARED or put shared/ beside the repository"
    return [row["id"] for row in json.loads((folder / "access_shapes.json").read_text("utf-8"))["shapes"]]


def written(collected: Collected) -> str:
    """The table."""
    columns = [*TRANSPORTS, OTHER]
    lines = [HEAD, "| shape | " + " | ".join(columns) + " | |", "|---" * (len(columns) + 2) + "|"]
    for shape in shapes():
        cells = [_cell(collected, shape, column) for column in columns]
        lines.append(f"| {shape} | " + " | ".join(cells) + f" | {NOT_HERE.get(shape, '')} |")
    passed, run = (sum(cell[index] for cell in collected.cells.values()) for index in (0, 1))
    held = {shape for shape, *_ in collected.cells}
    wrong = sorted({shape for (shape, *_), cell in collected.cells.items() if cell[0] < cell[1]})
    lines.append(
        f"\n{len(shapes())} shapes; {len(held)} with tests here, of which {len(held) - len(wrong)} pass whole"
        f"{' (failing: ' + ', '.join(wrong) + ')' if wrong else ''}; {passed} of {run} runs pass."
    )
    return "\n".join(lines) + "\n"


def _cell(collected: Collected, shape: str, column: str) -> str:
    texts = []
    for mode in ("", *MODES):
        passed, run = collected.cells.get((shape, column, mode), (0, 0))
        if run:
            texts.append(f"{mode} {passed}/{run}".strip())
    return ", ".join(texts) or "–"


def main(file: Path) -> int:
    """Run, write the table to `file`, and say whether everything passed."""
    collected = Collected()
    tests = ["tests/shapes", *sorted({test for tests in HELD.values() for test in tests if "shapes" not in test})]
    status = pytest.main(["-q", "--no-header", *tests], plugins=[collected])
    file.write_text(written(collected), encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""The planning cases: a folder each, with its subgraphs, one operation and the plan that is expected of it.

`LEDS_UPDATE_CASES=1` writes the plans anew; look at the difference before committing it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.planner import Planner

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `plan` is where the expected text stands."""

    name: str
    operation: str
    plan: Path


def cases() -> list[Case]:
    """Every case, by name."""
    return [
        Case(folder.name, (folder / "operation.graphql").read_text(encoding="utf-8"), folder / "plan.txt")
        for folder in sorted(FOLDER.iterdir())
    ]


@cache
def planner_of(name: str) -> Planner:
    """A planner over the case's composed subgraphs."""
    files = sorted(file for file in (FOLDER / name).glob("*.graphql") if file.stem != "operation")
    subgraphs = [
        SubgraphDefinition(file.stem, f"http://{file.stem}.invalid/graphql", file.read_text(encoding="utf-8"))
        for file in files
    ]
    return Planner(supergraph_from_sdl(compose(subgraphs).supergraph_sdl))

"""What planning costs: CPU of large operations over a generated supergraph of 100 subgraphs, how it grows with the size
of the operation (drawn in `planning.svg`), and what becomes of operations made to be hard."""

import gc
import math
import statistics
import sys
from typing import Any

from graphql import DocumentNode, parse, validate

from bench._hostile import HOSTILE, LINK, Hostile
from bench._measure import RESULTS, cpu_seconds, write_result
from bench._plot import Series, log_plot
from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.errors import PlanningError
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner
from gateway.planning.selections import size

SUBGRAPHS = 100
SIZES = (10, 30, 100, 300, 1000, 2000, 5000)
TARGET = 1000
TARGET_MS = 250
STEEPER = 1.5
"""How much more than n log n, from the target's size on, the largest operation may take before this fails."""
ROUNDS = 3
FIELDS = 10


def federation() -> tuple[str, ...]:
    """100 subgraphs: each owns an entity with ten fields, adds two to each of the next three, and links to them."""
    return tuple(_subgraph(number) for number in range(SUBGRAPHS))


def _subgraph(number: int) -> str:
    own = " ".join(f"f{field}: String" for field in range(FIELDS))
    links = " ".join(f"next{step}: [T{(number + step) % SUBGRAPHS}!]" for step in (1, 2, 3))
    types = [f'type T{number} @key(fields: "id") {{ id: ID! size: Int {own} {links} }}']
    types += [
        f'type T{(number + step) % SUBGRAPHS} @key(fields: "id", resolvable: false) {{ id: ID! }}' for step in (1, 2, 3)
    ]
    for step in (1, 2, 3):
        other = (number - step) % SUBGRAPHS
        required = "size: Int @external" if step == 1 else ""
        needs = ' @requires(fields: "size")' if step == 1 else ""
        types.append(
            f'type T{other} @key(fields: "id") {{ id: ID! {required} a{number}: String{needs} b{number}: String }}'
        )
    return f"{LINK}type Query {{ t{number}(id: ID): T{number} }}\n" + "\n".join(types)


def operation(fields: int) -> str:
    """An operation of about so many fields: chains of entities, three hops deep, through all subgraphs in turn."""
    chains, count, number = [], 0, 0
    while count < fields:
        body, used = _object(number % SUBGRAPHS, 3 if fields - count >= SUBGRAPHS else 0)
        chains.append(f"c{number}: t{number % SUBGRAPHS}(id: {number}) {{ {body} }}")
        count, number = count + used + 1, number + 7
    return f"{{ {' '.join(chains)} }}"


def _object(number: int, depth: int) -> tuple[str, int]:
    parts = ["id", "f0", "f1", "f2", "f3"]
    for step in (1, 2, 3):
        other = (number + step) % SUBGRAPHS
        parts += [f"a{other}", f"b{other}"]
    count = len(parts)
    if depth:
        step = 1 + depth % 3
        body, used = _object((number + step) % SUBGRAPHS, depth - 1)
        parts.append(f"next{step} {{ {body} }}")
        count += used + 1
    return " ".join(parts), count


def planner_of(sdls: tuple[str, ...]) -> Planner:
    """A planner over the composed subgraphs."""
    named = [SubgraphDefinition(f"s{n}", f"http://s{n}.invalid/", sdl) for n, sdl in enumerate(sdls)]
    return Planner(supergraph_from_sdl(compose(named).supergraph_sdl))


def milliseconds(planner: Planner, document: DocumentNode) -> float:
    """CPU of planning the document, the median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        before = cpu_seconds()
        planner.plan(document)
        rounds.append((cpu_seconds() - before) * 1000)
    return statistics.median(rounds)


def curve(planner: Planner) -> list[dict[str, Any]]:
    """Milliseconds by size of the operation."""
    points = []
    for wanted in SIZES:
        document = parse(operation(wanted), no_location=True)
        if problems := validate(planner.supergraph.api_schema, document):
            raise SystemExit(problems[0].message)
        stages = planner.stages(document)
        fields, fetches = size(stages.operation.selections), len(fetches_of(stages.plan))
        spent = milliseconds(planner, document)
        points.append(
            {
                "fields": fields,
                "fetches": fetches,
                "cpu_ms": round(spent, 1),
                "us_per_field": round(spent / fields * 1000),
            }
        )
    return points


def outcome(hostile: Hostile) -> dict[str, Any]:
    """How a hostile operation ends, and after how much CPU."""
    planner, document = planner_of(hostile.subgraphs), parse(hostile.operation, no_location=True)
    before = cpu_seconds()
    try:
        ended = f"{len(fetches_of(planner.plan(document)))} fetches"
    except PlanningError as error:
        ended = error.code
    return {"ended": ended, "cpu_ms": round((cpu_seconds() - before) * 1000, 1), "characters": len(hostile.operation)}


def n_log_n(points: list[dict[str, Any]]) -> list[float]:
    """What each size would take if planning grew by n log n from the target's size."""
    at_target = next(point for point in points if point["fields"] >= TARGET)
    unit = at_target["cpu_ms"] / (at_target["fields"] * math.log(at_target["fields"]))
    return [unit * point["fields"] * math.log(point["fields"]) for point in points]


def picture(points: list[dict[str, Any]]) -> str:
    """The curve beside n log n and the target, as SVG."""
    sizes = [point["fields"] for point in points]
    measured = Series("measured", "#1a6fb4", tuple((point["fields"], point["cpu_ms"]) for point in points))
    growth = Series("n log n", "#999", tuple(zip(sizes, n_log_n(points), strict=True)), dashed=True)
    target = Series(
        "target: 250 ms for 1,000 fields", "#c0392b", ((sizes[0], TARGET_MS), (TARGET, TARGET_MS)), dashed=True
    )
    title = f"Planning over a supergraph of {SUBGRAPHS} subgraphs"
    return log_plot(title, "fields of the operation", "CPU, milliseconds", (measured, growth, target))


def main() -> None:
    """Measure, keep the figures and their picture, and fail where the target is missed."""
    before = cpu_seconds()
    planner = planner_of(federation())
    built = (cpu_seconds() - before) * 1000
    points = curve(planner)
    figures = {
        "subgraphs": SUBGRAPHS,
        "compose_and_build_ms": round(built),
        "target": {"fields": TARGET, "cpu_ms": TARGET_MS},
        "curve": points,
        "hostile": {name: outcome(made()) for name, made in HOSTILE.items()},
    }
    write_result("planning", figures)
    (RESULTS / "planning.svg").write_text(picture(points), encoding="utf-8")
    at_target = next(point for point in points if point["fields"] >= TARGET)
    if at_target["cpu_ms"] > TARGET_MS:
        sys.exit(f"planning {at_target['fields']} fields took {at_target['cpu_ms']} ms, not {TARGET_MS}")
    if points[-1]["cpu_ms"] > STEEPER * n_log_n(points)[-1]:
        sys.exit(f"planning grows faster than n log n: {points[-1]}")


if __name__ == "__main__":
    main()

"""What planning costs: CPU of large operations over a generated supergraph of 100 subgraphs, how it grows with the size
of the operation, and what becomes of operations made to be hard."""

import gc
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, parse, validate

from bench._measure import cpu_seconds, write_result
from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.errors import PlanningError
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner

SUBGRAPHS = 100
SIZES = (125, 250, 500, 1000, 2000, 4000)
TARGET = 1000
TARGET_MS = 250
ROUNDS = 3
FIELDS = 10
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires", "@provides"])\n'
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """An operation over subgraphs that could make planning explode."""

    subgraphs: tuple[str, ...]
    operation: str


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
        body, used = _object(number % SUBGRAPHS, 3)
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


def nested_fragments() -> Hostile:
    """Fragments that each spread the next one twice under two names: 2^30 fields once expanded."""
    sdl = f"{LINK}type Query {{ n: N }} type N {{ n: N a: Int }}"
    fragments = " ".join(f"fragment F{i} on N {{ l: n {{ ...F{i + 1} }} r: n {{ ...F{i + 1} }} }}" for i in range(30))
    return Hostile((sdl,), f"{{ n {{ ...F0 }} }} {fragments} fragment F30 on N {{ a }}")


def wide_unions() -> Hostile:
    """A union of 200 types within each of which it is asked for again, four deep."""
    types = " ".join(f'type U{i} @key(fields: "id") {{ id: ID! u: U a{i}: Int }}' for i in range(200))
    union = " | ".join(f"U{i}" for i in range(200))
    first = f"{LINK}type Query {{ u: U }} union U = {union} {types}"
    second = LINK + " ".join(f'type U{i} @key(fields: "id") {{ id: ID! b{i}: Int }}' for i in range(200))
    body = "__typename"
    for _ in range(4):
        body = " ".join(f"... on U{i} {{ b{i} u {{ {body} }} }}" for i in range(4)) + " ... on U9 { b9 }"
    return Hostile((first, second), f"{{ u {{ {body} }} }}")


def required_chain() -> Hostile:
    """Ten fields in ten subgraphs, each requiring the one before it."""
    subgraphs = [f'{LINK}type Query {{ e: E }} type E @key(fields: "id") {{ id: ID! r0: Int }}']
    subgraphs += [
        f'{LINK}type E @key(fields: "id") {{ id: ID! r{n - 1}: Int @external r{n}: Int @requires(fields: "r{n - 1}") }}'
        for n in range(1, 10)
    ]
    return Hostile(tuple(subgraphs), "{ e { " + " ".join(f"r{n}" for n in range(9, -1, -1)) + " } }")


HOSTILE: dict[str, Callable[[], Hostile]] = {
    "nested_fragments": nested_fragments,
    "wide_unions": wide_unions,
    "required_chain": required_chain,
}


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
    for size in SIZES:
        document = parse(operation(size), no_location=True)
        if problems := validate(planner.supergraph.api_schema, document):
            raise SystemExit(problems[0].message)
        fetches = len(fetches_of(planner.plan(document)))
        spent = milliseconds(planner, document)
        points.append(
            {"fields": size, "fetches": fetches, "cpu_ms": round(spent, 1), "us_per_field": round(spent / size * 1000)}
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


def main() -> None:
    """Measure, keep the figures, and fail where the target is missed."""
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
    [at_target] = [point for point in points if point["fields"] == TARGET]
    if at_target["cpu_ms"] > TARGET_MS:
        sys.exit(f"planning {TARGET} fields took {at_target['cpu_ms']} ms, not {TARGET_MS}")


if __name__ == "__main__":
    main()

"""What composing costs: CPU of our own subgraphs, and of subgraphs made so that checking every query is hard."""

import statistics
import sys
from collections.abc import Callable, Sequence
from typing import Any

from bench._measure import cpu_seconds, write_result
from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from leds.federation import embedded_definitions

ROUNDS = 3
TARGET_SECONDS = 2.0
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires"])\n'
)


def mesh(subgraphs: int, keys: int, types: int = 1) -> list[str]:
    """Every subgraph has every type under every key, and a link of its own to the next type."""
    sets = " ".join(f'@key(fields: "k{key}")' for key in range(keys))
    fields = " ".join(f"k{key}: ID!" for key in range(keys))
    return [
        f"{LINK}type Query {{ q{s}: T0 }} "
        + " ".join(f"type T{t} {sets} {{ {fields} own{s}: Int next{s}: T{(t + 1) % types} }}" for t in range(types))
        for s in range(subgraphs)
    ]


def ring(subgraphs: int, keys: int) -> list[str]:
    """Every subgraph knows some keys of a ring of keys: most are collected by going round."""
    return [
        f"{LINK}type Query {{ q{s}: T }} type T "
        + " ".join(f'@key(fields: "k{(s + step) % subgraphs}")' for step in range(keys))
        + f" {{ {' '.join(f'k{(s + step) % subgraphs}: ID!' for step in range(keys))} own{s}: Int next{s}: T }}"
        for s in range(subgraphs)
    ]


def requires(steps: int, subgraphs: int) -> list[str]:
    """A chain of fields, each requiring the one before it, which another subgraph has."""
    fields: list[dict[str, str]] = [{} for _ in range(subgraphs)]
    fields[0]["f0"] = ""
    for step in range(1, steps + 1):
        own = fields[step % subgraphs]
        own.setdefault(f"f{step - 1}", "@external")
        own[f"f{step}"] = f'@requires(fields: "f{step - 1}")'
    return [
        f'{LINK}type Query {{ e{s}: E }} type E @key(fields: "id") {{ id: ID! '
        + " ".join(f"{name}: Int {directive}" for name, directive in own.items())
        + " }"
        for s, own in enumerate(fields)
    ]


def translated(subgraphs: int) -> list[str]:
    """Every subgraph translates one key into the next."""
    return [
        f'{LINK}type Query {{ q{s}: T }} type T @key(fields: "k{s}") @key(fields: "k{s + 1}") '
        f"{{ k{s}: ID! k{s + 1}: ID! own{s}: Int }}"
        for s in range(subgraphs)
    ]


def keyless(pairs: int) -> list[str]:
    """A shared type without key, each field of which another subgraph lacks: many sets of subgraphs to be in."""
    return [
        f"{LINK}type Query {{ v: V @shareable }} type V {{ a: Int @shareable "
        + " ".join(
            f"{name}: V @shareable"
            for pair in range(pairs)
            for name, absent in ((f"x{pair}", 2 * pair), (f"y{pair}", 2 * pair + 1))
            if absent != s
        )
        + " }"
        for s in range(2 * pairs + 1)
    ]


def apart(subgraphs: int) -> list[str]:
    """Nobody knows another's key: nearly every query fails, and each failure is told with its reasons."""
    return [
        f'{LINK}type Query {{ q{s}: T }} type T @key(fields: "k{s}") {{ k{s}: ID! own{s}: Int }}'
        for s in range(subgraphs)
    ]


HARD: dict[str, Callable[[], list[str]]] = {
    "mesh_20_subgraphs_8_keys": lambda: mesh(20, 8),
    "mesh_20_subgraphs_8_keys_10_types": lambda: mesh(20, 8, 10),
    "ring_20_subgraphs_8_keys": lambda: ring(20, 8),
    "requires_200_steps_2_subgraphs": lambda: requires(200, 2),
    "requires_200_steps_20_subgraphs": lambda: requires(200, 20),
    "requires_200_steps_101_subgraphs": lambda: requires(200, 101),
    "translated_keys_40_subgraphs": lambda: translated(40),
    "keyless_21_subgraphs": lambda: keyless(10),
    "apart_20_subgraphs": lambda: apart(20),
}


def outcome(definitions: Sequence[SubgraphDefinition]) -> dict[str, Any]:
    """How composing ends, and the median of its CPU."""
    rounds, ended = [], ""
    for _ in range(ROUNDS):
        before = cpu_seconds()
        try:
            ended = f"{len(compose(definitions).supergraph_sdl)} characters"
        except CompositionFailed as failure:
            ended = f"{len(failure.errors)} × {', '.join(sorted({error.code for error in failure.errors}))}"
        rounds.append(cpu_seconds() - before)
    return {"ended": ended, "cpu_s": round(statistics.median(rounds), 3)}


def named(sdls: Sequence[str]) -> list[SubgraphDefinition]:
    """Subgraphs with these schemas."""
    return [SubgraphDefinition(f"s{n}", f"http://s{n}.invalid/", sdl) for n, sdl in enumerate(sdls)]


def main() -> None:
    """Measure, keep the figures, and fail where the target is missed."""
    own = outcome(embedded_definitions())
    hard = {name: outcome(named(made())) for name, made in HARD.items()}
    write_result("composition", {"own_subgraphs": own, "target_s": TARGET_SECONDS, "hard": hard})
    late = {name: figures["cpu_s"] for name, figures in hard.items() if figures["cpu_s"] > TARGET_SECONDS}
    if late:
        sys.exit(f"more than {TARGET_SECONDS} s: {late}")


if __name__ == "__main__":
    main()

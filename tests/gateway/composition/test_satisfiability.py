"""Checking that every query can be answered costs few steps, counted rather than timed, whatever the keys look like."""

import pytest

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from tests.gateway.composition.subgraphs import FEDERATION

STEPS_OF_A_RING_OF_SIX = 97


def named(sdls: list[str]) -> list[SubgraphDefinition]:
    return [SubgraphDefinition(f"s{n:03}", f"http://s{n}", FEDERATION + sdl) for n, sdl in enumerate(sdls)]


def mesh(subgraphs: int, keys: int) -> list[str]:
    sets = " ".join(f'@key(fields: "k{key}")' for key in range(keys))
    fields = " ".join(f"k{key}: ID!" for key in range(keys))
    return [f"type Query {{ q{s}: T }} type T {sets} {{ {fields} own{s}: Int next{s}: T }}" for s in range(subgraphs)]


def ring(subgraphs: int) -> list[str]:
    return [
        f'type Query {{ q{s}: T }} type T @key(fields: "k{s}") @key(fields: "k{(s + 1) % subgraphs}") '
        f"{{ k{s}: ID! k{(s + 1) % subgraphs}: ID! own{s}: Int }}"
        for s in range(subgraphs)
    ]


def requiring(steps: int, subgraphs: int) -> list[str]:
    fields = [[f"f{n - 1}: Int @external"] if n else [] for n in range(subgraphs)]
    fields[0] += ["f0: Int", f"f{subgraphs - 1}: Int @external"]
    for step in range(1, steps + 1):
        own = fields[step % subgraphs]
        own += [f"f{step - 1}: Int @external", f'f{step}: Int @requires(fields: "f{step - 1}")']
    return [
        f'type Query {{ e{s}: E }} type E @key(fields: "id") {{ id: ID! {" ".join(dict.fromkeys(own))} }}'
        for s, own in enumerate(fields)
    ]


def keyless(pairs: int) -> list[str]:
    def fields(s: int) -> str:
        return " ".join(
            f"{name}: V"
            for pair in range(pairs)
            for name, absent in ((f"x{pair}", 2 * pair), (f"y{pair}", 2 * pair + 1))
            if absent != s
        )

    return [
        f"type Query @shareable {{ v: V }} type V @shareable {{ a: Int {fields(s)} }}" for s in range(2 * pairs + 1)
    ]


HARD = {
    "a mesh of 20 subgraphs with 8 keys each": (mesh(20, 8), 200),
    "a ring of keys, each known by two neighbours": (ring(12), 1_000),
    "200 steps of @requires between two subgraphs": (requiring(200, 2), 500),
    "100 steps of @requires through 25 subgraphs": (requiring(100, 25), 500),
    "a shared type without key that 13 subgraphs have in part": (keyless(6), 2_000),
}


@pytest.mark.parametrize("case", HARD)
def test_checking_takes_few_steps_for(case: str) -> None:
    sdls, steps = HARD[case]
    assert compose(named(sdls), max_subgraph_paths=steps)


def test_a_ring_of_keys_that_is_broken_twice_cannot_be_gone_round() -> None:
    broken = ring(12)
    for s in (5, 9):
        broken[s] = f'type Query {{ q{s}: T }} type T @key(fields: "k{s + 1}") {{ k{s + 1}: ID! own{s}: Int }}'
    with pytest.raises(CompositionFailed) as caught:
        compose(named(broken))
    assert {error.code for error in caught.value.errors} == {"SATISFIABILITY_ERROR"}
    failing = [error.message for error in caught.value.errors]
    assert any("q5 {\n    own9" in message for message in failing)
    assert not any("q5 {\n    own8" in message for message in failing)


def test_fields_that_require_each_other_are_never_resolved() -> None:
    circle = [
        'type Query { e: E } type E @key(fields: "id") { id: ID! }',
        'type E @key(fields: "id") { id: ID! b: Int @external a: Int @requires(fields: "b") }',
        'type E @key(fields: "id") { id: ID! a: Int @external b: Int @requires(fields: "a") }',
    ]
    with pytest.raises(CompositionFailed, match="cannot satisfy @require conditions on field"):
        compose(named(circle))


def test_the_error_for_too_many_steps_says_what_to_do_and_where() -> None:
    with pytest.raises(CompositionFailed) as caught:
        compose(named(ring(12)), max_subgraph_paths=100)
    (error,) = caught.value.errors
    assert error.code == "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    assert "100 subgraph paths" in error.message
    assert "--max-subgraph-paths" in error.message
    assert error.locations


def test_the_steps_are_counted_alike_in_every_process() -> None:
    """Strings hash differently in each process: an order taken from a set would change the count now and then."""
    assert compose(named(ring(6)), max_subgraph_paths=STEPS_OF_A_RING_OF_SIX)
    with pytest.raises(CompositionFailed, match="subgraph paths"):
        compose(named(ring(6)), max_subgraph_paths=STEPS_OF_A_RING_OF_SIX - 1)


NARROWED = (
    "type Query { u: U @shareable } union U = X | Y type X @shareable { a: Int } type Y @shareable { a: Int }",
    "type Query { u: U @shareable } union U = X type X @shareable { a: Int }",
    "type Y @shareable { a: Int b: Int }",
)


def test_a_type_that_one_of_the_sharing_subgraphs_never_gives_is_not_asked_for() -> None:
    """Those that share a field resolve it alike: what one of them cannot give, none of them will."""
    composed = compose(named(list(NARROWED)))
    assert "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN" in {hint.code for hint in composed.hints}


def test_a_type_that_all_the_sharing_subgraphs_give_is_asked_for() -> None:
    first, _, other = NARROWED
    with pytest.raises(CompositionFailed, match=r"cannot find field \"Y\.b\""):
        compose(named([first, other]))

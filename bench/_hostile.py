"""Subgraphs and operations made to be hard to plan; nothing in them is meant to be met in earnest."""

from collections.abc import Callable
from dataclasses import dataclass

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires", "@provides"])\n'
)
MESH_SUBGRAPHS = 20
MESH_KEYS = 8


@dataclass(frozen=True, slots=True)
class Hostile:
    """An operation over subgraphs that could make planning explode."""

    subgraphs: tuple[str, ...]
    operation: str


def nested_fragments() -> Hostile:
    """Fragments that each spread the next one twice under two names: 2^30 fields once expanded."""
    sdl = f"{LINK}type Query {{ n: N }} type N {{ n: N a: Int }}"
    fragments = " ".join(f"fragment F{i} on N {{ l: n {{ ...F{i + 1} }} r: n {{ ...F{i + 1} }} }}" for i in range(30))
    return Hostile((sdl,), f"{{ n {{ ...F0 }} }} {fragments} fragment F30 on N {{ a }}")


def deep_fragments() -> Hostile:
    """Sixty fragments inside one another, each with a field of two subgraphs, and each spread twice."""
    first = f'{LINK}type Query {{ n: N }} type N @key(fields: "id") {{ id: ID! n: N a: Int }}'
    second = f'{LINK}type N @key(fields: "id") {{ id: ID! b: Int }}'
    fragments = " ".join(f"fragment F{i} on N {{ a b n {{ ...F{i + 1} ...F{i + 1} }} }}" for i in range(60))
    return Hostile((first, second), f"{{ n {{ ...F0 ...F0 }} }} {fragments} fragment F60 on N {{ a b }}")


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


def all_members() -> Hostile:
    """All 200 members of a union, each with a field of another subgraph and all 200 of them once more inside."""
    inner = " ".join(f"... on U{i} {{ b{i} }}" for i in range(200))
    body = " ".join(f"... on U{i} {{ b{i} u {{ {inner} }} }}" for i in range(0, 200, 10))
    return Hostile(wide_unions().subgraphs, f"{{ u {{ {body} }} }}")


def required_chain() -> Hostile:
    """Ten fields in ten subgraphs, each requiring the one before it."""
    subgraphs = [f'{LINK}type Query {{ e: E }} type E @key(fields: "id") {{ id: ID! r0: Int }}']
    subgraphs += [
        f'{LINK}type E @key(fields: "id") {{ id: ID! r{n - 1}: Int @external r{n}: Int @requires(fields: "r{n - 1}") }}'
        for n in range(1, 10)
    ]
    return Hostile(tuple(subgraphs), "{ e { " + " ".join(f"r{n}" for n in range(9, -1, -1)) + " } }")


def key_mesh() -> Hostile:
    """Twenty subgraphs that all have one entity under the same eight keys, and share links to it: four levels deep."""
    keys = tuple(range(MESH_KEYS))
    return Hostile(tuple(_meshed(number, keys) for number in range(MESH_SUBGRAPHS)), _mesh_operation(4))


def sparse_key_mesh() -> Hostile:
    """As `key_mesh`, but each subgraph knows only some of the keys, so that others have to be visited for them."""
    subgraphs = [
        _meshed(number, tuple(sorted({(number * 7 + step * step) % MESH_KEYS for step in range(3)})))
        for number in range(MESH_SUBGRAPHS)
    ]
    return Hostile(tuple(subgraphs), _mesh_operation(4))


def _meshed(number: int, keys: tuple[int, ...]) -> str:
    declared = " ".join(f'@key(fields: "k{key}")' for key in keys)
    fields = " ".join(f"k{key}: ID!" for key in keys)
    entity = f"type E {declared} {{ {fields} f{number}: Int both: Int @shareable l: E @shareable m: [E!] @shareable }}"
    return f"{LINK}type Query {{ e{number}: E }} {entity}"


def _mesh_operation(depth: int) -> str:
    own = " ".join(f"f{number}" for number in range(MESH_SUBGRAPHS))
    body = own
    for _ in range(depth):
        body = f"{own} both l {{ {body} }} m {{ {body} }}"
    return f"{{ e0 {{ {body} }} }}"


HOSTILE: dict[str, Callable[[], Hostile]] = {
    "nested_fragments": nested_fragments,
    "deep_fragments": deep_fragments,
    "wide_unions": wide_unions,
    "all_members": all_members,
    "required_chain": required_chain,
    "key_mesh": key_mesh,
    "sparse_key_mesh": sparse_key_mesh,
}

"""Random federations of a few subgraphs over three entities: keys, shared fields, links and `@requires` by chance.

Same source of chance, same subgraphs; not every federation composes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires"])\n'
)
TYPES = ("A", "B", "C")
KEYS = ("id", "k", "m")


@dataclass(frozen=True, slots=True)
class _Entity:
    """An entity as all its subgraphs together know it: `owners` has the subgraphs of each field and link."""

    name: str
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    links: dict[str, str]
    owners: dict[str, frozenset[int]]


def small_federation(random: Random) -> tuple[str, ...]:
    """The SDL of three or four subgraphs."""
    count = random.choice((3, 4))
    entities = [_entity(name, count, random) for name in TYPES]
    return tuple(LINK + "\n".join(_definitions(number, entities, random)) for number in range(count))


def _entity(name: str, count: int, random: Random) -> _Entity:
    fields = tuple(f"{name.lower()}{number}" for number in range(4))
    links = {f"l{other}": f"[{other}!]" if random.random() < 0.4 else other for other in TYPES if random.random() < 0.5}
    owners = {
        item: frozenset(random.sample(range(count), random.choice((1, 1, 2, 2, 3) if item in fields else (1, 1, 2))))
        for item in (*fields, *links)
    }
    return _Entity(name, tuple(random.sample(KEYS, random.randint(1, 3))), fields, links, owners)


def _definitions(number: int, entities: list[_Entity], random: Random) -> Iterator[str]:
    linked = {
        entity.links[item].strip("[]!") for entity in entities for item in entity.links if number in entity.owners[item]
    }
    known = []
    for entity in entities:
        keys = [key for key in entity.keys if random.random() < 0.7]
        if keys or entity.name in linked:
            known.append(entity.name)
            yield _type(number, entity, keys, random)
    roots = [f"q{name}{number}: {name}" for name in known if random.random() < 0.5]
    if roots:
        yield f"type Query {{ {' '.join(roots)} }}"


def _type(number: int, entity: _Entity, keys: list[str], random: Random) -> str:
    """The type as one subgraph declares it; where it has no key, it may still be linked to."""
    shown = keys or [entity.keys[0]]
    mark = "" if keys or random.random() < 0.5 else ", resolvable: false"
    lines = dict.fromkeys(shown, "ID!")
    for name in (*entity.fields, *entity.links):
        if number in entity.owners[name]:
            lines[name] = entity.links.get(name, "Int") + (" @shareable" if len(entity.owners[name]) > 1 else "")
    if not mark:
        lines |= _requiring(number, entity, lines, random)
    declared = " ".join(f'@key(fields: "{key}"{mark})' for key in shown)
    return f"type {entity.name} {declared} {{ {' '.join(f'{name}: {line}' for name, line in lines.items())} }}"


def _requiring(number: int, entity: _Entity, lines: dict[str, str], random: Random) -> dict[str, str]:
    """Some fields that only this subgraph has require a later one that it does not have."""
    found: dict[str, str] = {}
    for name in entity.fields:
        others = [other for other in entity.fields if other > name and number not in entity.owners[other]]
        if entity.owners[name] == {number} and others and random.random() < 0.25:
            needed = random.choice(others)
            found |= {name: f'{lines[name]} @requires(fields: "{needed}")', needed: "Int @external"}
    return found

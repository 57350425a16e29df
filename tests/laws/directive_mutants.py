"""Mutants of the published schemas' access directives: their SDL in, named sets of SDL out, each wrong in one place."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import DirectiveNode, parse

FOLDER = Path(__file__).parents[2] / "schema" / "subgraphs"
LOWER = {"S1": "S0", "S2": "S1", "S3": "S2", "S4": "S3"}
MASK = re.compile(r',?\s*mask: "\w+"')
SENSITIVITY = re.compile(r'sensitivity: "(S\d)"')
OPEN = "@open(inherit: false)"


@dataclass(frozen=True, slots=True)
class DirectiveMutant:
    """Published schemas of which `subgraph`'s is wrong at `coordinate`."""

    subgraph: str
    coordinate: str
    kind: str
    sdls: Mapping[str, str]

    @property
    def name(self) -> str:
        """Where, and how."""
        return f"{self.subgraph} {self.coordinate} {self.kind}"


def published() -> dict[str, str]:
    """The SDL of every subgraph by name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.graphql"))}


def directive_mutants() -> Iterator[DirectiveMutant]:
    """Each directive of each element deleted, opened, or with less in it."""
    sdls = published()
    for subgraph, text in sdls.items():
        for coordinate, directive in _applied(text):
            for kind, changed in _changes(directive, text):
                yield DirectiveMutant(subgraph, coordinate, kind, {**sdls, subgraph: changed})


def _changes(directive: DirectiveNode, text: str) -> Iterator[tuple[str, str]]:
    name = directive.name.value
    assert directive.loc
    start, end = directive.loc.start, directive.loc.end
    said = text[start:end]

    def instead(replacement: str) -> str:
        return f"{text[:start]}{replacement}{text[end:]}"

    if name in WEAKER:
        yield from ((kind, instead(weaker)) for kind, weaker in WEAKER[name](said))


def _less_dataset(said: str) -> Iterator[tuple[str, str]]:
    yield "dataset-deleted", ""
    yield "dataset-opened", OPEN
    if MASK.search(said):
        yield "mask-dropped", MASK.sub("", said)
    level = SENSITIVITY.search(said)
    if level and level[1] in LOWER:
        yield "sensitivity-lowered", said.replace(level[0], f'sensitivity: "{LOWER[level[1]]}"')


def _less_reads(said: str) -> Iterator[tuple[str, str]]:
    yield "reads-deleted", ""
    yield "reads-opened", OPEN


def _less_derived(said: str) -> Iterator[tuple[str, str]]:
    yield "derived-deleted", ""
    if said.count('"') > 2:
        yield "derived-shortened", re.sub(r'"[^"]*",?\s*', "", said, count=1)


def _less_open(said: str) -> Iterator[tuple[str, str]]:
    yield "open-deleted", ""
    if "true" in said:
        yield "inherit-dropped", OPEN


def _deleted(kind: str) -> Callable[[str], Iterator[tuple[str, str]]]:
    return lambda _said: iter([(kind, "")])


WEAKER: Mapping[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "dataset": _less_dataset,
    "reads": _less_reads,
    "derived": _less_derived,
    "open": _less_open,
    "inaccessible": _deleted("inaccessible-deleted"),
    "subject": _deleted("subject-deleted"),
    "standIn": _deleted("stand-in-deleted"),
}


def _applied(text: str) -> Iterator[tuple[str, DirectiveNode]]:
    """Every directive on a type or on a part of one, with its coordinate."""
    for node in parse(text).definitions:
        if node.kind.endswith(("type_definition", "type_extension")):
            yield from _on(node, node.name.value)  # type: ignore[attr-defined]


def _on(node: Any, coordinate: str) -> Iterator[tuple[str, DirectiveNode]]:
    yield from ((coordinate, directive) for directive in node.directives or ())
    for part in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
        yield from _on(part, f"{coordinate}.{part.name.value}")
    for part in getattr(node, "arguments", None) or ():
        yield from _on(part, f"{coordinate}({part.name.value}:)")

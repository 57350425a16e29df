"""What every merging pass is given: the subgraphs in order, what is known of each, and where findings go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from graphql.language import EnumValueNode

from gateway.composition.compose_directive import ComposedDirectives
from gateway.composition.join import enum
from gateway.composition.location import Location
from gateway.composition.model import Element, Field, Subgraph
from gateway.composition.report import Report, listed
from gateway.composition.usage import Usage

ElementT = TypeVar("ElementT", bound=Element)
Sources = tuple[ElementT | None, ...]
"""One element as each subgraph has it, by the subgraph's position; None where it has none."""


@dataclass(frozen=True, slots=True)
class MergeContext:
    """The subgraphs sorted by name, with what the passes share. `runtime_types` and `subtypes` are the supergraph's."""

    subgraphs: tuple[Subgraph, ...]
    usages: tuple[Usage, ...]
    graphs: Mapping[str, str]
    composed: ComposedDirectives
    subtypes: frozenset[tuple[str, str]]
    report: Report

    def graph(self, index: int) -> EnumValueNode:
        """The `join__Graph` value of a subgraph."""
        return enum(self.graphs[self.subgraphs[index].name])

    def is_subtype(self, name: str, other: str) -> bool:
        """Whether any subgraph makes one named type an implementation or member of another."""
        return (name, other) in self.subtypes

    def is_external(self, index: int, coordinate: str) -> bool:
        """Whether a subgraph marks a field external."""
        return self.usages[index].is_external(coordinate)

    def names(self, indexes: Sequence[int]) -> str:
        """`subgraph "A"` or `subgraphs "A" and "B"`."""
        return listed([self.subgraphs[index].name for index in indexes])

    def at(self, sources: Sequence[Element | None]) -> tuple[Location, ...]:
        """Where an element stands in each subgraph that has it."""
        pairs = zip(self.subgraphs, sources, strict=True)
        return tuple(place for subgraph, source in pairs for place in subgraph.at(source))

    def report_mismatch(self, code: str, text: str, sources: Sequence[Element | None], show: Callable) -> None:
        """An error that tells what each subgraph has: `text` it has <A> in subgraph "x" but <B> in subgraph "y"."""
        self.report.error(code, f"{text}{self.distribution(sources, show)}", self.at(sources))

    def distribution(self, sources: Sequence[ElementT | None], show: Callable[[ElementT], str]) -> str:
        """`<A> in subgraph "x" but <B> in subgraphs "y" and "z"`, in order of first appearance."""
        return self.spread([None if source is None else show(source) for source in sources])

    def spread(self, shown: Sequence[str | None]) -> str:
        """What each subgraph has, already in words, grouped."""
        groups: dict[str, list[int]] = {}
        for index, text in enumerate(shown):
            if text is not None:
                groups.setdefault(text, []).append(index)
        parts = [f"{text} in {self.names(indexes)}" for text, indexes in groups.items()]
        return " and ".join(filter(None, [" but ".join(parts[:2]), *parts[2:]]))


def present(sources: Sequence[ElementT | None]) -> list[tuple[int, ElementT]]:
    """The subgraphs that have the element, with it."""
    return [(index, source) for index, source in enumerate(sources) if source is not None]


def some(sources: Sequence[ElementT | None]) -> list[ElementT]:
    """The elements there are."""
    return [source for source in sources if source is not None]


def most_common(texts: Sequence[str]) -> str:
    """The text that appears most often, the first of them on a tie."""
    return max(dict.fromkeys(texts), key=texts.count)


def argument_sources(sources: Sequence[Field | None], name: str) -> Sources:
    """One argument as each subgraph's field has it."""
    return tuple(None if source is None else source.arguments.get(name) for source in sources)

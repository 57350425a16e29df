"""What one difference between two supergraphs is called, how much it hurts, where it is and what it says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Value = TypeVar("Value")
Key = TypeVar("Key", str, tuple[str, str])


class Severity(StrEnum):
    """How much a change hurts: an operation may stop working, may behave differently, or cannot notice."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `coordinate` is a schema coordinate of the GraphQL specification, or a subgraph's name."""

    severity: Severity
    code: str
    coordinate: str
    message: str


def breaking(code: str, coordinate: str, message: str) -> Change:
    """A change that may make a working operation fail."""
    return Change(Severity.BREAKING, code, coordinate, message)


def dangerous(code: str, coordinate: str, message: str) -> Change:
    """A change after which a working operation may behave differently."""
    return Change(Severity.DANGEROUS, code, coordinate, message)


def safe(code: str, coordinate: str, message: str) -> Change:
    """A change that no working operation can notice."""
    return Change(Severity.SAFE, code, coordinate, message)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The worst first, then by coordinate: the same two supergraphs always give the same list."""
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    return tuple(sorted(changes, key=lambda item: (ranks[item.severity], item.coordinate, item.code, item.message)))


def both(old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[tuple[str, Value, Value]]:
    """What stands under the same name in both, old and new."""
    return ((name, old[name], new[name]) for name in sorted(old.keys() & new.keys()))


def missing(old: Iterable[Key], new: Iterable[Key]) -> list[Key]:
    """What the first has and the second lacks, sorted; the other way round: what was added."""
    return sorted(set(old) - set(new))

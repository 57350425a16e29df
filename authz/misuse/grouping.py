"""Requests by what they have in common: those of a user on a day, those that crowd, those that follow each other."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol, TypeVar

from authz.misuse.rule_book import MisuseRule
from authz.misuse.signals import Finding, Signal, signal
from authz.misuse.transactions import Transaction

ERASED = "what was stated is erased"


class Timed(Protocol):
    """Something that happened at a time."""

    @property
    def at(self) -> datetime: ...


T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
E = TypeVar("E", bound=Timed)


@dataclass(slots=True)
class Findings:
    """What one rule came to: its signals, how many requests or alerts it judged, and how many it could not, by why."""

    signals: list[Signal] = field(default_factory=list)
    judged: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)


def grouped(things: Iterable[T], key: Callable[[T], K]) -> Mapping[K, list[T]]:
    """The things by their key, each group in the order of the things."""
    found: dict[K, list[T]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return found


def daily(
    rule: MisuseRule,
    found: Iterable[tuple[str, Transaction]],
    words: Mapping[str, str],
    most: Mapping[str, float] = MappingProxyType({}),
) -> Iterator[Signal]:
    """Causes with the requests that they were found in: a signal for each user, cause and day (UTC) with more requests
    than pass, which is none where `most` does not say. `words` are what a cause means."""
    groups = grouped(found, lambda each: (each[0], each[1].operator, each[1].at.astimezone(UTC).date()))
    for (cause, *_), those in groups.items():
        passing = most.get(cause, 0)
        if len(those) > passing:
            explanation = f"{counted(len(those), 'request')} {words[cause]}"
            finding = Finding(cause, len(those) / (passing or 1), explanation)
            yield signal(rule, finding, [request for _, request in those])


def counted(number: int, what: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def crowds(things: Sequence[E], most: float, within: timedelta) -> Iterator[Sequence[E]]:
    """Where more than `most` of the things (by time) lie within a time: all from the first of these until that time is
    over. What follows is looked at anew, so nothing is in two crowds."""
    start = 0
    for number, thing in enumerate(things):
        if number < start:
            continue
        while things[start].at <= thing.at - within:
            start += 1
        if number - start + 1 > most:
            end = next(
                (i for i in range(number, len(things)) if things[i].at >= things[start].at + within), len(things)
            )
            yield things[start:end]
            start = end


def runs(things: Sequence[E], gap: timedelta) -> Iterator[Sequence[E]]:
    """The things (by time) that follow each other, each at most `gap` after the one before."""
    start = 0
    for number in range(1, len(things) + 1):
        if number == len(things) or things[number].at - things[number - 1].at > gap:
            yield things[start:number]
            start = number

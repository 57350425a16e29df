"""Chance for the generator: one seeded source, the same on every machine and whatever PYTHONHASHSEED says."""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Values with weights, prepared for drawing."""

    __slots__ = ("bounds", "total", "values")

    def __init__(self, weights: Mapping[T, float]) -> None:
        self.values: Sequence[T] = tuple(weights)
        self.bounds: Sequence[float] = tuple(accumulate(weights.values()))
        self.total: float = self.bounds[-1]


class Dice:
    """Draws from one stream; two dice of the same seed text draw the same."""

    __slots__ = ("roll",)

    def __init__(self, seed: str) -> None:
        self.roll = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.roll() < probability

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound - 1."""
        return int(self.roll() * bound)

    def between(self, first: int, last: int) -> int:
        """A whole number from first to last, both included; first when the range is empty."""
        return first + int(self.roll() * max(last - first + 1, 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, each as likely."""
        return values[int(self.roll() * len(values))]

    def draw(self, weighted: Weighted[T]) -> T:
        """One of the values by weight."""
        return weighted.values[bisect(weighted.bounds, self.roll() * weighted.total)]

    def tail(self, ratio: float, most: int) -> int:
        """A count from 0 with a geometric tail: each further one with probability `ratio`, at most `most`."""
        count = 0
        while count < most and self.roll() < ratio:
            count += 1
        return count

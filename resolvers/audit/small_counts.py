"""Counts that may be told: cells of few requests are withheld, and enough others that no sum gives them away. Pure."""

from collections.abc import Iterable, Sequence

FEWEST = 5


def withheld(counts: Sequence[int]) -> frozenset[int]:
    """The places of the counts (each at least 1) that are not told: those below FEWEST and, smallest first, as many
    more as it takes until their sum does not say what they are."""
    smallest = sorted(range(len(counts)), key=lambda place: (counts[place], place))
    kept_back = [place for place in smallest if counts[place] < FEWEST]
    for place in smallest[len(kept_back) :]:
        if not kept_back or _sum_says_nothing(counts[each] for each in kept_back):
            break
        kept_back.append(place)
    return frozenset(kept_back)


def total_told(counts: Sequence[int]) -> int | None:
    """How many there are in all; None where that is few, or its sum would say what the cells withheld are."""
    hidden = withheld(counts)
    if hidden and not _sum_says_nothing(counts[place] for place in hidden):
        return None
    return sum(counts)


def _sum_says_nothing(counts: Iterable[int]) -> bool:
    """Whether each of several cells may, by their sum alone, be any of FEWEST numbers from 1 on."""
    beside = [count - 1 for count in counts]
    return len(beside) > 1 and sum(beside) >= FEWEST - 1

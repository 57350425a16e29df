"""How often something was asked lately: what is counted in, the counts with this time out. Keyed hashes only.

`TallyWindow` counts in this process, `SharedTally` (`tally_shared.py`) for all processes of a gateway.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing to count for `seconds` from its first time: the distinct `member`s under `name`, or, without a member,
    every time. What is over `most` is not remembered."""

    name: str
    member: str | None
    most: int
    seconds: int


class Tally(Protocol):
    """Counts, and forgets what is over."""

    async def count(self, counted: Sequence[Counted], now: float) -> tuple[int, ...]:
        """How many each comes to with this one; no higher than one over its `most`. Raises TallyUnavailable."""
        ...

    async def check(self) -> None:
        """Make sure that it can be counted. Raises TallyUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


@dataclass(slots=True)
class _Kept:
    until: float
    members: set[str]
    times: int = 0


class TallyWindow:
    """The counts of this process. When it is full it forgets the oldest: no caller can fill it alone, because each is
    held to a number of look-ups."""

    def __init__(self, capacity: int = MOST_KEPT) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def count(self, counted: Sequence[Counted], now: float) -> tuple[int, ...]:
        """See Tally."""
        return tuple(self._counted(each, now) for each in counted)

    async def check(self) -> None:
        """See Tally: memory always answers."""

    async def close(self) -> None:
        """Nothing is held."""

    def _counted(self, each: Counted, now: float) -> int:
        kept = self._kept.get(each.name)
        if kept is None or kept.until <= now:
            self._kept.pop(each.name, None)
            if len(self._kept) >= self._capacity:
                self._kept.popitem(last=False)
            kept = self._kept[each.name] = _Kept(now + each.seconds, set())
        if each.member is None:
            kept.times = min(kept.times + 1, each.most + 1)
            return kept.times
        if each.member not in kept.members:
            if len(kept.members) >= each.most:
                return each.most + 1
            kept.members.add(each.member)
        return len(kept.members)

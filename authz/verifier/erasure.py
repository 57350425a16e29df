"""Which leaves and parts are gone, and which of them a later ERASE event names. Does no I/O.

Remembers what is gone and not yet named, and nothing else.
"""

from collections.abc import Iterator

from authz.verifier.leaf import Leaf


class Erasures:
    """Runs of leaves of which only hashes are kept, and erased parts."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []
        self._parts: set[tuple[int, int]] = set()

    def leaf_gone(self, position: int) -> None:
        """Of this leaf, and no earlier one from now on, only the hash is there."""
        if self._runs and self._runs[-1][1] == position - 1:
            self._runs[-1] = (self._runs[-1][0], position)
        else:
            self._runs.append((position, position))

    def part_gone(self, position: int, slot: int) -> None:
        """This part was erased."""
        self._parts.add((position, slot))

    def explain(self, leaf: Leaf) -> None:
        """What `leaf` says was erased is accounted for."""
        if leaf.erased_part is not None:
            self._parts.discard(leaf.erased_part)
        if leaf.erased_run is not None:
            named_first, named_last = leaf.erased_run
            left = ((first, last) for run in self._runs for first, last in _without(run, named_first, named_last))
            self._runs = list(left)

    def runs(self) -> tuple[tuple[int, int], ...]:
        """First and last position of each run of leaves that are gone and that nothing names."""
        return tuple(self._runs)

    def parts(self) -> tuple[tuple[int, int], ...]:
        """Position and slot of each part that is gone and that nothing names."""
        return tuple(sorted(self._parts))


def _without(run: tuple[int, int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """What is left of a run without the positions from `first` to `last`."""
    if last < run[0] or run[1] < first or last < first:
        yield run
        return
    if run[0] < first:
        yield run[0], first - 1
    if last < run[1]:
        yield last + 1, run[1]

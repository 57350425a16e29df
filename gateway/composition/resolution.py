"""Who can resolve what from where: the positions that keys lead to, and where a field leads from them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.composition.budget import Budget
from gateway.composition.fixpoint import Fixpoint
from gateway.composition.moves import Door, Moves, Position
from gateway.composition.needs import Need


class Reached(NamedTuple):
    """The positions reachable by keys, in the order they are found from the nearest on, and the types they are on."""

    ranks: dict[Position, int]
    types: tuple[str, ...]


class Resolution:
    """Answers, for one migration, what can be resolved; results are kept, so build it once."""

    def __init__(self, moves: Moves, budget: Budget) -> None:
        self.moves = moves
        self.subgraphs = moves.subgraphs
        self._fixpoint = Fixpoint(moves, budget)
        self._reached: dict[tuple[Position, str], Reached] = {}

    def satisfies(self, position: Position, needs: Iterable[Need]) -> bool:
        """Whether all needs can be resolved from a position; a need that depends on itself cannot."""
        return all(self._fixpoint.holds(position, need) for need in needs)

    def reach(self, start: Position, name: str) -> Reached:
        """Every position reachable by keys for objects of one type."""
        found = self._reached.get((start, name))
        if found is None:
            ranks = self._find(start, name)
            found = Reached(ranks, tuple(dict.fromkeys(position.type for position in ranks)))
            self._reached[start, name] = found
        return found

    def leading(self, starts: Iterable[Position], name: str) -> list[Position]:
        """The starts without those that an earlier one reaches: they lead nowhere else."""
        kept: list[Position] = []
        for start in starts:
            if not any(start in self.reach(other, name).ranks for other in kept):
                kept.append(start)
        return kept

    def horizon(self, starts: Iterable[Position], name: str) -> frozenset[Position] | None:
        """What decides where every field leads from the starts: the positions reached.

        None when it also depends on the start, which resolves provided fields or could not be come back to.
        """
        horizon: set[Position] = set()
        for start in starts:
            if start.provided or not self.moves.can_resume(start):
                return None
            horizon.update(self.reach(start, name).ranks)
        return frozenset(horizon)

    def _find(self, start: Position, name: str) -> dict[Position, int]:
        reached = {start: 0}
        closed: dict[tuple[str, ...], dict[tuple[Need, ...], list[tuple[int, Door]]]] = {}
        waiting = [start]
        for position in waiting:
            family = self.moves.family(position)
            if family not in closed:
                doors = closed.setdefault(family, {})
                for rank, door in enumerate(self.moves.doors(family)):
                    doors.setdefault(door.key, []).append((rank, door))
            for door in self._opened(position, start, closed[family]):
                target = self.moves.cast(door.target, name)
                if target is not None and target not in reached:
                    reached[target] = len(reached)
                    waiting.append(target)
        return reached

    def _opened(
        self, position: Position, start: Position, closed: dict[tuple[Need, ...], list[tuple[int, Door]]]
    ) -> list[Door]:
        """The doors into other subgraphs that a position opens first; what it opens is taken out of `closed`."""
        found: list[tuple[int, Door]] = []
        for key, doors in list(closed.items()):
            if self.satisfies(position, key) or (position != start and self.satisfies(start, key)):
                found += [(rank, door) for rank, door in doors if door.target.subgraph != position.subgraph]
                own = [(rank, door) for rank, door in doors if door.target.subgraph == position.subgraph]
                if own:
                    closed[key] = own
                else:
                    del closed[key]
        return [door for _, door in sorted(found, key=lambda item: item[0])]

    def options(self, start: Position, field: str, name: str, around: frozenset[str]) -> list[Position]:
        """Where a field of one type's objects leads when asked from a position, through whatever keys that takes.

        `around`: the contexts that the objects around those set.
        """
        reached = self.reach(start, name)
        found = sorted(set(self._holders(start, field, reached)), key=reached.ranks.__getitem__)
        targets = []
        for position in found:
            edge = self.moves.edge(position, field)
            if edge is None or not edge.reads <= around:
                continue
            if not edge.requires or self.can_require(position, start, edge.requires):
                targets.append(edge.target)
        return list(dict.fromkeys(targets))

    def _holders(self, start: Position, field: str, reached: Reached) -> Iterator[Position]:
        yield start
        for owner in reached.types:
            yield from (p for p in self.moves.holders(owner, field) if p in reached.ranks)

    def can_require(self, position: Position, start: Position, needs: tuple[Need, ...]) -> bool:
        """Whether @requires can be fulfilled from here, and the query come back, by the key it came by or another."""
        if self.moves.is_local(position, needs):
            return True
        return (position != start or self.moves.has_way_back(position)) and self.satisfies(position, needs)

"""What a query can collect from a position, by whatever keys and @requires that takes.

Collecting a field may take keys that have to be collected first, and so in circles. Nothing is searched path by path:
the answer is the least fixed point of two monotone rules, kept by goal, found with an agenda of the goals whose grounds
have grown. A circle of goals that only ground each other stays ungrounded: a need that depends on itself is not met.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.composition.budget import Budget
from gateway.composition.model import Kind
from gateway.composition.moves import Door, Moves, Position
from gateway.composition.needs import Need


@dataclass(slots=True, eq=False, kw_only=True)
class _Goal:
    """Something to find out; `grounds` are the goals that may follow from it once it grows."""

    grounds: dict["_Collected | _Reached", None] = field(default_factory=dict)
    is_waiting: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class _Collected(_Goal):
    """Whether a need can be collected from a position."""

    position: Position
    need: Need
    holds: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class _Reached(_Goal):
    """The positions reachable by keys from `members[0]`, and the doors not opened yet, by key within each family.

    `absorbed` counts, for each member, how many of the positions reachable from it have been taken over.
    """

    members: list[Position]
    known: set[Position]
    names: dict[str, None] = field(default_factory=dict)
    closed: dict[tuple[str, ...], dict[tuple[Need, ...], list[Door]]] = field(default_factory=dict)
    absorbed: dict[Position, int] = field(default_factory=dict)


class Fixpoint:
    """Answers, for one migration, what can be collected from where; every answer is final and kept."""

    def __init__(self, moves: Moves, budget: Budget) -> None:
        self._moves = moves
        self._budget = budget
        self._collected: dict[tuple[Position, Need], _Collected] = {}
        self._reached: dict[Position, _Reached] = {}
        self._agenda: list[_Collected | _Reached] = []

    def holds(self, position: Position, need: Need) -> bool:
        """Whether the need can be collected from the position.

        Raises:
            PathsExhausted: finding out takes more steps than allowed.
        """
        goal = self._collected_goal(position, need)
        while self._agenda:
            current = self._agenda.pop()
            current.is_waiting = False
            self._budget.spend(1)
            grew = self._open_doors(current) if isinstance(current, _Reached) else self._collect(current)
            if grew:
                for other in current.grounds:
                    self._await(other)
        return goal.holds

    def _await(self, goal: "_Collected | _Reached") -> None:
        if not goal.is_waiting:
            goal.is_waiting = True
            self._agenda.append(goal)

    def _collected_goal(self, position: Position, need: Need) -> _Collected:
        goal = self._collected.get((position, need))
        if goal is None:
            goal = _Collected(position=position, need=need, holds=self._moves.is_local(position, (need,)))
            self._collected[position, need] = goal
            if not goal.holds:
                self._await(goal)
        return goal

    def _all(self, position: Position, needs: tuple[Need, ...], asking: "_Collected | _Reached") -> bool:
        """Whether all needs are known to be met by now; the goal that asks hears of those that are met later."""
        for need in needs:
            goal = self._collected_goal(position, need)
            if not goal.holds:
                goal.grounds[asking] = None
                return False
        return True

    def _reached_goal(self, start: Position, asking: "_Collected | _Reached") -> _Reached:
        goal = self._reached.get(start)
        if goal is None:
            goal = self._reached[start] = _Reached(members=[], known=set())
            self._add(goal, start)
            self._await(goal)
        if any(goal.closed.values()):
            goal.grounds[asking] = None
        return goal

    def _add(self, goal: _Reached, position: Position) -> None:
        if position in goal.known:
            return
        goal.known.add(position)
        goal.members.append(position)
        goal.names[position.type] = None
        family = self._moves.family(position)
        if family not in goal.closed:
            closed = goal.closed.setdefault(family, {})
            for door in self._moves.doors(family):
                closed.setdefault(door.key, []).append(door)

    def _open_doors(self, goal: _Reached) -> bool:
        """Rule: a door opens when its key can be collected from the start, or opens for a position reached.

        A start's own subgraph is only come back to from another one.
        """
        before = size = len(goal.members)
        start = goal.members[0]
        while True:
            for closed in list(goal.closed.values()):
                for key in [key for key in closed if self._all(start, key, goal)]:
                    back = [door for door in closed.pop(key) if not self._enter(goal, door)]
                    if back:
                        closed[key] = back
            self._absorb(goal)
            if size == len(goal.members):
                return size > before
            size = len(goal.members)

    def _enter(self, goal: _Reached, door: Door) -> bool:
        inside = door.target.subgraph == goal.members[0].subgraph
        if inside and len(goal.members) == 1:
            return False
        self._add(goal, door.target)
        return True

    def _absorb(self, goal: _Reached) -> None:
        """Whatever can be reached from a position reached is reached."""
        for member in goal.members[1:]:
            if any(goal.closed.values()):
                other = self._reached_goal(member, goal)
                for position in other.members[goal.absorbed.get(member, 1) :]:
                    self._add(goal, position)
                goal.absorbed[member] = len(other.members)

    def _collect(self, goal: _Collected) -> bool:
        """Rule: a need is met by a field of a position reached, or on each type of an interface."""
        if goal.holds:
            return False
        position, need = goal.position, goal.need
        cast = self._moves.cast(position, need.on) if need.on else position
        goal.holds = cast is None or self._resolves(cast, need, goal) or self._resolves_each_type(cast, need, goal)
        return goal.holds

    def _resolves(self, start: Position, need: Need, goal: _Collected) -> bool:
        for position in self._candidates(self._reached_goal(start, goal), need.field):
            edge = self._moves.edge(position, need.field)
            if edge is None or not edge.is_decided:
                continue
            if edge.requires and not self._can_require(position, edge.requires, goal, came=position != start):
                continue
            if self._all(edge.target, need.below, goal):
                return True
        return False

    def _candidates(self, reached: _Reached, name: str) -> Iterator[Position]:
        start = reached.members[0]
        if start.provided:
            yield start
        for owner in list(reached.names):
            yield from (p for p in self._moves.holders(owner, name) if p in reached.known)

    def _can_require(self, position: Position, needs: tuple[Need, ...], goal: _Collected, *, came: bool) -> bool:
        if self._moves.is_local(position, needs):
            return True
        return (came or self._moves.has_way_back(position)) and self._all(position, needs, goal)

    def _resolves_each_type(self, position: Position, need: Need, goal: _Collected) -> bool:
        """An interface's field can be asked from each of its types instead."""
        owner = self._moves.type_at(position)
        if owner is None or owner.kind is not Kind.INTERFACE:
            return False
        names = self._moves.runtime_types(position.subgraph, owner.name)
        positions = [Position(position.subgraph, name, position.provided) for name in names]
        plain = (Need(need.field, need.below),)
        return bool(positions) and all(self._all(p, plain, goal) for p in positions)

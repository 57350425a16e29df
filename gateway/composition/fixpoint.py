"""What a query can collect from a position, by whatever keys and @requires that takes.

Collecting a field may take keys that have to be collected first, and so in circles. Nothing is searched path by path:
the answer is the least fixed point of two monotone rules, kept by goal, found with an agenda of the goals whose grounds
have grown. A circle of goals that only ground each other stays ungrounded: a need that depends on itself is not met.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.composition.budget import Budget
from gateway.composition.model import Kind
from gateway.composition.moves import Moves, Position
from gateway.composition.needs import Need


@dataclass(slots=True, eq=False, kw_only=True)
class _Collected:
    """Whether a need can be collected from a position; `asking` are the goals that wait for it."""

    position: Position
    need: Need
    holds: bool = False
    asking: dict["_Goal", None] = field(default_factory=dict)
    is_waiting: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class _Reached:
    """The positions reachable by keys from `members[0]`.

    `closed`: the doors not opened yet, by key; `blocked`: their keys, by the need that each waits for. `back`: doors
    opened that lead into the start's own subgraph. Of the members, `entered` have had their doors noted and `followed`
    are followed further; `absorbed` counts what has been taken over from one. `news`: the goals that grew.
    """

    members: list[Position]
    known: set[Position]
    names: dict[str, None] = field(default_factory=dict)
    families: set[tuple[str, ...]] = field(default_factory=set)
    closed: dict[tuple[Need, ...], list[Position]] = field(default_factory=dict)
    blocked: dict[Need, list[tuple[Need, ...]]] = field(default_factory=dict)
    back: list[Position] = field(default_factory=list)
    entered: int = 0
    followed: int = 1
    absorbed: dict["_Reached", int] = field(default_factory=dict)
    news: dict["_Goal", None] = field(default_factory=dict)
    asking: dict[str, dict[_Collected, None]] = field(default_factory=dict)
    following: dict["_Reached", None] = field(default_factory=dict)
    is_waiting: bool = False


_Goal = _Collected | _Reached


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
            if isinstance(current, _Reached):
                self._advance(current)
            elif not current.holds and self._collect(current):
                self._tell(current)
        return goal.holds

    def _await(self, goal: _Goal) -> None:
        if not goal.is_waiting:
            goal.is_waiting = True
            self._agenda.append(goal)

    def _tell(self, goal: _Collected) -> None:
        goal.holds = True
        for other in goal.asking:
            if isinstance(other, _Reached):
                other.news[goal] = None
            self._await(other)
        goal.asking.clear()

    def _collected_goal(self, position: Position, need: Need) -> _Collected:
        goal = self._collected.get((position, need))
        if goal is None:
            goal = _Collected(position=position, need=need, holds=self._moves.is_local(position, (need,)))
            self._collected[position, need] = goal
            if not goal.holds:
                self._await(goal)
        return goal

    def _unmet(self, position: Position, needs: tuple[Need, ...], asking: _Goal) -> Need | None:
        """The first need that is not known to be met by now: the goal that asks hears of it when it is met later."""
        for need in needs:
            goal = self._collected_goal(position, need)
            if not goal.holds:
                goal.asking[asking] = None
                return need
        return None

    def _reached_goal(self, start: Position) -> _Reached:
        goal = self._reached.get(start)
        if goal is None:
            goal = self._reached[start] = _Reached(members=[start], known={start}, names={start.type: None})
            self._await(goal)
        return goal

    def _advance(self, goal: _Reached) -> None:
        """Rule: a door opens when its key can be collected from the start, or opens for a position reached."""
        size = len(goal.members)
        news, goal.news = goal.news, {}
        for other in news:
            if isinstance(other, _Reached):
                self._absorb(goal, other)
                continue
            for key in goal.blocked.pop(other.need, ()):
                self._try_key(goal, key)
        while goal.entered < len(goal.members) or (goal.closed and goal.followed < len(goal.members)):
            if goal.entered < len(goal.members):
                self._note_doors(goal, goal.members[goal.entered])
                goal.entered += 1
            else:
                other = self._reached_goal(goal.members[goal.followed])
                other.following[goal] = None
                goal.followed += 1
                self._absorb(goal, other)
        self._announce(goal, goal.members[size:])

    def _note_doors(self, goal: _Reached, position: Position) -> None:
        family = self._moves.family(position)
        if family in goal.families:
            return
        goal.families.add(family)
        noted: dict[tuple[Need, ...], list[Position]] = {}
        for door in self._moves.doors(family):
            noted.setdefault(door.key, []).append(door.target)
        for key, targets in noted.items():
            goal.closed.setdefault(key, []).extend(targets)
        for key in noted:
            self._try_key(goal, key)

    def _try_key(self, goal: _Reached, key: tuple[Need, ...]) -> None:
        unmet = self._unmet(goal.members[0], key, goal)
        if unmet is None:
            self._add(goal, goal.closed.pop(key, ()))
        else:
            goal.blocked.setdefault(unmet, []).append(key)

    def _absorb(self, goal: _Reached, other: _Reached) -> None:
        """Whatever can be reached from a position reached is reached."""
        if goal.closed:
            self._add(goal, other.members[goal.absorbed.get(other, 1) :])
            goal.absorbed[other] = len(other.members)

    def _add(self, goal: _Reached, targets: Sequence[Position]) -> None:
        """A start's own subgraph is only come back to from another one."""
        own = goal.members[0].subgraph
        goal.back += [target for target in targets if target.subgraph == own]
        for position in targets:
            if position.subgraph != own:
                self._enter(goal, position)
        if len(goal.members) > 1:
            for position in goal.back:
                self._enter(goal, position)
            goal.back.clear()

    def _enter(self, goal: _Reached, position: Position) -> None:
        if position not in goal.known:
            goal.known.add(position)
            goal.members.append(position)
            goal.names[position.type] = None

    def _announce(self, goal: _Reached, positions: list[Position]) -> None:
        """Wakes those that follow, and of those that ask for a field the ones whose field has come within reach."""
        if not positions:
            return
        for other in goal.following:
            other.news[goal] = None
            self._await(other)
        for position in positions:
            owner = self._moves.type_at(position)
            for name in goal.asking if owner else ():
                if owner and name in owner.fields:
                    for asking in goal.asking[name]:
                        self._await(asking)

    def _collect(self, goal: _Collected) -> bool:
        """Rule: a need is met by a field of a position reached, or on each type of an interface."""
        position, need = goal.position, goal.need
        cast = self._moves.cast(position, need.on) if need.on else position
        return cast is None or self._resolves(cast, need, goal) or self._resolves_each_type(cast, need, goal)

    def _resolves(self, start: Position, need: Need, goal: _Collected) -> bool:
        reached = self._reached_goal(start)
        reached.asking.setdefault(need.field, {})[goal] = None
        for position in self._candidates(reached, need.field):
            edge = self._moves.edge(position, need.field)
            if edge is None or not edge.is_decided:
                continue
            if edge.requires and not self._can_require(position, start, edge.requires, goal):
                continue
            if self._unmet(edge.target, need.below, goal) is None:
                return True
        return False

    def _candidates(self, reached: _Reached, name: str) -> list[Position]:
        start = reached.members[0]
        found = [start] if start.provided else []
        for owner in reached.names:
            found += [position for position in self._moves.holders(owner, name) if position in reached.known]
        return found

    def _can_require(self, position: Position, start: Position, needs: tuple[Need, ...], goal: _Collected) -> bool:
        if self._moves.is_local(position, needs):
            return True
        can_return = position != start or self._moves.has_way_back(position)
        return can_return and self._unmet(position, needs, goal) is None

    def _resolves_each_type(self, position: Position, need: Need, goal: _Collected) -> bool:
        """An interface's field can be asked from each of its types instead."""
        owner = self._moves.type_at(position)
        if owner is None or owner.kind is not Kind.INTERFACE:
            return False
        names = self._moves.runtime_types(position.subgraph, owner.name)
        positions = [Position(position.subgraph, name, position.provided) for name in names]
        plain = (Need(need.field, need.below),)
        return bool(positions) and all(self._unmet(p, plain, goal) is None for p in positions)

"""Places the fields of one object on visits: at home, at a subgraph visited already, or at a new one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gateway.planning.graph import Graph, Resolver, Target
from gateway.planning.reach import applying, known_below, reach_of
from gateway.planning.routes import Place, Route, Routing, Served, Step, Visit, route_of, steps_below
from gateway.planning.selections import Conditions, Field, Fragment, Selections, leaves

Guard = frozenset[tuple[str, str, Selections]]
Answer = tuple[int, int]
"""(visit, served): where the answer to a field is."""


@dataclass(frozen=True, slots=True)
class State:
    """The visits so far, what the fields placed so far miss, and what all this costs (as in `Route`)."""

    visits: tuple[Visit, ...]
    missing: Selections = ()
    depth: int = 0
    steps: frozenset[Step] = frozenset()
    waiting: int = 0
    size: int = 0

    def served(self, index: int, served: Served) -> "State":
        """The state in which one visit answers one field more."""
        visit, child = self.visits[index], served.child
        visits = list(self.visits)
        visits[index] = visit.serving(served)
        return State(
            visits=tuple(visits),
            missing=self.missing,
            depth=max(self.depth, visit.level + child.depth) if child else self.depth,
            steps=self.steps | steps_below(visit.level, (served.field.key,), child) if child else self.steps,
            waiting=self.waiting + visit.level + (child.waiting + visit.level * child.size if child else 0),
            size=self.size + 1 + (child.size if child else 0),
        )

    def entered(self, visit: Visit) -> "State":
        """The state with one visit more."""
        return State(
            visits=(*self.visits, visit),
            missing=self.missing,
            depth=max(self.depth, visit.level),
            steps=self.steps | {((), visit.subgraph, visit.level)},
            waiting=self.waiting,
            size=self.size,
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """A state in which one more field has its answer."""

    state: State
    answer: Answer
    missing: Field | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A visit to be made: of a target, with what is required beside its key, under conditions."""

    target: Target
    requires: Selections
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class Visiting:
    """Everything that stays the same while the fields of one object are placed.

    `home` resolves fields where the object is; `targets` are where it can be looked up (`kept` are their ids); `reach`
    says how far away fields are at least. The client's fields named in `away` are not answered at home. Objects are
    taken `whole`, or in parts that need no fetches below them: from visits made for something else (`free`) or `any`.
    """

    routing: Routing
    place: Place
    home: dict[str, Resolver]
    targets: tuple[Target, ...]
    reach: dict[str, int]
    kept: frozenset[int]
    away: frozenset[str] = frozenset()
    parts: Literal["whole", "free", "any"] = "whole"

    def start(self) -> State:
        """The state in which only home is visited."""
        return State((Visit(self.place.subgraph, self.place.type),))

    def finish(self, state: State) -> Route:
        """The route of a state."""
        return route_of(self.place, state.visits, missing=state.missing)

    def find(self, state: State, field: Field, complete: bool = True) -> Placement | None:
        """The cheapest placement of the field; an incomplete one (fewest missing) only when asked for."""
        return self._find(state, field, frozenset(), self.reach.get(field.name, 0) + len(self.targets), complete)

    def enter(self, state: State, target: Target, conditions: Conditions) -> tuple[State, int] | None:
        """A state in which `target` is visited under the conditions, and the index of that visit."""
        return self._enter(state, _Entry(target, (), conditions), frozenset(), 1 + len(self.targets))

    def at(self, state: State, index: int, field: Field) -> Placement | None:
        """The placement of a field on one of the visits made; None where that does not answer it."""
        resolver = self._direct(index, state.visits[index], field)
        return self._serve(state, index, field, resolver) if resolver else None

    def _find(self, state: State, field: Field, guard: Guard, hops: int, complete: bool) -> Placement | None:
        """Look with as few new visits in a row as can do, then with more.

        Objects the client wants are looked for one round further: a longer way may save fetches below them.
        """
        if field.name not in self.reach:
            return None
        if not field.selections and (nearest := self._nearest(state, field)):
            return nearest
        best: Placement | None = None
        for allowed in range(self.reach[field.name], hops + 1):
            found = list(self._tried(self._options(state, field, guard, allowed)))
            whole = [item for item in found if item.missing is None]
            if best is None and not whole and (complete or allowed < hops):
                continue
            settled = best is not None or guard or not field.selections or self.routing.thrifty
            candidates = ([best] if best else []) + (whole or ([] if complete else found))
            best = min(candidates, key=self._order, default=None)
            if settled or best is None or self._is_free(state, best):
                break
        return best

    def _nearest(self, state: State, field: Field) -> Placement | None:
        """A leaf answered by a visit already made, no later than it can be had at all: nothing is cheaper."""
        self.routing.spend()
        for index, visit in enumerate(state.visits):
            if visit.level <= self.reach[field.name] and (resolver := self._direct(index, visit, field)):
                return self._serve(state, index, field, resolver)
        return None

    def _order(self, placement: Placement) -> tuple[int, ...]:
        """The cost of a placement, as in `Cost`."""
        missing, state = placement.missing, placement.state
        return leaves((missing,)) if missing else 0, state.depth, len(state.steps), state.waiting, state.size

    def _is_free(self, before: State, placement: Placement) -> bool:
        """Whether the placement makes no fetch: neither the depth nor the steps, which only grow, have grown."""
        new = placement.state
        return before.depth == new.depth and len(before.steps) == len(new.steps) and placement.missing is None

    def _tried(self, options: Iterator[Placement]) -> Iterator[Placement]:
        """All the options; when the budget runs low, up to the first that answers the field whole."""
        for option in options:
            yield option
            if option.missing is None and self.routing.thrifty:
                return

    def _options(self, state: State, field: Field, guard: Guard, hops: int) -> Iterator[Placement]:
        """Every way to answer the field with at most `hops` new visits in a row."""
        self.routing.spend()
        for index, visit in enumerate(state.visits):
            resolver = self._direct(index, visit, field)
            if resolver:
                yield self._serve(state, index, field, resolver)
        if hops == 0:
            return
        for target in self.able(field.name):
            resolver = self.routing.graph.fields[target.subgraph, target.type][field.name]
            if not resolver.requires and self._visited(state, target, field, again=bool(resolver.arguments)):
                continue
            entered = self._enter(state, _Entry(target, resolver.requires, field.conditions), guard, hops)
            if entered:
                yield self._serve(*entered, field, resolver)
                if not field.selections and self._is_nearest(state, field, entered[0]):
                    return

    def _is_nearest(self, before: State, leaf: Field, after: State) -> bool:
        """Whether one visit more, as early as can be, has the leaf: no other option is cheaper."""
        added = len(after.visits) - len(before.visits)
        return added == 1 and after.visits[-1].level <= self.reach[leaf.name]

    def able(self, name: str) -> Iterator[Target]:
        """The targets that answer a field of the name."""
        for target in self.routing.graph.answering.get(self.place.type, {}).get(name, ()):
            if id(target) in self.kept:
                yield target

    def _visited(self, state: State, target: Target, field: Field, *, again: bool) -> bool:
        """Whether a visit of the target at the lowest level already serves the field's conditions.

        `again`: the field waits for a context, so that home, asked before this was known, has to be visited again.
        """
        return any(
            (visit.subgraph, visit.type) == (target.subgraph, target.type)
            and not visit.requires
            and set(visit.conditions) <= set(field.conditions)
            for visit in state.visits[int(again) :]
        )

    def _direct(self, index: int, visit: Visit, field: Field) -> Resolver | None:
        """How a visit made so far can answer the field, if it can."""
        if index == 0:
            return None if field.key in self.away and not field.internal else self.home.get(field.name)
        if visit.revealed or not set(visit.conditions) <= set(field.conditions):
            return None
        resolver = self.routing.graph.resolver(visit.subgraph, visit.type, field.name)
        if resolver is None or resolver.external or resolver.requires not in ((), visit.requires):
            return None
        return resolver

    def _enter(self, state: State, entry: "_Entry", guard: Guard, hops: int) -> tuple[State, int] | None:
        """Visit the target: its key and what is required are placed on the visits before it, recursively."""
        target = entry.target
        mark = (target.subgraph, target.type, entry.requires)
        if mark in guard:
            return None
        self.routing.spend()
        inputs = self.routing.conditioned(target.key + entry.requires, entry.conditions)
        needs: list[Answer] = []
        for item in applying(self.routing.graph, self.place.type, inputs):
            found = self._find(state, item, guard | {mark}, hops - 1, complete=True)
            if found is None:
                return None
            state = found.state
            needs.append(found.answer)
        level = 1 + max((self._answered(state, answer) for answer in needs), default=0)
        visit = Visit(target.subgraph, target.type, level, inputs, entry.requires, entry.conditions, tuple(needs))
        return state.entered(visit), len(state.visits)

    def _answered(self, state: State, answer: Answer) -> int:
        """The level after which an answer, with everything below it, is there."""
        visit = state.visits[answer[0]]
        child = visit.served[answer[1]].child
        return visit.level + (child.depth if child else 0)

    def _serve(self, state: State, index: int, field: Field, resolver: Resolver) -> Placement:
        visit = state.visits[index]
        if field.internal:
            for position, served in enumerate(visit.served):
                if served.field is field:
                    return Placement(state, (index, position))
        child = self._child(visit, index, field, resolver) if field.selections else None
        missing = replace(field, selections=child.missing) if child and child.missing else None
        state = state.served(index, Served(field, child, resolver.lists))
        return Placement(state, (index, len(visit.served)), missing)

    def _child(self, visit: Visit, index: int, field: Field, resolver: Resolver) -> Route:
        """The route below the field, from the subgraph that answers it."""
        graph = self.routing.graph
        peers = frozenset(self._peers(visit, field))
        name = resolver.named_type
        possible = graph.possible.get((visit.subgraph, name), frozenset())
        if name in graph.unions:
            for peer in peers:
                other = graph.resolver(peer, visit.type, field.name)
                if other:
                    possible &= graph.possible.get((peer, other.named_type), possible)
        provided = resolver.provides + (_below(self.place.provided, field.name) if index == 0 else ())
        local = self.place.local or (self.parts != "whole" and not field.internal)
        known = known_below(graph, self.place, visit, home=index == 0)
        below = Place(visit.subgraph, name, possible, provided, peers, local, known)
        return self.routing.route(below, field.selections)

    def _peers(self, visit: Visit, field: Field) -> Iterator[str]:
        """The other subgraphs that could answer the field for this very object."""
        targets = self.routing.graph.keepers.get(self.place.type, ())
        for other in self.routing.graph.resolving.get((visit.type, field.name), ()):
            near = other in targets or other in self.place.peers or other == self.place.subgraph
            if near and other != visit.subgraph:
                yield other


def _below(provided: Selections, name: str) -> Selections:
    """What is provided below a provided field."""
    found: Selections = ()
    for item in provided:
        if isinstance(item, Fragment):
            found += _below(item.selections, name)
        elif item.name == name:
            found += item.selections
    return found


def visiting_of(routing: Routing, place: Place, home: dict[str, Resolver], targets: tuple[Target, ...]) -> Visiting:
    """Visits of an object from a place where `home` answers fields, to `targets`."""
    useful = tuple(_worth_trying(routing.graph, place.type, home, targets))
    reach = reach_of(routing.graph, place.type, home, useful)
    return Visiting(routing, place, home, useful, reach, frozenset(map(id, useful)))


def _worth_trying(graph: Graph, type_name: str, home: dict[str, Resolver], targets: tuple[Target, ...]) -> list[Target]:
    """The targets without those that cannot be cheaper: a key that is at hand leaves no use for a subgraph's others."""
    at_hand: dict[tuple[str, str], tuple[int, Target]] = {}
    for target in targets:
        fields = list(applying(graph, type_name, target.key))
        if all(item.name in home and not item.selections for item in fields):
            best = at_hand.setdefault((target.subgraph, target.type), (len(fields), target))
            if len(fields) < best[0]:
                at_hand[target.subgraph, target.type] = (len(fields), target)
    if not at_hand:
        return list(targets)
    return [item for item in targets if at_hand.get((item.subgraph, item.type), (0, item))[1] is item]


def answered_at_home(state: State, fields: tuple[Field, ...]) -> State:
    """The state with `fields`, which have nothing below them and are always known (`__typename`), answered at home."""
    for field in fields:
        state = state.served(0, Served(field))
    return state

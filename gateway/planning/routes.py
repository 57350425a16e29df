"""Routes: for an object and what is wanted of it, which subgraphs are visited and what each serves. Frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from gateway.planning.graph import Graph
from gateway.planning.selections import Conditions, Field, Selections, leaves

Step = tuple[tuple[str, ...], str, int]
"""A fetch as far as cost goes: response keys below the object, subgraph, level. Equal steps become one fetch."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is: in an answer of `subgraph`, as `type`, with one of the `possible` run-time types.

    `provided` is what `@provides` adds here; `peers` are the subgraphs that could have given the same object; in a
    `local` place nothing may be looked up elsewhere; `contexts` were known before the subgraph was asked.
    """

    subgraph: str
    type: str
    possible: frozenset[str]
    provided: Selections = ()
    peers: frozenset[str] = frozenset()
    local: bool = False
    contexts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Served:
    """A field that a visit answers; `lists` is how deeply its value nests in lists; leaves have no child."""

    field: Field
    child: "Route | None" = None
    lists: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """One subgraph asked about the object. The first visit of a route is where the object already is.

    `inputs` make the representation; `needs` says which (visit, served) answers it waits for; `revealed` is the route
    of the same object once this visit has told its run-time type (interface objects do not know it).
    """

    subgraph: str
    type: str
    level: int = 0
    inputs: Selections = ()
    requires: Selections = ()
    conditions: Conditions = ()
    needs: tuple[tuple[int, int], ...] = ()
    served: tuple[Served, ...] = ()
    revealed: "Route | None" = None

    def serving(self, served: Served) -> "Visit":
        """The visit with one field more (`replace` takes several times as long, and this is done for every option)."""
        return Visit(
            self.subgraph,
            self.type,
            self.level,
            self.inputs,
            self.requires,
            self.conditions,
            self.needs,
            (*self.served, served),
            self.revealed,
        )


@dataclass(frozen=True, slots=True)
class Branch:
    """What holds only for one type of an abstract object."""

    type_condition: str
    route: "Route"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a route costs, most important first.

    That is: fields it misses, sequential fetches, fetches, how many fetches its fields wait for in all, fields fetched.
    """

    missing: int
    depth: int
    fetches: int
    waiting: int
    fields: int

    @property
    def order(self) -> tuple[int, int, int, int, int]:
        """The cost as a tuple that compares."""
        return self.missing, self.depth, self.fetches, self.waiting, self.fields


@dataclass(frozen=True, slots=True)
class Route:
    """How everything wanted of one object is got; `missing` is what cannot be had from here."""

    place: Place
    visits: tuple[Visit, ...]
    branches: tuple[Branch, ...] = ()
    missing: Selections = ()
    depth: int = 0
    steps: frozenset[Step] = frozenset()
    waiting: int = 0
    size: int = 0

    @property
    def cost(self) -> Cost:
        """What this route costs."""
        return Cost(leaves(self.missing), self.depth, len(self.steps), self.waiting, self.size)


class Routing(Protocol):
    """What the solvers of the three kinds of places share: the graph, the routes below, and the budget."""

    @property
    def graph(self) -> Graph:
        """Who can resolve what."""
        ...

    def route(self, place: Place, wanted: Selections) -> Route:
        """The cheapest route for what is wanted of an object at the place."""
        ...

    def spend(self, amount: int = 1) -> None:
        """Use up plan budget. Raises PlanTooComplex when there is none left."""
        ...

    @property
    def thrifty(self) -> bool:
        """Whether so much of the budget is used up that the first way has to do, where others might be cheaper."""
        ...

    def conditioned(self, selections: Selections, conditions: Conditions) -> Selections:
        """The selections under conditions, the same value each time."""
        ...


def route_of(
    place: Place, visits: tuple[Visit, ...], branches: tuple[Branch, ...] = (), missing: Selections = ()
) -> Route:
    """A route with its depth, steps and size counted."""
    routes = [(visit.level, (), visit.revealed) for visit in visits if visit.revealed]
    routes += [
        (visit.level, (served.field.key,), served.child) for visit in visits for served in visit.served if served.child
    ]
    routes += [(0, (), branch.route) for branch in branches]
    own: Iterable[Step] = (((), visit.subgraph, visit.level) for visit in visits if visit.level)
    return Route(
        place=place,
        visits=visits,
        branches=branches,
        missing=missing,
        depth=max([visit.level for visit in visits] + [level + route.depth for level, _, route in routes], default=0),
        steps=frozenset(own).union(*(steps_below(level, keys, route) for level, keys, route in routes)),
        waiting=sum(visit.level * len(visit.served) for visit in visits)
        + sum(route.waiting + level * route.size for level, _, route in routes),
        size=sum(len(visit.served) for visit in visits) + sum(route.size for _, _, route in routes),
    )


def steps_below(level: int, keys: tuple[str, ...], route: Route) -> frozenset[Step]:
    """The steps of a route below an object, as seen from the object."""
    if not route.steps or not (keys or level):
        return route.steps
    return frozenset((keys + path, subgraph, level + after) for path, subgraph, after in route.steps)

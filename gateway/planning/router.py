"""Graph and operation in; the cheapest routes out. Each place and selection is solved once, within a budget."""

from dataclasses import dataclass, field

from gateway.planning.abstracts import abstract_route
from gateway.planning.errors import PlanTooComplex, UnplannableField
from gateway.planning.graph import Graph
from gateway.planning.interface_objects import interface_object_route
from gateway.planning.normalise import Operation
from gateway.planning.objects import object_route
from gateway.planning.routes import Place, Route
from gateway.planning.selections import Conditions, Field, Selections, conditioned, size

PLAN_BUDGET = 20_000
PER_FIELD = 100
"""What each field of the operation adds to the budget, so that planning may grow with the operation and not faster."""
NOWHERE = ""
"""The subgraph of the root place: nothing has been fetched yet."""


@dataclass(slots=True)
class Router:
    """Solves places and remembers the answers; one per plan."""

    graph: Graph
    budget: int = PLAN_BUDGET
    reserve: int = PLAN_BUDGET // 2
    _routes: dict[tuple[Place, tuple[int, ...]], tuple[Selections, Route]] = field(default_factory=dict)
    _conditioned: dict[tuple[Selections, Conditions], Selections] = field(default_factory=dict)

    def route(self, place: Place, wanted: Selections) -> Route:
        """The cheapest route for what is wanted of an object at the place."""
        key = (place, tuple(id(item) for item in wanted))
        if key not in self._routes:
            self.spend(1 + len(wanted))
            # The selections are kept with the route: while they live, nothing else can have their ids.
            self._routes[key] = (wanted, self._solve(place, wanted))
        return self._routes[key][1]

    def spend(self, amount: int = 1) -> None:
        """Use up plan budget. Raises PlanTooComplex when there is none left."""
        self.budget -= amount
        if self.budget < 0:
            raise PlanTooComplex("the operation has more ways to be answered than the plan budget allows to compare")

    @property
    def thrifty(self) -> bool:
        """Whether so much of the budget is used up that the first way has to do, where others might be cheaper."""
        return self.budget < self.reserve

    def conditioned(self, selections: Selections, conditions: Conditions) -> Selections:
        """The selections under conditions, the same value each time."""
        if not conditions:
            return selections
        key = (selections, conditions)
        if key not in self._conditioned:
            self._conditioned[key] = conditioned(selections, conditions)
        return self._conditioned[key]

    def _solve(self, place: Place, wanted: Selections) -> Route:
        where = (place.subgraph, place.type)
        if where in self.graph.interface_objects:
            return interface_object_route(self, place, wanted)
        if where in self.graph.abstract:
            return abstract_route(self, place, wanted)
        return object_route(self, place, wanted)


def routes_of_operation(graph: Graph, operation: Operation, budget: int = PLAN_BUDGET) -> tuple[Route, ...]:
    """One route for a query; for a mutation one for each of its fields, in order.

    Raises:
        UnplannableField: a field that no reachable subgraph resolves.
        PlanTooComplex: the plan budget is used up.
    """
    budget += PER_FIELD * size(operation.selections)
    router = Router(graph, budget, reserve=budget // 2)
    place = Place(NOWHERE, operation.root_type, frozenset((operation.root_type,)))
    groups = [operation.selections] if operation.kind == "query" else _by_response_key(operation.selections)
    routes = tuple(router.route(place, group) for group in groups if group)
    for route in routes:
        if route.missing:
            path = _first(operation.root_type, route.missing)
            raise UnplannableField(f"no subgraph resolves {path} in this operation")
    return routes


def _by_response_key(selections: Selections) -> list[Selections]:
    """What is executed one after the other: a field asked for twice is executed once (specification 6.2.2, 6.3.2)."""
    groups: dict[str, Selections] = {}
    for item in selections:
        key = item.key if isinstance(item, Field) else item.type_condition
        groups[key] = (*groups.get(key, ()), item)
    return list(groups.values())


def _first(parent: str, missing: Selections) -> str:
    """The path of the first field missing, e.g. `Query.product.price`."""
    item = missing[0]
    if isinstance(item, Field):
        return _first(f"{parent}.{item.name}", item.selections) if item.selections else f"{parent}.{item.name}"
    return _first(f"{parent}[{item.type_condition}]", item.selections)

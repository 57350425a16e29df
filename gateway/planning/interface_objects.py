"""The route of an object known only as an `@interfaceObject`: what needs its type is asked where types are known."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.planning.abstracts import interface_object_targets
from gateway.planning.graph import Graph, Target
from gateway.planning.reach import home_resolvers
from gateway.planning.routes import Place, Route, Routing, route_of
from gateway.planning.selections import TYPENAME, Conditions, Field, Fragment, Selection, Selections
from gateway.planning.visits import State, Visiting, visiting_of


def interface_object_route(routing: Routing, place: Place, wanted: Selections) -> Route:
    """The cheapest route for an object whose run-time type is not known where it is.

    Fields of the interface are had here or from other interface objects. Everything else — fragments, `__typename`,
    fields only the types have — waits for one visit of a subgraph that has the interface itself.
    """
    graph = routing.graph
    targets = () if place.local else interface_object_targets(graph, place.type)
    visiting = visiting_of(routing, place, home_resolvers(graph, place, place.type), targets)
    state, hidden = visiting.start(), []
    for item in _flattened(graph, place.type, wanted):
        found = visiting.find(state, item) if isinstance(item, Field) and item.name != TYPENAME else None
        if found:
            state = found.state
        else:
            hidden.append(item)
    if not hidden:
        return visiting.finish(state)
    revealing = () if place.local else _interface_targets(graph, place.type)
    routes = [_revealed(visiting, state, target, tuple(hidden)) for target in revealing]
    routes.append(route_of(place, state.visits, missing=tuple(hidden)))
    return min((route for route in routes if route), key=lambda route: route.cost.order)


def _flattened(graph: Graph, interface: str, wanted: Selections) -> Iterator[Selection]:
    """The selections, fragments on the interface itself or on what it implements opened."""
    declared = graph.supergraph.full_schema.type_map.get(interface)
    always = {interface, *(item.name for item in getattr(declared, "interfaces", ()))}
    for item in wanted:
        if isinstance(item, Fragment) and item.type_condition in always:
            yield from _flattened(graph, interface, item.selections)
        else:
            yield item


def _interface_targets(graph: Graph, interface: str) -> tuple[Target, ...]:
    return tuple(
        target for target in graph.targets.get(interface, ()) if (target.subgraph, target.type) in graph.abstract
    )


def _revealed(visiting: Visiting, state: State, target: Target, hidden: Selections) -> Route | None:
    """The route that learns the type at `target` and goes on from there; None when the target cannot be entered."""
    entered = visiting.enter(state, target, _common_conditions(hidden))
    if entered is None:
        return None
    state, index = entered
    graph = visiting.routing.graph
    there = Place(target.subgraph, target.type, graph.possible.get((target.subgraph, target.type), frozenset()))
    route = visiting.routing.route(there, hidden)
    visit = replace(state.visits[index], revealed=route)
    return route_of(visiting.place, (*state.visits[:index], visit, *state.visits[index + 1 :]), missing=route.missing)


def _common_conditions(selections: Selections) -> Conditions:
    """The conditions that all the fields share, so that a visit nobody needs is not made."""
    every = [set(item.conditions) for item in _fields(selections)]
    return tuple(sorted(set.intersection(*every))) if every else ()


def _fields(selections: Selections) -> Iterator[Field]:
    for item in selections:
        if isinstance(item, Field):
            yield item
        else:
            yield from _fields(item.selections)

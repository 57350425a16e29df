"""The route of an object whose type is known: every field on the cheapest visits. Home first, then fewest fetches."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.planning.reach import applying, home_resolvers, typenames
from gateway.planning.routes import Place, Route, Routing, Visit
from gateway.planning.selections import Field, Selections
from gateway.planning.visits import Placement, State, Visiting, answered_at_home, visiting_of

PARTS_EFFORT = 200
"""How many (field, subgraph, subgraph) are looked at to take an object in parts from subgraphs not visited before."""


def object_route(routing: Routing, place: Place, wanted: Selections) -> Route:
    """The cheapest route for an object of one known type.

    Greedy with the least choice first; then other ways are tried and kept if cheaper: without each of the subgraphs
    entered, with objects that need fetches below them taken from elsewhere, or taken in parts from several subgraphs.
    """
    graph = routing.graph
    targets = () if place.local else graph.targets.get(place.type, ())
    visiting = visiting_of(routing, place, home_resolvers(graph, place, place.type), targets)
    ordered = sorted(applying(graph, place.type, wanted), key=lambda field: _choices(visiting, field))
    names = tuple(typenames(graph, place.type, wanted))
    best = _placed(visiting, ordered, names)
    for other in _alternatives(visiting, best):
        if routing.thrifty:
            break
        route = _placed(other, ordered, names)
        if route.cost.order < best.cost.order:
            best = route
    return best


def _alternatives(visiting: Visiting, route: Route) -> Iterator[Visiting]:
    for subgraph in sorted({visit.subgraph for visit in route.visits[1:] if not _is_needed(visiting, visit)}):
        targets = tuple(target for target in visiting.targets if target.subgraph != subgraph)
        yield visiting_of(visiting.routing, visiting.place, visiting.home, targets)
    costly = [
        (index, served.field.key)
        for index, visit in enumerate(route.visits)
        for served in visit.served
        if served.child and served.child.steps and _is_elsewhere(visiting, index, visit, served.field.name)
    ]
    if costly and visiting.targets:
        yield replace(visiting, away=frozenset(key for index, key in costly if index == 0))
        yield replace(visiting, parts="free")
        if len(costly) * len({target.subgraph for target in visiting.targets}) ** 2 <= PARTS_EFFORT:
            yield replace(visiting, parts="any")


def _is_elsewhere(visiting: Visiting, index: int, visit: Visit, name: str) -> bool:
    """Whether another subgraph than the one visited answers the field too."""
    at_home = index > 0 and name in visiting.home
    return at_home or any(target.subgraph != visit.subgraph for target in visiting.able(name))


def _is_needed(visiting: Visiting, visit: Visit) -> bool:
    """Whether the visit answers something that no other subgraph does."""
    return any(
        served.field.name not in visiting.home
        and all(target.subgraph == visit.subgraph for target in visiting.able(served.field.name))
        for served in visit.served
        if not served.field.internal
    )


def _placed(visiting: Visiting, fields: list[Field], names: tuple[Field, ...]) -> Route:
    state = answered_at_home(visiting.start(), names)
    if visiting.parts == "free":
        # Objects come last: when all other visits are made, it is known what is free.
        fields = sorted(fields, key=lambda field: bool(field.selections))
    for field in fields:
        state = place_field(visiting, state, field)
    return visiting.finish(state)


def _placed_free_parts(visiting: Visiting, state: State, field: Field) -> State:
    """Take from each visit what it has of an object without further fetches, and look for the rest as ever."""
    rest: Field | None = field
    for index in range(len(state.visits)):
        found = visiting.at(state, index, rest) if rest else None
        if found and rest and _progress(found, rest):
            state, rest = found.state, found.missing
    return place_field(replace(visiting, parts="whole"), state, rest) if rest else state


def place_field(visiting: Visiting, state: State, field: Field) -> State:
    """Place a field whole if one subgraph can, else its parts on several (the same field asked of each of them).

    A mutation runs once, so its field is never split.
    """
    whole_only = visiting.place.type == _mutation_type(visiting)
    if visiting.parts == "free" and field.selections and not whole_only:
        return _placed_free_parts(visiting, state, field)
    found = visiting.find(state, field)
    if found:
        return found.state
    rest: Field | None = field
    while rest and not whole_only and not (visiting.parts == "any" and visiting.routing.thrifty):
        found = visiting.find(state, rest, complete=False)
        if found is None or not _progress(found, rest):
            break
        state, rest = found.state, found.missing
    if rest and visiting.parts != "whole":
        return place_field(replace(visiting, parts="whole"), state, rest)
    return replace(state, missing=(*state.missing, rest)) if rest else state


def _progress(found: Placement, wanted: Field) -> bool:
    return found.missing is None or found.missing.selections != wanted.selections


def _mutation_type(visiting: Visiting) -> str | None:
    mutation = visiting.routing.graph.supergraph.full_schema.mutation_type
    return mutation.name if mutation else None


def _choices(visiting: Visiting, field: Field) -> tuple[int, int, int]:
    """Fields at home first, then those with the fewest subgraphs to choose from; unconditional before conditional."""
    if field.name in visiting.home:
        return 0, 0, len(field.conditions)
    return 1, len({target.subgraph for target in visiting.able(field.name)}), len(field.conditions)

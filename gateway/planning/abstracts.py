"""The route of an object of an interface or union: common fields once, the rest for each type it may have there."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.planning.graph import Graph, Resolver, Target
from gateway.planning.reach import home_resolvers
from gateway.planning.routes import Branch, Place, Route, Routing, route_of
from gateway.planning.selections import TYPENAME, Field, Fragment, Selection, Selections, merged
from gateway.planning.visits import State, answered_at_home, visiting_of


@dataclass(slots=True)
class _Split:
    """What is wanted, split: what the visits answer for all types, and what each type has to answer for itself."""

    state: State
    by_type: dict[str, list[Selection]] = field(default_factory=dict)
    each: list[Field] = field(default_factory=list)
    unanswerable: list[Field] = field(default_factory=list)


def abstract_route(routing: Routing, place: Place, wanted: Selections) -> Route:
    """The cheapest route for an object of an abstract type.

    A field of the abstract type that one of the types cannot have answered is missing for all of them.
    """
    graph = routing.graph
    targets = () if place.local else interface_object_targets(graph, place.type)
    visiting = visiting_of(routing, place, _common_resolvers(graph, place, wanted, targets), targets)
    split = _Split(visiting.start())
    for item in wanted:
        if isinstance(item, Fragment):
            _split_fragment(graph, place, item, split)
        elif item.name == TYPENAME:
            split.state = answered_at_home(split.state, (item,))
        elif found := visiting.find(split.state, item):
            split.state = found.state
        else:
            _split_field(graph, place, item, split)
    branches = tuple(_branches(routing, place, split.by_type))
    return route_of(place, split.state.visits, branches, merged(_missing(split, branches)))


def interface_object_targets(graph: Graph, interface: str) -> tuple[Target, ...]:
    """Where an object of the interface can be looked up without knowing its type."""
    return tuple(
        target
        for target in graph.targets.get(interface, ())
        if (target.subgraph, target.type) in graph.interface_objects
    )


def _common_resolvers(
    graph: Graph, place: Place, wanted: Selections, targets: tuple[Target, ...]
) -> dict[str, Resolver]:
    """The fields the subgraph answers for every type the object may have: those wanted and those look-ups take."""
    declared = home_resolvers(graph, place, place.type)
    looked_up_by = {name for target in targets for name in _names(graph, target)}
    names = {item.name for item in wanted if isinstance(item, Field)} | looked_up_by
    names &= declared.keys()
    resolvers: dict[str, list[Resolver]] = {}
    for type_name in sorted(place.possible):
        if not names:
            break
        own = home_resolvers(graph, place, type_name)
        names &= own.keys()
        for name in names:
            resolvers.setdefault(name, []).append(own[name])
    return {name: _with_common_provides(declared[name], resolvers.get(name, [])) for name in names}


def _with_common_provides(declared: Resolver, resolvers: list[Resolver]) -> Resolver:
    """The resolver of an abstract type's field: it provides what it provides on every type."""
    provides = {(resolver.named_type, resolver.provides) for resolver in resolvers}
    if declared.provides or len(provides) != 1:
        return declared
    [(type_name, provided)] = provides
    return replace(declared, provides=(Fragment(type_name, provided),)) if provided else declared


def _names(graph: Graph, target: Target) -> Iterator[str]:
    """The fields that a target's key, or anything it requires, starts with."""
    for resolver in graph.fields.get((target.subgraph, target.type), {}).values():
        yield from (item.name for item in resolver.requires if isinstance(item, Field))
    yield from (item.name for item in target.key if isinstance(item, Field))


def _split_field(graph: Graph, place: Place, item: Field, split: _Split) -> None:
    """Ask each type for the field; types that clients cannot see only matter to keys and `@requires`.

    Where the subgraph knows no type of the interface, nobody can be asked.
    """
    split.each.append(item)
    if not place.possible:
        split.unanswerable.append(item)
    for type_name in sorted(place.possible):
        if item.internal or type_name in graph.accessible:
            split.by_type.setdefault(type_name, []).append(item)


def _split_fragment(graph: Graph, place: Place, item: Fragment, split: _Split) -> None:
    """Three cases: a possible type; an abstract type whose members here the subgraph knows; else one by one."""
    condition = item.type_condition
    matching = frozenset(name for name in place.possible if graph.overlaps(name, condition))
    known = graph.possible.get((place.subgraph, condition), frozenset())
    if condition in matching or ((place.subgraph, condition) in graph.abstract and known & place.possible == matching):
        if matching:
            split.by_type.setdefault(condition, []).extend(item.selections)
        matching -= {condition} | known
    for type_name in sorted(matching):
        split.by_type.setdefault(type_name, []).append(item)


def _branches(routing: Routing, place: Place, by_type: dict[str, list[Selection]]) -> Iterator[Branch]:
    for type_name, wanted in by_type.items():
        known = routing.graph.possible.get((place.subgraph, type_name), frozenset())
        inner = replace(place, type=type_name, possible=known & place.possible or known)
        yield Branch(type_name, routing.route(inner, tuple(wanted)))


def _missing(split: _Split, branches: tuple[Branch, ...]) -> Iterator[Selection]:
    yield from split.unanswerable
    each = {item.identity: item for item in split.each}
    for branch in branches:
        for item in branch.route.missing:
            if isinstance(item, Field) and item.identity in each:
                yield item
            else:
                yield Fragment(branch.type_condition, (item,))

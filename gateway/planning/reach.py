"""What an object can have answered where it is, and how far away everything else is at least. Reads the graph."""

from collections.abc import Iterable, Iterator

from gateway.planning.graph import Graph, Resolver, Target
from gateway.planning.routes import Place, Visit
from gateway.planning.selections import TYPENAME, Field, Fragment, Selections


def applying(graph: Graph, type_name: str, selections: Selections) -> Iterator[Field]:
    """The fields of the selections that apply to an object of the type, without `__typename`."""
    for item in selections:
        if isinstance(item, Fragment):
            if graph.overlaps(type_name, item.type_condition):
                yield from applying(graph, type_name, item.selections)
        elif item.name != TYPENAME:
            yield item


def typenames(graph: Graph, type_name: str, selections: Selections) -> Iterator[Field]:
    """The `__typename` selections that apply to an object of the type."""
    for item in selections:
        if isinstance(item, Fragment):
            if graph.overlaps(type_name, item.type_condition):
                yield from typenames(graph, type_name, item.selections)
        elif item.name == TYPENAME:
            yield item


def home_resolvers(graph: Graph, place: Place, type_name: str) -> dict[str, Resolver]:
    """The fields the place's subgraph answers for the type: not external (unless provided), nothing required.

    What is fed from a context is, if the context was known before this subgraph was asked.
    """
    known = place.contexts - graph.contexts.set_by[type_name] if place.contexts else place.contexts
    declared = graph.fields.get((place.subgraph, type_name), {})
    provided = {field.name for field in applying(graph, type_name, place.provided)}
    return {
        name: resolver
        for name, resolver in declared.items()
        if (name in provided or not (resolver.external or resolver.requires))
        and all(argument.context in known for argument in resolver.arguments)
    }


def known_below(graph: Graph, place: Place, visit: Visit, *, home: bool) -> frozenset[str]:
    """The contexts known before a visit is made, for what is below its object: all, where that was looked up."""
    if not home:
        return frozenset(graph.contexts.setting) if visit.inputs else frozenset()
    return place.contexts - graph.contexts.set_by[place.type] if place.contexts else place.contexts


def reach_of(graph: Graph, type_name: str, home: Iterable[str], targets: tuple[Target, ...]) -> dict[str, int]:
    """By field name, the fewest visits in a row that must come before the answer; unreachable fields are absent.

    Every field that is needed counts as had once it can be had at all, so this never overestimates.
    """
    known = dict.fromkeys(home, 0)
    level = 0
    while True:
        level += 1
        found: set[str] = set()
        for target in targets:
            if _had(graph, type_name, target.key, known):
                found |= {
                    name
                    for name, resolver in graph.fields.get((target.subgraph, target.type), {}).items()
                    if name not in known and not resolver.external and _had(graph, type_name, resolver.requires, known)
                }
        if not found:
            return known
        known |= dict.fromkeys(found, level)


def _had(graph: Graph, type_name: str, inputs: Selections, known: dict[str, int]) -> bool:
    return all(field.name in known for field in applying(graph, type_name, inputs))

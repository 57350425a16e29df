"""Each stage's artefact in; text for people and JSON values for programs out. Shows schema and plan, never data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any

from graphql import DocumentNode

from gateway.composition.supergraph import SubgraphType, Supergraph
from gateway.planning.fetches import FetchGraph
from gateway.planning.graph import Graph, Resolver
from gateway.planning.planner import Planner, Stages
from gateway.planning.routes import Route
from gateway.planning.selections import printed, size

SUPERGRAPH_STAGES = ("supergraph", "graph")
OPERATION_STAGES = ("operation", "paths", "fetches", "plan")


@dataclass(frozen=True, slots=True)
class Inspection:
    """An artefact twice: as text, and as values that print as JSON."""

    text: str
    data: Any


def inspect_supergraph(stage: str, planner: Planner) -> Inspection:
    """The supergraph as read (`supergraph`) or the graph of who can resolve what (`graph`).

    Raises:
        KeyError: no such stage.
    """
    views: Mapping[str, Callable[[], Inspection]] = {
        "supergraph": lambda: _supergraph(planner.supergraph),
        "graph": lambda: _graph(planner.graph),
    }
    return views[stage]()


def inspect_operation(
    stage: str, planner: Planner, document: DocumentNode, operation_name: str | None = None
) -> Inspection:
    """An operation after a stage: normalised (`operation`), `paths`, `fetches` or `plan`.

    Raises:
        KeyError: no such stage.
        PlanningError: the operation cannot be planned.
    """
    views: Mapping[str, Callable[[Stages], Inspection]] = {
        "operation": lambda stages: Inspection(str(stages.operation), {"operation": str(stages.operation)}),
        "paths": lambda stages: _paths(stages.routes),
        "fetches": lambda stages: _fetches(stages.fetches),
        "plan": lambda stages: Inspection(str(stages.plan), stages.plan.to_json()),
    }
    return views[stage](planner.stages(document, operation_name))


def _supergraph(supergraph: Supergraph) -> Inspection:
    lines = [f"supergraph {supergraph.version[:12]}"]
    lines += [f"subgraph {item.name} at {item.url or '(no address)'}" for item in supergraph.subgraphs.values()]
    for name, by_graph in sorted(supergraph.types.items()):
        lines.append(f"{by_graph[next(iter(by_graph))].kind.lower()} {name}" if by_graph else name)
        for subgraph, declared in by_graph.items():
            keys = "".join(
                f" @key({key.fields}{'' if key.resolvable else ', not resolvable'})" for key in declared.keys
            )
            mark = " @interfaceObject" if declared.interface_object else ""
            lines.append(f"  {subgraph}:{mark}{keys} {' '.join(declared.fields)}".rstrip())
    data = {
        "version": supergraph.version,
        "subgraphs": {item.name: item.url for item in supergraph.subgraphs.values()},
        "types": {
            name: {graph: sorted(declared.fields) for graph, declared in by_graph.items()}
            for name, by_graph in sorted(supergraph.types.items())
        },
    }
    return Inspection("\n".join(lines), data)


def _declared(declared: SubgraphType) -> str:
    keys = [f"@key({key.fields}{'' if key.resolvable else ', not resolvable'})" for key in declared.keys]
    mark = ["@interfaceObject"] if declared.interface_object else []
    return " ".join((declared.kind.lower(), *mark, *keys, *declared.fields, *declared.members, *declared.values))


def _graph(graph: Graph) -> Inspection:
    lines: list[str] = []
    data: dict[str, Any] = {}
    for (subgraph, type_name), fields in sorted(graph.fields.items()):
        if fields:
            shown = {name: _resolver(resolver) for name, resolver in sorted(fields.items())}
            data.setdefault(type_name, {})[subgraph] = shown
            lines.append(f"{type_name} in {subgraph}")
            lines += [f"  {name}: {text}" for name, text in shown.items()]
    for type_name, targets in sorted(graph.targets.items()):
        for target in targets:
            key = f"by {{{printed(target.key)}}}" if target.key else "as a root type"
            lines.append(f"{type_name} -> {target.subgraph} as {target.type} {key}")
    return Inspection("\n".join(lines), data)


def _resolver(resolver: Resolver) -> str:
    parts = [resolver.type]
    if resolver.external:
        parts.append("external")
    if resolver.requires:
        parts.append(f"requires {{{printed(resolver.requires)}}}")
    if resolver.provides:
        parts.append(f"provides {{{printed(resolver.provides)}}}")
    return " ".join(parts)


def _paths(routes: tuple[Route, ...]) -> Inspection:
    paths = [path for route in routes for path in _route_paths(route, "")]
    return Inspection("\n".join(f"{path}: {subgraph}" for path, subgraph in paths), [list(path) for path in paths])


def _route_paths(route: Route, path: str) -> Iterator[tuple[str, str]]:
    """Every leaf with the subgraph that answers it; what only the plan needs is marked with a star."""
    for visit in route.visits:
        for served in visit.served:
            below = f"{path}.{served.field.key}".removeprefix(".")
            if served.child:
                yield from _route_paths(served.child, below)
            else:
                yield f"{below}{'*' if served.field.internal else ''}", visit.subgraph
        if visit.revealed:
            yield from _route_paths(visit.revealed, path)
    for branch in route.branches:
        yield from _route_paths(branch.route, f"{path}|{branch.type_condition}")


def _fetches(groups: tuple[FetchGraph, ...]) -> Inspection:
    text = "\n".join(f"in series {number}\n{indent(str(group), '  ')}" for number, group in enumerate(groups, 1))
    data = [
        [
            {
                "id": step.id,
                "subgraph": step.subgraph,
                "path": list(step.path),
                "after": sorted(step.parents),
                "requires": printed(step.requires),
                "asks": printed(step.selections),
                "fields": size(step.selections),
            }
            for step in group.steps
        ]
        for group in groups
    ]
    return Inspection(text if len(groups) > 1 else "\n".join(map(str, groups)), data)

"""The last stage: every query of the supergraph's API has to be answerable, wherever it starts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.composition.location import Location
from gateway.composition.merge_context import MergeContext
from gateway.composition.migrations import migrations
from gateway.composition.model import ROOTS, Element, Kind, TypeDefinition
from gateway.composition.report import Report
from gateway.composition.resolution import Position, Resolution
from gateway.composition.runtime_types import check_runtime_types
from gateway.composition.satisfiability_text import (
    Path,
    interface_object_reasons,
    query_text,
    reasons,
    unsatisfiable,
)
from gateway.composition.type_references import named_type

MAX_SUBGRAPH_PATHS = 1_000_000
"""How many positions of places one walk may look at; real supergraphs need a few thousand."""


@dataclass(frozen=True, slots=True)
class Place:
    """A type of the API, the positions a query there may be in, and the path that led there."""

    type: str
    positions: frozenset[Position]
    path: Path


@dataclass(slots=True)
class _Walk:
    """One walk over the API: what has been seen, and where findings go."""

    types: Mapping[str, TypeDefinition]
    hidden: str | None
    resolution: Resolution
    report: Report
    budget: int
    seen: dict[str, list[frozenset[Position]]] = field(default_factory=dict)

    def at_field(self, owner: str, name: str) -> tuple[Location, ...]:
        """Where the subgraphs declare a field."""
        return tuple(place for s in self.resolution.subgraphs for place in s.at(s.field(owner, name)))

    def at_types(self, names: Iterable[str]) -> tuple[Location, ...]:
        """Where the subgraphs declare types."""
        return tuple(place for name in names for s in self.resolution.subgraphs for place in s.at(s.type(name)))

    def spend(self, place: Place) -> bool:
        """Whether the place may still be looked at; the first that may not is an error."""
        exhausted = self.budget < 0
        self.budget -= len(place.positions)
        if self.budget < 0 and not exhausted:
            message = "Checking that every query can be answered takes more subgraph paths than allowed."
            self.report.error("MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", message, self.at_types([place.type]))
        return self.budget >= 0

    def is_visible(self, element: Element) -> bool:
        return self.hidden is None or all(use.name != self.hidden for use in element.applications)

    def is_new(self, place: Place) -> bool:
        """Whether fewer positions were ever enough at that type: more cannot fail then."""
        known = self.seen.setdefault(place.type, [])
        if any(positions <= place.positions for positions in known):
            return False
        known.append(place.positions)
        return True


def validate_satisfiability(
    context: MergeContext, types: Mapping[str, TypeDefinition], max_paths: int = MAX_SUBGRAPH_PATHS
) -> None:
    """Reports every field some query reaches but no subgraph can then resolve, with such a query and the reasons."""
    hidden = context.composed.federation.get("inaccessible")
    for migration in migrations(context):
        resolution = Resolution(context.subgraphs, context.usages, migration)
        walk = _Walk(types, hidden, resolution, context.report, max_paths)
        for operation, name in ROOTS.items():
            if name in types and walk.is_visible(types[name]):
                _walk_root(walk, operation, name)
        if context.report.errors:
            return


def _walk_root(walk: _Walk, operation: str, name: str) -> None:
    graphs = enumerate(walk.resolution.subgraphs)
    positions = frozenset(Position(index, name) for index, subgraph in graphs if subgraph.type(name) is not None)
    if operation != "mutation":
        _walk_from(walk, Place(name, positions, Path(operation, ())))
        return
    for own in walk.types[name].fields.values():
        if walk.is_visible(own):
            _walk_mutation(walk, name, own.name, positions)


def _walk_mutation(walk: _Walk, root: str, name: str, positions: frozenset[Position]) -> None:
    """A mutation is called in one subgraph only: one of them has to be able to answer everything below."""
    resolving = [p for p in positions if walk.resolution.edge(p, name) is not None]
    reports: list[tuple[Position, Report]] = []
    for position in sorted(resolving, key=lambda p: p.subgraph):
        report = Report()
        trial = _Walk(walk.types, walk.hidden, walk.resolution, report, walk.budget)
        edge = walk.resolution.edge(position, name)
        if edge is not None:
            target = named_type(walk.types[root].fields[name].type)
            _walk_from(trial, Place(target, frozenset({edge.target}), Path("mutation", (name,))))
            walk.budget = trial.budget
        if not report.errors:
            return
        reports.append((position, report))
    if len(reports) == 1:
        walk.report.errors.extend(reports[0][1].errors)
    elif reports:
        text = _mutation_text(walk, f"{root}.{name}", reports)
        walk.report.error("SATISFIABILITY_ERROR", text, walk.at_field(root, name))


def _mutation_text(walk: _Walk, coordinate: str, reports: Sequence[tuple[Position, Report]]) -> str:
    lines = [
        f'Supergraph API queries using the mutation field "{coordinate}" at top-level must be satisfiable '
        "without needing to "
        "call that field from multiple subgraphs, but every subgraph with that field encounters "
        "satisfiability errors. "
        f"Please fix these satisfiability errors for (at least) one of the following subgraphs with the mutation field:"
    ]
    for position, report in reports:
        lines.append(f'- When calling "{coordinate}" at top-level from subgraph "{_name(walk, position)}":')
        lines += [f"  {line}" for error in report.errors for line in error.message.split("\n")]
    return "\n".join(lines)


def _name(walk: _Walk, position: Position) -> str:
    return walk.resolution.subgraphs[position.subgraph].name


def _walk_from(walk: _Walk, start: Place) -> None:
    waiting = [start]
    while waiting:
        place = waiting.pop(0)
        if not walk.spend(place):
            return
        owner = walk.types.get(place.type)
        if owner is None or not owner.is_composite or not walk.is_new(place):
            continue
        waiting += _fields(walk, owner, place) if owner.kind is Kind.OBJECT else _types(walk, owner, place)


def _types(walk: _Walk, owner: TypeDefinition, place: Place) -> Iterator[Place]:
    """From an abstract type: each type an object may have there, in the positions that can have it."""
    for name in _runtime_types(walk.types, owner):
        if not walk.is_visible(walk.types[name]):
            continue
        casts = frozenset(filter(None, (walk.resolution.cast(p, name) for p in place.positions)))
        path = place.path.on(name)
        if not casts:
            continue
        if all(walk.resolution.is_interface_object(p) for p in casts) and not _can_tell_types(walk, casts, name):
            text = interface_object_reasons(walk.resolution, casts, owner.name)
            where = walk.at_types([owner.name, name])
            walk.report.error("SATISFIABILITY_ERROR", unsatisfiable(path, text, below=True), where)
            continue
        yield Place(name, casts, path)


def _can_tell_types(walk: _Walk, positions: frozenset[Position], name: str) -> bool:
    reached = (other for p in positions for other in walk.resolution.reach(p, name))
    return any(not walk.resolution.is_interface_object(other) for other in reached)


def _runtime_types(types: Mapping[str, TypeDefinition], owner: TypeDefinition) -> list[str]:
    if owner.kind is Kind.UNION:
        return [name for name in owner.members if name in types]
    return [t.name for t in types.values() if t.kind is Kind.OBJECT and owner.name in t.interfaces]


def _fields(walk: _Walk, owner: TypeDefinition, place: Place) -> Iterator[Place]:
    """From an object type: where each of its fields leads; one that leads nowhere is an error."""
    for own in owner.fields.values():
        if not walk.is_visible(own):
            continue
        target = named_type(own.type)
        if target in walk.types and not walk.is_visible(walk.types[target]):
            continue
        starts = sorted(place.positions, key=repr)
        options = [option for start in starts for option in walk.resolution.options(start, own.name, owner.name)]
        path = place.path.then(own.name)
        if not options:
            text = reasons(walk.resolution, starts, owner.name, own.name)
            composite = target in walk.types and walk.types[target].is_composite
            where = walk.at_field(owner.name, own.name)
            walk.report.error("SATISFIABILITY_ERROR", unsatisfiable(path, text, below=composite), where)
            continue
        coordinate = f"{owner.name}.{own.name}"
        query = query_text(path, below=True)
        if check_runtime_types(walk.resolution, walk.types.get(target), coordinate, options, query, walk.report):
            yield Place(target, frozenset(options), path)

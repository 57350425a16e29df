"""The last stage: every query of the supergraph's API has to be answerable, wherever it starts."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.composition.budget import Budget, PathsExhausted
from gateway.composition.context import contexts_by_type
from gateway.composition.location import Location
from gateway.composition.merge_context import MergeContext
from gateway.composition.migrations import migrations
from gateway.composition.model import ROOTS, Element, Field, Kind, TypeDefinition
from gateway.composition.moves import Moves, Position
from gateway.composition.report import Report
from gateway.composition.resolution import Resolution
from gateway.composition.runtime_types import check_runtime_types, may_disagree
from gateway.composition.satisfiability_text import Path, Unresolved, interface_object_reasons, reasons, unsatisfiable
from gateway.composition.type_references import named_type

MAX_SUBGRAPH_PATHS = 1_000_000
"""How many steps one check may take; real supergraphs need a few thousand."""
EXHAUSTED = (
    "Checking that every query can be answered takes more than the {limit} subgraph paths allowed (while looking at "
    'type "{type}"). Give types one @key that all of their subgraphs know, let fewer subgraphs resolve the same fields '
    "of types without @key, or allow more paths: `leds compose --max-subgraph-paths`."
)
SETS_TO_A_STEP = 64
"""How many sets of positions are compared for one step."""


@dataclass(frozen=True, slots=True)
class Place:
    """A type of the API, the positions a query there may be in, and the path that led there.

    `around`: the contexts that the objects on the path set.
    """

    type: str
    positions: frozenset[Position]
    path: Path
    around: frozenset[str] = frozenset()


Seen = dict[str, list[tuple[frozenset[Position], frozenset[str]]]]
"""By type, the sets of positions that have been looked at, with the contexts set around them."""


@dataclass(slots=True)
class _Walk:
    """One walk over the API: what has been seen, and where findings go. `proven` places have no errors below them."""

    types: Mapping[str, TypeDefinition]
    hidden: str | None
    resolution: Resolution
    budget: Budget
    report: Report
    is_deep: bool
    proven: Seen = field(default_factory=dict)
    seen: Seen = field(default_factory=dict)
    horizons: set[tuple[str, frozenset[Position], frozenset[str]]] = field(default_factory=set)
    contexts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def trial(self) -> "_Walk":
        """A walk of its own over the same, whose findings go nowhere yet."""
        return replace(self, report=Report(), seen={}, horizons=set())

    def at_field(self, owner: str, name: str) -> tuple[Location, ...]:
        """Where the subgraphs declare a field."""
        return tuple(place for s in self.resolution.subgraphs for place in s.at(s.field(owner, name)))

    def at_types(self, names: Iterable[str]) -> tuple[Location, ...]:
        """Where the subgraphs declare types."""
        return tuple(place for name in names for s in self.resolution.subgraphs for place in s.at(s.type(name)))

    def is_visible(self, element: Element) -> bool:
        return self.hidden is None or all(use.name != self.hidden for use in element.applications)

    def is_new(self, place: Place) -> bool:
        """Whether fewer positions and contexts were never enough at that type: with them more cannot fail."""
        known = self.seen.setdefault(place.type, [])
        proven = self.proven.get(place.type, ())
        self.budget.spend((len(known) + len(proven)) // SETS_TO_A_STEP)
        if any(positions <= place.positions and around <= place.around for positions, around in (*proven, *known)):
            return False
        known.append((place.positions, place.around))
        return True

    def prove(self) -> None:
        """Keeps what has been seen for later walks: nothing was wrong there."""
        for name, places in self.seen.items():
            self.proven.setdefault(name, []).extend(places)


def validate_satisfiability(
    context: MergeContext, types: Mapping[str, TypeDefinition], max_paths: int = MAX_SUBGRAPH_PATHS
) -> None:
    """Reports every field some query reaches but no subgraph can then resolve, with such a query and the reasons."""
    hidden = context.composed.federation.get("inaccessible")
    contexts = contexts_by_type(context.subgraphs)
    for migration in migrations(context):
        moves = Moves(context.subgraphs, context.usages, migration)
        # Going deep first soon finds the fewest positions that types can be come to with, beside which nothing else
        # has to be looked at. It says whether all is well; the nearest queries that fail are found going wide.
        for is_deep in (False,) if may_disagree(moves, types) else (True, False):
            budget = Budget(max_paths)
            report = Report() if is_deep else context.report
            walk = _Walk(types, hidden, Resolution(moves, budget), budget, report, is_deep, contexts=contexts)
            _walk_roots(walk)
            if not report.errors:
                break
        if context.report.errors:
            return


def _walk_roots(walk: _Walk) -> None:
    try:
        for operation, name in ROOTS.items():
            if name in walk.types and walk.is_visible(walk.types[name]):
                _walk_root(walk, operation, name)
    except PathsExhausted:
        message = EXHAUSTED.format(limit=walk.budget.limit, type=walk.budget.at)
        walk.report.error("MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", message, walk.at_types([walk.budget.at]))


def _walk_root(walk: _Walk, operation: str, name: str) -> None:
    graphs = enumerate(walk.resolution.subgraphs)
    positions = frozenset(Position(index, name) for index, subgraph in graphs if subgraph.type(name) is not None)
    if operation == "mutation":
        for own in walk.types[name].fields.values():
            if walk.is_visible(own):
                _walk_mutation(walk, name, own.name, positions)
        return
    _walk_from(walk, Place(name, positions, Path(operation)))
    if not walk.report.errors:
        walk.prove()


def _walk_mutation(walk: _Walk, root: str, name: str, positions: frozenset[Position]) -> None:
    """A mutation is called in one subgraph only: one of them has to be able to answer everything below."""
    reports: list[tuple[Position, Report]] = []
    target = named_type(walk.types[root].fields[name].type)
    for position in sorted(positions, key=lambda p: p.subgraph):
        edge = walk.resolution.moves.edge(position, name)
        if edge is None:
            continue
        trial = walk.trial()
        around = walk.contexts.get(root, frozenset())
        _walk_from(trial, Place(target, frozenset({edge.target}), Path("mutation").then(name), around))
        if not trial.report.errors:
            trial.prove()
            return
        reports.append((position, trial.report))
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
    waiting = deque([start])
    while waiting:
        place = waiting.pop() if walk.is_deep else waiting.popleft()
        walk.budget.at = place.type
        walk.budget.spend(len(place.positions))
        owner = walk.types.get(place.type)
        if owner is None or not owner.is_composite or not walk.is_new(place):
            continue
        waiting.extend(_fields(walk, owner, place) if owner.kind is Kind.OBJECT else _types(walk, owner, place))


def _types(walk: _Walk, owner: TypeDefinition, place: Place) -> Iterator[Place]:
    """From an abstract type: each type an object may have there, in the positions that can have it."""
    for name in _runtime_types(walk.types, owner):
        if not walk.is_visible(walk.types[name]):
            continue
        casts = _casts(walk, owner, place, name)
        path = place.path.on(name)
        if not casts:
            continue
        if all(walk.resolution.moves.is_interface_object(p) for p in casts) and not _can_tell_types(walk, casts, name):
            text = interface_object_reasons(walk.resolution, casts, owner.name)
            where = walk.at_types([owner.name, name])
            walk.report.error("SATISFIABILITY_ERROR", unsatisfiable(path, text, below=True), where)
            continue
        yield Place(name, casts, path, place.around)


def _casts(walk: _Walk, owner: TypeDefinition, place: Place, name: str) -> frozenset[Position]:
    """The positions for objects of one type; none when there can be no such objects.

    Subgraphs that share a field resolve it alike: where one of them can never give the type, none of them does.
    """
    moves = walk.resolution.moves
    casts = {position: moves.cast(position, name) for position in place.positions}
    for position, cast in casts.items():
        own = moves.type_at(position)
        if cast is None and not (owner.kind is Kind.INTERFACE and own is not None and own.kind is Kind.OBJECT):
            return frozenset()
    return frozenset(filter(None, casts.values()))


def _can_tell_types(walk: _Walk, positions: frozenset[Position], name: str) -> bool:
    reached = (other for p in positions for other in walk.resolution.reach(p, name).ranks)
    return any(not walk.resolution.moves.is_interface_object(other) for other in reached)


def _runtime_types(types: Mapping[str, TypeDefinition], owner: TypeDefinition) -> list[str]:
    if owner.kind is Kind.UNION:
        return [name for name in owner.members if name in types]
    return [t.name for t in types.values() if t.kind is Kind.OBJECT and owner.name in t.interfaces]


def _fields(walk: _Walk, owner: TypeDefinition, place: Place) -> list[Place]:
    """From an object type: where each of its fields leads; one that leads nowhere is an error."""
    starts = sorted(place.positions, key=repr)
    leading = walk.resolution.leading(starts, owner.name)
    horizon = walk.resolution.horizon(leading, owner.name)
    if horizon is not None and (owner.name, horizon, place.around) in walk.horizons:
        return []
    found, errors = [], len(walk.report.errors)
    below = place.around | walk.contexts.get(owner.name, frozenset())
    for own in owner.fields.values():
        target = walk.types.get(named_type(own.type))
        if not walk.is_visible(own) or (target and not walk.is_visible(target)):
            continue
        is_abstract = target is not None and target.kind in (Kind.INTERFACE, Kind.UNION)
        options = _options(walk, starts if is_abstract else leading, own.name, place)
        path = place.path.then(own.name)
        if not options:
            text = reasons(walk.resolution, starts, Unresolved(owner.name, own.name, place.around))
            where = walk.at_field(owner.name, own.name)
            has_selections = target is not None and target.is_composite
            walk.report.error("SATISFIABILITY_ERROR", unsatisfiable(path, text, below=has_selections), where)
        elif target and _agree(walk, owner, own, options, path):
            found.append(Place(target.name, frozenset(options), path, below))
    if horizon is not None and errors == len(walk.report.errors):
        walk.horizons.add((owner.name, horizon, place.around))
    return found


def _options(walk: _Walk, starts: Sequence[Position], name: str, place: Place) -> list[Position]:
    return [option for start in starts for option in walk.resolution.options(start, name, place.type, place.around)]


def _agree(walk: _Walk, owner: TypeDefinition, own: Field, options: Sequence[Position], path: Path) -> bool:
    target, coordinate = walk.types.get(named_type(own.type)), f"{owner.name}.{own.name}"
    return check_runtime_types(walk.resolution.moves, target, coordinate, options, path, walk.report)

"""Routes in; the fetch graph out. Names what only the plan needs so that it never meets the client's names."""

from dataclasses import dataclass, replace

from graphql import get_named_type, is_abstract_type

from gateway.planning.asides import Asides, Position
from gateway.planning.fetches import FetchGraph, FetchStep
from gateway.planning.graph import Graph
from gateway.planning.names import ResponseKeys
from gateway.planning.normalise import Operation
from gateway.planning.plan import OperationKind, ValueSetter
from gateway.planning.router import NOWHERE
from gateway.planning.routes import Place, Route, Served, Visit
from gateway.planning.selections import TYPENAME, Conditions, Field, Fragment, Selections, both, merged

TYPENAME_FIELD = Field(TYPENAME, TYPENAME, internal=True)


@dataclass(frozen=True, slots=True)
class _At:
    """Where an object stands: path with `@` for lists, path of keys alone, and the step whose answer it is in.

    `typed` is the path with a `|[T]` after each object that is only meant when it is a T; `type` is the object's own
    type and `above` has the keys and types of those around it.
    """

    path: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    step: int | None = None
    conditions: Conditions = ()
    type: str = ""
    above: tuple[tuple[tuple[str, ...], str], ...] = ()

    def below(self, key: str, served: Served) -> "_At":
        """The place of a field's value, which is there under the field's conditions."""
        more = (key, *("@",) * served.lists)
        conditions = both(self.conditions, served.field.conditions) or ()
        above = (*self.above, (self.keys, self.type))
        return _At((*self.path, *more), (*self.typed, *more), (*self.keys, key), self.step, conditions, "", above)

    def when(self, type_name: str) -> "_At":
        """The same place, for objects of one type only."""
        if not self.typed:
            return self
        last = self.typed[-1].partition("|")[0]
        return replace(self, typed=(*self.typed[:-1], f"{last}|[{type_name}]"))


@dataclass(frozen=True, slots=True)
class _Emitted:
    """What a route adds to the step its object is in, and the steps it starts."""

    selections: Selections
    steps: frozenset[int]


def fetch_graph_of(graph: Graph, operation: Operation, route: Route) -> FetchGraph:
    """The steps of one route of the operation."""
    names = ResponseKeys(graph)
    names.register(operation.selections, operation.root_type)
    steps: list[FetchStep] = []
    builder = _Builder(graph, operation.kind, names, steps, Asides(graph, names, steps, frozenset(operation.variables)))
    builder.emit(route, _At())
    return FetchGraph(builder.asides.finished())


@dataclass(slots=True)
class _Builder:
    graph: Graph
    kind: OperationKind
    names: ResponseKeys
    steps: list[FetchStep]
    asides: Asides

    def emit(self, route: Route, at: _At) -> _Emitted:
        """Add the steps of a route; its home's selections are handed back to the step they belong to."""
        at = replace(at, type=route.place.type)
        answers: dict[tuple[int, int], frozenset[int]] = {}
        home: Selections = ()
        started: frozenset[int] = frozenset()
        for index, visit in enumerate(route.visits):
            step = at.step if index == 0 else self._start(route.place, visit, at, answers)
            selections, below = self._served(index, visit, replace(at, step=step), answers)
            if index == 0:
                home = selections
            elif step is not None:
                self._finish(step, route.place, visit, selections, at)
                below |= {step}
            started |= below
        for branch in route.branches:
            emitted = self.emit(branch.route, at.when(branch.type_condition))
            home += (Fragment(branch.type_condition, emitted.selections),) if emitted.selections else ()
            started |= emitted.steps
        return _Emitted(self._with_typename(route, home), started)

    def _with_typename(self, route: Route, home: Selections) -> Selections:
        """Objects that are looked up elsewhere, and objects of abstract types, say what they are."""
        place = route.place
        looked_up = any(visit.inputs for visit in route.visits)
        if place.subgraph != NOWHERE and (looked_up or (place.subgraph, place.type) in self.graph.abstract):
            return (TYPENAME_FIELD, *home)
        return home

    def _served(
        self, index: int, visit: Visit, at: _At, answers: dict[tuple[int, int], frozenset[int]]
    ) -> tuple[Selections, frozenset[int]]:
        """The selections of one visit, and the steps started below them."""
        selections: Selections = ()
        started: frozenset[int] = frozenset()
        for position, served in enumerate(visit.served):
            item, steps = self._field(served, at, visit)
            selections += (item,)
            started |= steps
            answers[index, position] = steps | ({at.step} if at.step is not None else set())
        if visit.revealed:
            emitted = self.emit(visit.revealed, at)
            selections += emitted.selections
            started |= emitted.steps
        return selections, started

    def _field(self, served: Served, at: _At, visit: Visit) -> tuple[Field, frozenset[int]]:
        item, own = served.field, frozenset[int]()
        key = self.names.key_of(item, at.keys)
        resolver = self.graph.resolver(visit.subgraph, visit.type, item.name)
        if at.step is not None and resolver and resolver.arguments:
            position = Position((*at.above, (at.keys, at.type)), both(at.conditions, item.conditions) or ())
            aside, item = self.asides.aside(at.step, item, resolver.arguments, position)
            at, own = replace(at, step=aside), frozenset((aside,))
        self.asides.stands((*at.keys, key), at.step)
        if served.child is None:
            return replace(item, key=key, selections=()), own
        emitted = self.emit(served.child, at.below(key, served))
        # Nothing left to ask of an object still has to ask something, to learn whether it is null.
        below = emitted.selections or (TYPENAME_FIELD,)
        if self._narrowed(served.child.place, visit.type, item.name):
            below = (TYPENAME_FIELD, *below)
        return replace(item, key=key, selections=below), emitted.steps | own

    def _narrowed(self, place: Place, parent: str, field: str) -> bool:
        """Whether the subgraph declares an object type where clients know an abstract one, and so must be told it."""
        where = (place.subgraph, place.type)
        if where in self.graph.abstract or where in self.graph.interface_objects:
            return False
        fields = getattr(self.graph.supergraph.full_schema.type_map[parent], "fields", {})
        return field in fields and is_abstract_type(get_named_type(fields[field].type))

    def _start(self, place: Place, visit: Visit, at: _At, answers: dict[tuple[int, int], frozenset[int]]) -> int:
        parents = frozenset((at.step,) if at.step is not None else ()).union(*(answers[need] for need in visit.needs))
        step = FetchStep(
            id=len(self.steps),
            subgraph=visit.subgraph,
            path=at.path,
            kind="query" if at.path else self.kind,
            selections=(),
            requires=self._requires(place, visit, at.keys),
            parents=parents,
            rewrites=self._rewrites(place, visit),
            conditions=frozenset((both(at.conditions, visit.conditions) or (),)),
        )
        self.steps.append(step)
        self.asides.started(step.id, at.keys)
        return step.id

    def _finish(self, step: int, place: Place, visit: Visit, selections: Selections, at: _At) -> None:
        """Complete a step. What it looks up need not be told by type; how the response got there may have to."""
        ambiguous = self.names.ambiguous(selections, place.type, at.keys)
        path = at.path
        if ambiguous:
            path = (*at.typed[:-1], *at.path[-1:]) if visit.inputs else at.typed
        if visit.inputs:
            selections = (Fragment(visit.type, selections),)
        self.asides.part(step, merged(selections), path)

    def _requires(self, place: Place, visit: Visit, keys: tuple[str, ...]) -> Selections:
        if not visit.inputs:
            return ()
        return (Fragment(place.type, (TYPENAME_FIELD, *self._inputs(visit.inputs, keys))),)

    def _inputs(self, inputs: Selections, keys: tuple[str, ...]) -> Selections:
        """The representation's fields under the keys where the data has them."""
        found: list[Field | Fragment] = []
        for item in inputs:
            if isinstance(item, Fragment):
                found.append(Fragment(item.type_condition, self._inputs(item.selections, keys)))
            else:
                key = self.names.key_of(item, keys)
                below = self._inputs(item.selections, (*keys, key))
                found.append(replace(item, key=key, conditions=(), selections=below))
        return merged(found)

    def _rewrites(self, place: Place, visit: Visit) -> tuple[ValueSetter, ...]:
        """An interface object is looked up under its own name, not under the run-time type's."""
        interface = {(visit.subgraph, visit.type), (place.subgraph, place.type)} & self.graph.interface_objects
        if visit.inputs and interface:
            return (ValueSetter((f"... on {place.type}", TYPENAME), visit.type),)
        return ()

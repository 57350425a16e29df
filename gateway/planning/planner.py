"""Operation and supergraph in; the query plan out. Five calls, each handing on a frozen value; does no I/O."""

from dataclasses import dataclass, field

from graphql import DocumentNode

from gateway.composition.supergraph import Supergraph
from gateway.lru import Lru
from gateway.planning.build import fetch_graph_of
from gateway.planning.contexts import with_contexts
from gateway.planning.directives import KnownBy, known_by
from gateway.planning.errors import PlanTooComplex
from gateway.planning.fetches import FetchGraph
from gateway.planning.graph import Graph, graph_of
from gateway.planning.normalise import Operation, operation_from_document
from gateway.planning.optimise import joined, optimised
from gateway.planning.override_labels import OverrideLabels, Overrides
from gateway.planning.plan import QueryPlan
from gateway.planning.router import PLAN_BUDGET, routes_of_operation
from gateway.planning.routes import Route
from gateway.planning.serialise import plan_of

MOST_GRAPHS = 64
"""How many sets of labels have a graph of their own at a time."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Every artefact on the way to a plan, for those who want to look at it."""

    operation: Operation
    routes: tuple[Route, ...]
    fetches: tuple[FetchGraph, ...]
    plan: QueryPlan


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans operations over one supergraph; the graph of who can resolve what is built once.

    `labels` are the progressive `@override` labels that configuration switches on, `graph` the graph with these on and
    all others off; `budget` bounds the work on one plan.
    """

    supergraph: Supergraph
    labels: frozenset[str] = frozenset()
    budget: int = PLAN_BUDGET
    graph: Graph = field(init=False, repr=False, compare=False)
    _labels: OverrideLabels = field(init=False, repr=False, compare=False)
    _directives: KnownBy = field(init=False, repr=False, compare=False)
    _graphs: Lru[Graph] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "graph", graph_of(self.supergraph, self.labels))
        object.__setattr__(self, "_labels", OverrideLabels(self.supergraph, self.labels))
        object.__setattr__(self, "_directives", known_by(self.supergraph))
        object.__setattr__(self, "_graphs", Lru(MOST_GRAPHS))

    def overrides(self, document: DocumentNode, operation_name: str | None = None) -> Overrides:
        """The progressive labels that one operation can meet: no other label has a part in its plan.

        Raises:
            PlanningError: no such operation, or more fields or levels than a plan may have.
        """
        if not self._labels.known:
            return Overrides()
        return self._labels.overrides(self._operation(document, operation_name))

    def plan(
        self, document: DocumentNode, operation_name: str | None = None, labels: frozenset[str] | None = None
    ) -> QueryPlan:
        """The plan of one operation that is valid over the API schema; introspection fields are not planned.

        `labels` are those that are on for this request (`overrides`), by default the configured ones.

        Raises:
            PlanningError: no such operation, a field no subgraph can be asked for, or more work than a plan may be.
        """
        return self.stages(document, operation_name, labels).plan

    def stages(
        self, document: DocumentNode, operation_name: str | None = None, labels: frozenset[str] | None = None
    ) -> Stages:
        """The plan with everything on the way to it. Raises as `plan` does."""
        graph = self._graph(self.labels if labels is None else labels)
        operation = self._operation(document, operation_name)
        try:
            routes = routes_of_operation(graph, with_contexts(graph, operation), self.budget)
            fetches = joined(tuple(optimised(fetch_graph_of(graph, operation, route)) for route in routes))
            return Stages(operation, routes, fetches, plan_of(graph, operation, fetches))
        except RecursionError as error:
            raise PlanTooComplex("the operation nests too deeply") from error

    def _operation(self, document: DocumentNode, name: str | None) -> Operation:
        try:
            return operation_from_document(document, name, self.supergraph.full_schema, self._directives)
        except RecursionError as error:
            raise PlanTooComplex("the operation nests too deeply") from error

    def _graph(self, labels: frozenset[str]) -> Graph:
        known = labels & self._labels.known
        if known == self.labels & self._labels.known:
            return self.graph
        return self._graphs.get_or(known, lambda: graph_of(self.supergraph, known))

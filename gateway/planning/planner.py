"""Operation and supergraph in; the query plan out. Five calls, each handing on a frozen value; does no I/O."""

from dataclasses import dataclass, field

from graphql import DocumentNode

from gateway.composition.supergraph import Supergraph
from gateway.planning.build import fetch_graph_of
from gateway.planning.errors import PlanTooComplex
from gateway.planning.fetches import FetchGraph
from gateway.planning.graph import Graph, graph_of
from gateway.planning.normalise import Operation, operation_from_document
from gateway.planning.optimise import joined, optimised
from gateway.planning.plan import QueryPlan
from gateway.planning.router import PLAN_BUDGET, routes_of_operation
from gateway.planning.routes import Route
from gateway.planning.serialise import plan_of


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

    `labels` are the progressive `@override` labels that are switched on; `budget` bounds the work on one plan.
    """

    supergraph: Supergraph
    labels: frozenset[str] = frozenset()
    budget: int = PLAN_BUDGET
    graph: Graph = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "graph", graph_of(self.supergraph, self.labels))

    def plan(self, document: DocumentNode, operation_name: str | None = None) -> QueryPlan:
        """The plan of one operation that is valid over the API schema; introspection fields are not planned.

        Raises:
            PlanningError: no such operation, a field no subgraph can be asked for, or more work than a plan may be.
        """
        return self.stages(document, operation_name).plan

    def stages(self, document: DocumentNode, operation_name: str | None = None) -> Stages:
        """The plan with everything on the way to it. Raises as `plan` does."""
        try:
            operation = operation_from_document(document, operation_name, self.supergraph.full_schema)
            routes = routes_of_operation(self.graph, operation, self.budget)
            fetches = joined(tuple(optimised(fetch_graph_of(self.graph, operation, route)) for route in routes))
            return Stages(operation, routes, fetches, plan_of(self.graph, operation, fetches))
        except RecursionError as error:
            raise PlanTooComplex("the operation nests too deeply") from error

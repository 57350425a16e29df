"""A planner, the real executor and the invented world in one: an operation in, what the clients would see out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import parse

from gateway.execution.executor import Executor
from gateway.execution.result import ExecutionRequest
from gateway.planning.planner import Planner
from tests.gateway.planning.universe import Universe, WorldTransport


@dataclass(frozen=True, slots=True)
class Answer:
    """The gateway's data and errors, the world's own answer, and what no real subgraph could have answered."""

    data: Any
    errors: tuple[Any, ...]
    expected: Any
    faults: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether the gateway answered as one server would, without asking for the impossible."""
        return self.data == self.expected and not self.errors and not self.faults


async def answer(planner: Planner, query: str, variables: Mapping[str, Any], name: str | None = None) -> Answer:
    """Plan the operation, run the plan over the world's subgraphs and ask the world itself."""
    document, supergraph = parse(query), planner.supergraph
    plan = planner.plan(document, name)
    universe = Universe(planner.graph)
    expected = universe.answer(query, variables)
    transports = {subgraph: WorldTransport(universe, supergraph, subgraph) for subgraph in supergraph.subgraphs}
    executor = Executor(supergraph, transports)
    result = await executor.execute(executor.compile(plan, document, name), ExecutionRequest(variables=variables))
    return Answer(result.data, result.errors, expected, tuple(universe.faults))

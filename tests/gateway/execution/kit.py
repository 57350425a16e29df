"""An executor over the shop, with subgraphs that answer what a test says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import parse

from gateway.composition.supergraph import supergraph_from_sdl
from gateway.execution.executor import Executor, Limits
from gateway.execution.result import ExecutionRequest, ExecutionResult
from gateway.execution.transport import SubgraphReply, Transport
from gateway.planning.plan import QueryPlan
from gateway.planning.planner import Planner
from tests.gateway.shop import SUPERGRAPH

SHOP = supergraph_from_sdl(SUPERGRAPH)
PLANNER = Planner(SHOP)


@dataclass
class Saying:
    """A subgraph that answers each request with its next reply (the last one for ever). Keeps what it was sent."""

    replies: list[Any]
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        self.bodies.append(json.loads(body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return SubgraphReply(self.status, reply if isinstance(reply, bytes) else json.dumps(reply).encode())

    async def close(self) -> None:
        """Nothing is held."""


async def run(
    query: str,
    transports: Mapping[str, Transport],
    request: ExecutionRequest | None = None,
    *,
    limits: Limits | None = None,
    plan: QueryPlan | None = None,
) -> ExecutionResult:
    """Plan a shop query and execute it."""
    executor = Executor(SHOP, transports, limits)
    document = parse(query)
    program = executor.compile(plan or PLANNER.plan(document), document)
    return await executor.execute(program, request or ExecutionRequest())


def codes(result: ExecutionResult) -> list[tuple[str, tuple[Any, ...]]]:
    """Code and path of every error."""
    return [(error["extensions"]["code"], tuple(error.get("path", ()))) for error in result.errors]


Reply = Callable[[], Any]

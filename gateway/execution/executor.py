"""Drives a program: sends what the steps ask for, within deadlines, and hands the gathered data to the projection."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from types import MappingProxyType
from typing import Protocol

from graphql import DocumentNode, GraphQLSchema, parse

from gateway.execution.disclosed import shown_of
from gateway.execution.introspection import introspect
from gateway.execution.program import Program, compile_program
from gateway.execution.projection import ProjectionRun
from gateway.execution.reply import ReplyRules
from gateway.execution.result import ExecutionRequest, ExecutionResult
from gateway.execution.schema_index import index_from_document
from gateway.execution.stand_ins import stand_ins_from_document
from gateway.execution.steps import Arrived, Gathered, Incoming, NotArrived, Outgoing, run_steps
from gateway.execution.transport import Transport, TransportError
from gateway.planning.plan import QueryPlan


class ExecutableSupergraph(Protocol):
    """What execution reads of a supergraph: its text for every type, its API schema for the response."""

    @property
    def sdl(self) -> str: ...

    @property
    def api_schema(self) -> GraphQLSchema: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds: for each subgraph request, and others by subgraph name. `rules` say how replies are
    read."""

    fetch_seconds: float = 30.0
    seconds_by_subgraph: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    rules: ReplyRules = field(default_factory=ReplyRules)

    def seconds(self, subgraph: str) -> float:
        """The deadline of one request to this subgraph."""
        return self.seconds_by_subgraph.get(subgraph, self.fetch_seconds)


class Executor:
    """Executes programs over one supergraph. Holds no request's state: concurrent requests share only the
    transports."""

    def __init__(
        self, supergraph: ExecutableSupergraph, transports: Mapping[str, Transport], limits: Limits | None = None
    ) -> None:
        self._api_schema = supergraph.api_schema
        document = parse(supergraph.sdl, no_location=True)
        self._index = index_from_document(document)
        self._stand_ins = stand_ins_from_document(document)
        self._transports = dict(transports)
        self._limits = limits or Limits()

    def compile(self, plan: QueryPlan, document: DocumentNode, operation_name: str | None = None) -> Program:
        """The plan as a program whose response has the shape of the client's document."""
        return compile_program(plan, document, operation_name, self._api_schema, self._stand_ins)

    async def execute(self, program: Program, request: ExecutionRequest) -> ExecutionResult:
        """Run a program for one request. A fetch that fails costs its own fields; cancelling stops every fetch."""
        gathered = await self._gather(program, request)
        introspection, problems = introspect(program.source, request.variables, request.shown)
        run = ProjectionRun(request.denials, introspection, request.unasked)
        for error in gathered.loose:
            run.errors.add(error, None)
        variant = program.source.variant(request.variables)
        data = variant.projection.complete(gathered.data, None, run)
        return ExecutionResult(
            data=data,
            errors=(*run.errors.entries(), *(dict(problem) for problem in problems)),
            disclosures=tuple(shown_of(gathered.disclosures, variant.coordinates, self._api_schema)),
            fetches=tuple(gathered.fetches),
            disagreements=tuple(gathered.disagreements),
            denials={
                name: found
                for name, found in request.denials.items()
                if not found.allowed and name in variant.coordinates
            },
            access=tuple(run.access),
        )

    def opening(self, program: Program, request: ExecutionRequest) -> tuple[Outgoing, Transport | None]:
        """What opens the stream of a subscription's events, and the way to send it. Sends nothing."""
        steps = run_steps(program, request, self._index, self._limits.rules)
        (outgoing,) = next(steps)
        steps.close()
        return outgoing, self._transports.get(outgoing.subgraph)

    async def close(self) -> None:
        """Close every transport."""
        for transport in self._transports.values():
            await transport.close()

    async def _gather(self, program: Program, request: ExecutionRequest) -> Gathered:
        ends = None if request.deadline is None else perf_counter() + request.deadline
        steps = run_steps(program, request, self._index, self._limits.rules)
        try:
            wanted = next(steps)
            if request.event is not None:
                wanted = steps.send([Arrived(200, request.event)])
            while True:
                wanted = steps.send(await self._send_all(wanted, request, ends))
        except StopIteration as finished:
            return finished.value

    async def _send_all(
        self, wanted: tuple[Outgoing, ...], request: ExecutionRequest, ends: float | None
    ) -> list[Incoming]:
        if len(wanted) == 1:
            return [await self._send(wanted[0], request, ends)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._send(outgoing, request, ends)) for outgoing in wanted]
        return [task.result() for task in tasks]

    async def _send(self, outgoing: Outgoing, request: ExecutionRequest, ends: float | None) -> Incoming:
        started = perf_counter()
        transport = self._transports.get(outgoing.subgraph)
        if transport is None:
            return NotArrived("unreachable", "has no address")
        seconds = self._limits.seconds(outgoing.subgraph)
        if ends is not None:
            seconds = min(seconds, max(0.0, ends - started))
        headers = request.sign(outgoing.subgraph, outgoing.body)
        try:
            async with asyncio.timeout(seconds):
                reply = await transport.send(outgoing.body, headers, repeatable=outgoing.repeatable)
        except TimeoutError:
            return NotArrived("timeout", "did not answer in time", perf_counter() - started)
        except TransportError as error:
            return NotArrived(error.status, error.reason, perf_counter() - started)
        return Arrived(reply.status, reply.body, perf_counter() - started)

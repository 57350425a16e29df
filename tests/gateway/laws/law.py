"""Law 1: the gateway answers as one server would. Subgraph SDLs in; for a world and an operation, what differs out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo, execute_sync, parse

from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.report import Report
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.composition.validate_subgraph import valid_subgraphs
from gateway.execution.executor import Executor
from gateway.execution.result import ExecutionRequest
from gateway.execution.transport import AsgiTransport
from gateway.planning.errors import PlanningError
from gateway.planning.planner import Planner
from tests.gateway.laws.contexts import answered
from tests.gateway.laws.ground import Ground
from tests.gateway.laws.operations import Operation
from tests.gateway.laws.subgraph_server import Declared, SubgraphServer
from tests.gateway.laws.world import Thing, World

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Federation:
    """Subgraphs composed by us and served from whichever world is asked about, with the real planner and executor."""

    ground: Ground
    planner: Planner
    executor: Executor
    servers: tuple[SubgraphServer, ...]


def federation_of(subgraphs: Sequence[SubgraphDefinition]) -> Federation:
    """Compose and read the subgraphs. Raises CompositionFailed."""
    supergraph = supergraph_from_sdl(compose(subgraphs).supergraph_sdl)
    sdls = {subgraph.name: subgraph.sdl for subgraph in subgraphs}
    ground = Ground(supergraph, tuple(valid_subgraphs(subgraphs, Report())))
    servers = tuple(
        SubgraphServer(Declared(ground, subgraph, sdls[subgraph.name]), World(ground, 0))
        for subgraph in ground.subgraphs
    )
    transports = {server.declared.subgraph.name: AsgiTransport(server) for server in servers}
    return Federation(ground, Planner(supergraph), Executor(supergraph, transports), servers)


@dataclass(frozen=True, slots=True)
class Answer:
    """Data and the response paths of its errors."""

    data: Any
    errors: tuple[Path, ...]


def monolith(world: World, operation: Operation) -> Answer:
    """What one server over the API schema answers from the world."""

    def resolve(source: Thing | None, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        return answered(world, source or Thing(info.parent_type.name, 0), info.field_name, arguments)

    result = execute_sync(
        world.ground.supergraph.api_schema,
        parse(operation.text),
        variable_values=dict(operation.variables),
        field_resolver=resolve,
        type_resolver=lambda thing, info, kind: thing.type,
    )
    return Answer(result.data, tuple(tuple(error.path or ()) for error in result.errors or ()))


async def disagreement(federation: Federation, world: World, operation: Operation) -> str | None:
    """In words how the gateway's answer differs from the monolith's, or what it asked that nobody could answer."""
    document = parse(operation.text)
    try:
        plan = federation.planner.plan(document)
    except PlanningError as error:
        return f"not planned: {error.code} {error}"
    for server in federation.servers:
        server.serve(world)
    program = federation.executor.compile(plan, document)
    result = await federation.executor.execute(program, ExecutionRequest(variables=dict(operation.variables)))
    got = Answer(result.data, tuple(tuple(error.get("path", ())) for error in result.errors))
    if faults := [fault for server in federation.servers for fault in server.faults]:
        return f"asked for the impossible: {faults[0]}\n{plan}"
    found = compared(got, monolith(world, operation))
    return f"{found}\n{result.errors}\n{plan}" if found else None


def compared(got: Answer, expected: Answer) -> str | None:
    """How two answers differ. Which of several errors below one null is told is left open (specification 6.4.4)."""
    if got.data != expected.data:
        return next(_differences(got.data, expected.data, ()), None)
    if _key_order(got.data) != _key_order(expected.data):
        return "the response keys are in another order"
    told, wanted = ({_null_at(path, got.data) for path in answer.errors} for answer in (got, expected))
    if told != wanted:
        return f"nulls with an error: {sorted(map(str, told))} instead of {sorted(map(str, wanted))}"
    exact = {path for path in expected.errors if _null_at(path, got.data) == path}
    if missing := exact - set(got.errors):
        return f"no error at {missing}"
    twice = [path for path in got.errors if got.errors.count(path) > 1]
    return f"more than one error at {twice[0]}" if twice else None


def _null_at(path: Path, data: Any) -> Path:
    """As much of an error's path as leads to the null it caused."""
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    return path


def _differences(got: Any, expected: Any, path: Path) -> Iterator[str]:
    if isinstance(got, dict) and isinstance(expected, dict) and got.keys() == expected.keys():
        for key in got:
            yield from _differences(got[key], expected[key], (*path, key))
    elif isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for index, (one, other) in enumerate(zip(got, expected, strict=True)):
            yield from _differences(one, other, (*path, index))
    elif got != expected:
        yield f"at {path}: {got!r} instead of {expected!r}"


def _key_order(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _key_order(item)) for key, item in value.items()]
    return [_key_order(item) for item in value] if isinstance(value, list) else None

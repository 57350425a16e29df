"""A query plan compiled once: levels of subgraph requests and the client's projection. Holds nothing of any one
request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graphql import DocumentNode, GraphQLSchema

from gateway.execution.fetch_operation import FetchOperation, read_fetch_operation
from gateway.execution.projection import ProjectionSource
from gateway.execution.stand_ins import NO_STAND_INS, StandIns
from gateway.planning.plan import (
    Condition,
    Fetch,
    Flatten,
    KeyRenamer,
    Parallel,
    PlanNode,
    QueryPlan,
    Requirement,
    Rewrite,
    Sequence,
    Subscription,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a flatten path: a response key, or each item of a list (`key` None), for these types only."""

    key: str | None
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guard:
    """A Condition node around a fetch: it runs when the Boolean variable has this value."""

    variable: str
    expected: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Where a fetch's results go, and under which conditions it is made at all."""

    path: tuple[Segment, ...] = ()
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextPath:
    """Where a variable may find its value: `up` objects above the one asked for, then type conditions and keys."""

    up: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FetchSpec:
    """One fetch of the plan. Fetches that differ only in their place are one spec with several targets.

    `contexts`: by variable, where its value may be found, nearest first.
    """

    subgraph: str
    operation: FetchOperation
    targets: tuple[Target, ...]
    variables: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    input_rewrites: tuple[Rewrite, ...] = ()
    output_rewrites: tuple[Rewrite, ...] = ()
    contexts: tuple[tuple[str, tuple[ContextPath, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """One HTTP request: a root fetch, or every entity fetch of one level to one subgraph."""

    subgraph: str
    fetches: tuple[FetchSpec, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """`levels` run one after the other, the requests within a level at once. `source` shapes the response."""

    levels: tuple[tuple[RequestSpec, ...], ...]
    source: ProjectionSource

    @property
    def is_mutation(self) -> bool:
        """Whether running this twice may do something twice."""
        return self.source.operation.operation.value == "mutation"

    @property
    def is_subscription(self) -> bool:
        """Whether this is run once for each event, whose data stand in for the first level's reply."""
        return self.source.operation.operation.value == "subscription"


def compile_program(
    plan: QueryPlan,
    document: DocumentNode,
    operation_name: str | None,
    api_schema: GraphQLSchema,
    stand_ins: StandIns = NO_STAND_INS,
) -> Program:
    """Compile a plan for the client's (valid) document, whose shape the response takes.

    The plan may have been made from an *allowed* document that asks for less. Raises GraphQLSyntaxError when the
    plan holds a fetch that is not GraphQL.
    """
    levels: dict[int, list[FetchSpec]] = {}
    for level, spec in _scheduled(plan.node, 0, Target())[0] if plan.node else ():
        levels.setdefault(level, []).append(spec)
    requests = tuple(tuple(_requests(levels[level])) for level in sorted(levels))
    return Program(requests, ProjectionSource.of(document, operation_name, api_schema, stand_ins))


def _scheduled(node: PlanNode, level: int, target: Target) -> tuple[list[tuple[int, FetchSpec]], int]:
    """Every fetch below `node` with its level, and the first level that is free after it.

    Levels make the number of requests a property of the plan: a request never waits to be combined with another by
    chance.
    """
    match node:
        case Fetch():
            return [(level, _spec(node, target))], level + 1
        case Flatten(path, inner):
            segments = tuple(_segments(path))
            return _scheduled(inner, level, replace(target, path=target.path + segments))
        case Sequence(nodes):
            return _in_sequence(nodes, level, target)
        case Subscription(primary, rest):
            return _in_sequence((primary, rest) if rest else (primary,), level, target)
        case Parallel(nodes):
            parts = [_scheduled(child, level, target) for child in nodes]
        case Condition(variable, if_clause, else_clause):
            parts = [
                _scheduled(clause, level, replace(target, guards=(*target.guards, Guard(variable, expected))))
                for clause, expected in ((if_clause, True), (else_clause, False))
                if clause is not None
            ]
    return [item for items, _ in parts for item in items], max((end for _, end in parts), default=level)


def _in_sequence(nodes: tuple[PlanNode, ...], level: int, target: Target) -> tuple[list[tuple[int, FetchSpec]], int]:
    fetches: list[tuple[int, FetchSpec]] = []
    for child in nodes:
        items, level = _scheduled(child, level, target)
        fetches += items
    return fetches, level


def _spec(fetch: Fetch, target: Target) -> FetchSpec:
    return FetchSpec(
        subgraph=fetch.subgraph,
        operation=read_fetch_operation(fetch),
        targets=(target,),
        variables=fetch.variables,
        requires=fetch.requires,
        input_rewrites=fetch.input_rewrites,
        output_rewrites=fetch.output_rewrites,
        contexts=_contexts(fetch.context_rewrites),
    )


def _contexts(rewrites: tuple[KeyRenamer, ...]) -> tuple[tuple[str, tuple[ContextPath, ...]], ...]:
    found: dict[str, tuple[ContextPath, ...]] = {}
    for rewrite in rewrites:
        up = sum(part == ".." for part in rewrite.path)
        found[rewrite.name] = (*found.get(rewrite.name, ()), ContextPath(up, rewrite.path[up:]))
    return tuple(found.items())


def _segments(path: tuple[str, ...]) -> Iterator[Segment]:
    for part in path:
        key, _, condition = part.partition("|")
        types = frozenset(name.strip() for name in condition.strip("[]").split(",") if name.strip())
        if key or types:
            yield Segment(None if key == "@" else key, types)


def _requests(specs: list[FetchSpec]) -> Iterator[RequestSpec]:
    """Join the level's fetches: same fetch at several places → one; entity fetches to one subgraph → one request."""
    shared: dict[str, list[FetchSpec]] = {}
    for spec in _with_targets_joined(specs):
        if spec.operation.entity_body is None or not spec.operation.is_query:
            yield RequestSpec(spec.subgraph, (spec,))
        else:
            shared.setdefault(spec.subgraph, []).append(spec)
    for subgraph, fetches in shared.items():
        yield RequestSpec(subgraph, tuple(fetches))


def _with_targets_joined(specs: list[FetchSpec]) -> list[FetchSpec]:
    # Only entity queries are joined: a root fetch that stands twice in a plan runs twice.
    joined: dict[FetchSpec, list[Target]] = {}
    apart: list[FetchSpec] = []
    for spec in specs:
        if spec.operation.of_entities and spec.operation.is_query:
            joined.setdefault(replace(spec, targets=()), []).extend(spec.targets)
        else:
            apart.append(spec)
    return apart + [replace(spec, targets=tuple(targets)) for spec, targets in joined.items()]

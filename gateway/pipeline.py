"""The request on one screen: read, authenticate, document, decide, enforce, plan, check, execute, record, release.

In: an HTTP request. Out: an HTTP response, whatever happens. What a stage does: its posture or folder.
"""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from graphql import DocumentNode, GraphQLSchema, OperationType, print_ast

from authz.audit.errors import AuditUnavailable
from authz.audit.leaf import Outcome
from authz.audit.recorder import AuditedAnswer, AuditedOperation, AuditedRequest
from authz.bulk.asked import NOTHING_IN_BULK, AskedInBulk
from authz.decision import Clearance
from authz.principal import Principal
from authz.safety import UNRECORDED
from gateway.documents.document import Document, Operation
from gateway.documents.request import GraphQLRequest, HttpRequest, read_request
from gateway.errors import (
    DocumentTooLarge,
    GraphQLRequestError,
    MethodNotAllowed,
    RequestError,
    SubscriptionUnsupported,
    Unexpected,
)
from gateway.execution.program import Program
from gateway.execution.result import ExecutionRequest, ExecutionResult
from gateway.frames import frames_of
from gateway.graph import Graph, Served, Version
from gateway.http_response import JSON, HttpResponse, negotiated, refusal
from gateway.introspection import only_introspects, states_context
from gateway.planning.plan import QueryPlan
from gateway.stages import Asking, Caller, Enforced, Observer, Recorded, Reduced, Stages, Unstated, WithoutLedger
from gateway.writes import whole_or_nothing
from schema.errors import CodedError

OperationKey = tuple[str, str | None, str]
"""The document's hash, the operation's name, and the text of what of it is allowed."""
PlanKey = tuple[str, str | None, str, frozenset[str]]
"""An operation's key, and the progressive override labels that are on."""
NO_OPERATION = AuditedOperation(None, "")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time and chance, so that tests can give them: `now` for decisions, `monotonic` seconds, ids for correlation,
    `draw` a number in [0, 1) for `percent(n)` override labels."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.perf_counter
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    draw: Callable[[], float] = random.random


@dataclass(slots=True)
class Trail:
    """How far one request has come: what a refusal and the ledger need to know about it. `version` is the graph it
    began on, and stays on; `part` numbers the events of a stream; `without_ledger` records it once the ledger could
    not."""

    version: Version
    correlation_id: str
    media_type: str = JSON
    principal: Principal | None = None
    caller: Asking = None
    asked: GraphQLRequest | None = None
    document: Document | None = None
    operation: Operation | None = None
    entered: bool = False
    intent: Recorded | None = None
    without_ledger: WithoutLedger | None = None
    part: int = 0
    recorded: bool = False

    @property
    def graph(self) -> Graph:
        return self.version.graph

    @property
    def stages(self) -> Stages:
        return self.version.graph.stages


@dataclass(frozen=True, slots=True)
class Cleared:
    """An operation as it was asked, and what its caller may have."""

    document: Document
    operation: Operation
    asked: GraphQLRequest
    clearance: Clearance


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may be run now: `enforced` is what is left of what was `cleared`, `allowed` the text of that,
    `asked` what it asks in bulk."""

    program: Program
    request: ExecutionRequest
    cleared: Cleared
    enforced: Enforced
    allowed: str
    asked: AskedInBulk


class Pipeline:
    """Answers requests, each over the graph that is served when it begins."""

    def __init__(self, served: Served, observer: Observer, surroundings: Surroundings | None = None) -> None:
        self.served = served
        self._observer = observer
        self._around = surroundings or Surroundings()
        self._log = structlog.get_logger("gateway")
        self._under_way: set[asyncio.Future[HttpResponse]] = set()

    async def answer(self, http: HttpRequest) -> HttpResponse:
        """The response to one request; never raises, except when the caller goes away."""
        with self.served.current as version:
            response = await self._answer(http, self.trail(version))
        self._observer.finished(response.outcome, response.status)
        return response

    def trail(self, version: Version) -> Trail:
        """The trail of a request that begins now, over this version."""
        return Trail(version, self._around.new_id())

    async def _answer(self, http: HttpRequest, trail: Trail) -> HttpResponse:
        try:
            return await self._answered(http, trail)
        except Exception as error:
            return await self.refused(error, trail)

    async def _answered(self, http: HttpRequest, trail: Trail) -> HttpResponse:
        ready = await self.prepared(http, trail)
        if ready.program.is_subscription:
            raise SubscriptionUnsupported("A subscription is not answered once.")
        with self._stage("count"):
            await self.counted(ready, trail)
        finish = self._finished(ready, trail)
        return await (self._to_the_end(finish, trail.version) if ready.program.is_mutation else finish)

    async def prepared(self, http: HttpRequest, trail: Trail) -> Prepared:
        """Everything before an operation is counted and run: the caller, what they may have of it, and how to get that.

        Raises CodedError, and RecursionError for an operation that nests too deeply.
        """
        with self._stage("read"):
            trail.asked = asked = self._read(http, trail)
        with self._stage("authenticate"):
            trail.caller = await self._authenticated(http, trail)
        with self._stage("document"):
            document, operation = self._document(asked, http.method, trail)
        with self._stage("decide"):
            clearance = trail.stages.decide(trail.caller, self._around.now())
            clearance = self._bounded(document, operation, asked, clearance, trail)
        with self._stage("enforce"):
            enforced, allowed = self._enforcement(trail.version, document, operation, asked, clearance)
        ready = self._planned(Cleared(document, operation, asked, clearance), enforced, allowed, trail)
        with self._stage("show"):
            shown = await self._shown(ready.program, asked, trail)
        return replace(ready, request=replace(ready.request, shown=shown))

    def _planned(self, cleared: Cleared, enforced: Enforced, allowed: str, trail: Trail) -> Prepared:
        """What was enforced, with a plan for it that was looked at. Raises CodedError."""
        document, operation, version = cleared.document, cleared.operation, trail.version
        with self._stage("plan"):
            key = (document.hash, operation.name, allowed)
            overrides = self._overrides(version, enforced.document, key)
            plan, program = self._plan(version, document, enforced.document, (*key, overrides))
        with self._stage("check"):
            self._check(version, plan, cleared.clearance, (*key, overrides))
        request = self._request(cleared.asked, trail, enforced, cleared.clearance)
        left = self._asked_in_bulk(version, enforced.document, key)
        return Prepared(program, request, cleared, enforced, allowed, left)

    async def counted(self, ready: Prepared, trail: Trail) -> None:
        """Count what a request asks before anything of it is run. Raises CodedError."""
        bulk, variables = trail.stages.bulk, trail.asked.variables if trail.asked else {}
        if bulk is not None:
            await bulk.count(trail.caller, ready.asked.lookups(variables), self._around.now())

    async def _finished(self, ready: Prepared, trail: Trail) -> HttpResponse:
        if ready.program.levels:
            ready = await self._intended(ready, trail)
        result = await self.executed(ready.program, ready.request, trail)
        return await self.released(result, trail, ready)

    async def _intended(self, ready: Prepared, trail: Trail) -> Prepared:
        """The operation once its intent is durable; only its officer-safety part while the ledger cannot be written."""
        try:
            await self.intend(trail)
        except AuditUnavailable:
            left, without_ledger = self._officer_safety(ready, trail), trail.stages.without_ledger
            if left is None or left.document is None or without_ledger is None:
                raise
        else:
            return ready
        reduced = self._planned(ready.cleared, left, print_ast(left.document), trail)
        trail.without_ledger = without_ledger
        with self._stage("intend"):
            trail.intent = await without_ledger.intend(self._audited(trail))
        return replace(reduced, request=replace(reduced.request, unasked=UNRECORDED, shown=ready.request.shown))

    def _officer_safety(self, ready: Prepared, trail: Trail) -> Reduced | None:
        """What of a query may be answered without the ledger; None where nothing ever is."""
        stages, cleared = trail.stages, ready.cleared
        if stages.without_ledger is None or cleared.operation.kind is not OperationType.QUERY:
            return None
        document, name, variables = cleared.document, cleared.operation.name, cleared.asked.variables
        conditions, left_out = ready.program.source.conditions(variables), cleared.operation.left_out(variables)
        key = (document.hash, name, cleared.clearance.key, left_out, tuple(conditions.items()))
        reduce = stages.without_ledger.reduced
        return trail.version.reduced.get_or(
            key, lambda: reduce(document.node, name, ready.enforced, cleared.clearance, conditions)
        )

    async def intend(self, trail: Trail) -> None:
        """Write down what is about to be done; returns once that is durable. Raises CodedError: nothing is fetched."""
        with self._stage("intend"):
            trail.intent = await trail.stages.intend(self._audited(trail))

    async def executed(self, program: Program, request: ExecutionRequest, trail: Trail) -> ExecutionResult:
        """Run a program. What comes of it has not left yet."""
        with self._stage("execute"):
            return await trail.graph.executor.execute(program, request)

    async def released(self, result: ExecutionResult, trail: Trail, ready: Prepared | None = None) -> HttpResponse:
        """Record what an answer shows; then it may leave: where the ledger cannot be written any more, only if `ready`
        asks for nothing but officer-safety data. Raises CodedError."""
        answer = _answer_of(result, trail.part)
        with self._stage("record"):
            try:
                receipt = await self.record(trail, answer)
            except AuditUnavailable:
                left = self._officer_safety(ready, trail) if ready and trail.without_ledger is None else None
                if left is None or left.document is None or not left.whole:
                    raise
                trail.without_ledger = trail.stages.without_ledger
                receipt = await self.record(trail, answer)
        with self._stage("release"):
            return self._release(result, receipt, trail)

    async def _to_the_end(self, finish: Coroutine[Any, Any, HttpResponse], version: Version) -> HttpResponse:
        """A mutation whose caller goes away has still happened: it is finished and recorded all the same."""

        async def held() -> HttpResponse:
            with version:
                return await finish

        task = asyncio.ensure_future(held())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    def refuse(self, error: CodedError, accept: str | None) -> HttpResponse:
        """The response to a request that never became one (too large, cut off)."""
        try:
            media_type = negotiated(accept)
        except CodedError:
            media_type = JSON
        response = refusal(error, media_type, self._around.new_id())
        self._observer.finished(response.outcome, response.status)
        return response

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = self._around.monotonic()
        try:
            yield
        finally:
            self._observer.stage(name, self._around.monotonic() - started)

    def _read(self, http: HttpRequest, trail: Trail) -> GraphQLRequest:
        trail.media_type = negotiated(http.headers.get("accept"))
        return read_request(http)

    async def _authenticated(self, http: HttpRequest, trail: Trail) -> Asking:
        """The caller. A verified one is known to the ledger even when what they state is refused."""
        trail.entered = True
        principal = await trail.stages.authenticate(http.headers)
        if not isinstance(principal, Principal):
            return principal
        trail.principal = principal
        if not states_context(http.headers) and self._only_introspects(trail):
            return Unstated(principal)
        context = trail.stages.context(http.headers, principal)
        trail.correlation_id = context.correlation_id
        return Caller(principal, context)

    def _only_introspects(self, trail: Trail) -> bool:
        """Whether the schema alone is asked for. A document that is refused says nothing: the context comes first."""
        if trail.asked is None:
            return True
        try:
            document = trail.graph.documents.find(trail.asked.query)
            return only_introspects(document.node, document.operation(trail.asked.operation_name).node)
        except CodedError:
            return False

    async def _shown(self, program: Program, asked: GraphQLRequest, trail: Trail) -> GraphQLSchema | None:
        """The schema that introspection in this operation reads."""
        if not program.source.variant(asked.variables).introspected:
            return None
        shown = await trail.stages.show(trail.caller, self._around.now())
        return shown.schema if shown else None

    async def schema(self, http: HttpRequest) -> HttpResponse:
        """The schema that a caller is shown as text; never raises. It is no record of anybody, so reading it is no
        event; being refused is one."""
        with self.served.current as version:
            trail = self.trail(version)
            try:
                trail.caller = await self._authenticated(http, trail)
                shown = await trail.stages.show(trail.caller, self._around.now())
            except Exception as error:
                response = await self.refused(error, trail)
            else:
                sdl = shown.sdl if shown else version.graph.api_sdl
                response = HttpResponse(200, sdl.encode(), "text/plain")
        self._observer.finished(response.outcome, response.status)
        return response

    def _document(self, asked: GraphQLRequest, method: str, trail: Trail) -> tuple[Document, Operation]:
        trail.document = trail.graph.documents.find(asked.query)
        trail.operation = trail.document.operation(asked.operation_name)
        if method == "GET" and trail.operation.kind is not OperationType.QUERY:
            raise MethodNotAllowed("Only queries may be sent with GET.", allow="POST")
        trail.graph.documents.check_variables(trail.operation, asked.variables)
        return trail.document, trail.operation

    def _bounded(
        self, document: Document, operation: Operation, asked: GraphQLRequest, clearance: Clearance, trail: Trail
    ) -> Clearance:
        """The clearance without the fields that ask for too many records."""
        bulk = trail.stages.bulk
        if bulk is None:
            return clearance
        found = self._asked_in_bulk(trail.version, document.node, (document.hash, operation.name, ""))
        return bulk.bounded(trail.caller, clearance, found.rows(asked.variables))

    def _asked_in_bulk(self, version: Version, document: DocumentNode | None, key: OperationKey) -> AskedInBulk:
        bulk = version.graph.stages.bulk
        if bulk is None or document is None:
            return NOTHING_IN_BULK
        return version.asked.get_or(key, lambda: bulk.asked(document, key[1]))

    def _enforcement(
        self, version: Version, document: Document, operation: Operation, asked: GraphQLRequest, clearance: Clearance
    ) -> tuple[Enforced, str]:
        left_out = operation.left_out(asked.variables)
        if not version.graph.stages.governed:
            # The governed service explains by the names of variables, and so counts each whole.
            left_out |= operation.unused_parts(asked.variables)

        def enforce() -> tuple[Enforced, str]:
            enforced = version.graph.stages.enforce(document.node, operation.name, clearance, left_out)
            if operation.kind is OperationType.MUTATION:
                enforced = whole_or_nothing(enforced, document.node, operation.node)
            return enforced, print_ast(enforced.document) if enforced.document else ""

        return version.enforced.get_or((document.hash, operation.name, clearance.key, left_out), enforce)

    def _overrides(self, version: Version, allowed: DocumentNode | None, key: OperationKey) -> frozenset[str]:
        """The progressive override labels that are on for this request, of those that its operation can meet."""
        if allowed is None:
            return frozenset()
        planner, (_, name, _) = version.graph.planner, key
        return version.overrides.get_or(key, lambda: planner.overrides(allowed, name)).drawn(self._around.draw)

    def _plan(
        self, version: Version, document: Document, allowed: DocumentNode | None, key: PlanKey
    ) -> tuple[QueryPlan, Program]:
        graph, (_, name, _, labels) = version.graph, key

        def plan() -> tuple[QueryPlan, Program]:
            planned = QueryPlan(None) if allowed is None else graph.planner.plan(allowed, name, labels)
            return planned, graph.executor.compile(planned, document.node, name)

        return version.planned.get_or(key, plan)

    def _check(self, version: Version, plan: QueryPlan, clearance: Clearance, key: PlanKey) -> None:
        def check() -> bool:
            version.graph.stages.check(plan, clearance)
            return True

        version.checked.get_or((*key, clearance.key), check)

    def _request(
        self, asked: GraphQLRequest, trail: Trail, enforced: Enforced, clearance: Clearance
    ) -> ExecutionRequest:
        sign = trail.stages.sign(trail.caller, clearance)
        decide = clearance.decision if trail.stages.governed else None
        return ExecutionRequest(
            asked.variables, sign, enforced.denials, trail.graph.deadline, decide, facts=clearance.facts
        )

    async def record(self, trail: Trail, answer: AuditedAnswer) -> Recorded | None:
        """Write down what came of a request; returns once that is durable. Raises CodedError."""
        stages = trail.without_ledger or trail.stages
        receipt = await stages.record(self._audited(trail), answer, trail.intent)
        trail.recorded = True
        return receipt

    def _audited(self, trail: Trail) -> AuditedRequest:
        context = trail.caller.context if isinstance(trail.caller, Caller) else None
        operation = NO_OPERATION
        if trail.document and trail.operation:
            plain = trail.operation.plain_variables
            operation = AuditedOperation(trail.operation.name, trail.document.hash, plain)
        return AuditedRequest(trail.principal, context, operation, trail.asked.variables if trail.asked else {})

    def _release(self, result: ExecutionResult, receipt: Recorded | None, trail: Trail) -> HttpResponse:
        for fetch in result.fetches:
            self._observer.fetched(fetch)
        if result.disagreements:
            names = sorted(set(result.disagreements))
            self._log.error("subgraph_disagrees_on_access", subgraphs=names, correlation_id=trail.correlation_id)
        extensions: dict[str, Any] = {"world": trail.stages.world} if trail.stages.world else {}
        if receipt is not None:
            audit = {"entry": receipt.entry_id, "log": receipt.log, "index": receipt.index, "leaf": receipt.leaf}
            extensions["audit"] = audit
        outcome = "partial" if result.errors else "ok"
        return HttpResponse(200, result.body(extensions), trail.media_type, outcome=outcome)

    async def refused(self, failure: Exception, trail: Trail) -> HttpResponse:
        """The response to a request that failed. A refusal is an event too, from the moment somebody asked to be let
        in; a request that says nothing is none."""
        error = self._coded(failure, trail)
        malformed = isinstance(error, RequestError | GraphQLRequestError)
        if trail.entered and not trail.recorded and not malformed and error.status in (400, 401, 403):
            try:
                await self.record(trail, AuditedAnswer(Outcome.REFUSED, refused_by=error.code, part=trail.part))
            except CodedError as unavailable:
                error = unavailable
            except Exception as unexpected:
                error = self._unexpected(unexpected, trail)
        return refusal(error, trail.media_type, trail.correlation_id)

    def _coded(self, failure: Exception, trail: Trail) -> CodedError:
        if isinstance(failure, RecursionError):
            return DocumentTooLarge("The operation is nested too deeply.")
        return failure if isinstance(failure, CodedError) else self._unexpected(failure, trail)

    def _unexpected(self, error: Exception, trail: Trail) -> CodedError:
        """Where it happened goes to the log; what the exception says may hold a value, so it goes nowhere."""
        kind, frames = type(error).__name__, frames_of(error)
        self._log.error("unexpected_error", kind=kind, frames=frames, correlation_id=trail.correlation_id)
        return Unexpected("unexpected")


def _answer_of(result: ExecutionResult, part: int) -> AuditedAnswer:
    outcome = Outcome.PARTIAL if result.errors else Outcome.OK
    return AuditedAnswer(outcome, result.disclosures, result.denials, part=part)

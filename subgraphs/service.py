"""One subgraph as an ASGI application: signed request in, governed answer and disclosures out. For the gateway only."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from inspect import isawaitable
from typing import Any, cast

import msgspec
from graphql import ExecutionResult, MiddlewareManager, execute
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from authz.alerts import AlertSink
from authz.audit.pseudonym import SubjectKey
from authz.errors import FactsBehind
from authz.facts import Facts, packaged_facts
from authz.grant import Grant, GrantKeys, require_unexpired, verify_grant
from authz.live_facts import Deciders, FactSource, FixedFacts
from authz.masks import Pseudonyms
from authz.replies import sign_event, sign_reply
from authz.row_rules import row_caller
from authz.rules import rules_from_sdl
from resolvers.changes.writing import Writer
from resolvers.controls.watch import Look
from resolvers.database import Database
from resolvers.loading import Loading
from schema.errors import CodedError
from schema.reference_lists import ReferenceCatalogue, reference_catalogue
from subgraphs.alerting import Alerting
from subgraphs.answers import refusal, reply
from subgraphs.changes import CarryingOut, Pending, cancelled
from subgraphs.disclosure import Shown
from subgraphs.documents import Documents
from subgraphs.errors import (
    BadRequest,
    BodyTooLarge,
    InvalidDocument,
    MethodNotAllowed,
    NotStarted,
    UngovernedSchema,
    UnknownPath,
    UnsupportedContentType,
)
from subgraphs.federated import GovernedSchema
from subgraphs.governance import governor, require_full
from subgraphs.request import SubgraphRequest
from subgraphs.subscribing import MEDIA_TYPE, Feed, SubgraphSubscription, event_stream, source_of, subscribed_field
from subgraphs.whole import require_whole

JSON = "application/json"
LARGEST_BODY = 8 * 1024 * 1024


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SubgraphSettings:
    """What a subgraph serves with: its database, the gateway's keys, the key subjects are hashed under, where it has
    the access facts from.

    Changes that subscribers wait for are looked for every `feed_seconds`. Accepted changes are looked for every
    `carry_out_seconds`; None: another process carries them out. Looks at records under control are judged every
    `alert_seconds` and told to `alerts`; None: nobody is told.
    """

    database: str
    grant_keys: GrantKeys = field(repr=False)
    subject_key: SubjectKey = field(repr=False)
    facts: FactSource = field(default_factory=lambda: FixedFacts(packaged_facts()), repr=False)
    catalogue: ReferenceCatalogue = field(default_factory=reference_catalogue, repr=False)
    clock: Callable[[], datetime] = _utc_now
    largest_body: int = LARGEST_BODY
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    carry_out_seconds: float | None = None
    feed_seconds: float = 0.5
    alerts: AlertSink | None = None
    alert_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class _Running:
    settings: SubgraphSettings
    database: Database
    deciders: Deciders
    writer: Writer | None = None
    alerting: Alerting | None = None
    tasks: tuple[asyncio.Task[None], ...] = ()
    feed: Feed | None = None


class _Operation(msgspec.Struct):
    """The body of a GraphQL request (GraphQL over HTTP)."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(name="operationName", default=None)


@dataclass(frozen=True, slots=True)
class _Seal:
    """What makes replies this subgraph's answers to one verified request."""

    subgraph: str
    settings: SubgraphSettings
    request_signature: str

    def response(self, body: bytes, status: int = 200) -> Response:
        """A signed reply. Raises NoSigningKey."""
        now = self.settings.clock().timestamp()
        signed = sign_reply(self.settings.grant_keys.ring, self.subgraph, self.request_signature, status, body, now)
        return Response(body, status, signed, JSON)

    def event(self, number: int, body: bytes) -> bytes:
        """The line that signs a stream's event. Raises NoSigningKey."""
        now = self.settings.clock().timestamp()
        return sign_event(self.settings.grant_keys.ring, self.subgraph, self.request_signature, number, body, now)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One verified request: who asks for what, and why."""

    running: _Running
    grant: Grant
    operation: _Operation
    seal: "_Seal"

    async def facts(self) -> Facts:
        """The access facts that hold just now. Raises FactsUnavailable; FactsBehind when the gateway knows more."""
        facts = await self.running.settings.facts.current()
        if facts.number < self.grant.facts:
            raise FactsBehind(f"Access facts {self.grant.facts} are not known here yet, only {facts.number}.")
        return facts

    def newer(self, number: int) -> int:
        """The number of access facts that were decided by here, where the gateway decided by older ones; else 0."""
        return number if number > self.grant.facts else 0

    @asynccontextmanager
    async def view(self) -> AsyncIterator[SubgraphRequest]:
        """What the caller may see just now: decided anew, over a reading of its own. Raises GrantStale once the token
        behind the grant has expired."""
        running, settings = self.running, self.running.settings
        now = settings.clock()
        principal, context = self.grant.principal, self.grant.context
        require_unexpired(principal, now)
        decider = running.deciders.by(await self.facts())
        clearance, caller = decider.clearance(principal, context, now), row_caller(principal, decider.policies)
        async with running.database.reading(now.date(), caller) as reading:
            yield SubgraphRequest(
                Loading(reading),
                settings.catalogue,
                clearance,
                now,
                Shown(),
                principal,
                running.writer,
                settings.new_id,
                Pseudonyms(settings.subject_key.secret, principal.organisation, context.purpose),
            )
            if running.alerting is not None:
                running.alerting.look(Look(caller, now, reading.reads), reading.notices)


class Subgraph:
    """The application of one product. Opens nothing before `start`."""

    def __init__(
        self,
        name: str,
        schema: GovernedSchema,
        changes: Sequence[Pending] = (),
        feed: Callable[[Database, Callable[[], date], float], Feed] | None = None,
    ) -> None:
        self.name = name
        self.schema = schema
        self._changes = changes
        self._feed = feed
        self._documents = Documents(schema.core)
        self._middleware = MiddlewareManager(governor(schema.field_rules))
        self._running: _Running | None = None
        self._app = Starlette(
            routes=[
                Route("/graphql", self._graphql, methods=["POST"]),
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
            ],
            exception_handlers={404: _unserved, 405: _unserved},
        )

    @property
    def sdl(self) -> str:
        """This subgraph's SDL, as composition and the access rules read it."""
        return self.schema.as_str()

    async def start(self, settings: SubgraphSettings) -> None:
        """Begin to serve. Raises UngovernedSchema when anything that can be selected has no tag."""
        rules = rules_from_sdl({self.name: self.sdl}, settings.facts.known)
        if rules.untagged:
            raise UngovernedSchema(f"Subgraph {self.name} has untagged coordinates: {', '.join(rules.untagged)}.")
        deciders = Deciders(rules)
        deciders.by(settings.facts.known)
        database = Database(settings.database)
        writer = Writer(settings.database) if self._changes else None
        alerting = None if settings.alerts is None else Alerting(database, settings.alerts, settings.subject_key)
        feed = self._feed and self._feed(database, lambda: settings.clock().date(), settings.feed_seconds)
        tasks = tuple(self._tasks(settings, database, writer, alerting))
        if feed is not None:
            tasks += (asyncio.create_task(feed.run()),)
        self._running = _Running(settings, database, deciders, writer, alerting, tasks, feed)

    async def stop(self) -> None:
        """Stop serving and close the database."""
        running, self._running = self._running, None
        if running is not None:
            for task in running.tasks:
                await cancelled(task)
            if running.alerting is not None:
                await running.alerting.last()
            await running.database.close()
            if running.writer is not None:
                await running.writer.close()

    async def check(self) -> None:
        """Make sure that a request could be answered just now: of its database, the access facts and the nonces it has
        seen. Raises CodedError: what cannot be had."""
        running = self._serving()
        await running.database.check(running.settings.clock().date())
        await running.settings.facts.current()
        await running.settings.grant_keys.nonces.check()

    def _tasks(
        self, settings: SubgraphSettings, database: Database, writer: Writer | None, alerting: Alerting | None
    ) -> Iterator[asyncio.Task[None]]:
        """What goes on beside the requests."""
        if writer is not None and settings.carry_out_seconds is not None:
            work = CarryingOut(self._changes, settings.clock, settings.new_id)
            yield asyncio.create_task(work.run(database, writer, settings.carry_out_seconds, subgraph=self.name))
        if alerting is not None:
            yield asyncio.create_task(alerting.run(settings.alert_seconds))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _graphql(self, request: Request) -> Response:
        """The signed reply to a verified request; a refusal of any other is bound to nothing, so nobody signs it."""
        seal, asked = None, None
        try:
            running = self._serving()
            body = await _body(request, running.settings.largest_body)
            grant = await verify_grant(
                running.settings.grant_keys, self.name, body, request.headers, running.settings.clock()
            )
            seal = _Seal(self.name, running.settings, request.headers["signature"])
            asked = _Asked(running, grant, _operation(request.headers, body), seal)
            if MEDIA_TYPE in request.headers.get("accept", ""):
                return StreamingResponse(await self._streamed(asked), media_type=MEDIA_TYPE)
            return seal.response(await self._answer(asked))
        except CodedError as error:
            refused = refusal(error, asked.newer(asked.running.settings.facts.known.number) if asked else 0)
            return seal.response(refused, error.status) if seal else Response(refused, error.status, media_type=JSON)

    def _serving(self) -> _Running:
        if self._running is None:
            raise NotStarted("This subgraph is not serving.")
        return self._running

    async def _answer(self, asked: _Asked, event: object = None) -> bytes:
        """The reply to an operation, or to a subscription's event, as it is decided just now."""
        async with asked.view() as resolving:
            result = await self._execute(asked.operation, resolving, event)
            disclosures = resolving.shown.disclosures(asked.running.settings.subject_key)
            newer = asked.newer(resolving.clearance.facts)
            return reply(result, disclosures, resolving.entries, resolving.loading.statements, self.name, newer)

    async def _streamed(self, asked: _Asked) -> AsyncGenerator[bytes, None]:
        """The stream of a subscription, once its source listens. Raises CodedError."""
        operation, feed = asked.operation, asked.running.feed
        document = self._documents.document(operation.query)
        name = subscribed_field(document, operation.operation_name)
        if name is None or feed is None:
            raise InvalidDocument("Only a subscription is answered with a stream.")
        async with asked.view() as resolving:
            require_full(self.schema.field_rules, "Subscription", name, resolving.clearance)
        context = SubgraphSubscription(asked.view, feed)
        source = await source_of(self.schema.core, document, operation.operation_name, operation.variables, context)
        return event_stream(source, lambda event: self._answer(asked, event), asked.seal.event)

    async def _execute(self, operation: _Operation, request: SubgraphRequest, root: object) -> ExecutionResult:
        document = self._documents.document(operation.query)
        require_whole(self.schema.core, self.schema.field_rules, document, operation.operation_name, request.clearance)
        answer = execute(
            self.schema.core,
            document,
            root,
            variable_values=operation.variables,
            operation_name=operation.operation_name,
            context_value=request,
            middleware=self._middleware,
        )
        return cast(ExecutionResult, await answer if isawaitable(answer) else answer)

    async def _live(self, _request: Request) -> Response:
        return Response(b'{"status":"live"}', media_type=JSON)

    async def _ready(self, _request: Request) -> Response:
        try:
            await self.check()
        except CodedError as error:
            return Response(refusal(error), 503, media_type=JSON)
        return Response(b'{"status":"ready"}', media_type=JSON)


async def _unserved(_request: Request, error: Exception) -> Response:
    """What is answered where no route is, or none for this method: coded, and signed by nobody."""
    assert isinstance(error, HTTPException)
    coded = UnknownPath("There is nothing at this path.")
    if error.status_code == MethodNotAllowed.status:
        coded = MethodNotAllowed("This path does not take this method.")
    return Response(refusal(coded), error.status_code, error.headers, JSON)


async def _body(request: Request, largest: int) -> bytes:
    """The body, read no further than the limit. Raises BodyTooLarge."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > largest:
            raise BodyTooLarge(f"The body is longer than {largest} bytes.")
        parts.append(part)
    return b"".join(parts)


def _operation(headers: Mapping[str, str], body: bytes) -> _Operation:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise UnsupportedContentType("The body must be JSON.")
    try:
        return msgspec.json.decode(body, type=_Operation)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest("The body is not a GraphQL request.") from error

"""What a posture puts into the pipeline: who asks, what they may be shown, what is recorded. Artefacts and call
shapes only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, TypeAlias

from graphql import DocumentNode, GraphQLSchema

from authz.audit.recorder import AuditedAnswer, AuditedRequest
from authz.bulk.asked import AskedInBulk, Lookup
from authz.context import RequestContext
from authz.decision import Clearance, Decision
from authz.principal import Principal
from authz.standard.holder import TokenHolder
from gateway.execution.result import FetchTrace, Sign
from gateway.planning.override_labels import Overrides
from gateway.planning.plan import QueryPlan


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller with the statements of this request."""

    principal: Principal
    context: RequestContext


@dataclass(frozen=True, slots=True)
class Unstated:
    """A verified caller who states no context, and so is shown no more than the schema."""

    principal: Principal


Asking: TypeAlias = Caller | Unstated | TokenHolder | None
"""Who asks: a governed caller, or one who only asks for the schema; in the general posture the holder of a verified
token, or nobody that is known."""


class Enforced(Protocol):
    """The allowed operation (None: nothing may be fetched) and every concrete coordinate that was taken out of it."""

    @property
    def document(self) -> DocumentNode | None: ...

    @property
    def denials(self) -> Mapping[str, Decision]: ...


@dataclass(frozen=True, slots=True)
class Unrestricted:
    """Nothing taken out."""

    document: DocumentNode | None
    denials: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))


class Enforce(Protocol):
    """The operation of a document, as the clearance allows it for requests that leave these variables out and may give
    the others any value."""

    def __call__(
        self, document: DocumentNode, operation_name: str | None, clearance: Clearance, left_out: frozenset[str], /
    ) -> Enforced: ...


class Recorded(Protocol):
    """What the ledger gives back once a leaf is durable: the request's id, which log, where in it, the leaf's hash."""

    @property
    def entry_id(self) -> str: ...

    @property
    def log(self) -> str: ...

    @property
    def index(self) -> int: ...

    @property
    def leaf(self) -> str: ...


class Shown(Protocol):
    """The schema that a caller is shown, as text and for introspection."""

    @property
    def sdl(self) -> str: ...

    @property
    def schema(self) -> GraphQLSchema: ...


class Show(Protocol):
    """Who asks, when → the schema they are shown; None: the API schema, as everybody is."""

    async def __call__(self, caller: Asking, now: datetime, /) -> Shown | None: ...


class Authenticate(Protocol):
    """Headers (names in lower case) → governed principal, who states a context beside; or the holder of a token, who
    states none; None where nobody is known. Raises CodedError."""

    async def __call__(self, headers: Mapping[str, str]) -> Principal | TokenHolder | None: ...


class Intend(Protocol):
    """Returns once it is durable that this is about to be done, None where nothing is kept. Raises CodedError: then
    nothing is fetched."""

    async def __call__(self, request: AuditedRequest, /) -> Recorded | None: ...


class Record(Protocol):
    """Returns once what came of a request is durable, None where nothing is kept. Raises CodedError: then nothing is
    released. `intent` is what `Intend` gave for it."""

    async def __call__(
        self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None, /
    ) -> Recorded | None: ...


class Reduced(Enforced, Protocol):
    """What of an operation may be run with the ledger down, and whether that is all of what was allowed."""

    @property
    def whole(self) -> bool: ...


class WithoutLedger(Protocol):
    """What is still answered while the ledger cannot be written, and how that is recorded. All raise CodedError: then
    nothing is fetched, or released.

    `reduced` is given a document, the operation's name, what access left of it, by which clearance, and the values of
    the variables that decide what is selected.
    """

    def reduced(
        self,
        document: DocumentNode,
        operation_name: str | None,
        enforced: Enforced,
        clearance: Clearance,
        conditions: Mapping[str, bool],
        /,
    ) -> Reduced: ...

    async def intend(self, request: AuditedRequest, /) -> Recorded: ...

    async def record(self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None, /) -> Recorded: ...


class Bulk(Protocol):
    """How much may be asked at once and one after another: what an operation asks in bulk; the clearance without what
    asks for too many records; a request counted before it is run. `count` raises CodedError."""

    def asked(self, document: DocumentNode, operation_name: str | None, /) -> AskedInBulk: ...

    def bounded(self, caller: Asking, clearance: Clearance, rows: Mapping[str, int], /) -> Clearance: ...

    async def count(self, caller: Asking, lookups: Iterable[Lookup], now: datetime, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Stages:
    """One posture. There are no defaults: a stage that does nothing is chosen, never forgotten. `without_ledger` is
    None where everything is refused while nothing can be recorded."""

    authenticate: Authenticate
    context: Callable[[Mapping[str, str], Principal], RequestContext]
    decide: Callable[[Asking, datetime], Clearance]
    bulk: Bulk | None
    enforce: Enforce
    check: Callable[[QueryPlan, Clearance], None]
    intend: Intend
    record: Record
    without_ledger: WithoutLedger | None
    sign: Callable[[Asking, Clearance], Sign]
    show: Show
    world: str | None
    governed: bool


class Planner(Protocol):
    """Valid operation → the progressive override labels it can meet; with those that are on → plan. Raises
    CodedError."""

    def overrides(self, document: DocumentNode, operation_name: str | None = None) -> Overrides: ...

    def plan(
        self, document: DocumentNode, operation_name: str | None = None, labels: frozenset[str] | None = None
    ) -> QueryPlan: ...


class Observer(Protocol):
    """Counts what happened; never sees a value, a name or a token."""

    def stage(self, name: str, seconds: float) -> None: ...

    def fetched(self, trace: FetchTrace) -> None: ...

    def finished(self, outcome: str, status: int) -> None: ...

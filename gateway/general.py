"""The general posture: any supergraph in; a federation gateway as an ASGI application out.

No LEDS context, no ledger. The standard access directives are enforced (`gateway/standard.py`); a graph with rules that
nobody could be held to here is refused at start, one with the LEDS directives always.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    parse,
    print_schema,
)
from starlette.applications import Starlette

from authz.audit.recorder import AuditedAnswer, AuditedRequest
from authz.context import RequestContext
from authz.decision import Clearance
from authz.principal import Principal
from authz.standard.lowered import lowered_by
from authz.standard.policies import GraphPolicies
from authz.standard.rules import StandardRules
from gateway.app import AppOptions, create_app
from gateway.composition.supergraph import InvalidSupergraph, Supergraph, supergraph_from_sdl
from gateway.composition.supergraph_features import arguments_of
from gateway.documents.limits import DocumentLimits
from gateway.documents.store import DocumentStore
from gateway.errors import GovernedSupergraph, RulesLowered
from gateway.execution.executor import Executor, Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.result import Sign, unsigned
from gateway.execution.transport import MAX_REPLY_BYTES, HttpTransport, Transport
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.planning.plan import QueryPlan
from gateway.planning.planner import Planner
from gateway.reload import Admit, Reloader
from gateway.stages import Asking, Recorded, Stages, Unrestricted
from gateway.standard import Access, enforceable_rules, standard_stages
from gateway.streams.limits import StreamLimits

LEDS_SPECIFICATION = "specs.leds.example/access"
NOBODY = Clearance("")
SHOWN_COORDINATES = 20


@dataclass(frozen=True, slots=True)
class GeneralSettings:
    """The general gateway's settings. Seconds and bytes; `urls` override the supergraph's addresses by subgraph
    name; `override_labels` are the progressive `@override` labels that are on; `access` says whose tokens and which
    policies count, None that nobody is authenticated; `lowering_approved` says of a graph's version whether it may ask
    less of a caller than the one that is served."""

    deadline: float = 30.0
    fetch_seconds: float = 15.0
    max_body: int = 1024 * 1024
    max_reply: int = MAX_REPLY_BYTES
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    streams: StreamLimits = field(default_factory=StreamLimits)
    urls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    expose_subgraph_errors: bool = False
    override_labels: frozenset[str] = frozenset()
    access: Access | None = None
    graphiql: Path | None = None
    lowering_approved: Callable[[str], bool] = lambda _version: False


@dataclass(frozen=True, slots=True)
class GeneralGateway:
    """The general gateway: its ASGI application, and what replaces its graph while it runs."""

    app: Starlette
    reloader: Reloader


def general_gateway(read: Callable[[], str], settings: GeneralSettings | None = None) -> GeneralGateway:
    """The general gateway of the supergraph that `read` returns now, and again on each reload (in a thread).

    Raises what `general_graph` and `read` raise.
    """
    chosen, metrics = settings or GeneralSettings(), Metrics()

    async def build() -> Graph:
        return await asyncio.to_thread(lambda: general_graph(read(), chosen))

    served = Served(general_graph(read(), chosen))
    reloader = Reloader(served, build, metrics, _admission(chosen))
    options = AppOptions(
        graphiql=chosen.graphiql, max_body=chosen.max_body, graph=reloader.health, streams=chosen.streams
    )
    return GeneralGateway(create_app(Pipeline(served, metrics), metrics, options), reloader)


def _admission(settings: GeneralSettings) -> Admit:
    """No reload lowers a rule silently (access-and-audit, *Directives*)."""

    def admit(served: Graph, graph: Graph) -> None:
        old, new = served.rules, graph.rules
        if not isinstance(old, StandardRules) or not isinstance(new, StandardRules):
            return
        lowered = lowered_by(old, new, graph.coordinates)
        if lowered and not settings.lowering_approved(graph.version):
            raise RulesLowered(
                f"The new graph lowers the rule of {', '.join(lowered[:SHOWN_COORDINATES])}.",
                details={"coordinates": lowered[:SHOWN_COORDINATES], "count": len(lowered), "version": graph.version},
            )

    return admit


def _coordinates(schema: GraphQLSchema) -> Iterator[str]:
    """What a standard rule can be about: the fields of object types, enums and scalars."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType):
            yield f"{name}.__typename"
            yield from (f"{name}.{field}" for field in kind.fields)
        elif isinstance(kind, GraphQLEnumType | GraphQLScalarType):
            yield name


def create_general_app(supergraph_sdl: str, settings: GeneralSettings | None = None) -> Starlette:
    """The general gateway of one supergraph. Raises what `general_gateway` raises."""
    return general_gateway(lambda: supergraph_sdl, settings).app


def general_graph(supergraph_sdl: str, settings: GeneralSettings) -> Graph:
    """A supergraph ready to be served to anybody, as far as its access rules allow.

    Raises:
        InvalidSupergraph, GovernedSupergraph: this posture cannot serve it.
        InvalidRules, AuthenticationUnconfigured, PoliciesUnconfigured: nobody could be held to its rules.
        InvalidPolicies: the policies make no sense.
    """
    refuse_governed(supergraph_sdl)
    supergraph, access = supergraph_from_sdl(supergraph_sdl), settings.access
    rules = enforceable_rules(supergraph, access)
    policies = access.policies() if access and access.policies else None
    limits = Limits(settings.fetch_seconds, rules=ReplyRules(expose_errors=settings.expose_subgraph_errors))
    return Graph(
        version=_version(supergraph, policies),
        api_sdl=print_schema(supergraph.api_schema),
        documents=DocumentStore(supergraph.api_schema, limits=settings.documents),
        planner=Planner(supergraph, settings.override_labels),
        executor=Executor(supergraph, _transports(supergraph, settings), limits),
        stages=standard_stages(GENERAL, supergraph, rules, access, policies) if access else GENERAL,
        deadline=settings.deadline,
        rules=rules,
        coordinates=frozenset(_coordinates(supergraph.full_schema)),
    )


def refuse_governed(supergraph_sdl: str) -> None:
    """Raise GovernedSupergraph for a supergraph whose rules are those of the governed posture."""
    if LEDS_SPECIFICATION in "".join(_linked_addresses(_parsed(supergraph_sdl))):
        raise GovernedSupergraph(
            "The supergraph links the LEDS access directives: it is served governed or not at all."
        )


def _version(supergraph: Supergraph, policies: GraphPolicies | None) -> str:
    """The supergraph's version; with policies theirs is part of it, so that changed ones are taken up on a reload."""
    if policies is None:
        return supergraph.version
    return hashlib.sha256(f"{supergraph.version}\0{policies.version}".encode()).hexdigest()


def _parsed(sdl: str) -> DocumentNode:
    try:
        return parse(sdl, no_location=True)
    except GraphQLSyntaxError as error:
        raise InvalidSupergraph(f"the supergraph is not a GraphQL document: {error.message}") from error


def _linked_addresses(document: DocumentNode) -> Iterator[str]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for directive in definition.directives or ():
                yield str(arguments_of(directive).get("url") or arguments_of(directive).get("feature") or "")


def _transports(supergraph: Supergraph, settings: GeneralSettings) -> dict[str, Transport]:
    """One HTTP transport for each subgraph with an address; one without is unreachable, and said to be."""
    addresses = {name: settings.urls.get(name, subgraph.url) for name, subgraph in supergraph.subgraphs.items()}
    return {name: _transport(name, url, settings.max_reply) for name, url in addresses.items() if url}


def _transport(name: str, url: str, max_reply: int) -> Transport:
    try:
        return HttpTransport(url, max_reply=max_reply)
    except ValueError as error:
        raise InvalidSupergraph(f"subgraph {name!r} has no usable address: {error}") from error


async def _nobody(headers: Mapping[str, str]) -> Principal | None:
    return None


def _unstated(headers: Mapping[str, str], principal: Principal) -> RequestContext:
    raise AssertionError("nobody is asked who they are, so nobody is asked why")


async def _unintended(request: AuditedRequest) -> Recorded | None:
    return None


async def _unrecorded(request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Recorded | None:
    return None


def _open(caller: Asking, now: datetime) -> Clearance:
    return NOBODY


def _everything(
    document: DocumentNode, operation_name: str | None, clearance: Clearance, left_out: frozenset[str]
) -> Unrestricted:
    return Unrestricted(document)


def _unchecked(plan: QueryPlan, clearance: Clearance) -> None:
    """Nothing is closed, so there is nothing to check."""


def _unsigned(caller: Asking, clearance: Clearance) -> Sign:
    return unsigned


async def _whole(caller: Asking, now: datetime) -> None:
    """Everybody is shown the API schema."""


GENERAL = Stages(
    authenticate=_nobody,
    context=_unstated,
    decide=_open,
    bulk=None,
    enforce=_everything,
    check=_unchecked,
    intend=_unintended,
    record=_unrecorded,
    without_ledger=None,
    sign=_unsigned,
    show=_whole,
    world=None,
    governed=False,
)

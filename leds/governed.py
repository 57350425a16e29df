"""The composition root of the governed service: configuration and identity in; everything running out."""

import asyncio
import hashlib
import json
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from graphql import print_schema
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from authz.audit.alert_log import AlertLog
from authz.audit.cross_references import CrossReferences
from authz.audit.desk import Desk
from authz.audit.ledger import Ledger, LedgerKeys
from authz.audit.recorder import Recorder
from authz.audit.spool import Spool, SpoolFile
from authz.audit.spooled import SpooledLedger
from authz.context import RequestContext
from authz.explain import Judgement
from authz.facts import Facts
from authz.keys import IssuerKeys, KeySource
from authz.live_facts import Deciders, LiveFacts
from authz.principal import Principal
from authz.rules import Rules
from authz.tokens import TokenVerifier, Trust
from gateway import access_subgraph
from gateway.app import AppOptions, create_app
from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from gateway.documents.store import DocumentStore
from gateway.execution.executor import Executor, Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.transport import Transport
from gateway.governed import Governance, governed_stages
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.planning.planner import Planner
from gateway.readiness import Check, Readiness, Ready, Reason
from gateway.reload import Reloader
from leds.access_facts import live_facts
from leds.admission import admission, require_approved
from leds.alert_log import open_alert_log
from leds.bulk import tally_of, watch_of
from leds.config import Configuration, home
from leds.errors import ConfigurationError
from leds.federation import Federation, Member, settings_for_subgraphs, transports_of, trust_of
from leds.governed_rules import governed_definitions, governed_rules
from leds.keys import Keys, ensure_keys
from leds.ledger import origin_of, spool_of, store_of
from leds.limits import document_limits, stream_limits
from leds.products import AUDIT
from schema.identifiers import IDENTIFIERS

GRAPHIQL = Path(__file__).parent.parent / "gateway" / "graphiql" / "dist"
LEDGER = "ledger"
Configure = Callable[[], Configuration]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose access tokens are accepted, with the issuer's keys; `routes` are the demo issuer's own endpoints."""

    trust: Trust
    keys: KeySource
    routes: Sequence[BaseRoute] = ()


def configured_identity(configuration: Configuration) -> Identity:
    """The OpenID Connect issuer of the configuration.

    Raises:
        ConfigurationError: none is configured; only the demo profile has an issuer of its own.
    """
    identity = configuration.identity
    if not identity.issuer:
        raise ConfigurationError(
            "No OpenID Connect issuer is configured (identity.issuer).",
            advice="Set LEDS_IDENTITY_ISSUER; the demo's own issuer serves `leds demo` only.",
        )
    return Identity(Trust(identity.issuer, identity.audience), IssuerKeys(identity.issuer, time.monotonic))


@dataclass(frozen=True, slots=True)
class Governed:
    """The running service: `app` is its ASGI application, `reloader` replaces its graph, `close` ends everything
    that was opened for it."""

    app: ASGIApp
    pipeline: Pipeline
    reloader: Reloader
    ledger: SpooledLedger
    recorder: Recorder
    close: Callable[[], Awaitable[None]]

    @classmethod
    async def start(
        cls, configuration: Configuration, identity: Identity, ready: Ready, configure: Configure | None = None
    ) -> Self:
        """Start the subgraphs, compose them, refuse what is untagged or opens what nobody approved, open the ledger and
        build the gateway.

        It is ready once `ready` says so, and as long as access facts, shared counts and the subgraphs in this process
        can be used; without its ledger it is degraded. A reload takes the subgraphs from what `configure` then returns
        (default: this configuration) and reads their schemas again; every other setting is for the next start.

        Raises:
            CodedError: whatever keeps the service from starting, with what to do about it.
        """
        opened = AsyncExitStack()
        try:
            return await cls._start(configuration, identity, ready, configure or (lambda: configuration), opened)
        except BaseException:
            await opened.aclose()
            raise

    @classmethod
    async def _start(
        cls,
        configuration: Configuration,
        identity: Identity,
        ready: Ready,
        configure: Configure,
        opened: AsyncExitStack,
    ) -> Self:
        keys, facts = ensure_keys(home(os.environ) / "keys"), await live_facts(configuration)
        opened.push_async_callback(facts.close)
        trust = trust_of(configuration, home(os.environ) / "keys")
        ledger = await _open_ledger(configuration, keys, opened)
        recorder = Recorder(keys.subject, _utc_now, os.urandom)
        _cross_reference(ledger.ledger, recorder, opened)
        desk = Desk(recorder, keys.sealing, ledger.append)
        alerts = await _open_alerts(configuration, opened)
        settings = settings_for_subgraphs(configuration, keys.subject, facts, trust, desk, alerts)
        federation = Federation(settings, trust, configuration.gateway.max_reply_bytes)
        opened.push_async_callback(federation.stop)
        tally = tally_of(configuration)
        opened.push_async_callback(tally.close)
        governance = Governance(
            verifier=_Verifiers(identity),
            facts=facts,
            recorder=recorder,
            ledger=ledger,
            rings=trust.rings,
            nonces=lambda: secrets.token_hex(16),
            watch=watch_of(configuration, facts, keys.subject, tally, alerts),
        )
        assembly = _Assembly(configuration, facts, governance)
        metrics = Metrics()
        metrics.facts(facts.health)
        metrics.ledger(lambda: ledger.spooled, lambda: ledger.unavailable)

        async def build() -> Graph:
            members = await federation.members(configure().subgraphs)
            return await asyncio.to_thread(assembly.graph, members)

        graph = assembly.graph(await federation.members(configuration.subgraphs))
        assert isinstance(graph.rules, Rules)
        await require_approved(configuration, graph.rules, keys.subject)
        served = Served(graph)
        pipeline, reloader = Pipeline(served, metrics), Reloader(served, build, metrics, admission(configuration))

        def checks() -> Mapping[str, Check]:
            own = {LEDGER: ledger.check, "access facts": facts.current, "look-ups": tally.check}
            return {**own, **federation.checks()}

        options = AppOptions(
            _both(ready, Readiness(checks)),
            GRAPHIQL,
            identity.routes,
            configuration.gateway.max_body_bytes,
            graph=lambda: reloader.health() | {"facts": facts.health()},
            streams=stream_limits(configuration.limits),
            degraded=lambda: ledger.unavailable or ledger.spooled > 0,
            replaced=frozenset({LEDGER, AUDIT}),
        )
        return cls(create_app(pipeline, metrics, options), pipeline, reloader, ledger, recorder, opened.aclose)


@dataclass(frozen=True, slots=True)
class _Assembly:
    """What turns subgraphs into a graph, the same for every version of it."""

    configuration: Configuration
    facts: LiveFacts
    governance: Governance

    def graph(self, members: Sequence[Member]) -> Graph:
        """The composed subgraphs in the governed posture. Raises CodedError: they do not compose, or are not
        tagged."""
        definitions = governed_definitions([member.definition for member in members])
        rules = governed_rules(definitions, self.facts.known)
        deciders = Deciders(rules)
        deciders.by(self.facts.known)
        supergraph = supergraph_from_sdl(compose(definitions).supergraph_sdl)
        documents = _documents(self.configuration, supergraph)

        def judge(principal: Principal, context: RequestContext) -> Judgement:
            clearance = deciders.by(self.facts.known).clearance(principal, context, _utc_now())
            return Judgement(supergraph.api_schema, clearance, rules, principal)

        access = access_subgraph.AccessSubgraph(documents, judge)
        transports = transports_of(members) | {access_subgraph.NAME: access}
        return Graph(
            version=_version(definitions),
            api_sdl=print_schema(supergraph.api_schema),
            documents=documents,
            planner=Planner(supergraph, frozenset(self.configuration.gateway.override_labels)),
            executor=_executor(self.configuration, supergraph, transports),
            stages=governed_stages(supergraph, deciders, self.governance),
            deadline=self.configuration.gateway.deadline_ms / 1000,
            rules=rules,
        )


def _version(definitions: Sequence[SubgraphDefinition]) -> str:
    """The hash of everything the subgraphs say: rules are in their schemas, and need not be in the supergraph."""
    said = json.dumps([[each.name, each.url, each.sdl] for each in definitions])
    return hashlib.sha256(said.encode()).hexdigest()


def _both(first: Ready, then: Ready) -> Ready:
    """Ready once the one is, and as long as the other is."""

    async def ready() -> Sequence[Reason]:
        return await first() or await then()

    return ready


async def _open_ledger(configuration: Configuration, keys: Keys, opened: AsyncExitStack) -> SpooledLedger:
    """The ledger with what an earlier run left in the spool."""
    state, section = home(os.environ), configuration.ledger
    store, origin = store_of(configuration, state), origin_of(section)
    ledger = await Ledger.open(store, LedgerKeys(keys.ledger, keys.sealing), origin, _utc_now)
    opened.push_async_callback(ledger.close)
    spool = await Spool.open(SpoolFile(spool_of(section, state), section.max_spool_bytes), keys.sealing, origin)
    opened.push_async_callback(spool.close)
    spooled = await SpooledLedger.open(ledger, spool)
    opened.push_async_callback(spooled.close)
    return spooled


async def _open_alerts(configuration: Configuration, opened: AsyncExitStack) -> AlertLog:
    """The log of alerts that the subgraphs in this process share with the watch on bulk."""
    alerts = await open_alert_log(configuration, home(os.environ))
    opened.push_async_callback(alerts.close)
    return alerts


def _cross_reference(ledger: Ledger, recorder: Recorder, opened: AsyncExitStack) -> None:
    """From now on the ledger holds what its other logs hold, until it is closed."""
    task = asyncio.create_task(CrossReferences(ledger, recorder.witness).run(), name="ledger-cross-references")

    async def ended() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    opened.push_async_callback(ended)


class _Verifiers:
    """The verifier by the facts that hold: with other facts no token counts as verified that was so by the old ones."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._made: tuple[Facts, TokenVerifier] | None = None

    def __call__(self, facts: Facts) -> TokenVerifier:
        if self._made is None or self._made[0] is not facts:
            self._made = facts, TokenVerifier(self._identity.trust, self._identity.keys, facts)
        return self._made[1]


def _executor(configuration: Configuration, supergraph: Supergraph, transports: Mapping[str, Transport]) -> Executor:
    limits = Limits(
        configuration.gateway.subgraph_deadline_ms / 1000,
        rules=ReplyRules(expose_errors=True, require_disclosures=True),
    )
    return Executor(supergraph, transports, limits)


def _documents(configuration: Configuration, supergraph: Supergraph) -> DocumentStore:
    parsers = {name: identifier.parse for name, identifier in IDENTIFIERS.items()}
    limits = document_limits(configuration.limits, configuration.gateway.max_tokens)
    return DocumentStore(supergraph.api_schema, parsers, limits)


def _utc_now() -> datetime:
    return datetime.now(UTC)

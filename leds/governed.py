"""The composition root of the governed service: configuration and identity in; everything running out."""

import os
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from authz.audit.ledger import Ledger, LedgerFiles
from authz.audit.recorder import Recorder
from authz.decide import Decider
from authz.facts import Facts, packaged_facts
from authz.keys import IssuerKeys, KeySource
from authz.rules import Rules, rules_from_sdl
from authz.tokens import TokenVerifier, Trust
from gateway.app import AppOptions, Ready, create_app
from gateway.composition.compose import compose
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from gateway.documents.limits import DocumentLimits
from gateway.documents.store import DocumentStore
from gateway.execution.executor import Executor, Limits
from gateway.execution.reply import ReplyRules
from gateway.governed import Governance, governed_pipeline
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from leds.config import Configuration, home
from leds.errors import ConfigurationError, UngovernedSchema
from leds.federation import Member, settings_for_subgraphs, start_members, transports_of
from leds.keys import Keys, ensure_keys
from schema.identifiers import IDENTIFIERS

GRAPHIQL = Path(__file__).parent.parent / "gateway" / "graphiql" / "dist"
LEDGER_ORIGIN = "leds-graph/gateway"


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
    """The running service: `app` is its ASGI application; `close` ends everything that was opened for it."""

    app: ASGIApp
    pipeline: Pipeline
    supergraph: Supergraph
    ledger: Ledger
    close: Callable[[], Awaitable[None]]

    @classmethod
    async def start(cls, configuration: Configuration, identity: Identity, ready: Ready) -> Self:
        """Start the subgraphs, compose them, refuse what is untagged, open the ledger and build the gateway.

        Raises:
            CodedError: whatever keeps the service from starting, with what to do about it.
        """
        opened = AsyncExitStack()
        try:
            return await cls._start(configuration, identity, ready, opened)
        except BaseException:
            await opened.aclose()
            raise

    @classmethod
    async def _start(
        cls, configuration: Configuration, identity: Identity, ready: Ready, opened: AsyncExitStack
    ) -> Self:
        keys, facts = ensure_keys(home(os.environ) / "keys"), packaged_facts()
        members = await start_members(configuration, settings_for_subgraphs(configuration, keys, facts), opened)
        supergraph = supergraph_from_sdl(compose([member.definition for member in members]).supergraph_sdl)
        decider = Decider(_governed_rules(members, facts), facts)
        ledger = await _open_ledger(configuration, keys, opened)
        metrics = Metrics()
        pipeline = governed_pipeline(
            supergraph,
            _executor(configuration, supergraph, members),
            _documents(configuration, supergraph),
            _governance(identity, decider, ledger, keys),
            metrics,
        )
        options = AppOptions(ready, GRAPHIQL, identity.routes, configuration.gateway.max_body_bytes)
        app = create_app(pipeline, supergraph.api_schema, metrics, options)
        return cls(app, pipeline, supergraph, ledger, opened.aclose)


def _governed_rules(members: Sequence[Member], facts: Facts) -> Rules:
    rules = rules_from_sdl({member.definition.name: member.definition.sdl for member in members}, facts)
    if rules.untagged or rules.dangling:
        raise UngovernedSchema(
            "The graph has coordinates without a rule; they would be denied to everybody.",
            details={"untagged": rules.untagged, "dangling": rules.dangling},
        )
    return rules


async def _open_ledger(configuration: Configuration, keys: Keys, opened: AsyncExitStack) -> Ledger:
    state = home(os.environ)
    files = LedgerFiles(
        Path(configuration.ledger.path or state / "ledger.sqlite"),
        Path(configuration.ledger.head or state / "ledger.head"),
    )
    ledger = await Ledger.open(files, keys.ledger, LEDGER_ORIGIN, _utc_now)
    opened.push_async_callback(ledger.close)
    return ledger


def _governance(identity: Identity, decider: Decider, ledger: Ledger, keys: Keys) -> Governance:
    return Governance(
        verifier=TokenVerifier(identity.trust, identity.keys, decider.facts),
        decider=decider,
        recorder=Recorder(keys.subject, _utc_now, os.urandom),
        ledger=ledger,
        grant_key=keys.grant,
        nonces=lambda: secrets.token_hex(16),
    )


def _executor(configuration: Configuration, supergraph: Supergraph, members: Sequence[Member]) -> Executor:
    limits = Limits(
        configuration.gateway.subgraph_deadline_ms / 1000,
        rules=ReplyRules(expose_errors=True, require_disclosures=True),
    )
    return Executor(supergraph, transports_of(members), limits)


def _documents(configuration: Configuration, supergraph: Supergraph) -> DocumentStore:
    parsers = {name: identifier.parse for name, identifier in IDENTIFIERS.items()}
    return DocumentStore(supergraph.api_schema, parsers, DocumentLimits(tokens=configuration.gateway.max_tokens))


def _utc_now() -> datetime:
    return datetime.now(UTC)

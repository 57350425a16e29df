"""The subgraphs a configuration names: each in this process or called over HTTP, with schema and transport."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from authz.alerts import AlertSink
from authz.audit.desk import Desk
from authz.audit.pseudonym import SubjectKey
from authz.grant import GrantKeys
from authz.live_facts import FactSource
from authz.nonces import Nonces, NonceWindow
from authz.nonces_shared import SharedNonces
from authz.rings import Rings
from gateway.composition.definition import SubgraphDefinition
from gateway.execution.signed_transport import SignedTransport
from gateway.execution.transport import AsgiTransport, HttpTransport, Transport
from leds.config import Configuration, SubgraphSection
from leds.databases import async_url, database_url, ledger_url
from leds.errors import ConfigurationError
from leds.files import read_text
from leds.products import AUDIT, PRODUCTS, subgraph_named
from leds.rings import rings_in
from schema.reference_lists import reference_catalogue
from subgraphs.service import Subgraph, SubgraphSettings

# How often a subgraph looks for accepted changes: they are pending at least for a moment, and seldom for longer.
CARRY_OUT_SECONDS = 1.0
SNAPSHOTS = Path(__file__).parent.parent / "schema" / "subgraphs"


@dataclass(frozen=True, slots=True)
class Member:
    """One subgraph of the federation: its schema and the way to it."""

    definition: SubgraphDefinition
    transport: Transport


def embedded_definitions() -> tuple[SubgraphDefinition, ...]:
    """The products' own schemas, as composition takes them."""
    return tuple(_definition(name, subgraph_named(name).sdl) for name in PRODUCTS)


def configured_definitions(configured: Mapping[str, SubgraphSection]) -> tuple[SubgraphDefinition, ...]:
    """Every configured subgraph's own schema; nothing is started. Raises ConfigurationError, FileProblem."""
    sections = configured or {name: SubgraphSection() for name in PRODUCTS}
    return tuple(
        _definition(name, _sdl_of(name, section), section.url)
        if section.url
        else _definition(name, _application(name, section.app).sdl)
        for name, section in sections.items()
    )


def _sdl_of(name: str, section: SubgraphSection) -> str:
    return read_text(Path(section.sdl) if section.sdl else SNAPSHOTS / f"{name}.graphql")


@dataclass(frozen=True, slots=True)
class Trust:
    """What gateway and subgraphs know each other by: the keys of each subgraph, and the nonces subgraphs have seen."""

    rings: Rings
    nonces: Nonces


def trust_of(configuration: Configuration, keys: Path) -> Trust:
    """The keys in a folder, and the nonces this process or all processes have seen. Raises ConfigurationError."""
    url = configuration.nonces.url
    try:
        return Trust(rings_in(keys), SharedNonces(url) if url else NonceWindow())
    except ValueError as error:
        raise ConfigurationError(
            "nonces.url is not the URL of a Redis or Valkey server.",
            advice="Write redis://host:6379/0, or leave it out.",
        ) from error


def settings_for_subgraphs(
    configuration: Configuration,
    subject_key: SubjectKey,
    facts: FactSource,
    trust: Trust,
    desk: Desk | None = None,
    alerts: AlertSink | None = None,
) -> Callable[[str], SubgraphSettings]:
    """What each subgraph of this configuration serves with, by its name: the audit subgraph with the ledger and the
    `desk` it is looked after at, every other one with the products' records and whom it tells of looks at them."""
    catalogue = reference_catalogue()

    def settings(name: str) -> SubgraphSettings:
        of_ledger = name == AUDIT
        return SubgraphSettings(
            database=async_url(ledger_url(configuration) if of_ledger else database_url(configuration)),
            grant_keys=GrantKeys(trust.rings(name), trust.nonces),
            subject_key=subject_key,
            facts=facts,
            catalogue=catalogue,
            carry_out_seconds=CARRY_OUT_SECONDS,
            alerts=None if of_ledger else alerts,
            desk=desk if of_ledger else None,
        )

    return settings


class Federation:
    """The subgraphs of a configuration. Those in this process are started once and stay until `stop`, also when a
    later configuration leaves them out: requests may still be on them."""

    def __init__(self, settings: Callable[[str], SubgraphSettings], trust: Trust, max_reply: int) -> None:
        self._settings = settings
        self._trust = trust
        self._max_reply = max_reply
        self._started: list[Subgraph] = []

    async def members(self, configured: Mapping[str, SubgraphSection]) -> tuple[Member, ...]:
        """Every configured subgraph, ready to be asked; without configuration the products in this process.

        Raises:
            CodedError: a subgraph that cannot be had, with what to do about it.
        """
        sections = configured or {name: SubgraphSection() for name in PRODUCTS}
        return tuple([await self._member(name, section) for name, section in sections.items()])

    def checks(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """How to make sure that each subgraph in this process can answer. One that is called costs its own fields when
        it is away, and has a readiness of its own."""
        return {subgraph.name: subgraph.check for subgraph in self._started}

    async def stop(self) -> None:
        """Stop what was started."""
        while self._started:
            await self._started.pop().stop()
        await self._trust.nonces.close()

    async def _member(self, name: str, section: SubgraphSection) -> Member:
        if section.app and section.url:
            raise ConfigurationError(f"Subgraph {name} has both `app` and `url`.", advice="Keep one of the two.")
        if section.url:
            transport = _remote(name, section.url, self._max_reply)
            return Member(_definition(name, _sdl_of(name, section), section.url), self._signed(name, transport))
        subgraph = _application(name, section.app)
        if subgraph not in self._started:
            await subgraph.start(self._settings(name))
            self._started.append(subgraph)
        transport = AsgiTransport(subgraph, name=name, max_reply=self._max_reply)
        return Member(_definition(name, subgraph.sdl), self._signed(name, transport))

    def _signed(self, name: str, transport: Transport) -> Transport:
        return SignedTransport(transport, name, self._trust.rings(name), time.time)


def _remote(name: str, url: str, max_reply: int) -> Transport:
    try:
        return HttpTransport(url, max_reply=max_reply)
    except ValueError as error:
        raise ConfigurationError(f"Subgraph {name}: {error}.", advice="Correct its `url`.") from error


def _application(name: str, path: str) -> Subgraph:
    if not path and name in PRODUCTS:
        return subgraph_named(name)
    module, _, attribute = path.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"Subgraph {name}: there is no application {path!r}.",
            advice="`app` is module:attribute, e.g. subgraphs.person:app; or give a `url`.",
        ) from error


def _definition(name: str, sdl: str, url: str = "") -> SubgraphDefinition:
    return SubgraphDefinition(name=name, url=url, sdl=sdl)


def transports_of(members: Sequence[Member]) -> dict[str, Transport]:
    """The way to each subgraph by name."""
    return {member.definition.name: member.transport for member in members}

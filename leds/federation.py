"""The subgraphs a configuration names: each in this process or called over HTTP, with schema and transport."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from authz.alerts import AlertFile
from authz.facts import Facts
from authz.grant import GrantKeys
from gateway.composition.definition import SubgraphDefinition
from gateway.execution.transport import AsgiTransport, HttpTransport, Transport
from leds.config import Configuration, SubgraphSection, home
from leds.databases import async_url, database_url
from leds.errors import ConfigurationError
from leds.files import read_text
from leds.keys import Keys
from leds.products import PRODUCTS, subgraph_named
from schema.reference_lists import reference_catalogue
from subgraphs.service import Subgraph, SubgraphSettings

# How often a subgraph looks for accepted changes: they are pending at least for a moment, and seldom for longer.
CARRY_OUT_SECONDS = 1.0
ALERTS = "alerts.jsonl"
SNAPSHOTS = Path(__file__).parent.parent / "schema" / "subgraphs"


@dataclass(frozen=True, slots=True)
class Member:
    """One subgraph of the federation: its schema and the way to it."""

    definition: SubgraphDefinition
    transport: Transport


def embedded_definitions() -> tuple[SubgraphDefinition, ...]:
    """The seven products' own schemas, as composition takes them."""
    return tuple(_definition(name, subgraph_named(name).sdl) for name in PRODUCTS)


def settings_for_subgraphs(configuration: Configuration, keys: Keys, facts: Facts) -> SubgraphSettings:
    """What every subgraph of this configuration serves with."""
    return SubgraphSettings(
        database=async_url(database_url(configuration)),
        grant_keys=GrantKeys({keys.grant.key_id: keys.grant.secret}),
        subject_key=keys.subject,
        facts=facts,
        catalogue=reference_catalogue(),
        carry_out_seconds=CARRY_OUT_SECONDS,
        alerts=AlertFile(home(os.environ) / ALERTS),
    )


class Federation:
    """The subgraphs of a configuration. Those in this process are started once and stay until `stop`, also when a
    later configuration leaves them out: requests may still be on them."""

    def __init__(self, settings: SubgraphSettings, max_reply: int) -> None:
        self._settings = settings
        self._max_reply = max_reply
        self._started: list[Subgraph] = []

    async def members(self, configured: Mapping[str, SubgraphSection]) -> tuple[Member, ...]:
        """Every configured subgraph, ready to be asked; without configuration the seven products in this process.

        Raises:
            CodedError: a subgraph that cannot be had, with what to do about it.
        """
        sections = configured or {name: SubgraphSection() for name in PRODUCTS}
        return tuple([await self._member(name, section) for name, section in sections.items()])

    async def stop(self) -> None:
        """Stop what was started."""
        while self._started:
            await self._started.pop().stop()

    async def _member(self, name: str, section: SubgraphSection) -> Member:
        if section.app and section.url:
            raise ConfigurationError(f"Subgraph {name} has both `app` and `url`.", advice="Keep one of the two.")
        if section.url:
            file = Path(section.sdl) if section.sdl else SNAPSHOTS / f"{name}.graphql"
            return Member(_definition(name, read_text(file), section.url), _remote(name, section.url, self._max_reply))
        subgraph = _application(name, section.app)
        if subgraph not in self._started:
            await subgraph.start(self._settings)
            self._started.append(subgraph)
        return Member(_definition(name, subgraph.sdl), AsgiTransport(subgraph, name=name, max_reply=self._max_reply))


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

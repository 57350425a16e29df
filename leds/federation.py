"""The subgraphs a configuration names: each in this process or called over HTTP, with schema and transport."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from authz.facts import Facts
from authz.grant import GrantKeys
from gateway.composition.definition import SubgraphDefinition
from gateway.execution.transport import AsgiTransport, HttpTransport, Transport
from leds.config import Configuration, SubgraphSection, home
from leds.errors import ConfigurationError
from leds.files import read_text
from leds.keys import Keys
from leds.products import PRODUCTS, subgraph_named
from schema.reference_lists import reference_catalogue
from subgraphs.service import Subgraph, SubgraphSettings

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
SNAPSHOTS = Path(__file__).parent.parent / "schema" / "subgraphs"


@dataclass(frozen=True, slots=True)
class Member:
    """One subgraph of the federation: its schema and the way to it."""

    definition: SubgraphDefinition
    transport: Transport


def embedded_definitions() -> tuple[SubgraphDefinition, ...]:
    """The seven products' own schemas, as composition takes them."""
    return tuple(_definition(name, subgraph_named(name).sdl) for name in PRODUCTS)


def database_url(configuration: Configuration) -> str:
    """Where the products' records are, with the asynchronous driver of its kind.

    Raises:
        ConfigurationError: not an SQLAlchemy URL, or another kind of database than SQLite and PostgreSQL.
    """
    text = configuration.database.url or f"sqlite:///{home(os.environ) / 'demo.sqlite'}"
    try:
        url = make_url(text)
        return url.set(drivername=DRIVERS[url.get_backend_name()]).render_as_string(hide_password=False)
    except (ArgumentError, KeyError) as error:
        raise ConfigurationError(
            "database.url is not the URL of a SQLite or PostgreSQL database.",
            advice="Write sqlite:///file.sqlite or postgresql://user@host/name.",
        ) from error


def settings_for_subgraphs(configuration: Configuration, keys: Keys, facts: Facts) -> SubgraphSettings:
    """What every subgraph of this configuration serves with."""
    return SubgraphSettings(
        database=database_url(configuration),
        grant_keys=GrantKeys({keys.grant.key_id: keys.grant.secret}),
        subject_key=keys.subject,
        facts=facts,
        catalogue=reference_catalogue(),
    )


async def start_members(
    configuration: Configuration, settings: SubgraphSettings, opened: AsyncExitStack
) -> tuple[Member, ...]:
    """Every configured subgraph, ready to be asked; without configuration the seven products in this process."""
    sections: Mapping[str, SubgraphSection] = configuration.subgraphs or {name: SubgraphSection() for name in PRODUCTS}
    return tuple([await _member(name, section, settings, opened) for name, section in sections.items()])


async def _member(name: str, section: SubgraphSection, settings: SubgraphSettings, opened: AsyncExitStack) -> Member:
    if section.app and section.url:
        raise ConfigurationError(f"Subgraph {name} has both `app` and `url`.", advice="Keep one of the two.")
    if section.url:
        file = Path(section.sdl) if section.sdl else SNAPSHOTS / f"{name}.graphql"
        return Member(_definition(name, read_text(file), section.url), HttpTransport(section.url))
    subgraph = _application(name, section.app)
    await subgraph.start(settings)
    opened.push_async_callback(subgraph.stop)
    return Member(_definition(name, subgraph.sdl), AsgiTransport(subgraph))


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

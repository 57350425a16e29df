"""Database addresses: the configured ones or the demo's own, and the asynchronous driver of its kind."""

import os

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from leds.config import Configuration, home
from leds.errors import ConfigurationError
from leds.ledger import database_of

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def database_url(configuration: Configuration) -> str:
    """Where the products' records are."""
    return configuration.database.url or f"sqlite:///{home(os.environ) / 'demo.sqlite'}"


def ledger_url(configuration: Configuration) -> str:
    """Where the disclosure ledger is."""
    return configuration.ledger.url or f"sqlite:///{database_of(configuration.ledger, home(os.environ))}"


def async_url(url: str) -> str:
    """The same database with the asynchronous driver of its kind.

    Raises:
        ConfigurationError: not an SQLAlchemy URL, or another kind of database than SQLite and PostgreSQL.
    """
    try:
        parsed = make_url(url)
        return parsed.set(drivername=DRIVERS[parsed.get_backend_name()]).render_as_string(hide_password=False)
    except (ArgumentError, KeyError) as error:
        raise ConfigurationError(
            "database.url is not the URL of a SQLite or PostgreSQL database.",
            advice="Write sqlite:///file.sqlite or postgresql://user@host/name.",
        ) from error

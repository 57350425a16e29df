"""The configuration's `[ledger]` in; the log that this process writes, and what erases from it, out."""

import re
from pathlib import Path

from authz.audit.erasing import Erasure
from authz.audit.erasure_postgres import PostgresErasure
from authz.audit.erasure_sqlite import SqliteErasure
from authz.audit.outside import CheckpointFile
from authz.audit.store import LogStore
from authz.audit.store_postgres import PostgresLog
from authz.audit.store_sqlite import SqliteLog
from leds.config import Configuration, LedgerSection
from leds.errors import ConfigurationError

ORIGIN = "leds-graph/gateway"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_POSTGRESQL = re.compile(r"postgresql(\+asyncpg)?://")


def origin_of(section: LedgerSection) -> str:
    """The name of this process's log. Raises ConfigurationError."""
    name = process_of(section)
    return f"{ORIGIN}/{name}" if name else ORIGIN


def process_of(section: LedgerSection) -> str:
    """What tells this process's logs from those of others; empty where one process writes. Raises
    ConfigurationError."""
    if section.log and not _NAME.fullmatch(section.log):
        raise ConfigurationError(
            "ledger.log is no name of a log.",
            advice="Write up to 40 small letters, digits and hyphens, another for each gateway process: `a-1`.",
        )
    return section.log


def store_of(configuration: Configuration, state: Path) -> LogStore:
    """Where this process's log is kept, its checkpoint beside the other files of `state`. Raises ConfigurationError."""
    section, origin = configuration.ledger, origin_of(configuration.ledger)
    checkpoint = Path(section.checkpoint or state / f"{_stem(section)}.checkpoint")
    if section.url:
        return PostgresLog(_url(section.url), origin, CheckpointFile(checkpoint))
    return SqliteLog(database_of(section, state), checkpoint)


def erasure_of(configuration: Configuration, state: Path, login: str = "") -> Erasure:
    """What erases from this process's log; `login` is the URL of who may, where that is not the service itself.

    Raises ConfigurationError.
    """
    section = configuration.ledger
    if section.url:
        return PostgresErasure(_url(login or section.url), origin_of(section))
    return SqliteErasure(database_of(section, state))


def database_of(section: LedgerSection, state: Path) -> Path:
    """The SQLite file of this process's log."""
    return Path(section.path or state / f"{_stem(section)}.sqlite")


def spool_of(section: LedgerSection, state: Path) -> Path:
    """The file of what this process's log could not take."""
    return Path(section.spool or state / f"{_stem(section)}.spool")


def url_of(section: LedgerSection) -> str:
    """The PostgreSQL database that keeps the ledger. Raises ConfigurationError when none is configured."""
    if not section.url:
        raise ConfigurationError(
            "The ledger is kept in an SQLite file, which needs no preparation (ledger.url).",
            advice="Set LEDS_LEDGER_URL=postgresql://… to keep it in PostgreSQL.",
        )
    return _url(section.url)


def _stem(section: LedgerSection) -> str:
    return f"ledger-{section.log}" if section.log else "ledger"


def _url(url: str) -> str:
    if not _POSTGRESQL.match(url):
        raise ConfigurationError(
            "ledger.url is not the URL of a PostgreSQL database.",
            advice="Write postgresql://user@host/name, or leave it out to keep the ledger in an SQLite file.",
        )
    return url

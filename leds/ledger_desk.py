"""Where the command line reads the ledger of this home, and where it writes down that it did.

A ledger named by its path is a copy unless it is this home's: reading a copy is recorded nowhere.
"""

import asyncio
import getpass
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from authz.audit.leaf import EventType, Recipient
from authz.audit.ledger import LedgerKeys
from authz.audit.operator_log import OperatorEvent, OperatorLog
from authz.audit.reading import LogFile, logs_of
from leds.config import home, load_configuration
from leds.errors import NoRunningDemo, UnknownName
from leds.keys import Keys, load_keys
from schema.reference_lists import reference_catalogue

_ABROAD = frozenset({"crown_dependency", "international"})


@dataclass(frozen=True, slots=True)
class Desk:
    """A ledger to be read: its database, whether it is the one of this home, and the home."""

    database: Path
    own: bool
    state: Path

    def keys(self) -> Keys:
        """This home's keys. Raises KeyExposed, KeyUnusable."""
        return load_keys(self.state / "keys")

    def logs(self, origin: str | None = None) -> tuple[LogFile, ...]:
        """The ledger's logs, the one of requests first, or the one that is named.

        Raises LedgerUnreadable, UnknownName.
        """
        found = logs_of(self.database)
        chosen = tuple(log for log in found if origin in (None, log.origin))
        if not chosen:
            raise UnknownName(
                f"The ledger has no log {origin!r}.",
                advice=f"Choose one of {', '.join(log.origin for log in found)}.",
            )
        return chosen

    def record(self, event: OperatorEvent) -> None:
        """Write down what is about to be read or taken out; durable when this returns, or nothing may be.

        Raises AuditUnavailable, KeyExposed, KeyUnusable.
        """
        if not self.own:
            return
        keys = self.keys()
        log = OperatorLog(self.database, LedgerKeys(keys.ledger, keys.sealing), lambda: datetime.now(UTC))
        asyncio.run(log.record(event))

    def looked(self, name: str, origins: Sequence[LogFile], said: Mapping[str, object]) -> None:
        """Record a look at logs by the command `name`, and what was asked for."""
        asked = {key: str(value) for key, value in said.items() if value is not None}
        about = origins[0].origin if len(origins) == 1 else None
        self.record(OperatorEvent(EventType.SEARCH, f"ledger.{name}", about, {"by": account()} | asked))

    def taken_out(self, name: str, digest: str, to_whom: str, said: Mapping[str, object]) -> None:
        """Record that a file with this SHA-256 leaves for an organisation."""
        asked = {key: str(value) for key, value in said.items() if value is not None}
        event = OperatorEvent(
            EventType.EXPORT, f"ledger.{name}", f"sha256:{digest}", {"by": account()} | asked, recipient(to_whom)
        )
        self.record(event)


def desk(chosen: Path | None) -> Desk:
    """The ledger that was chosen, else the configured one, else the demo's.

    Raises NoRunningDemo, ConfigurationError.
    """
    state = home(os.environ)
    own = Path(load_configuration(None, os.environ).ledger.path or state / "ledger.sqlite").absolute()
    path = (chosen or own).absolute()
    if not path.exists():
        raise NoRunningDemo(f"There is no ledger at {path}.")
    return Desk(path, path.resolve() == own.resolve(), state)


def recipient(organisation: str) -> Recipient:
    """The organisation that something leaves for. Raises UnknownName."""
    found = reference_catalogue().value("organisations", organisation)
    if not found.resolved:
        raise UnknownName(
            f"There is no organisation {organisation!r}.",
            advice="Give its id, e.g. ORG-20; `leds access list organisations` has them.",
        )
    return Recipient(organisation, found.group in _ABROAD)


def account() -> str:
    """The account on this machine that runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

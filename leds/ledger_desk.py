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

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.audit.alert_log import is_alert_log
from authz.audit.leaf import EventType, Recipient
from authz.audit.ledger import LedgerKeys
from authz.audit.operator_log import OperatorEvent, OperatorLog
from authz.audit.reading import LogFile, logs_of
from authz.audit.recorder import ABROAD
from authz.rules import rules_from_sdl
from leds.config import home, load_configuration
from leds.errors import NoRunningDemo, UnknownName
from leds.keys import Keys, load_keys
from schema.reference_lists import reference_catalogue
from subgraphs.snapshots import FOLDER


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

    def logs_that_leave(self) -> tuple[LogFile, ...]:
        """The logs that files are made of: not those of alerts, which tell what answers were silent of.

        Raises LedgerUnreadable.
        """
        return tuple(log for log in self.logs() if not is_alert_log(log.origin))

    def public_key(self, origin: str) -> Ed25519PublicKey:
        """What the checkpoints of the log of this name are checked with. Raises KeyExposed, KeyUnusable."""
        keys = self.keys()
        return (keys.alerts if is_alert_log(origin) else keys.ledger).public_key()

    def subject_hash(self, text: str) -> str:
        """The keyed hash of a record that is given by the kind and key of its @subject, or by this hash.

        Raises UnknownName for a kind that no schema of ours has: to find nothing would say that nobody looked.
        """
        kind, _, key = text.partition(":")
        if text.startswith("h:"):
            return text
        kinds = _subject_kinds()
        if kind not in kinds or not key:
            raise UnknownName(
                f"{kind!r} is no kind of subject with a key behind it.",
                advice=f"Give KIND:KEY with one of {', '.join(kinds)}, or the record's hash (h:…).",
            )
        return self.keys().subject.subject(kind, key)

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


def configured(name: str, about: str, said: Mapping[str, str]) -> None:
    """Record that something was configured, where this home has a ledger; elsewhere its own log says so. `about` is its
    number there.

    Raises AuditUnavailable, KeyExposed, KeyUnusable.
    """
    try:
        own = desk(None)
    except NoRunningDemo:
        return
    own.record(OperatorEvent(EventType.CONFIG, name, about, {"account": account()} | dict(said)))


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
    return Recipient(organisation, found.group in ABROAD)


def _subject_kinds() -> tuple[str, ...]:
    rules = rules_from_sdl({path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.graphql"))})
    return tuple(sorted({subject.kind for subject in rules.subjects.values()}))


def account() -> str:
    """The account on this machine that runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

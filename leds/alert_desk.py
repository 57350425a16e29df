"""Where the command line reads the alerts of this home, and where it writes down that it did."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from authz.alert_reading import KeptAlert, acknowledgement, alert_to_acknowledge, kept_alerts
from authz.audit.alert_log import ORIGIN, alert_logs
from authz.audit.leaf import EventType
from authz.audit.ledger import LedgerKeys
from authz.audit.operator_log import OperatorEvent, OperatorLog
from leds.alert_log import alerts_folder
from leds.config import home, load_configuration
from leds.keys import LEDGER_KEY, ensure_log_key
from leds.ledger_desk import account


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """The folder of a home's logs of alerts, and the home."""

    folder: Path
    state: Path

    def alerts(self, owner: str | None = None) -> tuple[KeptAlert, ...]:
        """Every alert, oldest first, or one owner's. Raises AlertsUnreadable, LedgerUnreadable."""
        return kept_alerts(self.folder, owner)

    def looked(self, name: str, said: Mapping[str, object]) -> None:
        """Record a look at the alerts by the command `name`; durable when this returns. Where nobody ever wrote alerts
        there is nothing to be looked at.

        Raises AuditUnavailable, KeyExposed, KeyUnusable.
        """
        if alert_logs(self.folder):
            asked = {key: str(value) for key, value in said.items() if value is not None}
            self._record(OperatorEvent(EventType.SEARCH, f"alerts.{name}", ORIGIN, {"by": account()} | asked))

    def acknowledge(self, audit_id: str, by: str, because: str) -> KeptAlert:
        """Say that an alert was seen to; durable when this returns. Who is first is the one that counts.

        Raises UnknownAlert, AlertsUnreadable, LedgerUnreadable, AuditUnavailable, KeyExposed, KeyUnusable.
        """
        found = alert_to_acknowledge(self.alerts(), audit_id)
        self._record(acknowledgement(found, by, because, account()))
        return next(each for each in self.alerts() if each.id == audit_id)

    def _record(self, event: OperatorEvent) -> None:
        # A subgraph that runs by itself has no ledger: its home gets the operators' key with the first look.
        keys = LedgerKeys(ensure_log_key(self.state / "keys", LEDGER_KEY))
        beside = alert_logs(self.folder)[0].path
        asyncio.run(OperatorLog(beside, keys, lambda: datetime.now(UTC)).record(event))


def alert_desk() -> AlertDesk:
    """The alerts of this home. Raises ConfigurationError."""
    state = home(os.environ)
    return AlertDesk(alerts_folder(load_configuration(None, os.environ), state), state)

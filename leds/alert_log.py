"""The configuration and this home in; the log of alerts that this process writes, and where such logs are kept, out."""

from datetime import UTC, datetime
from pathlib import Path

from authz.audit.alert_log import AlertLog
from leds.config import Configuration
from leds.keys import ALERT_KEY, ensure_log_key
from leds.ledger import database_of, process_of


def alerts_folder(configuration: Configuration, state: Path) -> Path:
    """Where the logs of alerts are kept: beside the ledger, so that they witness one another."""
    return database_of(configuration.ledger, state).parent


async def open_alert_log(configuration: Configuration, state: Path, subgraph: str = "") -> AlertLog:
    """The log of this process: a gateway's with the subgraphs in it, or that of a subgraph by itself.

    Processes of one home are told apart by `ledger.log`, as their ledgers are. Raises ConfigurationError,
    LedgerInUse, LedgerInconsistent, AuditUnavailable, KeyExposed, KeyUnusable.
    """
    name = "-".join(part for part in (subgraph, process_of(configuration.ledger)) if part)
    key = ensure_log_key(state / "keys", ALERT_KEY)
    folder = alerts_folder(configuration, state)
    return await AlertLog.open(folder, name, key, lambda: datetime.now(UTC))

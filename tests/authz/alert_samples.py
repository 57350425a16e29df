"""Alerts told in a home, as a process of the service tells them; all values invented."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from authz.alerts import Alert
from authz.audit.alert_log import AlertLog
from leds.keys import ALERT_KEY, ensure_log_key
from tests.authz.audit.samples import ticking_clock
from tests.authz.callers import NOON

HIT = Alert("SILENT_HIT", "P10", "06", "Person", "h:s1:0", "u-1", "ORG-20", NOON)
MISUSE = replace(HIT, type="MISUSE", policy="P15", owner="ORG-20", rule="MU01", at=NOON + timedelta(seconds=1))
LATER = replace(HIT, user="u-2", at=NOON + timedelta(seconds=2))


async def alert_log(home: Path, name: str = "") -> AlertLog:
    """The log of a process of this home."""
    return await AlertLog.open(home, name, ensure_log_key(home / "keys", ALERT_KEY), ticking_clock())


async def told(home: Path, alerts: Sequence[Alert], name: str = "") -> None:
    """Let a process tell these, and end."""
    log = await alert_log(home, name)
    await log.record(alerts)
    await log.close()

"""Alerts as their owners read them: a folder of logs in; each alert with who acknowledged it out.

An alert is never changed: that somebody has seen to it is an event in the operators' log, bound to the alert's leaf.
Never verifies or writes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from authz.alerts import Alert
from authz.audit.alert_log import alert_logs
from authz.audit.leaf import EventType, canonical_bytes
from authz.audit.merkle import leaf_hash
from authz.audit.operator_log import FILE as OPERATORS
from authz.audit.operator_log import ORIGIN as OPERATORS_ORIGIN
from authz.audit.operator_log import OperatorEvent
from authz.audit.reading import Kept, LogFile
from authz.audit.search import Wanted, search
from authz.errors import AlertsUnreadable, UnknownAlert

ACKNOWLEDGED = "alert.acknowledged"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen to an alert, when, and what came of it. `leaf` is the hash of the alert's leaf (hexadecimal)."""

    leaf: str
    by: str
    because: str
    at: str


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert by its audit id, with the hash of its leaf (hexadecimal)."""

    id: str
    alert: Alert
    leaf: str
    acknowledged: Acknowledgement | None = None


def kept_alerts(folder: Path, owner: str | None = None) -> tuple[KeptAlert, ...]:
    """Every alert of a folder's logs, oldest first, or one owner's; those that were erased are gone.

    Raises AlertsUnreadable, LedgerUnreadable.
    """
    known = {(about, said.leaf): said for about, said in _acknowledgements(folder)}
    found: list[KeptAlert] = []
    for log, kept in _events(alert_logs(folder), EventType.ALERT):
        if kept.about:
            name, digest = kept.leaf.audit_id, leaf_hash(canonical_bytes(kept.leaf)).hex()
            found.append(KeptAlert(name, _alert(log, kept), digest, known.get((name, digest))))
    asked = (each for each in found if owner in (None, each.alert.owner))
    return tuple(sorted(asked, key=lambda each: (each.alert.at, each.id)))


def alert_to_acknowledge(alerts: Iterable[KeptAlert], audit_id: str) -> KeptAlert:
    """The alert with this id, which nobody has acknowledged. Raises UnknownAlert."""
    found = next((each for each in alerts if each.id == audit_id), None)
    if found is None:
        raise UnknownAlert(f"There is no alert {audit_id}.")
    if found.acknowledged is not None:
        raise UnknownAlert(f"{found.acknowledged.by} has acknowledged alert {audit_id} already.")
    return found


def acknowledgement(found: KeptAlert, by: str, because: str, account: str) -> OperatorEvent:
    """The event that says that an alert was seen to; `account` is who says so on this machine."""
    said = {"by": by, "because": because, "account": account, "leaf": found.leaf}
    return OperatorEvent(EventType.REVIEW, ACKNOWLEDGED, found.id, said)


def _acknowledgements(folder: Path) -> Iterator[tuple[str, Acknowledgement]]:
    """By the id of what was acknowledged, the newest first: the first one is the one that counts."""
    operators = folder / OPERATORS
    if not operators.exists():
        return
    for _, kept in _events([LogFile(OPERATORS_ORIGIN, operators)], EventType.REVIEW):
        event, said = kept.leaf.event, kept.about
        if event and event.name == ACKNOWLEDGED and event.about and said.keys() >= {"leaf", "by", "because"}:
            yield event.about, Acknowledgement(said["leaf"], said["by"], said["because"], kept.leaf.occurred_at)


def _events(logs: Iterable[LogFile], kind: EventType) -> Iterator[tuple[str, Kept]]:
    for found in search(tuple(logs), Wanted(event_type=kind)):
        yield found.log, found.tailed.kept


def _alert(log: str, kept: Kept) -> Alert:
    said, event = kept.about, kept.leaf.event
    if event is None or event.about is None:
        raise AlertsUnreadable(f"Leaf {kept.position} of {log} is no alert.")
    try:
        return Alert(
            type=event.name,
            policy=event.about,
            owner=said["owner"],
            subject_type=said["subjectType"],
            subject=said["subject"],
            user=said["user"],
            organisation=said["organisation"],
            at=datetime.fromisoformat(said["at"]),
            rule=said.get("rule"),
        )
    except (KeyError, ValueError) as error:
        raise AlertsUnreadable(f"Leaf {kept.position} of {log} is no alert.") from error

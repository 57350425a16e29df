"""Requests, alerts and feeds for the tests of the misuse rules; all values invented. It is a Monday at nine."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace as with_said

from authz.alert_reading import KeptAlert
from authz.alerts import MISUSE, Alert
from authz.misuse.detect import RuleRun, detect
from authz.misuse.feeds import COLUMNS, Feeds
from authz.misuse.rule_book import MisuseRule, packaged_rules
from authz.misuse.transactions import Transaction
from tests.authz.audit.samples import STATEMENTS

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
ORGANISATION, USER = "ORG-20", "u-20-4419"
RULES = {rule.code: rule for rule in packaged_rules()}
ROSTER = [
    (ORGANISATION, USER, "PC EXAMPLE", "2026-02-02T08:00Z", "2026-02-02T16:00Z", "ON_DUTY", "QB;QC", "", "", ""),
    (ORGANISATION, USER, "PC EXAMPLE", "2026-02-03T00:00Z", "2026-02-04T00:00Z", "LEAVE", "", "", "", ""),
    (
        ORGANISATION,
        "u-20-1",
        "SGT SAMPLE",
        "2026-02-02T08:00Z",
        "2026-02-02T10:00Z",
        "ON_DUTY",
        "",
        "52.48",
        "-1.89",
        "10",
    ),
    (ORGANISATION, "u-20-2", "PC LATER", "2026-02-04T08:00Z", "2026-02-05T00:00Z", "ON_DUTY", "QB", "", "", ""),
]


def hashed(name: str) -> str:
    """What stands in the ledger for a record."""
    return f"h:k1:{name.encode().hex():0>32}"


def asked(number: int = 0, minutes: float = 0, **changed: Any) -> Transaction:
    """A request that no rule objects to. What is no attribute of it changes what was stated."""
    said = {name: changed.pop(name) for name in [*changed] if name in STATEMENTS.__struct_fields__}
    stated = {"justification": f"Stop {number} at A38 J4", "reference": f"STOP-{number}", "geolocation": "QB6"}
    usual = {
        "audit_id": f"id-{number:06}",
        "at": START + timedelta(minutes=minutes),
        "organisation": ORGANISATION,
        "user": USER,
        "roles": ("roads_policing",),
        "route": "MOBILE",
        "reason": "1",
        "purpose": "PP1",
        "flow": f"flow-{number}",
        "subjects": frozenset({hashed(f"v{number}")}),
        "datasets": frozenset({"DVLA.VEH"}),
        "statements": with_said(STATEMENTS, **(stated | said)),
    }
    return Transaction(**(usual | changed))


def alert(rule: str, minutes: float = 0, user: str = USER) -> KeptAlert:
    """What the service told a supervisor."""
    at = START + timedelta(minutes=minutes)
    told = Alert(MISUSE, "P15", ORGANISATION, "Person", hashed("p1"), user, ORGANISATION, at, rule)
    return KeptAlert(f"{rule}{minutes}{user}", told, "")


def table(name: str, rows: Iterable[Sequence[str]]) -> str:
    """The text of a feed's file."""
    return "".join(",".join(row) + "\n" for row in [COLUMNS[name], *rows])


def feeds(**rows: Iterable[Sequence[str]]) -> Feeds:
    """Feeds with these rows."""
    found = Feeds(alerts=())
    for name, those in rows.items():
        found = found.with_file(name, table(name, those))
    return found


def run(code: str, requests: Sequence[Transaction], known: Feeds) -> RuleRun:
    """What the rule of that code, as it is shipped, makes of requests."""
    (found,) = detect(sorted(requests, key=lambda each: (each.at, each.audit_id)), known, [RULES[code]])
    return found


def rule(code: str) -> MisuseRule:
    """The rule as it is shipped."""
    return RULES[code]

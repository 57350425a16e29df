"""MU05, MU07 and MU12: what the duty roster makes of a request. A user on duty and on leave at once was called in."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from authz.misuse.feeds import Feeds
from authz.misuse.grouping import ERASED, Findings, daily
from authz.misuse.roster import Roster
from authz.misuse.rule_book import MisuseRule
from authz.misuse.transactions import Transaction

UNCOVERED = "the roster does not cover the organisation at that time"
INCOMPARABLE = "the location and the duty area cannot be compared"
_FAR, _UNLOCATED = "FAR_FROM_AREA", "NO_LOCATION"
_OUT_OF_DUTY = {
    "ON_LEAVE": "on leave",
    "OUT_OF_SHIFT": "outside any duty",
    "NOT_ROSTERED": "by a user whom the roster does not have",
}
_AWAY = {_UNLOCATED: "on the road without a location", _FAR: "on the road away from the area of the duty"}
_ON_BEHALF = {
    "NOT_IN_ORGANISATION": "on behalf of somebody whom the organisation's roster does not have",
    "NOT_ON_DUTY": "on behalf of somebody who was not on duty",
}


def out_of_duty(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU05, one signal for each user, day and cause. Requests that programs make unattended are left out."""
    findings, found = Findings(), list[tuple[str, Transaction]]()
    for request in _covered(requests, feeds, findings):
        if request.route in rule.scope["unattended_routes"]:
            continue
        findings.judged += 1
        cause = _duty(_roster(feeds), request, _grace(rule))
        if cause:
            found.append((cause, request))
    findings.signals.extend(daily(rule, found, _OUT_OF_DUTY))
    return findings


def away_from_area(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU07, one signal for each user, day and cause: more requests without a location than pass on a day, or any from
    away from the area of the duty."""
    findings, found = Findings(), list[tuple[str, Transaction]]()
    for request in _covered((each for each in requests if each.reason in rule.scope["reasons"]), feeds, findings):
        if request.statements is None:
            findings.unjudged[ERASED] += 1
            continue
        cause = _place(_roster(feeds), request, request.statements.geolocation, _grace(rule))
        if cause is None:
            findings.unjudged[INCOMPARABLE] += 1
            continue
        findings.judged += 1
        if cause:
            found.append((cause, request))
    findings.signals.extend(daily(rule, found, _AWAY, {_UNLOCATED: rule.thresholds["unlocated_a_day"]}))
    return findings


def on_behalf(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU12, one signal for each user, day and cause. For another agency's people this roster does not speak."""
    findings, found = Findings(), list[tuple[str, Transaction]]()
    for request in _covered(requests, feeds, findings):
        if request.reason in rule.scope["other_agency_reasons"]:
            continue
        if request.statements is None:
            findings.unjudged[ERASED] += 1
            continue
        findings.judged += 1
        whom = request.statements.on_behalf_of
        cause = _represented(_roster(feeds), request, whom, _grace(rule)) if whom else ""
        if cause:
            found.append((cause, request))
    findings.signals.extend(daily(rule, found, _ON_BEHALF))
    return findings


def _covered(requests: Iterable[Transaction], feeds: Feeds, findings: Findings) -> Iterator[Transaction]:
    for request in requests:
        if _roster(feeds).covers(request.organisation, request.at):
            yield request
        else:
            findings.unjudged[UNCOVERED] += 1


def _duty(roster: Roster, request: Transaction, grace: timedelta) -> str:
    if request.operator not in roster.duties:
        return "NOT_ROSTERED"
    held = roster.at(request.operator, request.at, grace)
    if any(duty.on_duty for duty in held):
        return ""
    return "ON_LEAVE" if held else "OUT_OF_SHIFT"


def _place(roster: Roster, request: Transaction, stated: str | None, grace: timedelta) -> str | None:
    """The cause, an empty one where all is well, None where it cannot be told."""
    if not stated:
        return _UNLOCATED
    held = [duty.is_away(stated) for duty in roster.at(request.operator, request.at, grace) if duty.on_duty]
    compared = [away for away in held if away is not None]
    if not compared:
        return None
    return _FAR if all(compared) else ""


def _represented(roster: Roster, request: Transaction, whom: str, grace: timedelta) -> str:
    called = roster.called(request.organisation, whom)
    if not called:
        return "NOT_IN_ORGANISATION"
    on_duty = any(duty.on_duty for operator in called for duty in roster.at(operator, request.at, grace))
    return "" if on_duty else "NOT_ON_DUTY"


def _roster(feeds: Feeds) -> Roster:
    assert feeds.duty_roster is not None, "a rule is not run without its feed"
    return feeds.duty_roster


def _grace(rule: MisuseRule) -> timedelta:
    return timedelta(minutes=rule.thresholds["grace_minutes"])

"""MU01, MU02 and MU09: what the service saw while it answered, where alone it can be seen. Alerts and refusals in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from authz.alert_reading import KeptAlert
from authz.errors import EnumerationStopped
from authz.misuse.feeds import OWN_RECORD, Feeds
from authz.misuse.grouping import Findings, counted, grouped, runs
from authz.misuse.rule_book import MisuseRule
from authz.misuse.signals import Finding, Signal, signal
from authz.misuse.transactions import Operator, Transaction

UNKNOWN_HOME = "the household feed does not have the user"
BURST = "MU04"
_WORDS = {
    "MU01": ("look", "at a record of the user's own household"),
    "MU02": ("look", "at a record of the protected or high-profile list"),
    BURST: ("request", "stopped for more look-ups than one caller may make"),
}


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A refusal, or the alert of one, in time."""

    at: datetime
    operator: Operator
    request: Transaction | None = None
    alert: KeptAlert | None = None


def alerted(feeds: Feeds, rule: MisuseRule) -> Findings:
    """A signal for each user, subject and day (UTC) with alerts that name the rule; none where there are no alerts."""
    told = [kept for kept in feeds.alerts or () if kept.alert.rule == rule.code]
    findings = Findings(judged=len(told))
    for those in grouped(told, _user_subject_day).values():
        what, words = _WORDS[rule.code]
        finding = Finding("ALERTED", len(those), f"{counted(len(those), what)} {words}", (those[0].alert.subject,))
        findings.signals.append(signal(rule, finding, (), those))
    return findings


def _user_subject_day(kept: KeptAlert) -> tuple[str, str, str, date]:
    alert = kept.alert
    return alert.organisation, alert.user, alert.subject, alert.at.astimezone(UTC).date()


def protected_subject(_requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU02, by the alerts of P15."""
    return alerted(feeds, rule)


def same_household(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU01, by the alerts of P15, and by the records of users who live together where the feed of colleagues says which
    these are. Users whom the household feed does not have could not be seen to share one."""
    findings, homes = alerted(feeds, rule), feeds.hr_household or {}
    findings.judged = sum(request.operator in homes for request in requests)
    findings.unjudged[UNKNOWN_HOME] = len(requests) - findings.judged
    owners = _owners(feeds)
    for request in requests:
        home = homes.get(request.operator, frozenset[str]())
        subjects = [
            subject
            for subject in request.subjects & owners.keys()
            if any(other != request.operator and not home.isdisjoint(homes.get(other, ())) for other in owners[subject])
        ]
        if subjects:
            finding = Finding("HOUSEHOLD", len(subjects), "shown the record of a user in the same household", subjects)
            findings.signals.append(signal(rule, finding, [request]))
    return findings


def _owners(feeds: Feeds) -> Mapping[str, set[Operator]]:
    """Whose own record a subject is."""
    owners: dict[str, set[Operator]] = defaultdict(set)
    for operator, records in (feeds.colleagues or {}).items():
        for subject, relation in records.items():
            if relation == OWN_RECORD:
                owners[subject].add(operator)
    return owners


def enumeration(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU09: requests stopped by P14 that follow each other within `hours`, and the alerts of these. Where alerts say
    that it was a burst and nothing else, MU04 has it."""
    findings = Findings(judged=len(requests))
    stopped = [_Stopped(each.at, each.operator, request=each) for each in requests if _was_stopped(each)]
    for kept in feeds.alerts or ():
        if kept.alert.rule in (rule.code, BURST):
            operator = kept.alert.organisation, kept.alert.user
            stopped.append(_Stopped(kept.alert.at, operator, alert=kept))
    stopped.sort(key=lambda each: each.at)
    for theirs in grouped(stopped, lambda each: each.operator).values():
        for run in runs(theirs, timedelta(hours=rule.thresholds["hours"])):
            findings.signals.extend(_enumerated(rule, run))
    return findings


def _enumerated(rule: MisuseRule, run: Sequence[_Stopped]) -> list[Signal]:
    told = [each.alert for each in run if each.alert]
    those = [kept for kept in told if kept.alert.rule == rule.code]
    if told and not those:
        return []
    refused = [each.request for each in run if each.request]
    what = "for going through identifiers one by one" if those else "for going through identifiers, or for a burst"
    words = f"{counted(len(refused), 'request')} stopped {what}"
    finding = Finding("STOPPED", max(len(refused), 1), words, {kept.alert.subject for kept in those})
    return [signal(rule, finding, refused, those)]


def _was_stopped(request: Transaction) -> bool:
    return request.refused_by == EnumerationStopped.code

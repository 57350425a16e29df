"""MU08 and MU10: subjects with whom a user has to do, by feeds of keyed hashes; MU11: names without an operation."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from authz.misuse.feeds import Contact, Feeds
from authz.misuse.grouping import Findings, daily
from authz.misuse.rule_book import MisuseRule
from authz.misuse.signals import Finding, signal
from authz.misuse.transactions import Transaction

UNKNOWN_USER = "the feed of colleagues does not have the user"
_RELATIONS = {
    "OWN_RECORD": "shown the user's own record",
    "COLLEAGUE": "shown a colleague's record",
    "OWN_VEHICLE": "shown the user's own vehicle",
}
_NAMES = "ADMINISTRATION_ON_NAMES"


def own_or_colleague(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU08, one signal for each request and relation."""
    findings, known = Findings(), feeds.colleagues or {}
    for request in requests:
        if request.operator not in known:
            findings.unjudged[UNKNOWN_USER] += 1
            continue
        findings.judged += 1
        theirs = known[request.operator]
        for relation in sorted({theirs[subject] for subject in request.subjects & theirs.keys()}):
            subjects = [subject for subject in request.subjects if theirs.get(subject) == relation]
            finding = Finding(relation, len(subjects), _RELATIONS[relation], subjects)
            findings.signals.append(signal(rule, finding, [request]))
    return findings


def around_contact(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU10: a subject was shown to a user within `hours` of an external contact, with that user where it says so."""
    findings, within = Findings(judged=len(requests)), timedelta(hours=rule.thresholds["hours"])
    contacts = feeds.contact_events or {}
    for request in requests:
        for subject in sorted(request.subjects & contacts.keys()):
            near = [each.at for each in contacts[subject] if _concerns(each, request, within)]
            if near:
                finding = Finding("AROUND_CONTACT", 1, _how_near(request, near), (subject,))
                findings.signals.append(signal(rule, finding, [request]))
    return findings


def administration_on_names(requests: Sequence[Transaction], _feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU11, shown or refused, one signal for each user and day. Vetting and disclosure have an entitlement to it."""
    findings, prefixes = Findings(judged=len(requests)), rule.scope["dataset_prefixes"]
    found = [
        (_NAMES, each)
        for each in requests
        if each.reason in rule.scope["reasons"]
        and any(dataset.startswith(prefixes) for dataset in each.datasets)
        and not _entitled(each, rule)
    ]
    findings.signals.extend(daily(rule, found, {_NAMES: "for administration that asked for names"}))
    return findings


def _entitled(request: Transaction, rule: MisuseRule) -> bool:
    entitled = not set(request.roles).isdisjoint(rule.scope["entitled_roles"])
    return entitled and request.purpose in rule.scope["entitled_purposes"]


def _concerns(contact: Contact, request: Transaction, within: timedelta) -> bool:
    return abs(contact.at - request.at) <= within and contact.operator in (None, request.operator)


def _how_near(request: Transaction, contacts: Sequence[datetime]) -> str:
    nearest = min(contacts, key=lambda at: abs(at - request.at))
    side = "before" if request.at < nearest else "after"
    return f"shown {abs(nearest - request.at).total_seconds() / 60:.0f} minutes {side} an external contact"

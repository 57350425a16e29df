"""MU03 and MU06: what users wrote, held against how often. Erased statements are not judged, and are counted."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from authz.audit.parts import Statements
from authz.misuse.feeds import Feeds
from authz.misuse.grouping import ERASED, Findings, counted, crowds, daily, grouped
from authz.misuse.rule_book import MisuseRule
from authz.misuse.signals import Finding, signal
from authz.misuse.transactions import Transaction

_SHORT, _REPEATED, _UNLINKED = "TOO_SHORT", "REPEATED", "UNLINKED"


def repeated_subject(requests: Sequence[Transaction], _feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU03: a user was shown one subject more often than `looks` within `days`, with no reference to a case."""
    findings = Findings()
    looks = [
        (subject, request)
        for request, said in _stated((each for each in requests if each.subjects), findings)
        if not _links(said.reference)
        for subject in sorted(request.subjects)
    ]
    most, days = rule.thresholds["looks"], rule.thresholds["days"]
    for (_, subject), those in grouped(looks, lambda each: (each[1].operator, each[0])).items():
        for crowd in crowds([request for _, request in those], most, timedelta(days=days)):
            words = f"shown the same subject {len(crowd)} times within {days:g} days without a reference"
            finding = Finding(_UNLINKED, len(crowd) / most, words, (subject,))
            findings.signals.append(signal(rule, finding, crowd))
    return findings


def poor_justification(requests: Sequence[Transaction], _feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU06: fewer letters and digits than `characters` (a signal for each user and day), or one text on more than
    `occasions` within `days`. Requests with one reference, or of one activity, are one occasion."""
    findings = Findings()
    said = [(_plain(stated.justification or ""), request) for request, stated in _stated(requests, findings)]
    short = [(_SHORT, request) for text, request in said if len(text) < rule.thresholds["characters"]]
    words = f"with a justification of fewer than {rule.thresholds['characters']:g} letters and digits"
    findings.signals.extend(daily(rule, short, {_SHORT: words}))
    most, days = rule.thresholds["occasions"], rule.thresholds["days"]
    for those in grouped(said, lambda each: (each[1].operator, each[0])).values():
        first = list({_occasion(request): request for _, request in reversed(those)}.values())[::-1]
        for crowd in crowds(first, most, timedelta(days=days)):
            told = f"the same justification on {counted(len(crowd), 'occasion')} within {days:g} days"
            findings.signals.append(signal(rule, Finding(_REPEATED, len(crowd) / most, told), crowd))
    return findings


def _stated(
    requests: Iterator[Transaction] | Sequence[Transaction], findings: Findings
) -> Iterator[tuple[Transaction, Statements]]:
    for request in requests:
        if request.statements is None:
            findings.unjudged[ERASED] += 1
        else:
            findings.judged += 1
            yield request, request.statements


def _links(reference: str | None) -> bool:
    """Whether it can be the reference of a case: these carry a number, what people write for want of one does not."""
    return any(character.isdigit() for character in reference or "")


def _plain(text: str) -> str:
    """Only what is said counts: no case, no spaces, no punctuation."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _occasion(request: Transaction) -> str:
    reference = request.statements.reference if request.statements else None
    return f"reference {reference}" if reference else f"activity {request.flow or request.audit_id}"

"""MU04: requests of a user in a clock hour against the hours of others in the same role. Peers set the mark."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from authz.misuse.alerted import alerted
from authz.misuse.feeds import Feeds
from authz.misuse.grouping import Findings, grouped
from authz.misuse.rule_book import MisuseRule
from authz.misuse.signals import Finding, signal
from authz.misuse.transactions import Operator, Transaction

FEW_PEERS = "too few hours of peers in the role"


def search_burst(requests: Sequence[Transaction], feeds: Feeds, rule: MisuseRule) -> Findings:
    """MU04: more requests in an hour than `percentile` of the hours of all others who hold the role, and than
    `requests`. Who holds several roles must stand out in each that has at least `peer_hours`, for what is usual in one
    is usual. The service's own alerts of bursts (P14) count as well."""
    findings = alerted(feeds, rule)
    hours = grouped(requests, lambda each: (each.operator, _hour(each)))
    peers = _Peers(hours)
    for (operator, _), those in hours.items():
        marks = peers.marks(operator, those[0].roles, rule)
        if not marks:
            findings.unjudged[FEW_PEERS] += len(those)
            continue
        findings.judged += len(those)
        mark = max(*marks, rule.thresholds["requests"])
        if len(those) > mark:
            words = (
                f"{len(those)} requests in an hour; of the hours of peers {rule.thresholds['percentile']:g}% have at"
            )
            finding = Finding("ABOVE_PEERS", len(those) / mark, f"{words} most {max(marks)}")
            findings.signals.append(signal(rule, finding, those))
    return findings


class _Peers:
    """How many hours have how many requests, by role and of each operator in the role."""

    def __init__(self, hours: Mapping[tuple[Operator, datetime], Sequence[Transaction]]) -> None:
        self._of_role: dict[str, Counter[int]] = {}
        self._of_operator: dict[tuple[str, Operator], Counter[int]] = {}
        for (operator, _), those in hours.items():
            for role in those[0].roles:
                self._of_role.setdefault(role, Counter())[len(those)] += 1
                self._of_operator.setdefault((role, operator), Counter())[len(those)] += 1

    def marks(self, operator: Operator, roles: Sequence[str], rule: MisuseRule) -> list[int]:
        """The percentile of the others' hours (nearest rank), in each role of which there are enough."""
        found = []
        for role in roles:
            others = self._of_role[role] - self._of_operator[role, operator]
            if others.total() >= rule.thresholds["peer_hours"]:
                found.append(_percentile(others, rule.thresholds["percentile"]))
        return found


def _percentile(counts: Counter[int], percentile: float) -> int:
    rank, passed = round(counts.total() * percentile / 100, 6), 0
    for value, times in sorted(counts.items()):
        passed += times
        if passed >= rank:
            return value
    raise ValueError("a percentile of nothing")


def _hour(request: Transaction) -> datetime:
    return request.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

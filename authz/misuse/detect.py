"""Requests, feeds and rules in; signals, and which rules ran, out. Changes nothing and sanctions nobody: it has no way
to (access.md 6.4: a person decides)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from authz.misuse import alerted, bursts, duty, relations, statements
from authz.misuse.feeds import Feeds
from authz.misuse.grouping import Findings
from authz.misuse.rule_book import MisuseRule
from authz.misuse.signals import Signal
from authz.misuse.transactions import Transaction

Judgement: TypeAlias = Callable[[Sequence[Transaction], Feeds, MisuseRule], Findings]
JUDGEMENTS: Mapping[str, Judgement] = MappingProxyType(
    {
        "MU01": alerted.same_household,
        "MU02": alerted.protected_subject,
        "MU03": statements.repeated_subject,
        "MU04": bursts.search_burst,
        "MU05": duty.out_of_duty,
        "MU06": statements.poor_justification,
        "MU07": duty.away_from_area,
        "MU08": relations.own_or_colleague,
        "MU09": alerted.enumeration,
        "MU10": relations.around_contact,
        "MU11": relations.administration_on_names,
        "MU12": duty.on_behalf,
    }
)


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What became of one rule. `not_running` says why it could not judge anything, which is never "no findings";
    `judged` requests (or alerts) it looked at, `unjudged` it could not, by why."""

    rule: MisuseRule
    signals: tuple[Signal, ...] = ()
    judged: int = 0
    unjudged: Mapping[str, int] = field(default_factory=dict)
    not_running: str = ""


def detect(requests: Sequence[Transaction], feeds: Feeds, rules: Iterable[MisuseRule]) -> tuple[RuleRun, ...]:
    """What each rule finds in these requests (by time), in the order of the rules."""
    return tuple(_run(rule, requests, feeds) for rule in rules)


def _run(rule: MisuseRule, requests: Sequence[Transaction], feeds: Feeds) -> RuleRun:
    if absent := feeds.absent(rule.feeds):
        return RuleRun(rule, not_running=f"without {' and '.join(absent)}")
    found = JUDGEMENTS[rule.code](requests, feeds, rule)
    unjudged = {why: number for why, number in sorted(found.unjudged.items()) if number}
    why = "" if found.judged or found.signals else "; ".join(unjudged)
    signals = tuple(sorted(found.signals, key=lambda each: (each.last, each.id)))
    return RuleRun(rule, signals, found.judged, MappingProxyType(unjudged), why)

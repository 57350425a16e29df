"""What a rule found, for a person to look at: frozen, and named by what was found. Says nothing of what it means."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from authz.alert_reading import KeptAlert
from authz.misuse.rule_book import MisuseRule
from authz.misuse.transactions import Operator, Transaction

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to be looked at. `subjects` are keyed hashes, `entries` audit ids, `alerts` those of
    alerts, `first` and `last` the times (UTC) between which it happened. `cause` is what of the rule was met.

    `score` is what was counted as a multiple of what the rule lets pass (of 1 where it lets nothing pass). Nothing here
    repeats what people wrote: that stays in the ledger, where it can be erased.
    """

    rule: str
    version: int
    cause: str
    organisation: str
    user: str
    subjects: tuple[str, ...]
    entries: tuple[str, ...]
    alerts: tuple[str, ...]
    first: datetime
    last: datetime
    score: float
    explanation: str

    @property
    def id(self) -> str:
        """The rule's code and a hash of what was found, so that it has the same id whenever it is found again."""
        text = json.dumps([*self.about, (self.entries + self.alerts)[0]])
        return f"{self.rule}-{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"

    @property
    def about(self) -> tuple[str, str, str, str, str]:
        """What it is about. Two signals of the same that share an entry or an alert are one thing seen twice."""
        return self.rule, self.cause, self.organisation, self.user, " ".join(self.subjects)

    def to_json(self) -> dict[str, Any]:
        """The signal as JSON values, with its id."""
        return {"id": self.id} | msgspec.to_builtins(self)


def signal_from_json(text: str) -> Signal:
    """The signal that this is the JSON text of. Raises msgspec.ValidationError, msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Signal)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of some requests of one user: what of it was met, how far, and in words."""

    cause: str
    score: float
    explanation: str
    subjects: Iterable[str] = ()


def signal(
    rule: MisuseRule, finding: Finding, requests: Sequence[Transaction], alerts: Sequence[KeptAlert] = ()
) -> Signal:
    """The signal of requests and alerts of one user, at least one of either."""
    organisation, user = _operator(requests, alerts)
    times = [each.at for each in requests] + [each.alert.at for each in alerts]
    return Signal(
        rule=rule.code,
        version=rule.version,
        cause=finding.cause,
        organisation=organisation,
        user=user,
        subjects=tuple(sorted(finding.subjects)),
        entries=tuple(each.audit_id for each in requests),
        alerts=tuple(each.id for each in alerts),
        first=min(times),
        last=max(times),
        score=round(finding.score, 2),
        explanation=finding.explanation,
    )


def _operator(requests: Sequence[Transaction], alerts: Sequence[KeptAlert]) -> Operator:
    if requests:
        return requests[0].operator
    return alerts[0].alert.organisation, alerts[0].alert.user

"""How much each operator did, in; each role's operators against one another out. No I/O.

Who stands out is found by the modified z-score, 0.6745 · (x - median) / MAD, from 3.5 on (Iglewicz and Hoaglin, *How to
Detect and Handle Outliers*, 1993): median and MAD are not moved by the outliers themselves. Where more than half of the
values are equal MAD is 0, and 1.253314 times the mean absolute deviation stands in its place, as they propose.
"""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OUTLYING = 3.5
SMALLEST_GROUP = 8
_MAD_SCALE = 0.6745
_MEAN_SCALE = 1.253314


@dataclass(slots=True)
class Usage:
    """What one operator did: requests by role held (each counts once for every role), and records shown."""

    requests: int = 0
    records: int = 0
    organisation: str = ""
    roles: Counter[str] = field(default_factory=Counter)

    def add(self, organisation: str, roles: Sequence[str]) -> None:
        """One more request."""
        self.requests += 1
        self.organisation = organisation
        self.roles.update(roles)


@dataclass(frozen=True, slots=True)
class Outlier:
    """An operator far above his or her peers, by requests or by records shown; scores are modified z-scores."""

    operator: str
    organisation: str
    requests: int
    requests_score: float
    records: int
    records_score: float


@dataclass(frozen=True, slots=True)
class Peers:
    """The operators who held a role: how many, their medians and who stands out. Of fewer than eight operators only
    that there are some: `withheld`, because a median of few tells what one of them did. `requests` is what each one
    asked, in order and without names; over `limit` requests an operator is an outlier."""

    role: str
    withheld: bool
    operators: int
    median_requests: float
    median_records: float
    requests: tuple[int, ...]
    limit: float
    outliers: tuple[Outlier, ...]


def compared(usage: Mapping[str, Usage]) -> tuple[Peers, ...]:
    """Each role's operators compared, by role; who holds several roles is compared in each."""
    roles = sorted({role for used in usage.values() for role in used.roles})
    return tuple(_peers(role, {user: used for user, used in usage.items() if role in used.roles}) for role in roles)


def scores(values: Sequence[int]) -> list[float]:
    """The modified z-score of each value; 0 for all where they are all equal."""
    median, spread = _centre(values)
    return [(value - median) / spread if spread else 0.0 for value in values]


def _centre(values: Sequence[int]) -> tuple[float, float]:
    """The median, and what one unit of the score is away from it."""
    median = statistics.median(values)
    away = [abs(value - median) for value in values]
    return median, statistics.median(away) / _MAD_SCALE or statistics.fmean(away) * _MEAN_SCALE


def _peers(role: str, usage: Mapping[str, Usage]) -> Peers:
    if len(usage) < SMALLEST_GROUP:
        return Peers(role, True, 0, 0.0, 0.0, (), 0.0, ())
    requests, records = [used.requests for used in usage.values()], [used.records for used in usage.values()]
    scored = [
        Outlier(user, used.organisation, used.requests, by_requests, used.records, by_records)
        for (user, used), by_requests, by_records in zip(usage.items(), scores(requests), scores(records), strict=True)
    ]
    outlying = [each for each in scored if max(each.requests_score, each.records_score) >= OUTLYING]
    outlying.sort(key=lambda each: (-max(each.requests_score, each.records_score), each.operator))
    median, spread = _centre(requests)
    limit = median + OUTLYING * spread
    return Peers(
        role,
        False,
        len(usage),
        median,
        statistics.median(records),
        tuple(sorted(requests)),
        limit,
        tuple(outlying),
    )

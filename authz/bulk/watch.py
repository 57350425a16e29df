"""Bulk, watched: a caller and what they ask in, nothing or the coded refusal out. Policies P14 and P03 (caps) decide.

A page larger than the largest is refused where it stands (`bounded`); who goes through identifiers one by one, or asks
for more than an agreement lets them, is refused whole before anything is fetched (`count`). Identifiers and callers are
remembered as keyed hashes, for as long as they count. Whether anything was found plays no part.
"""

import hmac
import logging
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from authz.alerts import MISUSE, Alert, AlertSink
from authz.audit.errors import AuditUnavailable
from authz.audit.pseudonym import SubjectKey
from authz.bulk.asked import Lookup
from authz.bulk.neighbours import neighbourhoods
from authz.bulk.tally import Counted, Tally
from authz.decision import Clearance, Decision, Form
from authz.errors import AgreementCapReached, EnumerationStopped, WildcardRefused
from authz.facts import Facts
from authz.policy_set import Policies, Question, Verdict, caller_entity
from authz.principal import Principal
from authz.row_concerns import CallerClass

ALARM = logging.getLogger("leds.alarm")
SEARCH, LOOK_UP = "search", "look-up"
MOST_ROWS = 200
"""As P14 says it; for the words of a refusal."""
SECONDS_OF_A_DAY = 24 * 60 * 60
APPROVER = "whoever approves extracts in your organisation"
EXTRACT = "an extract by the reporting tool, with an approver"
TOO_MANY = Decision(
    Form.DENY, ("P14",), missing=(f"a page of at most {MOST_ROWS} records, or {EXTRACT}",), contact=APPROVER
)
ENUMERATION, BURST = "MU09", "MU04"  # list misuse_rules


@dataclass(frozen=True, slots=True)
class BulkLimits:
    """How much one caller may ask for within `seconds`: distinct look-ups, and distinct identifiers that are
    neighbours of each other."""

    lookups: int = 1_000
    neighbours: int = 20
    seconds: int = 3_600


@dataclass(frozen=True, slots=True)
class _Count:
    """One thing that is counted: the fact it is for, and the look-up it is about."""

    fact: str
    counted: Counted
    lookup: Lookup | None = None


class Watch:
    """Watches the callers of one gateway, by the `facts` that hold. `alerts` are told once for each run through
    identifiers."""

    def __init__(
        self,
        tally: Tally,
        policies: Policies,
        facts: Callable[[], Facts],
        key: SubjectKey,
        limits: BulkLimits,
        alerts: AlertSink | None = None,
    ) -> None:
        self._tally = tally
        self._policies = policies
        self._facts = facts
        self._key = key
        self._limits = limits
        self._alerts = alerts

    def bounded(self, clearance: Clearance, principal: Principal, rows: Mapping[str, int]) -> Clearance:
        """The clearance of a request that asks for that many records by coordinate: what asks for too many is refused.
        What is refused or silent already stays so."""
        over = {
            coordinate: TOO_MANY
            for coordinate, asked in rows.items()
            if not self._may_search(principal, asked) and clearance.decision(coordinate).allowed
        }
        if not over:
            return clearance
        key = f"{clearance.key} without {' '.join(sorted(over))}"
        return replace(clearance, key=key, decisions=ChainMap(over, clearance.decisions))  # type: ignore[arg-type]

    async def count(self, principal: Principal, lookups: Iterable[Lookup], now: datetime) -> None:
        """Count a request that is about to be run.

        Raises WildcardRefused, EnumerationStopped, AgreementCapReached, TallyUnavailable.
        """
        asked = frozenset(lookups)
        counts = [*self._of_agreement(principal, now), *self._of_lookups(principal, asked)]
        if not counts:
            return
        found = await self._tally.count([each.counted for each in counts], now.timestamp())
        over = [each for each, number in zip(counts, found, strict=True) if number > each.counted.most]
        facts = {each.fact for each in over} | {WILDCARD for lookup in asked if lookup.has_wildcard}
        verdict = _look_up(self._policies, *_asking(self._policies, principal), frozenset(facts))
        if verdict.permitted:
            return
        if verdict.policies[0].startswith("P03"):
            raise AgreementCapReached("Your agreement's cap of users or of requests a day is reached.")
        if verdict.policies[0] == WILDCARD_POLICY:
            raise WildcardRefused("Names and identifiers are asked for without *, %, ? and _.")
        await self._tell(principal, [each for each in over if each.lookup], now)
        raise EnumerationStopped("Too many records were looked up one after another.")

    def _may_search(self, principal: Principal, rows: int) -> bool:
        return _search(self._policies, *_asking(self._policies, principal), rows).permitted

    def _of_agreement(self, principal: Principal, now: datetime) -> Iterable[_Count]:
        agreement = self._facts().agreements.get(principal.agreement)
        if agreement is None:
            return
        whose = agreement.id, principal.organisation, now.astimezone(UTC).date().isoformat()
        if agreement.user_cap is not None:
            user = self._hash("user", principal.subject)
            users = Counted(self._hash("users", *whose), user, agreement.user_cap, SECONDS_OF_A_DAY)
            yield _Count("usersExceeded", users)
        if agreement.day_cap is not None:
            requests = Counted(self._hash("requests", *whose), None, agreement.day_cap, SECONDS_OF_A_DAY)
            yield _Count("requestsExceeded", requests)

    def _of_lookups(self, principal: Principal, lookups: Iterable[Lookup]) -> Iterable[_Count]:
        limits, whose = self._limits, (principal.organisation, principal.subject)
        everything = self._hash("lookups", *whose)
        for lookup in sorted(lookups, key=lambda each: (each.kind, each.value)):
            member = self._hash("identifier", lookup.kind, lookup.value)
            yield _Count("lookupsExceeded", Counted(everything, member, limits.lookups, limits.seconds), lookup)
            for near in neighbourhoods(lookup.kind, lookup.value) if lookup.sequential else ():
                name = self._hash("neighbours", *whose, lookup.kind, near)
                yield _Count("neighboursExceeded", Counted(name, member, limits.neighbours, limits.seconds), lookup)

    async def _tell(self, principal: Principal, over: Sequence[_Count], now: datetime) -> None:
        """Tell the organisation's supervisors, the first time that something is over."""
        if self._alerts is None:
            return
        told = [Counted(f"{each.counted.name}:told", None, 1, each.counted.seconds) for each in over]
        times = await self._tally.count(told, now.timestamp())
        first = {each.counted.name: each for each, time in zip(over, times, strict=True) if time == 1}
        alerts = [self._alert(principal, each.fact, each.lookup, now) for each in first.values() if each.lookup]
        try:
            if alerts:
                await self._alerts.record(alerts)
        except AuditUnavailable as error:
            ALARM.critical("Alerts of bulk look-ups could not be recorded: %s", type(error).__name__)

    def _alert(self, principal: Principal, fact: str, lookup: Lookup, now: datetime) -> Alert:
        return Alert(
            type=MISUSE,
            policy="P14",
            owner=principal.organisation,
            subject_type=lookup.kind,
            subject=self._key.subject(lookup.kind, lookup.value),
            user=principal.subject,
            organisation=principal.organisation,
            at=now,
            rule=ENUMERATION if fact == "neighboursExceeded" else BURST,
        )

    def _hash(self, *parts: str) -> str:
        message = b"".join(len(raw).to_bytes(4) + raw for raw in (part.encode() for part in ("bulk", *parts)))
        return hmac.digest(self._key.secret, message, "sha256")[:16].hex()


WILDCARD, WILDCARD_POLICY = "wildcards", "P14.wildcard"
FACTS = ("usersExceeded", "requestsExceeded", WILDCARD, "neighboursExceeded", "lookupsExceeded")
SERVICE = "Service"
_Asking = tuple[str, str, frozenset[str]]


def _asking(policies: Policies, caller: CallerClass) -> _Asking:
    """What policies can tell callers apart by: few, so that their answers are kept."""
    return policies.told_apart(caller.organisation), caller.organisation_kind, frozenset(caller.roles)


@lru_cache(maxsize=4096)
def _search(policies: Policies, organisation: str, kind: str, roles: frozenset[str], rows: int) -> Verdict:
    question = Question(organisation, SEARCH, "graph", {"rows": rows}, SERVICE)
    return policies.ask([question], policies.entities([caller_entity(organisation, kind, roles)]))[0]


@lru_cache(maxsize=4096)
def _look_up(
    policies: Policies, organisation: str, kind: str, roles: frozenset[str], exceeded: frozenset[str]
) -> Verdict:
    question = Question(organisation, LOOK_UP, "graph", {fact: fact in exceeded for fact in FACTS}, SERVICE)
    return policies.ask([question], policies.entities([caller_entity(organisation, kind, roles)]))[0]

"""Telling owners and supervisors of looks, off the request path: looks in, recorded alerts out. Answers nobody."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from authz.alerts import MISUSE, SILENT_HIT, Alert, AlertSink
from authz.audit.pseudonym import SubjectKey
from authz.row_rules import RowFact
from resolvers.background import to_its_end
from resolvers.controls.notices import Notice, Subject
from resolvers.controls.watch import Hit, Look, hits
from resolvers.database import Database

log = structlog.get_logger("leds.alarm")
MOST_LOOKS = 20_000
MISUSE_RULES = {RowFact.OWN: "MU01", RowFact.HIGH_PROFILE: "MU02"}


@dataclass(frozen=True, slots=True)
class Noticed:
    """A look with the people in it whom somebody wants to hear of."""

    look: Look
    notices: Sequence[Notice]


class Alerting:
    """Keeps looks until they are judged. More than `MOST_LOOKS` at once are dropped, with an alarm."""

    def __init__(self, database: Database, sink: AlertSink, subjects: SubjectKey) -> None:
        self._database = database
        self._sink = sink
        self._subjects = subjects
        self._waiting: deque[Noticed] = deque()

    def look(self, look: Look, notices: Sequence[Notice]) -> None:
        """Judge this look later."""
        if len(self._waiting) >= MOST_LOOKS:
            log.critical("looks_dropped", waiting=len(self._waiting))
            return
        self._waiting.append(Noticed(look, notices))

    async def once(self) -> int:
        """Judge what waits now; how many alerts were recorded. On an error everything waits for the next time."""
        judged = list(self._waiting)
        if not judged:
            return 0
        found = [self._silent(hit) for hit in await hits(self._database, [each.look for each in judged])]
        found += [self._misuse(each.look, *notice) for each in judged for notice in dict.fromkeys(each.notices)]
        if found:
            await self._sink.record(found)
        for _judged in judged:
            self._waiting.popleft()
        return len(found)

    async def run(self, seconds: float) -> None:
        """Judge again and again until cancelled; what failed is tried again."""
        while True:
            await asyncio.sleep(seconds)
            await to_its_end(self.last())

    async def last(self) -> None:
        """Judge what waits, as the last thing before the database closes; a failure is an alarm."""
        try:
            await self.once()
        except Exception as error:
            log.critical("alerts_not_recorded", error=type(error).__name__, waiting=len(self._waiting))

    def _silent(self, hit: Hit) -> Alert:
        return self._alert(SILENT_HIT, "P10", hit.owner, hit.subject, hit.look)

    def _misuse(self, look: Look, subject: Subject, facts: RowFact) -> Alert:
        rule = next(rule for fact, rule in MISUSE_RULES.items() if facts & fact)
        return self._alert(MISUSE, "P15", look.caller.organisation, subject, look, rule)

    def _alert(
        self, kind: str, policy: str, owner: str, subject: Subject, look: Look, rule: str | None = None
    ) -> Alert:
        return Alert(
            type=kind,
            policy=policy,
            owner=owner,
            subject_type=subject[0],
            subject=self._subjects.subject(*subject),
            user=look.caller.user,
            organisation=look.caller.organisation,
            at=look.at,
            rule=rule,
        )

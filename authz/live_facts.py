"""The access facts of a process that goes on while they change: a look at the store with every request, and new facts,
decider and caches as soon as there is one change more.

In: the packaged tables and the kept changes. Out: `Facts`, or a refusal once the store has not been readable for
`TOLERATED_SECONDS`. Never goes back to fewer changes than it has seen.
"""

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from authz.decide import Decider
from authz.errors import FactsRewritten, FactsUnavailable, InvalidFactChange
from authz.fact_changes import FactState, Verify, require_sensible
from authz.fact_store import FactStore
from authz.facts import Facts, FactTables
from authz.policy_set import Policies
from authz.rules import Rules

# A server of changes that restarts costs no request; what is revoked meanwhile is known at most so much later.
TOLERATED_SECONDS = 5.0


class FactSource(Protocol):
    """Where a service has its facts from. `known` are those of the last look."""

    @property
    def known(self) -> Facts: ...

    async def current(self) -> Facts:
        """The facts that hold now. Raises FactsUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class FixedFacts:
    """Facts that do not change as long as the process lives."""

    known: Facts = field(repr=False)

    async def current(self) -> Facts:
        """See FactSource."""
        return self.known


class LiveFacts:
    """Facts that follow a store. Open it with `open`: a service does not start by facts that it cannot read."""

    def __init__(
        self, state: FactState, store: FactStore, verify: Verify, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._state, self._store, self._verify = state, store, verify
        self._monotonic = monotonic
        self._stamp: Hashable = object()
        self._seen = monotonic()
        self._opened = False
        self._one_at_a_time = asyncio.Lock()
        self._log = structlog.get_logger("leds")
        self.known = require_sensible(state)

    @classmethod
    async def open(
        cls,
        tables: FactTables,
        store: FactStore,
        verify: Verify,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> "LiveFacts":
        """The facts as they are now. Raises FactsUnavailable."""
        live = cls(FactState(tables), store, verify, monotonic)
        await live._look()
        return live

    async def current(self) -> Facts:
        """See FactSource."""
        try:
            await self._look()
        except FactsRewritten:
            raise
        except FactsUnavailable as error:
            if self._monotonic() - self._seen > TOLERATED_SECONDS:
                self._log.error("access_facts_unavailable", code=error.code, number=self.known.number)
                raise
        return self.known

    async def close(self) -> None:
        """Let go of the store."""
        await self._store.close()

    def health(self) -> dict[str, Any]:
        """Which facts hold, and the changes that do not count because nobody signed them."""
        return {"number": self.known.number, "version": self.known.version, "refused": list(self._state.passed_over)}

    async def _look(self) -> None:
        stamp = await self._store.stamp()
        if stamp != self._stamp:
            async with self._one_at_a_time:
                await self._take_up(stamp)
        self._seen = self._monotonic()

    async def _take_up(self, stamp: Hashable) -> None:
        if stamp == self._stamp:
            return
        kept = await self._store.changes()
        state = self._state
        if len(kept) < state.number or (state.number and kept[state.number - 1].hash != state.head):
            self._log.error("access_facts_rewritten", number=state.number, kept=len(kept))
            raise FactsRewritten(f"The {state.number} changes that were taken up are not kept any more.")
        try:
            for change in kept[state.number :]:
                state = state.after(change, self._verify)
            facts = require_sensible(state) if state is not self._state else self.known
        except InvalidFactChange as error:
            raise FactsRewritten(error.message) from error
        refused = state.passed_over[len(self._state.passed_over) :]
        opened, before = self._opened, self.known
        # One assignment after the other without a wait between: whoever reads sees all of it.
        self._state, self.known, self._stamp, self._opened = state, facts, stamp, True
        if refused:
            self._log.error("access_facts_refused", code="FACTS_WIDENED_UNSIGNED", changes=list(refused))
        if opened and facts is not before:
            self._log.info("access_facts_replaced", number=facts.number, version=facts.version)


class Deciders:
    """The decider of one graph's rules by the facts that hold: another one for other facts, so that nothing that was
    decided by old ones is used. The first, made at the start, is prepared; what its policies answered holds for all."""

    def __init__(self, rules: Rules, policies: Policies | None = None) -> None:
        self.rules = rules
        self._policies = policies
        self._made: Decider | None = None

    def by(self, facts: Facts) -> Decider:
        """The decider by these facts."""
        if self._made is None:
            self._made = Decider(self.rules, facts, self._policies)
            self._made.prepare()
        elif self._made.facts is not facts:
            self._made = Decider(self.rules, facts, self._policies)
        return self._made

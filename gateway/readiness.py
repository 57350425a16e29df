"""Whether a service can answer just now: checks by the name of what they are about in, the reasons why not out.

However many ask, each check runs at most once in SECONDS_REMEMBERED, and one that hangs is waited for, never doubled.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from gateway.errors import CheckUnanswered
from gateway.frames import frames_of
from schema.errors import CodedError

SECONDS_REMEMBERED = 1.0
SECONDS_TO_WAIT = 3.0
Check = Callable[[], Awaitable[object]]
"""Raises CodedError when what it is about cannot be used."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a service cannot answer: which part of it, and the code of what is wrong there."""

    part: str
    code: str


Ready = Callable[[], Awaitable[Sequence[Reason]]]
"""Why the service cannot answer just now; nothing when it can."""


async def always_ready() -> Sequence[Reason]:
    """For a gateway that depends on nothing it could wait for."""
    return ()


class Readiness:
    """The checks of one service, which are read anew each time they run. What changes is logged."""

    def __init__(
        self,
        checks: Callable[[], Mapping[str, Check]],
        monotonic: Callable[[], float] = time.monotonic,
        seconds_to_wait: float = SECONDS_TO_WAIT,
    ) -> None:
        self._checks = checks
        self._monotonic = monotonic
        self._seconds_to_wait = seconds_to_wait
        self._under_way: dict[str, asyncio.Task[str | None]] = {}
        self._asked: float | None = None
        self._found: tuple[Reason, ...] = ()
        self._one_at_a_time = asyncio.Lock()
        self._log = structlog.get_logger("gateway")

    async def __call__(self) -> Sequence[Reason]:
        """See Ready."""
        async with self._one_at_a_time:
            if self._asked is None or self._monotonic() - self._asked >= SECONDS_REMEMBERED:
                found = await self._ask()
                self._tell(found)
                self._asked, self._found = self._monotonic(), found
            return self._found

    async def _ask(self) -> tuple[Reason, ...]:
        for part, check in self._checks().items():
            if part not in self._under_way:
                self._under_way[part] = asyncio.create_task(_code_of(check))
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=self._seconds_to_wait)
        codes = {part: task.result() if task.done() else CheckUnanswered.code for part, task in self._under_way.items()}
        self._under_way = {part: task for part, task in self._under_way.items() if not task.done()}
        return tuple(Reason(part, code) for part, code in sorted(codes.items()) if code)

    def _tell(self, found: tuple[Reason, ...]) -> None:
        if found and found != self._found:
            self._log.error("not_ready", reasons=[f"{reason.part}: {reason.code}" for reason in found])
        elif self._found and not found:
            self._log.info("ready_again")


async def _code_of(check: Check) -> str | None:
    try:
        await check()
    except CodedError as error:
        return error.code
    except Exception as error:
        structlog.get_logger("gateway").error("check_failed", kind=type(error).__name__, frames=frames_of(error))
        return CodedError.code
    return None

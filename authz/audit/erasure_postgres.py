"""Erasing from a log in PostgreSQL, by a login of `leds_ledger_eraser`: only through the functions made for it.

A month's partitions are dropped with the last log that has leaves in them.
"""

from authz.audit.connecting import session
from authz.audit.erasing import Erased, HeldMonth, Run

_MONTHS = "SELECT DISTINCT month FROM ledger_leaf WHERE log = $1 AND month < $2 ORDER BY month"
_RUNS = (
    "SELECT min(position), max(position) FROM (SELECT position, position - row_number() OVER (ORDER BY position)"
    " AS run FROM ledger_leaf WHERE log = $1 AND month = $2) AS leaf GROUP BY run ORDER BY 1"
)
_RULES = (
    "SELECT DISTINCT convert_from(canonical, 'UTF8')::json ->> 'retention' AS rule FROM ledger_leaf"
    " WHERE log = $1 AND month = $2 ORDER BY 1"
)
_ERASURES = (
    "SELECT leaf.canonical, part.canonical FROM ledger_leaf AS leaf LEFT JOIN ledger_part AS part"
    " ON part.log = leaf.log AND part.position = leaf.position AND part.month = leaf.month AND part.slot = 0"
    " WHERE leaf.log = $1 AND leaf.month = $2 AND leaf.event_type = 'ERASE' AND leaf.stage = 'EVENT'"
    " ORDER BY leaf.position"
)
_PART = "SELECT canonical FROM ledger_part WHERE log = $1 AND position = $2 AND slot = $3"


class PostgresErasure:
    """See Erasure. Whoever uses it holds the log's lock, as its writer."""

    def __init__(self, url: str, log: str, seconds: float = 3600.0) -> None:
        """No statement runs longer than `seconds`."""
        self._url, self._log, self._seconds = url, log, seconds

    async def months(self, before: str) -> tuple[HeldMonth, ...]:
        """See Erasure."""
        held: list[HeldMonth] = []
        async with session(self._url, self._seconds) as connection:
            for (month,) in await connection.fetch(_MONTHS, self._log, before):
                runs = await connection.fetch(_RUNS, self._log, month)
                rules = await connection.fetch(_RULES, self._log, month)
                held.append(HeldMonth(month, tuple(Run(*run) for run in runs), tuple(rule for (rule,) in rules)))
        return tuple(held)

    async def erasures(self, month: str) -> tuple[Erased, ...]:
        """See Erasure."""
        async with session(self._url, self._seconds) as connection:
            return tuple(Erased(*row) for row in await connection.fetch(_ERASURES, self._log, month))

    async def drop(self, month: str) -> None:
        """See Erasure."""
        async with session(self._url, self._seconds) as connection:
            await connection.execute("SELECT ledger_drop_month($1, $2)", self._log, month)

    async def part(self, position: int, slot: int) -> bytes | None:
        """See Erasure."""
        async with session(self._url, self._seconds) as connection:
            return await connection.fetchval(_PART, self._log, position, slot)

    async def erase(self, position: int, slot: int) -> None:
        """See Erasure."""
        async with session(self._url, self._seconds) as connection:
            await connection.execute("SELECT ledger_erase_part($1, $2, $3)", self._log, position, slot)

"""Where a configuration keeps changes of access facts, opened: for services that follow them, and for administrators
who make them. Nothing is written that makes no sense, or that would open something and is not signed."""

import os
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.fact_changes import FactChange, FactState, changed_row, require_sensible, state_after, widens
from authz.fact_store import FactFile, FactStore, SharedFacts
from authz.facts import packaged_tables
from authz.live_facts import LiveFacts
from leds.approvals import approver_of, signature_of
from leds.config import Configuration, home
from leds.errors import ConfigurationError

CHANGES = "facts.jsonl"


def fact_store(configuration: Configuration) -> FactStore:
    """Where the changes are kept. Raises ConfigurationError."""
    if not configuration.access.url:
        return FactFile(home(os.environ) / CHANGES)
    try:
        return SharedFacts(configuration.access.url)
    except ValueError as error:
        raise ConfigurationError(
            "access.url is not the URL of a Redis or Valkey server.",
            advice="Write redis://host:6379/0, or leave it out.",
        ) from error


async def live_facts(configuration: Configuration) -> LiveFacts:
    """The facts of a service, which follow the store. Raises ConfigurationError, FactsUnavailable."""
    return await LiveFacts.open(packaged_tables(), fact_store(configuration), approver_of(configuration).verify)


class FactRegister:
    """The changes as an administrator sees and makes them."""

    def __init__(self, configuration: Configuration) -> None:
        self._store = fact_store(configuration)
        self._verify = approver_of(configuration).verify

    async def read(self) -> tuple[FactState, tuple[FactChange, ...]]:
        """What holds now, and every change. Raises FactsUnavailable."""
        changes = await self._store.changes()
        return state_after(packaged_tables(), changes, self._verify), changes

    async def write(self, change: FactChange) -> None:
        """Keep a change. Raises FactChangeConflict, FactsUnavailable."""
        await self._store.append(change)

    async def close(self) -> None:
        """Let go of the store."""
        await self._store.close()


def proposed(
    state: FactState,
    place: tuple[str, tuple[str, ...]],
    cells: dict[str, str] | None,
    said: tuple[str, str],
    at: datetime,
) -> FactChange:
    """The change that would follow this state: at `place` (table and key) these cells; `said` are by whom and why."""
    table, key = place
    by, because = said
    return FactChange(state.number + 1, at.isoformat(), by, because, table, key, cells, state.head)


def state_with(state: FactState, change: FactChange) -> FactState:
    """The state if this change counted. Raises InvalidFactChange, also when the tables would contradict one another."""
    after = state.after(msgspec.structs.replace(change, signature="-"), lambda _data, _signature: True)
    require_sensible(after)
    return after


def opens(state: FactState, change: FactChange) -> bool:
    """Whether a change could show anybody more. Raises InvalidFactChange."""
    return widens(change.table, state.row(change.table, change.key), changed_row(state, change))


def signed(change: FactChange, key: Ed25519PrivateKey) -> FactChange:
    """The change with the approver's signature."""
    return msgspec.structs.replace(change, signature=signature_of(key, change.signed))

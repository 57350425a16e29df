"""Which signatures were used before: a nonce in, whether this is its first use out. When it cannot be told, refuses."""

from collections import OrderedDict
from typing import Protocol

VALID_SECONDS = 30
CLOCK_SKEW_SECONDS = 5
REMEMBERED_SECONDS = VALID_SECONDS + 2 * CLOCK_SKEW_SECONDS
REMEMBERED_NONCES = 200_000


class Nonces(Protocol):
    """Remembers nonces for as long as their signatures are fresh."""

    async def first_use(self, subgraph: str, key_id: str, nonce: str, now: float) -> bool:
        """Remember this nonce; False when it was used before. Raises NoncesUnavailable when it cannot be told."""
        ...

    async def check(self) -> None:
        """Make sure that it can be told. Raises NoncesUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class NonceWindow:
    """The nonces this process has seen. One that is full refuses; it never forgets early."""

    def __init__(self, seconds: int = REMEMBERED_SECONDS, capacity: int = REMEMBERED_NONCES) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._seen: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    async def first_use(self, subgraph: str, key_id: str, nonce: str, now: float) -> bool:
        """See Nonces; False also when no more can be remembered."""
        while self._seen and next(iter(self._seen.values())) + self._seconds < now:
            self._seen.popitem(last=False)
        seen = (subgraph, key_id, nonce)
        if seen in self._seen or len(self._seen) >= self._capacity:
            return False
        self._seen[seen] = now
        return True

    async def check(self) -> None:
        """See Nonces: memory always answers."""

    async def close(self) -> None:
        """Nothing is held."""

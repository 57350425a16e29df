"""How much streams may take: seconds, sizes and counts; and who holds how many subscriptions just now."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.streams.errors import TooManySubscriptions


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Subscriptions of one identity, of one connection and of all; seconds a WebSocket may take to say who it is, and
    between looks whether the caller still may (revocation ends a stream within that and `slow`); seconds a client may
    take to accept what is sent; seconds between signs of life on quiet HTTP streams; bytes of one message."""

    per_identity: int = 20
    per_connection: int = 20
    total: int = 2_000
    init_seconds: float = 10.0
    recheck_seconds: float = 1.0
    slow_seconds: float = 3.0
    keep_alive_seconds: float = 10.0
    largest_message: int = 256 * 1024


class Held:
    """Counts the subscriptions that are open."""

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._by_identity: Counter[Hashable] = Counter()

    @contextmanager
    def one(self, identity: Hashable | None) -> Iterator[None]:
        """Hold one more for as long as the block runs; somebody unknown counts towards the total alone.

        Raises TooManySubscriptions.
        """
        if self._by_identity.total() >= self._limits.total:
            raise TooManySubscriptions(f"The service holds {self._limits.total} subscriptions.")
        if identity is not None and self._by_identity[identity] >= self._limits.per_identity:
            raise TooManySubscriptions(f"You hold {self._limits.per_identity} subscriptions.")
        self._by_identity[identity] += 1
        try:
            yield
        finally:
            self._by_identity[identity] -= 1
            if not self._by_identity[identity]:
                del self._by_identity[identity]

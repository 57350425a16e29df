"""The keys one gateway and one subgraph share: several at a time while they rotate, each good for a time.

Every subgraph has a ring of its own, so that none can speak for another. Holds no file, reads no clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from authz.errors import NoSigningKey

CLOCK_SKEW_SECONDS = 5


@dataclass(frozen=True, slots=True)
class GrantKey:
    """One shared key with the id under which both sides know it; good from `not_before` until `not_after`, in Unix
    seconds (None: until it is taken away)."""

    key_id: str
    secret: bytes = field(repr=False)
    not_before: int = 0
    not_after: int | None = None

    def good(self, now: float, skew: int = 0) -> bool:
        """Whether the key may be used, by a clock that is off by up to `skew` seconds."""
        return self.not_before <= now + skew and (self.not_after is None or now - skew < self.not_after)


class Ring(Protocol):
    """Where the keys of one subgraph come from."""

    def signing(self, now: float) -> GrantKey:
        """The key to sign with. Raises NoSigningKey."""
        ...

    def accepted(self, key_id: str, now: float) -> GrantKey | None:
        """The key of this id, if a signature with it still counts."""
        ...


Rings: TypeAlias = Callable[[str], Ring]
"""The ring of a subgraph, by its name."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Some keys with different ids."""

    keys: tuple[GrantKey, ...] = field(repr=False)

    def signing(self, now: float) -> GrantKey:
        """The newest key that is good. Raises NoSigningKey."""
        good = [key for key in self.keys if key.good(now)]
        if not good:
            raise NoSigningKey("No key of this subgraph is good now.")
        return max(good, key=lambda key: key.not_before)

    def accepted(self, key_id: str, now: float) -> GrantKey | None:
        """The key of this id, if it is good; a little earlier and later too, because clocks differ."""
        return next((key for key in self.keys if key.key_id == key_id and key.good(now, CLOCK_SKEW_SECONDS)), None)

"""What a database or an export gives to be verified, from left to right; values are what was stored, of any type.

Who keeps the tables elsewhere gives a `Log` of his own. Does no I/O.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from authz.verifier.findings import Fault


class Interrupted(Exception):
    """Nothing more can be read, for the reason in `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A leaf as it was stored; `columns` are those that repeat what its bytes say (None in an export)."""

    seed: Any
    canonical: Any
    columns: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as it was stored, of an erased one only `hash`; `columns` are month and key hash (None in an export)."""

    slot: Any
    salt: Any
    canonical: Any
    hash: Any
    columns: tuple[Any, Any] | None


@dataclass(frozen=True, slots=True)
class Place:
    """All that is stored at one position: one hash and one leaf, where nothing is wrong and no month was dropped."""

    position: int
    hashes: tuple[Any, ...]
    leaves: tuple[LeafRow, ...]
    parts: tuple[PartRow, ...]


@dataclass(frozen=True, slots=True)
class Subtree:
    """In an export the hash (32 bytes) of a complete subtree of 2**level leaves that are not in it."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint as it was stored; stands behind the last place that `size`, stored beside it, covers."""

    size: int
    text: Any


Record = Place | Subtree | Note


class Log(Protocol):
    """One log to be verified."""

    @property
    def origin(self) -> str:
        """The name it says it has."""
        ...

    @property
    def whole(self) -> bool:
        """Whether every hash, node and checkpoint must be there: in a database, but not in an export."""
        ...

    def records(self) -> Iterator[Record]:
        """Everything as it was at one moment, by position. Raises Interrupted."""
        ...

    def node(self, level: int, index: int) -> Any:
        """The stored hash of a complete subtree, or None. Raises Interrupted."""
        ...

    def nodes(self) -> Iterator[tuple[Any, Any]]:
        """Level and index of every stored node. Raises Interrupted."""
        ...

    def hash_at(self, digest: bytes) -> int | None:
        """The first position whose stored hash is `digest`. Raises Interrupted."""
        ...

    def leaf_at(self, digest: bytes, after: int) -> int | None:
        """The first position behind `after` whose leaf has that hash. Raises Interrupted."""
        ...

    def witnesses(self) -> Iterator[tuple[int, Any]]:
        """Position and bytes of every WITNESS leaf. Raises Interrupted."""
        ...

"""The same leaves as three layers of a database tell them: stored hashes, hashes of the stored leaves, stored nodes.

Hashes in from left to right; at a signed root out which of the layers it confirms. Layers that agree are one tree. Does
no I/O of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from authz.verifier.tree import TILE, Frontier

MOST_KEPT = 64


class Layer(Enum):
    """A telling of what the leaves are."""

    HASHES = "stored hashes"
    LEAVES = "leaves"
    NODES = "stored nodes"


@dataclass(frozen=True, slots=True)
class BadNode:
    """A stored node that is not the hash of the leaves below it: None where there is no such node."""

    level: int
    index: int
    stored: Any

    @property
    def position(self) -> int:
        """The first leaf below it."""
        return self.index << self.level


@dataclass(slots=True)
class _Told:
    """One layer's tree, with the nodes that contradict it since the last signed root."""

    frontier: Frontier = field(default_factory=Frontier)
    bad_nodes: list[BadNode] = field(default_factory=list)

    def copy(self) -> "_Told":
        return _Told(self.frontier.copy(), list(self.bad_nodes))


class Histories:
    """All layers of one log. `node` looks a stored node up by level and index; None where none are kept."""

    def __init__(self, node: Callable[[int, int], Any] | None) -> None:
        self._node = node
        self._hashes = _Told()
        self._leaves: _Told | None = None
        self._nodes: Frontier | None = None
        self._block = Frontier()
        self._first_bad_block: int | None = None
        self.proven = Frontier()
        self.recent: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves there were."""
        return self._hashes.frontier.size

    def push(self, stored: bytes, computed: bytes) -> None:
        """One leaf: its stored hash and the hash of its bytes (the same where the bytes were dropped)."""
        if stored != computed and self._leaves is None:
            self._leaves = self._hashes.copy()
        if self._leaves is not None:
            self._push(self._leaves, computed)
        if self._nodes is not None:
            self._nodes.push(stored)
        self._push(self._hashes, stored)
        self._close_block()
        if len(self.recent) <= MOST_KEPT:
            self.recent.append(stored)

    def push_subtree(self, digest: bytes, level: int) -> None:
        """The hash of a complete subtree. Raises ValueError where none of that level can begin."""
        for told in (self._hashes, self._leaves):
            if told is not None:
                told.frontier.push(digest, level)
        self.recent.extend((digest,) if level == 0 else (digest,) * (MOST_KEPT + 1))

    def _push(self, told: _Told, digest: bytes) -> None:
        for level, index, root in told.frontier.push(digest):
            if self._node is not None and len(told.bad_nodes) < MOST_KEPT:
                stored = self._node(level, index)
                if stored != root:
                    told.bad_nodes.append(BadNode(level, index, stored))

    def _close_block(self) -> None:
        """At the end of 256 leaves, let the third layer have the stored node in their place."""
        if self._node is None or self.size % (1 << TILE):
            return
        index = (self.size >> TILE) - 1
        bad = next((bad for bad in self._hashes.bad_nodes if (bad.level, bad.index) == (TILE, index)), None)
        if bad is not None and isinstance(bad.stored, bytes):
            if self._first_bad_block is None:
                self._first_bad_block = bad.position
            self._nodes = self._block
            self._nodes.push(bad.stored, TILE)
        self._block = (self._nodes or self._hashes.frontier).copy()

    def confirmed(self, root: bytes) -> Layer | None:
        """The layer that has this root now."""
        if self._hashes.frontier.root() == root:
            return Layer.HASHES
        if self._leaves is not None and self._leaves.frontier.root() == root:
            return Layer.LEAVES
        if self._nodes is not None and self._nodes.root() == root:
            return Layer.NODES
        return None

    @property
    def first_bad_block(self) -> int:
        """The first leaf of the first 256 that are not the ones of their stored node."""
        return self._first_bad_block or 0

    def settle(self, layer: Layer) -> tuple[BadNode, ...]:
        """Go on from what a signed root confirmed, one tree again; answers the nodes that it shows to be wrong."""
        if layer is Layer.NODES and self._nodes is not None:
            self._hashes = _Told(self._nodes)
        elif layer is Layer.LEAVES and self._leaves is not None:
            self._hashes = self._leaves
        wrong = tuple(self._hashes.bad_nodes)
        self._hashes.bad_nodes = []
        self._leaves = self._nodes = self._first_bad_block = None
        self.proven = self._hashes.frontier.copy()
        self.recent = []
        return wrong

"""Merkle trees by RFC 9162, 2.1: leaves or roots of complete subtrees in from left to right, roots out. Does no I/O."""

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
TILE = 8
EMPTY_ROOT = hashlib.sha256(b"").digest()

Completed = tuple[int, int, bytes]


def leaf_hash(data: bytes) -> bytes:
    """The hash (32 bytes) of a leaf's bytes."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash (32 bytes) of the tree over two subtrees' hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the hashes of its complete subtrees, the largest first, one for each bit of
    `size`. Holds some thirty hashes however many leaves there were."""

    __slots__ = ("_subtrees", "size")

    def __init__(self, size: int = 0, subtrees: Iterable[tuple[int, bytes]] = ()) -> None:
        self.size = size
        self._subtrees = list(subtrees)

    def copy(self) -> "Frontier":
        """An edge of its own that goes on from here."""
        return Frontier(self.size, self._subtrees)

    def push(self, digest: bytes, level: int = 0) -> Sequence[Completed]:
        """Append a leaf's hash, or the root of a complete subtree of 2**level leaves that begins here.

        Answers (level, index, hash) of each subtree of 256, 65,536 … leaves that is complete now. Raises ValueError
        where no subtree of that level can begin.
        """
        if self.size % (1 << level):
            raise ValueError("a subtree that does not begin at a multiple of its size")
        self.size += 1 << level
        completed: list[Completed] = []
        subtrees = self._subtrees
        while subtrees and subtrees[-1][0] == level:
            digest = node_hash(subtrees.pop()[1], digest)
            level += 1
            if level % TILE == 0:
                completed.append((level, (self.size >> level) - 1, digest))
        subtrees.append((level, digest))
        return completed

    def root(self) -> bytes:
        """The root (32 bytes) over all leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        digest = self._subtrees[-1][1]
        for _, left in reversed(self._subtrees[:-1]):
            digest = node_hash(left, digest)
        return digest


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root (32 bytes) over leaves' hashes."""
    frontier = Frontier()
    for digest in hashes:
        frontier.push(digest)
    return frontier.root()

"""The Merkle tree over the ledger's entries (RFC 6962 2.1, RFC 9162 2.1): hashes, the growing edge and proofs. No I/O.

Every hash is 32 bytes of SHA-256, and a leaf is always given as its `leaf_hash`, never as its data. Hashes are kept at
every eighth level only, a tile's height: level 0 with the entries, and the roots of complete subtrees of 256, 65,536, …
leaves as `Node`s. What lies between is computed from them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

from authz.audit.errors import ProofUnavailable

TILE = 8
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry's bytes as a leaf (RFC 9162 2.1.1); its prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children's hashes (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over all of `leaf_hashes`, held at once; `Frontier` is for a tree that grows."""
    level = list(leaf_hashes)
    while len(level) > 1:
        # A node without a sibling stands for itself one level up: the definition's largest power of two on the left.
        single = level[len(level) & ~1 :]
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + single
    return level[0] if level else EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a complete subtree: of 2**level leaves, from leaf `index * 2**level` on; level is 8, 16, 24, …"""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to append to a tree of `size` leaves: the roots of its perfect subtrees, largest first.

    Raises ValueError when the hashes are not one for each binary one in `size`.
    """

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count() or not _are_hashes(self.hashes):
            raise ValueError("a frontier has one hash for each perfect subtree of its size")

    @staticmethod
    def empty() -> "Frontier":
        """The frontier of the tree without leaves."""
        return Frontier(0, ())

    def appended(self, leaf: bytes) -> "Frontier":
        """This frontier after one more leaf hash. Raises ValueError when it is not 32 bytes."""
        return self.extended((leaf,))[0]

    def extended(self, leaves: Iterable[bytes]) -> tuple["Frontier", tuple[Node, ...]]:
        """This frontier after more leaf hashes, and the nodes to be kept that became complete, in that order.

        Raises ValueError when a leaf is not 32 bytes.
        """
        size, hashes, completed = self.size, list(self.hashes), list[Node]()
        for leaf in leaves:
            if len(leaf) != HASH_BYTES:
                raise ValueError("a leaf is given as its hash")
            size += 1
            hashes.append(leaf)
            level = 0
            while size >> level & 1 == 0:
                right = hashes.pop()
                hashes[-1] = node_hash(hashes[-1], right)
                level += 1
                if level % TILE == 0:
                    completed.append(Node(level, (size >> level) - 1, hashes[-1]))
        return Frontier(size, tuple(hashes)), tuple(completed)

    def root(self) -> bytes:
        """The root hash of the tree."""
        return _joined(self.hashes) if self.hashes else EMPTY_ROOT


class NodeSource(Protocol):
    """Where the hashes that are kept are read from."""

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """The hashes of the complete subtrees number `start` to `start + count - 1` of 2**level leaves each.

        `level` is 0, 8, 16, …; fewer than `count` when the tree holds no more.
        """
        ...


def frontier_at(size: int, source: NodeSource) -> Frontier:
    """The frontier the tree had when it held `size` leaves; reads at most 255 hashes of each level that is kept.

    Raises ProofUnavailable when `size` is negative or a hash is missing.
    """
    if size < 0:
        raise ProofUnavailable("A tree has no negative size.")
    return Frontier(size, tuple(_perfect_subtrees(0, size, source)))


def root_at(size: int, source: NodeSource) -> bytes:
    """The root the tree had when it held `size` leaves. Reads and raises as `frontier_at`."""
    return frontier_at(size, source).root()


def inclusion_proof(index: int, size: int, source: NodeSource) -> tuple[bytes, ...]:
    """The proof that leaf `index`, from 0, is in the tree of `size` leaves, lowest hash first (RFC 9162 2.1.3.1).

    Reads at most 510 hashes of each level that is kept. Raises ProofUnavailable when there is no such leaf or a hash is
    missing.
    """
    if not 0 <= index < size:
        raise ProofUnavailable(f"A tree of {size} leaves has no leaf {index}.")
    start, end, siblings = 0, size, list[bytes]()
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            siblings.append(_range_hash(middle, end, source))
            end = middle
        else:
            siblings.append(_range_hash(start, middle, source))
            start = middle
    return tuple(reversed(siblings))


def consistency_proof(old: int, new: int, source: NodeSource) -> tuple[bytes, ...]:
    """The proof that the tree of `new` leaves begins with that of `old`, lowest hash first (RFC 9162 2.1.4.1).

    Empty when `old` is 0 or `new`. Reads as `inclusion_proof`. Raises ProofUnavailable unless 0 <= old <= new, or when
    a hash is missing.
    """
    if not 0 <= old <= new:
        raise ProofUnavailable(f"A tree of {new} leaves has not grown from one of {old}.")
    if old in (0, new):
        return ()
    start, end, hashes = 0, new, list[bytes]()
    while end != old:
        middle = _split(start, end)
        if old <= middle:
            hashes.append(_range_hash(middle, end, source))
            end = middle
        else:
            hashes.append(_range_hash(start, middle, source))
            start = middle
    # What was reached is the old root itself when it starts at the first leaf, and then the verifier has it already.
    if start > 0:
        hashes.append(_range_hash(start, end, source))
    return tuple(reversed(hashes))


def subtree_root(level: int, index: int, source: NodeSource) -> bytes:
    """The root of the complete subtree number `index` of 2**level leaves, from the level below it that is kept.

    Raises ProofUnavailable when a hash is missing.
    """
    above = level % TILE
    kept, first, count = level - above, index << above, 1 << above
    hashes = source.hashes(kept, first, count)
    if len(hashes) != count or not _are_hashes(hashes):
        raise ProofUnavailable(f"The tree has no hashes {first} to {first + count - 1} at level {kept}.")
    return root_of(hashes)


def covering(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Level and index of the largest complete subtrees that leaves `start` to `end - 1` are made of, in their order."""
    while start < end:
        # No larger than what `start` is a multiple of, and than what is left.
        level = min((start & -start or end).bit_length(), (end - start).bit_length()) - 1
        yield level, start >> level
        start += 1 << level


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` leads from a leaf hash at `index` to the root of a tree of `size` leaves (RFC 9162 2.1.3.2).

    Size and root are to be taken from one signed checkpoint: the root alone does not fix the size. Never raises.
    """
    if not 0 <= index < size or not _are_hashes((leaf, root, *proof)):
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            node, last = _past_promotions(node, last)
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 2.1.4.2).

    Every tree begins with the empty one. Never raises.
    """
    if not 0 <= old <= new or not _are_hashes((old_root, new_root, *proof)):
        return False
    if old == 0 and old_root != EMPTY_ROOT:
        return False
    if old in (0, new):
        return not proof and (old < new or old_root == new_root)
    is_perfect = old & (old - 1) == 0
    hashes = (old_root, *proof) if is_perfect else tuple(proof)
    return _roots_of_consistency(old, new, hashes) == (old_root, new_root)


def _roots_of_consistency(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the old and of the new tree that a consistency proof leads to; None when it has a wrong length."""
    if not hashes:
        return None
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = new_root = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
            node, last = _past_promotions(node, last)
        else:
            new_root = node_hash(new_root, sibling)
        node, last = node >> 1, last >> 1
    return (old_root, new_root) if last == 0 else None


def _past_promotions(node: int, last: int) -> tuple[int, int]:
    """Both numbers at the level where `node` is a right child: below, as the last of its level, it had no sibling."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _split(start: int, end: int) -> int:
    """Where a node over leaves `start` to `end` divides: after the largest power of two smaller than their number."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _range_hash(start: int, end: int, source: NodeSource) -> bytes:
    return _joined(tuple(_perfect_subtrees(start, end, source)))


def _joined(hashes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees, largest first."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


def _perfect_subtrees(start: int, end: int, source: NodeSource) -> Iterator[bytes]:
    """The roots of the perfect subtrees that leaves `start` to `end` are made of, largest first."""
    count = end - start
    for level in reversed(range(count.bit_length())):
        if count >> level & 1:
            yield subtree_root(level, start >> level, source)
            start += 1 << level


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)

"""Leaves' hashes that a signed root does not confirm in, the first bad one out where the bytes allow to tell. No I/O.

Between two signed roots stand few leaves, so that each way to have changed one of them can be tried.
"""

from collections.abc import Sequence
from itertools import combinations

from authz.verifier.findings import Finding
from authz.verifier.tree import Frontier


def classify(stored_elsewhere: bool, wanted_elsewhere: bool) -> Finding:
    """What happened where a leaf does not have the hash stored for its place.

    `stored_elsewhere`: its hash is stored for another place, and it stands nowhere else.
    `wanted_elsewhere`: the leaf that has the hash stored for this place stands further on.
    """
    if stored_elsewhere:
        return Finding.REORDERED if wanted_elsewhere else Finding.DELETED
    return Finding.INSERTED if wanted_elsewhere else Finding.EDITED


def one_inserted(proven: Frontier, hashes: Sequence[bytes], root: bytes) -> int | None:
    """The position of the one leaf behind `proven` without which the others have the root; `hashes` is one too many."""
    for left_out in range(len(hashes)):
        if _root(proven, [*hashes[:left_out], *hashes[left_out + 1 :]]) == root:
            return proven.size + left_out
    return None


def two_swapped(proven: Frontier, hashes: Sequence[bytes], root: bytes) -> int | None:
    """The position of the first of two leaves behind `proven` that have the root when they change places."""
    for first, second in combinations(range(len(hashes)), 2):
        changed = list(hashes)
        changed[first], changed[second] = changed[second], changed[first]
        if _root(proven, changed) == root:
            return proven.size + first
    return None


def _root(proven: Frontier, hashes: Sequence[bytes]) -> bytes:
    frontier = proven.copy()
    for digest in hashes:
        frontier.push(digest)
    return frontier.root()

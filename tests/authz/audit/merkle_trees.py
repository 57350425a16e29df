"""Trees for the tests of proofs: one that keeps what a ledger keeps, and RFC 9162's definitions taken literally."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from authz.audit.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash

# Reference inputs of certificate-transparency, with the roots of their first 0, 1, … 8.
REFERENCE_INPUTS = tuple(
    map(
        bytes.fromhex,
        ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
)
REFERENCE_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def leaves_of(count: int) -> list[bytes]:
    """The hashes of `count` leaves, no two alike."""
    return [leaf_hash(number.to_bytes(4)) for number in range(count)]


@dataclass
class KeptTree:
    """The levels a ledger keeps, filled by a frontier, and how many hashes were read of them."""

    levels: dict[int, list[bytes]] = field(default_factory=lambda: {0: []})
    frontier: Frontier = field(default_factory=Frontier.empty)
    read: int = 0

    def extend(self, leaves: Iterable[bytes]) -> None:
        leaves = list(leaves)
        self.frontier, nodes = self.frontier.extended(leaves)
        self.levels[0].extend(leaves)
        for node in nodes:
            level = self.levels.setdefault(node.level, [])
            assert node.index == len(level), "a node out of its turn"
            level.append(node.hash)

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        found = self.levels.get(level, [])[start : start + count]
        self.read += len(found)
        return found


def kept_tree(count: int) -> KeptTree:
    tree = KeptTree()
    tree.extend(leaves_of(count))
    return tree


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 2.1.1."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    middle = power_of_two_below(len(leaves))
    return node_hash(defined_root(leaves[:middle]), defined_root(leaves[middle:]))


def defined_path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """PATH of RFC 9162 2.1.3.1."""
    if len(leaves) == 1:
        return ()
    middle = power_of_two_below(len(leaves))
    if index < middle:
        return (*defined_path(index, leaves[:middle]), defined_root(leaves[middle:]))
    return (*defined_path(index - middle, leaves[middle:]), defined_root(leaves[:middle]))


def defined_subproof(old: int, leaves: Sequence[bytes], is_known: bool = True) -> tuple[bytes, ...]:
    """SUBPROOF of RFC 9162 2.1.4.1; with `is_known`, PROOF."""
    if old == len(leaves):
        return () if is_known else (defined_root(leaves),)
    middle = power_of_two_below(len(leaves))
    if old <= middle:
        return (*defined_subproof(old, leaves[:middle], is_known), defined_root(leaves[middle:]))
    return (*defined_subproof(old - middle, leaves[middle:], is_known=False), defined_root(leaves[:middle]))


def power_of_two_below(number: int) -> int:
    power = 1
    while power * 2 < number:
        power *= 2
    return power

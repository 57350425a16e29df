"""The Merkle tree against certificate-transparency's reference tree, RFC 9162's definitions and forgers."""

import itertools
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.audit.errors import ProofUnavailable
from authz.audit.merkle import (
    EMPTY_ROOT,
    TILE,
    Frontier,
    Node,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.authz.audit.merkle_trees import (
    REFERENCE_INPUTS,
    REFERENCE_ROOTS,
    KeptTree,
    defined_path,
    defined_root,
    defined_subproof,
    kept_tree,
    leaves_of,
)

REFERENCE_LEAVES = [leaf_hash(data) for data in REFERENCE_INPUTS]
# The inner nodes of the reference tree that its published proofs are made of: by level and number.
N00 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
N01 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N04 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N06 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
N10 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N11 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N12 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N13 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N20 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N21 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

INCLUSION = [
    (0, 1, ()),
    (0, 2, (N01,)),
    (1, 2, (N00,)),
    (2, 3, (N10,)),
    (1, 5, (N00, N11, N04)),
    (0, 8, (N01, N11, N21)),
    (5, 8, (N04, N13, N20)),
]
CONSISTENCY = [
    (1, 1, ()),
    (1, 8, (N01, N11, N21)),
    (2, 5, (N11, N04)),
    (6, 7, (N12, N06, N20)),
    (6, 8, (N12, N13, N20)),
]
# Around what fills a tile of the first and of the second level.
TILE_SIZES = [255, 256, 257, 65_535, 65_536, 65_537]
MANY = kept_tree(65_537)
LEAVES = MANY.levels[0]
ROOTS = [defined_root(LEAVES[:size]) for size in range(301)]
SIZES = st.integers(1, 300)
HASHES = st.binary(min_size=32, max_size=32)


def reference_tree() -> KeptTree:
    tree = KeptTree()
    tree.extend(REFERENCE_LEAVES)
    return tree


def from_hex(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, texts))


@pytest.mark.parametrize(("size", "root"), [*enumerate(REFERENCE_ROOTS)])
def test_the_reference_tree_has_its_published_roots(size: int, root: str) -> None:
    leaves, root_bytes = REFERENCE_LEAVES[:size], bytes.fromhex(root)
    assert (
        root_of(leaves) == Frontier.empty().extended(leaves)[0].root() == root_at(size, reference_tree()) == root_bytes
    )


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_the_reference_tree_has_its_published_inclusion_proofs(index: int, size: int, proof: tuple[str, ...]) -> None:
    root = bytes.fromhex(REFERENCE_ROOTS[size])
    assert inclusion_proof(index, size, reference_tree()) == from_hex(proof)
    assert verify_inclusion(REFERENCE_LEAVES[index], index, size, from_hex(proof), root)


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_the_reference_tree_has_its_published_consistency_proofs(old: int, new: int, proof: tuple[str, ...]) -> None:
    old_root, new_root = from_hex((REFERENCE_ROOTS[old], REFERENCE_ROOTS[new]))
    assert consistency_proof(old, new, reference_tree()) == from_hex(proof)
    assert verify_consistency(old, new, old_root, new_root, from_hex(proof))


@given(st.lists(HASHES, max_size=600), st.data())
def test_a_frontier_is_the_tree_by_definition_however_it_was_filled(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    first, early = Frontier.empty().extended(leaves[:cut])
    last, late = first.extended(leaves[cut:])
    one_by_one = first
    for leaf in leaves[cut:]:
        one_by_one = one_by_one.appended(leaf)
    assert (last, (*early, *late)) == Frontier.empty().extended(leaves)
    assert one_by_one == last
    assert last.root() == root_of(leaves) == defined_root(leaves)


def test_nodes_to_keep_are_named_when_the_leaf_that_completes_them_comes() -> None:
    frontier, nodes = Frontier.empty().extended(LEAVES[:65_535])
    assert nodes == tuple(
        Node(TILE, number, root_of(LEAVES[number * 256 : number * 256 + 256])) for number in range(255)
    )
    _, nodes = frontier.extended(LEAVES[65_535:])
    assert nodes == (Node(8, 255, root_of(LEAVES[65_280:65_536])), Node(16, 0, root_of(LEAVES[:65_536])))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Frontier(1, ()),
        lambda: Frontier(2, (bytes(32), bytes(32))),
        lambda: Frontier(1, (bytes(31),)),
        lambda: Frontier(-1, (bytes(32),)),
        lambda: Frontier.empty().appended(b"data, not its hash"),
        lambda: Frontier.empty().extended([bytes(31), bytes(33)]),
    ],
)
def test_a_frontier_that_cannot_be_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="hash"):
        make()


@given(SIZES, st.data())
def test_every_leaf_of_a_tree_is_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, MANY)
    assert proof == defined_path(index, LEAVES[:size])
    assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@given(SIZES, SIZES, st.data())
def test_a_proof_of_another_leaf_index_or_size_never_verifies(size: int, other: int, data: st.DataObject) -> None:
    index, wrong = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, other - 1))
    proof = inclusion_proof(index, size, MANY)
    same_place, same_tree = index == wrong, size == other
    assert verify_inclusion(LEAVES[index], wrong, size, proof, ROOTS[size]) == same_place
    assert verify_inclusion(LEAVES[wrong], index, size, proof, ROOTS[size]) == same_place
    assert verify_inclusion(LEAVES[index], index, other, proof, ROOTS[other]) == same_tree


def test_a_root_alone_does_not_fix_the_size() -> None:
    proof = inclusion_proof(0, 3, MANY)
    assert verify_inclusion(LEAVES[0], 0, 4, proof, ROOTS[3])
    assert not verify_inclusion(LEAVES[0], 0, 4, proof, ROOTS[4])


def test_every_tree_is_proved_to_begin_with_every_smaller_one() -> None:
    for old, new in itertools.combinations_with_replacement(range(301), 2):
        proof = consistency_proof(old, new, MANY)
        assert verify_consistency(old, new, ROOTS[old], ROOTS[new], proof), (old, new)


@given(SIZES, st.data())
def test_consistency_proofs_are_those_of_the_definition(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    assert consistency_proof(old, new, MANY) == defined_subproof(old, LEAVES[:new])


@given(st.integers(2, 300), st.data())
def test_a_tree_with_a_changed_leaf_is_not_consistent(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    changed = LEAVES[:new]
    changed[data.draw(st.integers(0, old - 1))] = leaf_hash(b"another")
    rewritten = KeptTree()
    rewritten.extend(changed)
    proof = consistency_proof(old, new, rewritten)
    assert not verify_consistency(old, new, ROOTS[old], rewritten.frontier.root(), proof)


@given(SIZES, SIZES, SIZES, SIZES)
def test_a_consistency_proof_of_other_sizes_never_verifies(one: int, two: int, three: int, four: int) -> None:
    (old, new), (other_old, other_new) = sorted((one, two)), sorted((three, four))
    proof = consistency_proof(old, new, MANY)
    verified = verify_consistency(other_old, other_new, ROOTS[other_old], ROOTS[other_new], proof)
    # The proof of a tree with itself is empty and the same for all.
    assert verified == ((old, new) == (other_old, other_new) or (old == new and other_old == other_new))


@pytest.mark.parametrize("size", TILE_SIZES)
def test_proofs_from_tiles_are_those_of_the_definition(size: int) -> None:
    leaves = LEAVES[:size]
    assert root_at(size, MANY) == defined_root(leaves)
    assert frontier_at(size, MANY) == Frontier.empty().extended(leaves)[0]
    for place in {0, 254, size // 2, size - 2, size - 1}:
        assert inclusion_proof(place, size, MANY) == defined_path(place, leaves)
        assert consistency_proof(place + 1, size, MANY) == defined_subproof(place + 1, leaves)


@pytest.mark.parametrize("size", TILE_SIZES)
def test_a_proof_reads_few_hashes_of_each_level_that_is_kept(size: int) -> None:
    kept_levels = -(-size.bit_length() // TILE)
    for place in {0, 1, 254, 255, 256, size // 2, size // 3, size - 2, size - 1} & set(range(size)):
        for prove in (inclusion_proof, consistency_proof):
            MANY.read = 0
            prove(place, size, MANY)
            assert MANY.read <= 510 * kept_levels
    MANY.read = 0
    root_at(size, MANY)
    assert MANY.read <= 255 * kept_levels


@pytest.mark.parametrize(
    "prove",
    [
        lambda tree: inclusion_proof(8, 8, tree),
        lambda tree: inclusion_proof(-1, 8, tree),
        lambda tree: inclusion_proof(0, 0, tree),
        lambda tree: inclusion_proof(0, 9, tree),
        lambda tree: inclusion_proof(0, 10**30, tree),
        lambda tree: consistency_proof(5, 4, tree),
        lambda tree: consistency_proof(-1, 4, tree),
        lambda tree: consistency_proof(4, 9, tree),
        lambda tree: root_at(9, tree),
        lambda tree: root_at(-1, tree),
    ],
)
def test_what_is_outside_the_tree_has_no_proof(prove: Callable[[KeptTree], object]) -> None:
    with pytest.raises(ProofUnavailable):
        prove(reference_tree())


@pytest.mark.parametrize(
    "damage", [lambda hashes: hashes[:-1], lambda hashes: [*hashes, hashes[0]], lambda hashes: [b"short"]]
)
def test_a_hash_that_is_missing_or_is_none_is_no_proof(damage: Callable[[list[bytes]], list[bytes]]) -> None:
    class Damaged(KeptTree):
        def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
            found = list(super().hashes(level, start, count))
            return damage(found) if level == TILE else found

    damaged = Damaged()
    damaged.extend(LEAVES[:600])
    assert inclusion_proof(3, 256, damaged) == inclusion_proof(3, 256, MANY)
    with pytest.raises(ProofUnavailable):
        inclusion_proof(3, 600, damaged)
    with pytest.raises(ProofUnavailable):
        consistency_proof(300, 600, damaged)


@given(SIZES, st.data())
def test_a_changed_proof_never_verifies(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    inclusion, consistency = inclusion_proof(index, size, MANY), consistency_proof(old, size, MANY)
    assert not verify_inclusion(LEAVES[index], index, size, data.draw(changed(inclusion)), ROOTS[size])
    assert not verify_consistency(old, size, ROOTS[old], ROOTS[size], data.draw(changed(consistency)))


@st.composite
def changed(draw: st.DrawFn, proof: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """`proof` with a hash more, less, shortened or with one bit turned."""
    place = draw(st.integers(0, len(proof)))
    if place == len(proof) or draw(st.booleans()):
        return (*proof[:place], draw(HASHES | st.sampled_from([b"", EMPTY_ROOT, *proof])), *proof[place:])
    turned = bytearray(proof[place])
    turned[draw(st.integers(0, 31))] ^= 1 << draw(st.integers(0, 7))
    return (*proof[:place], *draw(st.sampled_from([(), (bytes(turned),), (proof[place][:-1],)])), *proof[place + 1 :])


NUMBERS = st.integers(-3, 12) | st.integers() | st.integers(0, 1 << 200)


@given(NUMBERS, NUMBERS, st.binary() | HASHES, st.binary() | HASHES, st.lists(st.binary() | HASHES, max_size=12))
def test_hostile_input_is_never_an_error_and_never_verifies(
    one: int, two: int, first: bytes, second: bytes, proof: list[bytes]
) -> None:
    if (one, two) == (0, 1) and first == second:
        return
    assert not verify_inclusion(first, one, two, proof, second)
    if not (0 <= one == two and first == second) and (one, first) != (0, EMPTY_ROOT):
        assert not verify_consistency(one, two, first, second, proof)


@pytest.mark.parametrize(
    ("leaf", "index", "size", "proof", "root"),
    [
        (ROOTS[1], 0, 0, (), ROOTS[1]),
        (b"", 0, 1, (), b""),
        # Each would lead to the root given if only the hashes were looked at.
        (LEAVES[1], -1, 2, (LEAVES[0],), ROOTS[2]),
        (LEAVES[0], 0, 2, (bytes(64),), node_hash(LEAVES[0], bytes(64))),
        (LEAVES[0], 0, 4, (LEAVES[1],), ROOTS[2]),
        (LEAVES[0], 0, 2, (LEAVES[1], bytes(32)), node_hash(bytes(32), ROOTS[2])),
    ],
)
def test_inclusion_at_the_edges(leaf: bytes, index: int, size: int, proof: tuple[bytes, ...], root: bytes) -> None:
    assert not verify_inclusion(leaf, index, size, proof, root)


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "proof", "holds"),
    [
        (0, 0, EMPTY_ROOT, EMPTY_ROOT, (), True),
        (0, 5, EMPTY_ROOT, ROOTS[5], (), True),
        (0, 5, EMPTY_ROOT, ROOTS[5], (ROOTS[5],), False),
        (0, 5, ROOTS[1], ROOTS[5], (), False),
        (0, 0, ROOTS[1], ROOTS[1], (), False),
        (0, 0, EMPTY_ROOT, ROOTS[1], (), False),
        (3, 3, ROOTS[3], ROOTS[3], (ROOTS[3],), False),
        (3, 3, ROOTS[3], ROOTS[4], (), False),
        (4, 5, ROOTS[4], ROOTS[5], (), False),
        (3, 5, ROOTS[3], ROOTS[5], (), False),
        (5, 4, ROOTS[5], ROOTS[4], (), False),
        (4, 5, ROOTS[5], ROOTS[4], (LEAVES[4],), False),
        (4, 5, ROOTS[4], ROOTS[5], (LEAVES[4],), True),
        (-1, -1, ROOTS[1], ROOTS[1], (), False),
        (0, -1, EMPTY_ROOT, EMPTY_ROOT, (), False),
        (1, 4, ROOTS[1], ROOTS[2], (LEAVES[1],), False),
        (1, 2, node_hash(bytes(32), ROOTS[1]), node_hash(bytes(32), ROOTS[2]), (LEAVES[1], bytes(32)), False),
        (3, 4, *(node_hash(bytes(32), ROOTS[size]) for size in (3, 4)), (*LEAVES[2:4], ROOTS[2], bytes(32)), False),
        (3, 4, ROOTS[3], ROOTS[4], (*LEAVES[2:4], ROOTS[2]), True),
    ],
)
def test_consistency_at_the_edges(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...], holds: bool
) -> None:
    assert verify_consistency(old, new, old_root, new_root, proof) is holds


def test_an_inner_node_does_not_pass_for_a_leaf() -> None:
    left, right = leaves_of(2)
    assert leaf_hash(left + right) != node_hash(left, right)
    assert root_of([leaf_hash(left + right)]) != root_of([left, right])

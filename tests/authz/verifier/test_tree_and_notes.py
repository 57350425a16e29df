"""The verifier's own tree, notes and canonical JSON against published vectors and the definitions."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.verifier.canonical import NotCanonical, parse, print_canonically
from authz.verifier.note import parse_checkpoint, read_keys
from authz.verifier.tree import EMPTY_ROOT, Frontier, leaf_hash, root_of
from tests.authz.verifier.writing import ORIGIN, OTHER_KEY, checkpoint, tree_root, verifier_key

# The reference tree of certificate-transparency's tests for RFC 6962.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOMENT = datetime(2026, 2, 2, 21, 14, 7, 318000, tzinfo=UTC)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_tree(size: int) -> None:
    assert root_of(leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]).hex() == ROOTS[size]


@given(st.integers(0, 600))
def test_the_right_edge_has_the_root_of_the_definition(size: int) -> None:
    hashes = [hashlib.sha256(str(number).encode()).digest() for number in range(size)]
    frontier = Frontier()
    completed = [node for digest in hashes for node in frontier.push(digest)]
    assert frontier.root() == tree_root(hashes)
    assert completed == [(8, index, tree_root(hashes[index * 256 : index * 256 + 256])) for index in range(size >> 8)]


@given(st.integers(0, 60), st.integers(0, 6), st.integers(0, 60))
def test_a_subtree_stands_for_its_leaves(blocks: int, level: int, more: int) -> None:
    width = 1 << level
    hashes = [hashlib.sha256(str(number).encode()).digest() for number in range(blocks * width + more)]
    frontier = Frontier()
    for index in range(blocks):
        frontier.push(tree_root(hashes[index * width : (index + 1) * width]), level)
    for digest in hashes[blocks * width :]:
        frontier.push(digest)
    assert (frontier.size, frontier.root()) == (len(hashes), tree_root(hashes))


def test_a_subtree_that_cannot_begin_there_is_refused() -> None:
    frontier = Frontier()
    frontier.push(EMPTY_ROOT)
    with pytest.raises(ValueError, match="multiple"):
        frontier.push(EMPTY_ROOT, 8)


# The example of c2sp.org/signed-note, from the Go package golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_the_published_verifier_key_is_read() -> None:
    keys = read_keys([PETER])
    assert keys.knows("PeterNeumann")
    assert not keys.knows("EnochRoot")


def test_the_published_signature_holds() -> None:
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert read_keys([PETER]).verify("PeterNeumann", signature[4:], text.encode(), signature[:4])


NOTE = checkpoint(12, bytes(32), MOMENT)


def test_a_checkpoint_says_what_was_signed() -> None:
    read = parse_checkpoint(NOTE)
    assert (read.origin, read.size, read.root) == (ORIGIN, 12, bytes(32))
    assert read.at == round(MOMENT.timestamp() * 1000)
    assert read_keys([verifier_key()]).signed(read)
    assert not read_keys([verifier_key(key=OTHER_KEY)]).signed(read)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n12\n", "\n012\n"),
        ("\n12\n", "\n-12\n"),
        ("\n12\n", "\n" + "1" * 19 + "\n"),
        ("AAA=\n", "AAB=\n"),
        ("AAA=\n", "AAA\n"),
        (f"{'A' * 43}=", f"{'A' * 39}="),
        ("time 2026", "Time 2026"),
        (".318Z", ".318+00:00"),
        (".318Z", ".3180Z"),
        ("02-02", "02-30"),
        ("\n\n", "\nmore\n\n"),
        ("\n\n", "\n"),
        ("— ", "- "),
        (ORIGIN + "\n12", "two words\n12"),
        (ORIGIN + "\n12", "a+b\n12"),
        (ORIGIN + "\n12", "\ud800\n12"),
    ],
)
def test_what_is_not_spelt_as_a_checkpoint_is_none(old: str, new: str) -> None:
    changed = NOTE.replace(old, new)
    assert changed != NOTE
    with pytest.raises(ValueError, match=r"checkpoint|base64|time|month|day|encode"):
        parse_checkpoint(changed)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_checkpoint_with_any_byte_changed_is_not_signed(place: int, bits: int) -> None:
    data = bytearray(NOTE.encode())
    data[place % len(data)] ^= bits
    try:
        read = parse_checkpoint(data.decode())
    except ValueError:
        return
    assert not read_keys([verifier_key()]).signed(read)


def test_a_signature_under_another_keys_id_does_not_hold() -> None:
    text, _, signature = NOTE.rpartition(" ")
    data = base64.b64decode(signature)
    renamed = parse_checkpoint(f"{text} {base64.b64encode(bytes(4) + data[4:]).decode()}\n")
    assert not read_keys([verifier_key()]).signed(renamed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def ordered(value: object) -> object:
    """With keys sorted by their UTF-16 code units, RFC 8785, 3.2.3."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: ordered(value[key]) for key in keys}
    return [ordered(member) for member in value] if isinstance(value, list) else value


@given(JSON)
def test_what_is_printed_canonically_reads_as_itself(value: object) -> None:
    assert parse(print_canonically(ordered(value))) == value


@pytest.mark.parametrize(
    ("data", "canonical"),
    [
        # RFC 8785, 3.2.2.2 and 3.2.3, without fractions.
        ('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"', True),
        ('"\\u20ac"', False),
        ('"\\u000F"', False),
        ('"\\/"', False),
        ('"\\u000a"', False),
        ('{"\\r":0,"1":0,"\\u0080":0}', False),
        ('{"\\r":0,"1":0,"\x80":0,"ö":0,"€":0,"😀":0,"\ufb33":0}', True),
        ('{"\ufb33":0,"😀":0}', False),
        ("1.0", False),
        ("1e2", False),
        ("-0", False),
        ("NaN", False),
        ("9007199254740991", True),
        ("-9007199254740992", False),
        (" 1", False),
        ("[1, 2]", False),
        ("[1]\n", False),
        ('{"a":1,"a":1}', False),
    ],
)
def test_only_one_spelling_is_canonical(data: str, canonical: bool) -> None:
    if canonical:
        parse(data.encode())
        return
    with pytest.raises(NotCanonical):
        parse(data.encode())

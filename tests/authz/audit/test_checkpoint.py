"""Checkpoints: real ones of sum.golang.org, the specification's example, and every way to change one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.audit.checkpoint import Checkpoint, SignedCheckpoint, parse_checkpoint, sign_checkpoint
from authz.audit.merkle import EMPTY_ROOT
from authz.audit.note import parse_verifier_key
from tests.authz.audit.samples import KEY, ORIGIN, OTHER_KEY

GO_NAME, GO_KEY = parse_verifier_key("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
GO_CHECKPOINTS = [
    """go.sum database tree
6476701
mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=

— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=
""",
    # Cosigned by a key that we do not know.
    """go.sum database tree
15067302
gJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI=

— sum.golang.org Az3grp1rvWOs5NKlr/xR4GLN/CDyzzakmt1o61uSxYKpK1SerqOP2ClbX/peKUZjYnyomH5Xz7GZG3TpB7OeKn4E2ww=
— test.example.com qTGhC/xIPQ0AXKHK6Y+9ypRfuvMZWPjRXM8NiOg5M1WREn07VQXyuIXM3NRNav3ieVFLUqDRK77PWDmL6w8w84UqeAw=
""",
]
C2SP_EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""  # noqa: E501 - published in one line
CHECKPOINT = Checkpoint(ORIGIN, 4, bytes(range(32)), ("time 2026-02-02T21:14:07.318Z", "— no signature"))
NOTE = sign_checkpoint(CHECKPOINT, KEY, ORIGIN)
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
CHECKPOINTS = st.builds(
    Checkpoint,
    LINES,
    st.integers(0, 10**18 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(LINES, max_size=3).map(tuple),
)


def is_signed(text: str) -> bool:
    """Whether `text` reads as a checkpoint that our key signed."""
    try:
        return parse_checkpoint(text).signed_by(KEY.public_key(), ORIGIN)
    except ValueError:
        return False


@pytest.mark.parametrize("text", GO_CHECKPOINTS)
def test_checkpoints_of_the_go_checksum_database_verify(text: str) -> None:
    signed = parse_checkpoint(text)
    assert signed.checkpoint.origin == "go.sum database tree"
    assert str(signed.checkpoint.size) == text.split("\n")[1]
    assert signed.signed_by(GO_KEY, GO_NAME)
    assert not signed.signed_by(GO_KEY, "sum.golang.org/2")
    assert str(signed) == text


def test_the_example_of_the_specification_reads_as_itself() -> None:
    signed = parse_checkpoint(C2SP_EXAMPLE)
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert signed.checkpoint == Checkpoint("example.com/behind-the-sofa", 20852163, root)
    assert str(signed) == C2SP_EXAMPLE


def test_a_checkpoint_prints_as_the_specification_says() -> None:
    assert Checkpoint("leds.test/ledger", 0, EMPTY_ROOT).text() == (
        "leds.test/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    )
    assert NOTE.startswith(f"{CHECKPOINT.text()}\n— {ORIGIN} ")


@given(CHECKPOINTS)
def test_a_signed_checkpoint_reads_back_as_itself(checkpoint: Checkpoint) -> None:
    note = sign_checkpoint(checkpoint, KEY, ORIGIN)
    signed = parse_checkpoint(note)
    assert (signed.checkpoint, str(signed)) == (checkpoint, note)
    assert signed.signed_by(KEY.public_key(), ORIGIN)
    assert not signed.signed_by(OTHER_KEY.public_key(), ORIGIN)
    assert not signed.signed_by(KEY.public_key(), f"{ORIGIN}/2")


@given(st.integers(0, len(NOTE)), st.integers(0, 2), st.text(max_size=2) | st.sampled_from("\n 0+=—A"))
def test_a_note_changed_anywhere_never_parses_or_never_verifies(place: int, cut: int, put: str) -> None:
    changed = NOTE[:place] + put + NOTE[place + cut :]
    assert is_signed(changed) == (changed == NOTE)


@given(st.permutations(NOTE.removesuffix("\n").split("\n")), st.integers(0, 10))
def test_a_note_with_lines_moved_or_left_out_never_verifies(lines: list[str], kept: int) -> None:
    changed = "".join(f"{line}\n" for line in lines[:kept])
    assert is_signed(changed) == (changed == NOTE)


@pytest.mark.parametrize("line", range(len(NOTE.split("\n")) - 2))
def test_a_note_with_a_line_of_the_text_twice_never_verifies(line: int) -> None:
    lines = NOTE.split("\n")
    assert not is_signed("\n".join([*lines[: line + 1], *lines[line:]]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n4\n", "\n04\n"),
        ("\n4\n", "\n+4\n"),
        ("\n4\n", "\n-4\n"),
        ("\n4\n", "\n4 \n"),
        ("\n4\n", "\n٤\n"),
        ("\n4\n", "\n4.0\n"),
        ("\n4\n", "\n1000000000000000000\n"),
        ("\n4\n", "\n\n"),
        ("AAECAwQF", "AAECAwQ"),
        ("AAECAwQF", "AAEC"),
        ("AAECAwQF", "AAEC-wQF"),
        ("Hh8=", "Hh9="),
        ("Hh8=", "Hh8"),
        ("Hh8=", "Hh8=="),
        ("Hh8=", ""),
        (f"{ORIGIN}\n4\n", "4\n"),
        ("\n4\n", "\r\n4\n"),
    ],
)
def test_a_signed_note_that_is_no_canonical_checkpoint_is_not_read(old: str, new: str) -> None:
    from_honest_key = CHECKPOINT.text().replace(old, new, 1)
    assert from_honest_key != CHECKPOINT.text()
    with pytest.raises(ValueError):  # noqa: PT011 - the reasons differ
        parse_checkpoint(f"{from_honest_key}\n{NOTE.rpartition(chr(10) * 2)[2]}")


def test_a_checkpoint_needs_its_three_lines() -> None:
    with pytest.raises(ValueError, match="unpack"):
        parse_checkpoint(f"{ORIGIN}\n4\n\n{NOTE.rpartition(chr(10) * 2)[2]}")


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, bytes(32), ()),
        ("two\nlines", 1, bytes(32), ()),
        (ORIGIN, -1, bytes(32), ()),
        (ORIGIN, 10**18, bytes(32), ()),
        (ORIGIN, 1, bytes(31), ()),
        (ORIGIN, 1, b"", ()),
        (ORIGIN, 1, bytes(32), ("",)),
        (ORIGIN, 1, bytes(32), ("one", "two\n")),
        ("tab\t", 1, bytes(32), ()),
        ("\udfff", 1, bytes(32), ()),
    ],
)
def test_what_would_not_read_back_is_not_signed(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reasons differ
        sign_checkpoint(Checkpoint(origin, size, root, extensions), KEY, ORIGIN)


def test_a_cosigned_checkpoint_is_still_the_ledgers() -> None:
    cosigned = NOTE + sign_checkpoint(CHECKPOINT, OTHER_KEY, "witness.test").rpartition("\n\n")[2]
    signed = parse_checkpoint(cosigned)
    assert isinstance(signed, SignedCheckpoint)
    assert signed.signed_by(KEY.public_key(), ORIGIN)
    assert signed.signed_by(OTHER_KEY.public_key(), "witness.test")

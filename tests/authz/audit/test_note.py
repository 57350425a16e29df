"""Signed notes against the published examples of golang.org/x/mod/sumdb/note, and against whoever changes them."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz.audit.note import NoteSignature, SignedNote, key_id, parse_note, parse_verifier_key, sign_note, verifier_key
from tests.authz.audit.samples import KEY, OTHER_KEY

# The package's published example keys; the seed is published with them.
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.
"""
PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
NAME = "leds.test/ledger"


def is_signed(note: SignedNote, verifier: str) -> bool:
    name, key = parse_verifier_key(verifier)
    return note.signed_by(key, name)


def test_the_published_note_is_signed_byte_for_byte() -> None:
    note = sign_note(TEXT, Ed25519PrivateKey.from_private_bytes(PETER_SEED), "PeterNeumann")
    assert str(note) == f"{TEXT}\n{PETER}"


@pytest.mark.parametrize(
    ("lines", "by_peter", "by_enoch"),
    [
        (PETER, True, False),
        (ENOCH, False, True),
        (PETER + ENOCH, True, True),
        (ENOCH + PETER, True, True),
        (PETER + PETER + ENOCH, True, True),
        # One line that fails of a key that is known is enough, wherever it stands.
        (PETER + PETER[:60] + "ABCD" + PETER[60:], False, False),
        (PETER[:60] + "ABCD" + PETER[60:] + PETER, False, False),
        # A line under another name or key id is another key's and says nothing.
        (PETER.replace("PeterNeumann", "CarmenSandiego"), False, False),
        (PETER.replace("x08g", "xxxx"), False, False),
        (PETER.replace("PeterNeumann", "CarmenSandiego") + ENOCH, False, True),
        (PETER.replace("x08g", "xxxx") + PETER, True, False),
        (PETER.replace("PeterNeumann", "EnochRoot"), False, False),
    ],
)
def test_a_note_is_signed_by_whose_every_line_holds(lines: str, by_peter: bool, by_enoch: bool) -> None:
    note = parse_note(f"{TEXT}\n{lines}")
    assert (is_signed(note, PETER_KEY), is_signed(note, ENOCH_KEY)) == (by_peter, by_enoch)


def test_a_signature_is_over_the_text_and_its_last_newline() -> None:
    assert not is_signed(parse_note(f"{TEXT}\n\n{PETER}"), PETER_KEY)
    assert not is_signed(parse_note(f"{TEXT.replace('answer', 'Answer')}\n{PETER}"), PETER_KEY)


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = "one\n\ntwo\n\n\n"
    note = sign_note(text, KEY, NAME)
    assert parse_note(str(note)) == note
    assert note.text == text


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n\n",
        f"{TEXT}{PETER}",
        f"{TEXT}\n{PETER[:-1]}",
        f"\x01{TEXT}\n{PETER}",
        f"\ud800{TEXT}\n{PETER}",
        f"{TEXT}\r\n{PETER}",
        f"{TEXT.replace(' ', chr(9))}\n{PETER}",
        f"{TEXT}\n{PETER.replace('PeterNeumann', 'Bad Name')}",
        f"{TEXT}\n{PETER.replace('PeterNeumann', 'Bad+Name')}",
        f"{TEXT}\n{PETER.replace('PeterNeumann', 'Bad' + chr(0xA0) + 'Name')}",
        f"{TEXT}\n{PETER.replace('PeterNeumann', '')}",
        f"{TEXT}\n{PETER.replace('—', '-')}",
        f"{TEXT}\n{PETER.replace('— ', '—')}",
        f"{TEXT}\n{PETER.replace(' ', '  ')}",
        f"{TEXT}\n{PETER}Unexpected line.\n",
        f"{TEXT}\n{PETER}\n",
        f"{TEXT}\n {PETER}",
        f"{TEXT}\n{PETER * 101}",
        # Base64 that is cut, padded otherwise, spelt otherwise, or too short for an id and a signature.
        f"{TEXT}\n{PETER[:-2]}\n",
        f"{TEXT}\n{PETER.replace('AM=', 'AN=')}",
        f"{TEXT}\n{PETER.replace('AM=', 'AM==')}",
        f"{TEXT}\n{PETER.replace('/', '_')}",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\n— PeterNeumann x08g\n",
        f"{TEXT}\n— PeterNeumann \n",
    ],
)
def test_what_is_no_note_is_not_read(note: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reasons differ
        parse_note(note)


def test_a_hundred_signatures_are_read() -> None:
    assert is_signed(parse_note(f"{TEXT}\n{PETER * 100}"), PETER_KEY)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "return\r\n", "\ud800\n"])
def test_no_other_text_is_signed(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reasons differ
        sign_note(text, KEY, NAME)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "a\u2003b", "a\x00b", "\udfff"])
def test_a_name_that_would_break_the_format_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reasons differ
        sign_note(TEXT, KEY, name)
    with pytest.raises(ValueError):  # noqa: PT011
        verifier_key(name, KEY.public_key())
    with pytest.raises(ValueError):  # noqa: PT011
        sign_note(TEXT, KEY, NAME).signed_by(KEY.public_key(), name)


def test_a_note_without_signatures_is_none() -> None:
    with pytest.raises(ValueError, match="signatures"):
        SignedNote(TEXT, ())
    with pytest.raises(ValueError, match="signature"):
        NoteSignature(NAME, b"four", b"")


@pytest.mark.parametrize("verifier", [PETER_KEY, ENOCH_KEY, verifier_key(NAME, KEY.public_key())])
def test_a_verifier_key_reads_back_as_itself(verifier: str) -> None:
    assert verifier_key(*parse_verifier_key(verifier)) == verifier


def test_a_key_id_depends_on_name_and_key() -> None:
    assert key_id(*parse_verifier_key(PETER_KEY)).hex() == "c74f20a3"
    pairs = [(name, key.public_key()) for name in (NAME, f"{NAME}/2") for key in (KEY, OTHER_KEY)]
    assert len({key_id(name, key) for name, key in pairs}) == 4


def test_no_part_and_no_near_spelling_of_a_verifier_key_is_one() -> None:
    end = len(PETER_KEY)
    parts = {PETER_KEY[one:other] for one in range(end) for other in range(one, end + 1)} - {PETER_KEY}
    near = {PETER_KEY[:at] + chr(ord(PETER_KEY[at]) + 1) + PETER_KEY[at + 1 :] for at in range(end)}
    published = {
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long, the id adjusted
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown algorithm, the id adjusted
    }
    spelt = {PETER_KEY.replace("c74f20a3", "C74F20A3"), f"{PETER_KEY}\n", f" {PETER_KEY}", f"{PETER_KEY}="}
    read = [verifier for verifier in parts | near | published | spelt if is_verifier_key(verifier)]
    assert read == []


def is_verifier_key(text: str) -> bool:
    try:
        parse_verifier_key(text)
    except ValueError:
        return False
    return True


def test_a_text_that_nobody_signed_is_told_so() -> None:
    with pytest.raises(ValueError, match="no signature lines"):
        parse_note("just a text\n")

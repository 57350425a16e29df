"""How names, places and addresses are folded for searching and matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.names import (
    contact_key,
    fold,
    match_name,
    name_search_columns,
    padded,
    phonetic_code,
    place_words,
    postcode_key,
    premises_key,
    surname_key,
    surname_words,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("O'Neill", "ONEILL"),
        ("O’Neill", "ONEILL"),
        ("Smith-Jones", "SMITH JONES"),
        ("  van   der Berg ", "VAN DER BERG"),
        ("Zoë", "ZOE"),
        ("Łódź", "LODZ"),
        ("Straße", "STRASSE"),
        ("Ægir Øst", "AEGIR OST"),
        ("ﬁeld", "FIELD"),
        ("e\u0301cole", "ECOLE"),
        ("St. John", "ST JOHN"),
        ("愛", ""),
    ],
)
def test_folding_keeps_words_and_nothing_else(text: str, folded: str):
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str):
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=40))
def test_what_is_folded_is_words_of_letters_and_digits_with_single_spaces(text: str):
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(word.isascii() and word.isalnum() and word == word.upper() for word in folded.split())


@given(st.text(alphabet=st.characters(codec="latin-1"), min_size=1, max_size=30))
def test_every_word_of_a_surname_has_a_code_to_be_found_by(last: str):
    words = surname_words(last)
    assert all(word.code for word in words)
    assert [word.word for word in words if word.whole] == ([surname_key(last)] if surname_key(last) else [])
    assert len({word.word for word in words}) == len(words)


@pytest.mark.parametrize(("one", "other"), [("PHILLIPS", "FILIPS"), ("KATHRYN", "CATHERINE"), ("SMITH", "SMYTH")])
def test_words_that_sound_alike_share_a_code(one: str, other: str):
    assert phonetic_code(one) == phonetic_code(other)


def test_a_word_without_a_code_is_its_own():
    assert phonetic_code("007") == "007"


def test_the_search_columns_of_a_name_are_padded_for_whole_words():
    assert name_search_columns("Smith-Jones", ["Zoë", "Anne-Marie"]) == {
        "last_key": "SMITHJONES",
        "match_name": "SMITH JONES ZOE ANNE MARIE",
        "first_words": " ZOE ANNE MARIE ",
        "first_codes": f" {phonetic_code('ZOE')} {phonetic_code('ANNE')} {phonetic_code('MARIE')} ",
    }
    assert padded([]) == "  "
    assert match_name("Harbour") == "HARBOUR"


def test_a_place_is_found_by_the_words_of_its_lines_and_postcode():
    assert place_words(["1 Mill-Lane"], "QX1 2AB") == " 1 MILL LANE QX1 2AB "
    assert place_words(None, None) == "  "


@pytest.mark.parametrize(
    ("postcode", "key"), [("QX1 2AB", "QX12AB"), ("qx12ab", "QX12AB"), ("QX1", "QX1"), (None, None), (" ", None)]
)
def test_a_postcode_is_compared_without_its_space(postcode: str | None, key: str | None):
    assert postcode_key(postcode) == key


@pytest.mark.parametrize(
    ("lines", "postcode", "key"),
    [
        (["1 Mill Lane", "Anytown"], "QX1 2AB", "1 MILL LANE|QX12AB"),
        (["1 Mill Lane"], "QX1", None),
        ([], "QX1 2AB", None),
        (None, None, None),
    ],
)
def test_premises_need_a_first_line_and_a_full_postcode(lines, postcode, key):
    assert premises_key(lines, postcode) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("07700 900123", "07700900123"),
        ("+44 7700 900123", "07700900123"),
        ("A.Harbour@Example.org ", "a.harbour@example.org"),
    ],
)
def test_a_contact_is_one_however_it_is_written(written: str, key: str):
    assert contact_key(written) == key

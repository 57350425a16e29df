"""Names, places and addresses as they are searched and matched: folded words, phonetic codes and keys. Pure.

Folding is for comparison only and is never shown: compatibility decomposition (NFKD), marks dropped, upper case,
apostrophes removed (O'NEILL is ONEILL), every other mark, hyphens included, a space between words. The phonetic code
is Metaphone (jellyfish), which is made for English spelling; a word without a code (digits) is its own code.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jellyfish

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "Ł": "L",
        "Ø": "O",
        "Đ": "D",
        "Ð": "D",
        "Þ": "TH",
        "Æ": "AE",
        "Œ": "OE",
        "ẞ": "SS",
        "Ħ": "H",
        "Ŋ": "NG",
        "Ŧ": "T",
        "Ə": "A",
    }
)
_APOSTROPHES = re.compile("['’‘ʼʹ′`´＇]")
_NOT_A_WORD = re.compile(r"[^A-Z0-9]+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """`text` as upper-case words of A-Z and 0-9 parted by one space; empty when nothing is left."""
    plain = text
    if not text.isascii():
        decomposed = unicodedata.normalize(
            "NFKD", _APOSTROPHES.sub("", text).upper().translate(_LETTERS_WITHOUT_DECOMPOSITION)
        )
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_A_WORD.sub(" ", _APOSTROPHES.sub("", plain).upper()).strip()


@lru_cache(maxsize=65_536)
def phonetic_code(word: str) -> str:
    """The Metaphone code of one folded word; words that sound alike have the same code."""
    return jellyfish.metaphone(word).replace(" ", "") or word


def surname_key(last: str) -> str:
    """A surname as one key: folded without spaces, so that SMITH-JONES, SMITH JONES and SMITHJONES are one."""
    return fold(last).replace(" ", "")


def padded(texts: Iterable[str]) -> str:
    """Folded words of `texts` with a space on both sides of each, so that LIKE '% WORD %' finds whole words."""
    words = " ".join(filter(None, map(fold, texts)))
    return f" {words} "


def padded_codes(texts: Iterable[str]) -> str:
    """The phonetic codes of the words of `texts`, padded as `padded` does."""
    codes = " ".join(phonetic_code(word) for text in texts for word in fold(text).split())
    return f" {codes} "


def match_name(last: str, first: Sequence[str] = ()) -> str:
    """`SURNAME FORENAME …` folded: what matches between products compare."""
    return " ".join(filter(None, (fold(last), *map(fold, first))))


@dataclass(frozen=True, slots=True)
class SurnameWord:
    """A word a surname can be found by; `whole` is the complete surname written as one word."""

    word: str
    code: str
    whole: bool


@lru_cache(maxsize=16_384)
def surname_words(last: str) -> tuple[SurnameWord, ...]:
    """The complete surname as one word, then each of its parts when it has several; no word twice."""
    complete = surname_key(last)
    parts = dict.fromkeys(part for part in fold(last).split() if part != complete)
    words = [SurnameWord(complete, phonetic_code(complete), True)] if complete else []
    return (*words, *(SurnameWord(part, phonetic_code(part), False) for part in parts))


def name_search_columns(last: str, first: Sequence[str]) -> dict[str, str]:
    """The search columns of a `person_name` row."""
    return {
        "last_key": surname_key(last),
        "match_name": match_name(last, first),
        "first_words": padded(first),
        "first_codes": padded_codes(first),
    }


def postcode_key(postcode: str | None) -> str | None:
    """A postcode, or an outward code alone, without spaces and in upper case."""
    return fold(postcode).replace(" ", "") or None if postcode else None


def place_words(lines: Sequence[str] | None, postcode: str | None) -> str:
    """The words an address is found by: its lines and both halves of its postcode, padded as `padded` does."""
    return padded([*(lines or ()), postcode or ""])


def premises_key(lines: Sequence[str] | None, postcode: str | None) -> str | None:
    """First line and full postcode as one key: two addresses with it are the same premises. None without either."""
    code = postcode_key(postcode)
    if not lines or code is None or len(code) < 5:
        return None
    return f"{fold(lines[0])}|{code}"[:80]


def contact_key(value: str) -> str:
    """A phone number's digits (44 at the front read as 0), or an e-mail address in lower case."""
    if "@" in value:
        return value.strip().lower()
    digits = re.sub(r"\D", "", value)
    return f"0{digits[2:]}" if digits.startswith("44") else digits

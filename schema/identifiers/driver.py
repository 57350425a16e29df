"""DVLA driver numbers: their shape, the birth date and sex inside, whether they agree with a record. No lookups."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from schema.identifiers.identifier import Identifier

SPECIMEN_LETTERS = "ZZ"
TIEBREAKS = "98765432XWVUTSRPNMLKJHGFEDCBA"

_PATTERN = re.compile(
    r"(?P<surname>[A-Z][A-Z0-9]{4})(?P<decade>[0-9])(?P<month>[05][1-9]|[16][012])(?P<day>0[1-9]|[12][0-9]|3[01])"
    rf"(?P<year>[0-9])(?P<initials>[A-Z][A-Z9])[{TIEBREAKS}][A-Z]{{2}}"
)


@dataclass(frozen=True, slots=True)
class DriverNumberParts:
    """What a driver number says: surname part, two-digit year, month, day, sex (M or F) and the two initials."""

    surname: str
    short_year: int
    month: int
    day: int
    sex: str
    initials: str


def driver_number_parts(canonical: str) -> DriverNumberParts | None:
    """The parts of a canonical driver number, or None when it does not follow the pattern."""
    match = _PATTERN.fullmatch(canonical)
    if match is None:
        return None
    month = int(match["month"])
    return DriverNumberParts(
        surname=match["surname"],
        short_year=int(match["decade"] + match["year"]),
        month=month % 50,
        day=int(match["day"]),
        sex="F" if month > 50 else "M",
        initials=match["initials"],
    )


def _is_a_date(parts: DriverNumberParts) -> bool:
    for century in (1900, 2000):
        try:
            date(century + parts.short_year, parts.month, parts.day)
        except ValueError:
            continue
        return True
    return False


def _canonical(text: str) -> str | None:
    unbroken = text.replace(" ", "")
    parts = driver_number_parts(unbroken)
    return unbroken if parts is not None and _is_a_date(parts) else None


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.upper())
    return "".join(character for character in plain if "A" <= character <= "Z")


def surname_part(surname: str) -> str:
    """The first five characters: letters only, MAC shortened to MC, padded with 9."""
    letters = _letters(surname)
    if letters.startswith("MAC"):
        letters = "MC" + letters[3:]
    return letters[:5].ljust(5, "9")


def _initials_part(first: tuple[str, ...]) -> str:
    return "".join(letters[0] for name in first if (letters := _letters(name)))[:2].ljust(2, "9")


def driver_number(surname: str, first: tuple[str, ...], born: date, sex: str, tiebreak: str = "9") -> str:
    """A driver number of the specimen range (check letters ZZ) for a person with at least one first name."""
    month = born.month + (50 if sex == "F" else 0)
    decade, year = divmod(born.year % 100, 10)
    initials = _initials_part(first)
    return f"{surname_part(surname)}{decade}{month:02d}{born.day:02d}{year}{initials}{tiebreak}{SPECIMEN_LETTERS}"


def driver_number_conflicts(
    canonical: str,
    *,
    surname: str | None = None,
    first: tuple[str, ...] | None = None,
    born: date | None = None,
    sex: str | None = None,
) -> tuple[str, ...]:
    """Which of the given facts a driver number contradicts: any of `surname`, `initials`, `dateOfBirth`, `sex`."""
    parts = driver_number_parts(canonical)
    if parts is None:
        return ("number",)
    told = (parts.short_year, parts.month, parts.day)
    checks = (
        ("surname", surname is not None and surname_part(surname) != parts.surname),
        ("initials", first is not None and _initials_part(first) != parts.initials),
        ("dateOfBirth", born is not None and (born.year % 100, born.month, born.day) != told),
        ("sex", sex in ("M", "F") and sex != parts.sex),
    )
    return tuple(name for name, conflict in checks if conflict)


DRIVER_NUMBER = Identifier(
    name="DriverNumber",
    code="INVALID_DRIVER_NUMBER",
    description="DVLA driver number: surname, birth date and sex, initials, tiebreak and two check letters.",
    rule="sixteen characters: surname, decade, month (plus 50 for a woman), day, year, initials, tiebreak, two letters",
    example="MORGA657054SM9IJ",
    canonical=_canonical,
    specimen=lambda canonical: canonical.endswith(SPECIMEN_LETTERS),
)

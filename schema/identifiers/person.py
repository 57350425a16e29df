"""Identifiers of people and cases: PNCID, CRO number, ASN, court case reference, NINO. Text in, canonical text out."""

import re
from datetime import UTC, datetime

from schema.identifiers.check_letter import check_letter
from schema.identifiers.identifier import Identifier

FIRST_SPECIMEN_URN_SERIAL = 9_000_000
FIRST_SPECIMEN_CRO_SERIAL = 900_000
FIRST_SPECIMEN_ASN_SERIAL = 90_000_000_000

_URN = re.compile(r"(?P<year>[0-9]{4}|[0-9]{2})/(?P<serial>[0-9]{1,7})(?P<letter>[A-Z])")
_URN_UNBROKEN = re.compile(r"(?P<year>[0-9]{4})(?P<serial>[0-9]{7})(?P<letter>[A-Z])")
_CRO_STANDARD = re.compile(r"(?P<serial>[0-9]{1,6})/(?P<year>[0-9]{2})(?P<letter>[A-Z])")
_CRO_FILE = re.compile(r"SF(?P<year>[0-9]{2})/(?P<serial>[0-9]{1,6})(?P<letter>[A-Z])")
_ASN = re.compile(
    r"(?P<year>[0-9]{2})/(?P<top>[A-Z0-9]?)(?P<force>[A-Z0-9]{2})(?P<unit>[A-Z0-9]{2})/"
    r"(?P<system>[A-Z0-9]{2})/(?P<serial>[0-9]{1,11})(?P<letter>[A-HJ-NP-RT-Z])"
)
_ASN_UNBROKEN = re.compile(
    r"(?P<year>[0-9]{2})(?P<top>[A-Z0-9]?)(?P<force>[A-Z0-9]{2})(?P<unit>[A-Z0-9]{2})"
    r"(?P<system>[A-Z0-9]{2})(?P<serial>[0-9]{11})(?P<letter>[A-HJ-NP-RT-Z])"
)
_DUMMY_ASN = re.compile(r"0800[ND]P01.*|NRPR.*|[0-9]{4,5}NRPR.*")
_COURT_CASE = re.compile(r"[0-9]{2}/[0-9]{4}/[0-9]{1,6}[A-Z]")
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)([ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]|QQ)[0-9]{6}[A-D]")


def century_year(two_digits: int, this_year: int) -> int:
    """The four-digit year of a two-digit one: this century when that is not in the future (entities 2)."""
    year = this_year - this_year % 100 + two_digits
    return year if year <= this_year else year - 100


def canonical_person_urn(text: str, this_year: int | None = None) -> str | None:
    """`YYYY/NNNNNNNL` from a long, short or LEDS form; `this_year` decides the century of a two-digit year."""
    match = _URN.fullmatch(text) or _URN_UNBROKEN.fullmatch(text)
    if match is None:
        return None
    serial = match["serial"].zfill(7)
    if match["letter"] != check_letter(match["year"][-2:] + serial):
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year = century_year(year, this_year or datetime.now(UTC).year)
    return f"{year:04d}/{serial}{match['letter']}"


def person_urn(year: int, serial: int) -> str:
    """The canonical PNCID of a year and a serial, with its check letter."""
    digits = f"{serial:07d}"
    return f"{year:04d}/{digits}{check_letter(f'{year % 100:02d}{digits}')}"


def canonical_cro_number(text: str) -> str | None:
    """`NNNNNN/YYL` with the serial padded to six, or `SFYY/N..NL` with the serial as written."""
    standard = _CRO_STANDARD.fullmatch(text)
    if standard:
        serial = standard["serial"].zfill(6)
        good = standard["letter"] == check_letter(standard["year"] + serial)
        return f"{serial}/{standard['year']}{standard['letter']}" if good else None
    file = _CRO_FILE.fullmatch(text)
    if file and file["letter"] == check_letter(file["year"] + file["serial"]):
        return text
    return None


def cro_number(serial: int, year: int) -> str:
    """The canonical standard CRO number of a serial and a year, with its check letter."""
    digits, short_year = f"{serial:06d}", f"{year % 100:02d}"
    return f"{digits}/{short_year}{check_letter(short_year + digits)}"


def is_dummy_asn(text: str) -> bool:
    """Whether an ASN is a placeholder that must never be joined to a person (entities 2, `isDummyAsn`)."""
    return _DUMMY_ASN.fullmatch(text.strip().upper().replace("/", "")) is not None


def _asn_digits(force: str, system: str, year: str, serial: str) -> str:
    return "".join(part for part in (force, system) if part.isdigit()) + year + serial


def canonical_asn(text: str) -> str | None:
    """`YY/FFUU/SS/NNNNNNNNNNNL` with the serial padded to eleven; dummy numbers are refused."""
    match = _ASN.fullmatch(text) or _ASN_UNBROKEN.fullmatch(text)
    if match is None or is_dummy_asn(text):
        return None
    serial = match["serial"].zfill(11)
    if match["letter"] != check_letter(_asn_digits(match["force"], match["system"], match["year"], serial)):
        return None
    unit = match["top"] + match["force"] + match["unit"]
    return f"{match['year']}/{unit}/{match['system']}/{serial}{match['letter']}"


def asn(year: int, fs_code: str, system: str, serial: int) -> str:
    """The canonical ASN of a year, a force/station code, a system and a serial, with its check letter."""
    short_year, digits = f"{year % 100:02d}", f"{serial:011d}"
    letter = check_letter(_asn_digits(fs_code[:2], system, short_year, digits))
    return f"{short_year}/{fs_code}/{system}/{digits}{letter}"


def _court_case_reference(text: str) -> str | None:
    return text if _COURT_CASE.fullmatch(text) else None


def _nino(text: str) -> str | None:
    unbroken = text.replace(" ", "")
    return unbroken if _NINO.fullmatch(unbroken) else None


def _specimen_cro(canonical: str) -> bool:
    serial = canonical[5:-1] if canonical.startswith("SF") else canonical[:6]
    return int(serial) >= FIRST_SPECIMEN_CRO_SERIAL


PERSON_URN = Identifier(
    name="PersonUrn",
    code="INVALID_PERSON_URN",
    description="PNCID: year, serial and a check letter; the short form is accepted and answered in the long one.",
    rule="four- or two-digit year, a slash, up to seven digits and the check letter they give",
    example="1979/0163001B",
    canonical=canonical_person_urn,
    specimen=lambda canonical: int(canonical[5:12]) >= FIRST_SPECIMEN_URN_SERIAL,
)
CRO_NUMBER = Identifier(
    name="CroNumber",
    code="INVALID_CRO_NUMBER",
    description="Criminal Records Office number, standard (serial/year) or file (SFyear/serial), and check letter.",
    rule="up to six digits, a slash, two-digit year and check letter, or SF, year, a slash, serial and check letter",
    example="065656/91H",
    canonical=canonical_cro_number,
    specimen=_specimen_cro,
)
ASN = Identifier(
    name="Asn",
    code="INVALID_ASN",
    description="Arrest/summons number: year, force and unit, system, serial and check letter.",
    rule="year/force and unit/system/serial and the check letter they give; dummy numbers are refused",
    example="11/01ZD/01/00000448754K",
    canonical=canonical_asn,
    specimen=lambda canonical: int(canonical[-12:-1]) >= FIRST_SPECIMEN_ASN_SERIAL,
)
COURT_CASE_REFERENCE = Identifier(
    name="CourtCaseReference",
    code="INVALID_COURT_CASE_REFERENCE",
    description="LEDS court case reference: year, court, serial and letter.",
    rule="two digits, a slash, four digits, a slash, up to six digits and a letter",
    example="26/9998/000826X",
    canonical=_court_case_reference,
)
NINO = Identifier(
    name="Nino",
    code="INVALID_NINO",
    description="National Insurance number; prefix QQ is the never-issued specimen range.",
    rule="two prefix letters in use, six digits and a suffix A to D",
    example="QQ123456C",
    canonical=_nino,
    specimen=lambda canonical: canonical.startswith("QQ"),
)

"""Identifiers of vehicles: registration marks, foreign plates, VINs and fleet numbers. Text in, canonical text out."""

import re
from collections.abc import Mapping

from schema.identifiers.identifier import Identifier

# The patterns of reference list `vrm_format`, in its order; a test holds the two together.
VRM_FORMATS: Mapping[str, re.Pattern[str]] = {
    code: re.compile(pattern)
    for code, pattern in {
        "CUR": "[A-Z]{2}[0-9]{2}[A-Z]{3}",
        "PRE": "[A-Z][0-9]{1,3}[A-Z]{3}",
        "SUF": "[A-Z]{3}[0-9]{1,3}[A-Z]",
        "DL1": "[A-Z]{1,3}[0-9]{1,4}",
        "DL2": "[0-9]{1,4}[A-Z]{1,3}",
        "NI": "[A-Z]{1,2}[IZ][A-Z]?[0-9]{1,4}",
        "Q": "Q[0-9]{1,3}[A-Z]{3}",
        "TRD": "[0-9]{3}[A-Z]{1,2}|[0-9]{5}",
        "DIP": "[0-9]{3}[DX][0-9]{3}",
        "MIL": "[A-Z]{2}[0-9]{2}[A-Z]{2}",
        "JER": "J[0-9]{1,6}",
        "GUE": "[0-9]{1,5}",
        "IOM": "MAN[0-9]{1,4}[A-Z]?|[A-Z]?MN[0-9]{1,4}[A-Z]?",
        "IRL": "[0-9]{2,3}[A-Z]{1,2}[0-9]{1,6}",
        "FOR": r"[A-Z]{1,3}\+[A-Z0-9]{1,12}",
    }.items()
}
SPECIMEN_AGE_IDENTIFIERS = ("00", "01")
SPECIMEN_MANUFACTURER = "XXX"

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_FLEET_NUMBER = re.compile(r"[0-9]{6}|[0-9]{5}-")
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_REMAINDERS = "0123456789X"


def vrm_formats(canonical: str) -> tuple[str, ...]:
    """The `vrm_format` codes whose pattern a canonical mark follows, in list order; empty when none."""
    return tuple(code for code, pattern in VRM_FORMATS.items() if pattern.fullmatch(canonical))


def _foreign_plate(text: str) -> str | None:
    unbroken = text.replace(" ", "")
    return unbroken if VRM_FORMATS["FOR"].fullmatch(unbroken) else None


def _vrm(text: str) -> str | None:
    unbroken = text.replace(" ", "")
    if "+" in unbroken:
        return _foreign_plate(unbroken)
    return unbroken if 2 <= len(unbroken) <= 8 and vrm_formats(unbroken) else None


def _specimen_vrm(canonical: str) -> bool:
    return VRM_FORMATS["CUR"].fullmatch(canonical) is not None and canonical[2:4] in SPECIMEN_AGE_IDENTIFIERS


def vin_check_digit(canonical: str) -> str:
    """The digit ISO 3779 puts at position 9: weighted sum of the other sixteen characters mod 11, ten written X."""
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(canonical, _VIN_WEIGHTS, strict=True))
    return _VIN_REMAINDERS[total % 11]


def vin_check_digit_agrees(canonical: str) -> bool:
    """Whether position 9 holds the check digit; only mandatory for North America, so warn and never reject."""
    return canonical[8] == vin_check_digit(canonical)


VRM = Identifier(
    name="Vrm",
    code="INVALID_VRM",
    description="Vehicle registration mark, in upper case without spaces; a foreign plate is written SIGN+PLATE.",
    rule="two to eight letters and digits in a British or Irish format, or a plate sign, a plus and the foreign plate",
    example="AB12CDE",
    canonical=_vrm,
    specimen=_specimen_vrm,
)
FOREIGN_PLATE = Identifier(
    name="ForeignPlate",
    code="INVALID_FOREIGN_PLATE",
    description="A foreign plate as written, after its plate sign and a plus.",
    rule="a plate sign of one to three letters, a plus, and up to twelve letters and digits",
    example="PL+WX12345",
    canonical=_foreign_plate,
)
VIN = Identifier(
    name="Vin",
    code="INVALID_VIN",
    description="Vehicle identification number (ISO 3779); the check digit is advisory outside North America.",
    rule="exactly seventeen letters and digits without I, O and Q",
    example="1M8GDM9AXKP042788",
    canonical=lambda text: text if _VIN.fullmatch(text) else None,
    specimen=lambda canonical: canonical.startswith(SPECIMEN_MANUFACTURER),
)
FLEET_NUMBER = Identifier(
    name="FleetNumber",
    code="INVALID_FLEET_NUMBER",
    description="DVLA fleet number of a keeper with many vehicles.",
    rule="six digits, or five digits and a hyphen",
    example="123456",
    canonical=lambda text: text if _FLEET_NUMBER.fullmatch(text) else None,
)

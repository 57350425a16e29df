"""British postcodes, whole or outward part alone. Text in, canonical text with one space out."""

import re

from schema.identifiers.identifier import Identifier

SPECIMEN_FIRST_LETTERS = "QVX"

_OUTWARD = re.compile(
    r"GIR|ASCN|STHL|TDCU|BBND|BIQQ|FIQQ|PCRN|SIQQ|TKCA"
    r"|[A-Z]([0-9]{1,2}|[A-HK-Y][0-9]([0-9ABEHMNPRVWXY])?|[0-9][A-HJKPSTUW])"
)
_INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}")


def _postcode(text: str) -> str | None:
    unbroken = text.replace(" ", "")
    if _INWARD.fullmatch(unbroken[-3:]) and _OUTWARD.fullmatch(unbroken[:-3]):
        return f"{unbroken[:-3]} {unbroken[-3:]}"
    return unbroken if _OUTWARD.fullmatch(unbroken) else None


def outward_code(canonical: str) -> str:
    """The outward part of a canonical postcode."""
    return canonical.partition(" ")[0]


POSTCODE = Identifier(
    name="Postcode",
    code="INVALID_POSTCODE",
    description="British postcode; the outward code alone is accepted. First letters Q, V and X are never issued.",
    rule="an outward code, and unless it stands alone an inward code of a digit and two letters",
    example="XA1 1AA",
    canonical=_postcode,
    specimen=lambda canonical: canonical[0] in SPECIMEN_FIRST_LETTERS,
)

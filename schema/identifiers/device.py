"""IMEIs: fifteen digits whose last is a Luhn check digit. Text in, digits out."""

import re

from schema.identifiers.identifier import Identifier

SPECIMEN_REPORTING_BODY = "00"

_IMEI = re.compile(r"[0-9]{15}")


def luhn_digit(digits: str) -> str:
    """The Luhn check digit that follows a string of digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def imei(serial: int) -> str:
    """An IMEI of the test range (reporting body 00) with its check digit."""
    digits = f"{SPECIMEN_REPORTING_BODY}{serial:012d}"
    return digits + luhn_digit(digits)


def _imei(text: str) -> str | None:
    unbroken = re.sub(r"[ /-]", "", text)
    return unbroken if _IMEI.fullmatch(unbroken) and luhn_digit(unbroken[:-1]) == unbroken[-1] else None


IMEI = Identifier(
    name="Imei",
    code="INVALID_IMEI",
    description="International mobile equipment identity; reporting body 00 is the test range.",
    rule="fifteen digits of which the last is the Luhn check digit",
    example="001010123456780",
    canonical=_imei,
    specimen=lambda canonical: canonical.startswith(SPECIMEN_REPORTING_BODY),
)

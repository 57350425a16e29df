"""Station, court and offence codes: text in, canonical text out. Whether a list holds the code is not asked here."""

import re

from schema.identifiers.identifier import Identifier

_FS_CODE = re.compile(r"[A-Z0-9]{4}")
_COURT_CODE = re.compile(r"[0-9]{4}")
_OFFENCE_CJS = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9][0-9]{2}[ABCI]?")
_OFFENCE_NPCC = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){1,3}")


def _npcc(text: str) -> str | None:
    dotted = text.replace(":", ".")
    return dotted if _OFFENCE_NPCC.fullmatch(dotted) else None


FS_CODE = Identifier(
    name="FsCode",
    code="INVALID_FS_CODE",
    description="Force/station code: two characters of force, two of station.",
    rule="exactly four letters or digits",
    example="01ZD",
    canonical=lambda text: text if _FS_CODE.fullmatch(text) else None,
)
COURT_CODE = Identifier(
    name="CourtCode",
    code="INVALID_COURT_CODE",
    description="PNC court code; 9998 means that the court is given by name.",
    rule="exactly four digits",
    example="2576",
    canonical=lambda text: text if _COURT_CODE.fullmatch(text) else None,
)
OFFENCE_CODE_CJS = Identifier(
    name="OffenceCodeCjs",
    code="INVALID_OFFENCE_CODE_CJS",
    description="CJS offence code: legislation, year and number, with the PNC role letter where there is one.",
    rule="two letters, two digits, three characters of number and an optional role letter A, B, C or I",
    example="RT88191",
    canonical=lambda text: text if _OFFENCE_CJS.fullmatch(text) else None,
)
OFFENCE_CODE_NPCC = Identifier(
    name="OffenceCodeNpcc",
    code="INVALID_OFFENCE_CODE_NPCC",
    description="NPCC (ACPO) offence code; the colons PNC prints are answered as dots.",
    rule="two to four numbers with dots between them",
    example="12.15.13.1",
    canonical=_npcc,
)

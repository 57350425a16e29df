"""The check letter that PNCIDs, CRO numbers and ASNs share: a number in, one of 23 letters out."""

CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


def check_letter(digits: str) -> str:
    """The check letter of a string of digits: its value mod 23 in the alphabet without I, O and S (entities 2)."""
    return CHECK_LETTERS[int(digits) % len(CHECK_LETTERS)]

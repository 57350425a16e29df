"""How surely two records are about the same person: pure functions from what the records say to a method and a score.

A match is never an equality (entities.md, trap 1). Methods are codes of the list `match_method`. A score is in 0..1:

    score = CEILING[method] × NAME_WEIGHT[name agreement] × DATE_WEIGHT[birth date agreement]  (+ POSTCODE_BONUS)

    IDENTIFIER  a number one record holds for the other. Only a claim: another name or birth date pulls it under a half.
    NAME_DOB    name and birth date agree; the same postcode adds a little.
    ADDRESS     name and postcode agree and there is no birth date (R2, R17): at most 0.6, below any confirmation.
    MANUAL      somebody confirmed it; the recorded score stands.
    PROBABLE    a program proposed it; the recorded score stands, never above PROBABLE_CEILING.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schema.identifiers import partial_date_contains

CONFIRMED = 0.95  # from here on, and only by IDENTIFIER or MANUAL, "is the same person" may be said
WORTH_SHOWING = 0.5  # matches without a recorded link below this are left out

_CEILING = {"IDENTIFIER": 0.99, "NAME_DOB": 0.90, "ADDRESS": 0.60}
_POSTCODE_BONUS = 0.04
_PROBABLE_CEILING = 0.90


class NameAgreement(StrEnum):
    """How two names agree, best first."""

    SAME = "SAME"  # every word
    COMPATIBLE = "COMPATIBLE"  # same surname; an initial, or forenames that only one of them gives
    SURNAME = "SURNAME"  # same surname, other forename
    DIFFERENT = "DIFFERENT"


class DateAgreement(StrEnum):
    """How two birth dates agree, best first."""

    SAME = "SAME"
    CONTAINED = "CONTAINED"  # one is the other's year or month
    UNKNOWN = "UNKNOWN"  # one is missing
    DIFFERENT = "DIFFERENT"


_NAME_WEIGHT = {
    NameAgreement.SAME: 1.0,
    NameAgreement.COMPATIBLE: 0.9,
    NameAgreement.SURNAME: 0.5,
    NameAgreement.DIFFERENT: 0.1,
}
_DATE_WEIGHT = {
    DateAgreement.SAME: 1.0,
    DateAgreement.CONTAINED: 0.9,
    DateAgreement.UNKNOWN: 0.75,
    DateAgreement.DIFFERENT: 0.25,
}


@dataclass(frozen=True, slots=True)
class Match:
    """The code of the method (list match_method) and the score, 0..1 with three decimals."""

    method: str
    score: float


def name_agreement(match_name: str, surname_key: str, forenames: Sequence[str]) -> NameAgreement:
    """Compare a folded `SURNAME FORENAME …` with a surname key and folded forenames (`resolvers.names`)."""
    words = match_name.split()
    given = next((words[end:] for end in range(1, len(words) + 1) if "".join(words[:end]) == surname_key), None)
    if given is None:
        return NameAgreement.DIFFERENT
    if given == list(forenames):
        return NameAgreement.SAME
    if not given or not forenames:
        return NameAgreement.SURNAME
    if all(_may_be_the_same(one, other) for one, other in zip(given, forenames, strict=False)):
        return NameAgreement.COMPATIBLE
    return NameAgreement.SURNAME


def unmarked_agreement(one: str, other: str) -> NameAgreement:
    """Compare two folded `SURNAME FORENAME …` of which nobody knows where the surname ends: word by word, in order."""
    ones, others = one.split(), other.split()
    if not ones or not others or ones[0] != others[0]:
        return NameAgreement.DIFFERENT
    if ones == others:
        return NameAgreement.SAME
    given = list(zip(ones[1:], others[1:], strict=False))
    if given and all(_may_be_the_same(*pair) for pair in given):
        return NameAgreement.COMPATIBLE
    return NameAgreement.SURNAME


def best(agreements: Iterable[NameAgreement]) -> NameAgreement:
    """The best of several agreements; DIFFERENT when there is none."""
    found = set(agreements)
    return next((agreement for agreement in NameAgreement if agreement in found), NameAgreement.DIFFERENT)


def _may_be_the_same(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def date_agreement(one: str | None, other: str | None) -> DateAgreement:
    """Compare two birth dates written `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; a part that is missing is never invented."""
    if not one or not other:
        return DateAgreement.UNKNOWN
    if one == other:
        return DateAgreement.SAME
    contained = partial_date_contains(one, other) or partial_date_contains(other, one)
    return DateAgreement.CONTAINED if contained else DateAgreement.DIFFERENT


def by_number(name: NameAgreement, date: DateAgreement) -> Match:
    """R1 by a recorded number, which always counts as a match, however badly name and date agree with it."""
    return _scored("IDENTIFIER", _NAME_WEIGHT[name] * _DATE_WEIGHT[date])


def by_name_and_date(name: NameAgreement, date: DateAgreement, *, same_postcode: bool) -> Match | None:
    """R1 without a number: name and birth date must agree, at least in part; the postcode only supports."""
    if date in (DateAgreement.UNKNOWN, DateAgreement.DIFFERENT):
        return None
    match = _scored("NAME_DOB", _NAME_WEIGHT[name] * _DATE_WEIGHT[date], _POSTCODE_BONUS if same_postcode else 0.0)
    return match if match.score >= WORTH_SHOWING else None


def by_name_and_postcode(name: NameAgreement) -> Match | None:
    """R2 and R17 by name and address, for two records with the same postcode and no birth date to compare."""
    match = _scored("ADDRESS", _NAME_WEIGHT[name])
    return match if match.score >= WORTH_SHOWING else None


def recorded_link(score: float | None, confirmed_by: str | None) -> Match:
    """R17 and R20 by a link somebody or something recorded: MANUAL when a person confirmed it, else PROBABLE."""
    known = score if score is not None else 0.0
    if confirmed_by:
        return Match("MANUAL", round(min(known or 1.0, 1.0), 3))
    return Match("PROBABLE", round(min(known, _PROBABLE_CEILING), 3))


def _scored(method: str, agreement: float, bonus: float = 0.0) -> Match:
    return Match(method, round(_CEILING[method] * agreement + bonus, 3))

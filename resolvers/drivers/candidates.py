"""Which drivers another product's record may be about: names, dates, postcodes or a number in, scored drivers out."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from resolvers.connections import Row
from resolvers.drivers import loaders
from resolvers.loading import Loading
from resolvers.matching import (
    Match,
    NameAgreement,
    by_name_and_date,
    by_name_and_postcode,
    by_number,
    date_agreement,
    name_agreement,
)
from resolvers.names import fold, surname_key

WHOLE_DATE = len("YYYY-MM-DD")


@dataclass(frozen=True, slots=True)
class DriverFound:
    """A driver's row and how surely it is the one asked about."""

    row: Row
    match: Match


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a nominal says: the number PNC recorded, folded names, a perhaps partial birth date, postcode keys."""

    recorded_number: str | None
    match_names: Sequence[str]
    date_of_birth: str | None
    postcodes: Sequence[str]


def agreement_with(row: Row, match_name: str | None) -> NameAgreement:
    """How a driver's name agrees with a folded `SURNAME FORENAME …`."""
    if not match_name or not row["last_name"]:
        return NameAgreement.DIFFERENT
    return name_agreement(match_name, surname_key(row["last_name"]), [fold(name) for name in row["first_names"] or ()])


async def drivers_of_keeper(loading: Loading, match_name: str | None, postcode: str | None) -> list[DriverFound]:
    """R3: drivers of the keeper's name at the keeper's postcode; none for an organisation, which has no folded name."""
    if not match_name or not postcode:
        return []
    rows = await loading.rows(loaders.AT_POSTCODE, postcode)
    return _surest_first((row, by_name_and_postcode(agreement_with(row, match_name))) for row in rows)


async def drivers_of_person(loading: Loading, person: PersonFacts) -> list[DriverFound]:
    """R1: the driver PNC recorded, and drivers of that name and birth date; the surest first."""
    number = person.recorded_number
    recorded, candidates = await asyncio.gather(_recorded(loading, number), _candidates(loading, person))
    rows = {row["driver_number"]: row for row in (*candidates, *recorded)}
    numbers = {row["driver_number"] for row in recorded}
    return _surest_first((row, _match(row, person, recorded=row["driver_number"] in numbers)) for row in rows.values())


def _match(row: Row, person: PersonFacts, *, recorded: bool) -> Match | None:
    agreements = {agreement_with(row, name) for name in person.match_names}
    name = next((agreement for agreement in NameAgreement if agreement in agreements), NameAgreement.DIFFERENT)
    born = row["date_of_birth"]
    birth = date_agreement(None if born is None else born.isoformat(), person.date_of_birth)
    if recorded:
        return by_number(name, birth)
    return by_name_and_date(name, birth, same_postcode=row["match_postcode"] in person.postcodes)


async def _recorded(loading: Loading, number: str | None) -> list[Row]:
    found = None if number is None else await loading.row(loaders.DRIVER, number)
    return [] if found is None else [found]


async def _candidates(loading: Loading, person: PersonFacts) -> list[Row]:
    """People of the whole birth date; where only a part of it is known, people at the same postcodes."""
    born = person.date_of_birth or ""
    if len(born) == WHOLE_DATE:
        return await loading.rows(loaders.BORN_ON, date.fromisoformat(born))
    found = await asyncio.gather(*(loading.rows(loaders.AT_POSTCODE, postcode) for postcode in person.postcodes))
    return [row for rows in found for row in rows]


def _surest_first(found: Iterable[tuple[Row, Match | None]]) -> list[DriverFound]:
    drivers = [DriverFound(row, match) for row, match in found if match is not None]
    return sorted(drivers, key=lambda driver: (-driver.match.score, driver.row["driver_number"]))

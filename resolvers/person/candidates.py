"""Who a record of another product may be about: name, birth date, postcode or number in, scored people out (R1, R2).

However many records are asked about at once, a question takes one statement for each of: recorded numbers, candidates,
their names, their postcodes.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resolvers.connections import Row
from resolvers.loading import Loading
from resolvers.matching import (
    Match,
    NameAgreement,
    best,
    by_name_and_date,
    by_name_and_postcode,
    by_number,
    date_agreement,
    name_agreement,
)
from resolvers.person import loaders

NOBODY = "|"  # a candidate key that finds no row: who cannot be looked for still takes part in the statement


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """What a driver record says: number, folded name, whole birth date, postcode key; all but the number may lack."""

    number: str
    match_name: str | None
    date_of_birth: str | None
    postcode: str | None


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person and how surely it is the one asked about."""

    person_id: str
    match: Match


async def people_of_driver(loading: Loading, driver: DriverFacts) -> list[PersonFound]:
    """R1: people recorded with the driver's number, and people with that name and birth date; the surest first."""
    numbered, *dated = await asyncio.gather(
        loading.rows(loaders.RECORDED_DRIVERS, driver.number),
        *(loading.rows(loaders.BY_NAME_AND_DATE, key) for key in _dated_keys(driver)),
    )
    numbers = {row["person_id"] for row in numbered}
    dates = {row["person_id"]: row["date_of_birth"] for row in (*numbered, *(row for rows in dated for row in rows))}
    names, postcodes = await asyncio.gather(_names(loading, list(dates)), _postcodes(loading, list(dates)))
    found = []
    for person_id, birth in dates.items():
        name = best_agreement(driver.match_name, names[person_id])
        date = date_agreement(driver.date_of_birth, birth)
        here = driver.postcode in postcodes[person_id]
        match = by_number(name, date) if person_id in numbers else by_name_and_date(name, date, same_postcode=here)
        found.append((person_id, match))
    return _surest_first(found)


async def people_of_keeper(loading: Loading, match_name: str | None, postcode: str | None) -> list[PersonFound]:
    """R2: people with the keeper's name at the keeper's postcode; never sure, for keepers have no birth date."""
    known = match_name and postcode
    key = f"{match_name.split()[0]}|{postcode}" if match_name and known else NOBODY
    ids = [row["person_id"] for row in await loading.rows(loaders.BY_NAME_AND_POSTCODE, key)]
    names = await _names(loading, ids)
    return _surest_first(
        (person_id, by_name_and_postcode(best_agreement(match_name, names[person_id]))) for person_id in ids
    )


def best_agreement(match_name: str | None, names: Sequence[Row]) -> NameAgreement:
    """The best agreement of a folded name with any of a person's `person_name` rows."""
    known = match_name or ""
    return best(name_agreement(known, name["last_key"], name["first_words"].split()) for name in names)


def _dated_keys(driver: DriverFacts) -> list[str]:
    """The driver's first surname word with the birth date, and with its month and year, which may be all PNC knows."""
    if not driver.match_name or not driver.date_of_birth:
        return [NOBODY]
    word = driver.match_name.split()[0]
    return [f"{word}|{driver.date_of_birth[:length]}" for length in (10, 7, 4)]


async def _names(loading: Loading, ids: Sequence[str]) -> dict[str, list[Row]]:
    found = await asyncio.gather(*(loading.rows(loaders.NAMES, person_id) for person_id in ids))
    return dict(zip(ids, found, strict=True))


async def _postcodes(loading: Loading, ids: Sequence[str]) -> dict[str, set[str]]:
    found = await asyncio.gather(*(loading.rows(loaders.POSTCODES, person_id) for person_id in ids))
    held = ({row["match_postcode"] for row in rows} for rows in found)
    return dict(zip(ids, held, strict=True))


def _surest_first(found: Iterable[tuple[str, Match | None]]) -> list[PersonFound]:
    people = [PersonFound(person_id, match) for person_id, match in found if match is not None]
    return sorted(people, key=lambda person: (-person.match.score, person.person_id))

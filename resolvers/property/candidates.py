"""Which certificates and items belong to a person or vehicle: keys and folded names in, rows out (R17, R19).

However many people or vehicles are asked about at once, each question takes one statement for each of its loads.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from resolvers.connections import Row
from resolvers.loading import Loading
from resolvers.matching import Match, NameAgreement, best, by_name_and_postcode, recorded_link, unmarked_agreement
from resolvers.property import loaders
from resolvers.property.keys import compact, identifier_key

NOWHERE = "|"  # a key that finds no row: who has no address still takes part in the statement


@dataclass(frozen=True, slots=True)
class CertificateFound:
    """A certificate's row and how surely the person holds it."""

    row: Row
    match: Match


async def certificates_of_person(
    loading: Loading, person_id: str, match_names: Sequence[str], postcodes: Sequence[str]
) -> list[CertificateFound]:
    """R17: certificates whose recorded holder is the person, and unclaimed ones of that name at that postcode."""
    held, *nearby = await asyncio.gather(
        loading.rows(loaders.CERTIFICATES_OF_PEOPLE, person_id),
        *(loading.rows(loaders.CERTIFICATES_BY_ADDRESS, postcode) for postcode in postcodes or [NOWHERE]),
    )
    found = [CertificateFound(row, recorded_link(row["holder_score"], row["holder_confirmed_by"])) for row in held]
    for row in (row for rows in nearby for row in rows):
        match = by_name_and_postcode(_name_agreement(row["match_name"], match_names))
        if match is not None:
            found.append(CertificateFound(row, match))
    return sorted(found, key=lambda certificate: (-certificate.match.score, certificate.row["certificate_id"]))


async def certificates_counted(
    loading: Loading, person_id: str, match_names: Sequence[str], postcodes: Sequence[str]
) -> int:
    """How many `certificates_of_person` finds, by one statement that reads nothing but what they are found by."""
    held, *nearby = await asyncio.gather(
        loading.rows(loaders.CERTIFICATE_MARKS, person_id),
        *(loading.rows(loaders.CERTIFICATE_MARKS, postcode) for postcode in postcodes or [NOWHERE]),
    )
    names = (row["match_name"] for rows in nearby for row in rows)
    found = (by_name_and_postcode(_name_agreement(name, match_names)) for name in names)
    return len(held) + sum(match is not None for match in found)


def _name_agreement(holder: str | None, match_names: Sequence[str]) -> NameAgreement:
    return best(unmarked_agreement(holder or "", name) for name in match_names)


async def items_of_vehicle(loading: Loading, numbers: Sequence[str]) -> list[Row]:
    """R19: items that carry the VIN, chassis or engine number exactly, each once, in the order of their keys."""
    keys = list(dict.fromkeys(identifier_key(number) for number in numbers)) or [NOWHERE]
    found = await asyncio.gather(*(loading.rows(loaders.ITEMS_BY_VEHICLE_NUMBER, key) for key in keys))
    clean = {compact(number) for number in numbers}
    exact = {row["property_id"]: row for rows in found for row in rows if compact(row["found_value"]) in clean}
    return [exact[property_id] for property_id in sorted(exact)]

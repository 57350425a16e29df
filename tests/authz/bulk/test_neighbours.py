"""Which identifiers are neighbours: those that are reached one from another by counting, whatever follows from it."""

from random import Random
from string import ascii_uppercase, digits

import pytest

from authz.bulk.neighbours import neighbourhoods
from schema.identifiers.person import asn, cro_number, person_urn

IN_ORDER = {
    "marks by their last letter": ("Vehicle.vrm", [f"AB12CD{letter}" for letter in ascii_uppercase]),
    "marks by their last two letters": ("Vehicle.vrm", [f"AB12C{one}{two}" for one in "AB" for two in "WXYZ"]),
    "marks by every third letter": ("Vehicle.vrm", [f"AB12C{letter}E" for letter in ascii_uppercase[::3]]),
    "marks by their first letters": ("Vehicle.vrm", [f"{letter}B12CDE" for letter in ascii_uppercase]),
    "marks by their digits": ("Vehicle.vrm", [f"AB{number:02d}CDE" for number in range(51, 75)]),
    "dateless marks": ("Vehicle.vrm", [f"ABC{number}" for number in range(100, 200)]),
    "PNCIDs, whose check letters differ": ("Person.personUrn", [person_urn(1979, 163_000 + n) for n in range(100)]),
    "PNCIDs by year": ("Person.personUrn", [person_urn(year, 163_001) for year in range(1970, 1999)]),
    "CRO numbers": ("Person.croNumber", [cro_number(65_600 + n, 91) for n in range(100)]),
    "arrest numbers": ("ArrestReport.asn", [asn(2011, "01ZD", "01", 448_700 + n) for n in range(100)]),
    "driver numbers by day": ("Driver.driverNumber", [f"EXAMP8031{day:02d}RA9ZZ" for day in range(1, 29)]),
    "vehicle identification numbers": ("Vehicle.vin", [f"1M8GDM9A{n % 10}KP0427{n:02d}" for n in range(100)]),
    "national references": ("MissingReport.nationalReference", [f"MP-26-00012{n:02d}" for n in range(100)]),
}


@pytest.mark.parametrize("way", IN_ORDER)
def test_who_counts_through_identifiers_stays_in_one_neighbourhood(way: str):
    kind, identifiers = IN_ORDER[way]
    shared = set.intersection(*(set(neighbourhoods(kind, each)) for each in identifiers))
    assert shared


def test_marks_that_traffic_brings_together_share_no_neighbourhood():
    random = Random(7)
    seen: dict[str, int] = {}
    for _ in range(1_000):
        letters = "".join(random.choices(ascii_uppercase, k=5))
        mark = f"{letters[:2]}{''.join(random.choices(digits, k=2))}{letters[2:]}"
        for near in neighbourhoods("Vehicle.vrm", mark):
            seen[near] = seen.get(near, 0) + 1
    assert max(seen.values()) < 20


def test_an_identifier_drawn_at_random_has_few_neighbourhoods():
    assert len(neighbourhoods("Person.personId", "CA570001-7B11-4C2D-9E55-0123456789AB")) == 3
    assert neighbourhoods("Person.personId", "---") == ()

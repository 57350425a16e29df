"""Every mask over every value of its kind: what it shows, that it never shows more, and that it stays as it is."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz import masks
from authz.facts import packaged_facts
from authz.masks import Pseudonyms
from schema.scalars import SCALARS

TODAY = date(2026, 11, 1)
SECRET = Pseudonyms(b"secret", "ORG-20", "LE2")


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (masks.year, date(1985, 3, 14), "1985"),
        (masks.year, "1985-03", "1985"),
        (masks.year, "no date", None),
        (masks.outcode, "QB6 1AA", "QB6"),
        (masks.outcode, "ec1a1bb", "EC1A"),
        (masks.outcode, "W1A", "W1A"),
        (masks.outcode, "M1 1AE", "M1"),
        (masks.outcode, "12 High Street", None),
        (masks.town, "12 High Street, Anytown", "Anytown"),
        (masks.town, "Anytown XA1 1AA", "Anytown"),
        (masks.town, "Anytown", "Anytown"),
        (masks.town, "42", None),
        (masks.initials, ["Robin", " ash "], ["R", "A"]),
        (masks.last_four, "1979/0163001B", "****001B"),
        (masks.last_four, "AB12", None),
        (masks.last_four, "", None),
        (masks.held, False, False),
        (masks.held, True, True),
        (masks.held, None, False),
        (masks.held, [], False),
        (masks.held, " ", False),
        (masks.held, 0, True),
        (masks.count, [1, 2, 3], 3),
        (masks.count, "text", None),
        (masks.band, 0, "0"),
        (masks.band, 9, "5-9"),
        (masks.band, 178, "100-249"),
        (masks.band, Decimal("250.99"), "250-499"),
        (masks.band, -3, "below 0"),
        (masks.band, float("nan"), None),
        (masks.length_band, "x" * 50, "short"),
        (masks.length_band, "x" * 51, "medium"),
        (masks.length_band, ["x" * 150, "y" * 60], "long"),
    ],
)
def test_a_mask_shows(mask, value, shown):
    assert mask(value) == shown


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2017, 1, 1), "0-9"),
        ("2012-11-02", "10-13"),
        ("2012-11-01", "14-15"),
        ("2010", "16-17"),
        ("2008-12", "16-17"),
        ("2008-11", "18-24"),
        ("1985", "25-64"),
        ("1901-01-01", "65+"),
        (date(2027, 1, 1), "0-9"),
        ("unknown", None),
    ],
)
def test_an_age_band_is_the_oldest_a_date_allows(born, band):
    assert masks.age_band(born, TODAY) == band


def test_a_pseudonym_is_stable_and_of_one_organisation_and_purpose():
    assert SECRET.of("EXAMPLE") == SECRET.of("EXAMPLE")
    others = [Pseudonyms(b"secret", "ORG-21", "LE2"), Pseudonyms(b"secret", "ORG-20", "CO1"), Pseudonyms(b"x", "", "")]
    assert len({SECRET.of("EXAMPLE"), *(other.of("EXAMPLE") for other in others)}) == 4
    assert SECRET.of({"last": "EXAMPLE", "from": TODAY}) == SECRET.of({"from": TODAY, "last": "EXAMPLE"})


TEXT_MASKS = (masks.year, masks.outcode, masks.town, masks.last_four, masks.length_band, SECRET.of)


@given(st.text())
def test_a_mask_of_a_text_is_total_and_says_the_same_again(text: str):
    for mask in (*TEXT_MASKS, masks.band, lambda value: masks.age_band(value, TODAY)):
        shown = mask(text)
        assert shown is None or mask(shown) == shown


@given(st.text(min_size=9))
def test_of_an_identifier_four_characters_are_shown_and_not_how_many_there_were(text: str):
    shown = masks.last_four(text)
    assert shown is not None
    assert len(shown) == 8
    assert text.endswith(shown[4:])


@given(st.dates(min_value=date(1800, 1, 1)))
def test_of_a_date_nothing_but_the_year_is_shown(day: date):
    assert masks.year(day) == f"{day.year:04}" == masks.year(day.isoformat())
    assert masks.age_band(day, TODAY) in masks.AGE_TEXTS


@given(st.lists(st.text()))
def test_of_a_forename_nothing_but_its_first_letter_is_shown(names: list[str]):
    shown = masks.initials(names)
    assert len(shown) == sum(bool(name.strip()) for name in names)
    assert masks.initials(shown) == [letter[0].upper() for letter in shown]


@given(st.integers(min_value=0, max_value=10**30), st.integers(min_value=0, max_value=10**30))
def test_bands_keep_order_and_hold_more_than_one_number(one: int, other: int):
    low, high = sorted((one, other))
    below, _, _ = str(masks.band(low)).partition("-")
    first, _, last = str(masks.band(high)).partition("-")
    assert int(below) <= int(first)
    assert int(first) <= high <= int(last or first)
    assert high == 0 or int(last or first) > int(first)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_yes_and_count_and_pseudonym_are_total(value):
    assert masks.held(masks.held(value)) == masks.held(value)
    assert masks.count(value) == (len(value) if isinstance(value, list) else None)
    assert SECRET.of(SECRET.of(value)) == SECRET.of(value)


def test_every_mask_of_the_table_has_its_function():
    known = {"YEAR", "OUTCODE", "TOWN", "INITIAL", "LAST4", "GROUP"} | masks.BESIDE_DATA
    assert packaged_facts().masks == known


@pytest.mark.parametrize("scalar", ["PersonUrn", "CroNumber", "Asn", "Vrm", "Vin", "DriverNumber", "FleetNumber"])
def test_a_masked_identifier_is_output_only(scalar: str):
    definition = next(each for each in SCALARS.values() if each.name == scalar)
    assert definition.serialize is not None
    assert definition.serialize("****001B") == "****001B"
    assert definition.parse_value is not None
    with pytest.raises(Exception, match="valid"):
        definition.parse_value("****001B")

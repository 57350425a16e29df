"""The vectors of the entity dictionary, one row each, and the laws every identifier keeps."""

import csv
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schema.identifiers import (
    ASN,
    CRO_NUMBER,
    DRIVER_NUMBER,
    IDENTIFIERS,
    IMEI,
    NINO,
    PARTIAL_DATE,
    PERSON_URN,
    POSTCODE,
    VIN,
    VRM,
    InvalidIdentifier,
    Validity,
    driver_number_conflicts,
    is_dummy_asn,
    partial_date_bounds,
    partial_date_contains,
    vin_check_digit_agrees,
    vrm_formats,
)
from schema.identifiers.check_letter import CHECK_LETTERS
from schema.identifiers.device import imei
from schema.identifiers.driver import TIEBREAKS, driver_number
from schema.identifiers.person import asn, canonical_person_urn, cro_number, person_urn
from schema.identifiers.vehicle import VRM_FORMATS, vin_check_digit
from schema.reference_lists import DIRECTORY, reference_catalogue

VALID, SPECIMEN, INVALID = Validity.VALID, Validity.SPECIMEN, Validity.INVALID

# scalar, text, canonical form or None when refused, answer of the check
VECTORS = [
    ("PersonUrn", "1979/0163001B", "1979/0163001B", VALID),
    ("PersonUrn", "1981/0000034U", "1981/0000034U", VALID),
    ("PersonUrn", "2002/0073319Z", "2002/0073319Z", VALID),
    ("PersonUrn", "2003/0000003Y", "2003/0000003Y", VALID),
    ("PersonUrn", "1967/9893091D", "1967/9893091D", SPECIMEN),
    ("PersonUrn", "79/163001B", "1979/0163001B", VALID),
    ("PersonUrn", "02/73319Z", "2002/0073319Z", VALID),
    ("PersonUrn", "81/34U", "1981/0000034U", VALID),
    ("PersonUrn", "1979/163001B", "1979/0163001B", VALID),
    ("PersonUrn", " 1979/0163001b ", "1979/0163001B", VALID),
    ("PersonUrn", "19790163001B", "1979/0163001B", VALID),
    ("PersonUrn", "2001/0171310S", None, INVALID),
    ("PersonUrn", "1950/1581C", None, INVALID),
    ("PersonUrn", "1979/0163001C", None, INVALID),
    ("PersonUrn", "", None, INVALID),
    ("CroNumber", "65656/91H", "065656/91H", VALID),
    ("CroNumber", "065656/91H", "065656/91H", VALID),
    ("CroNumber", "SF05/482703J", "SF05/482703J", VALID),
    ("CroNumber", "sf83/50058z", "SF83/50058Z", VALID),
    ("CroNumber", "065656/91J", None, INVALID),
    ("CroNumber", "SF83/050058Z", None, INVALID),
    ("Asn", "11/01ZD/01/448754K", "11/01ZD/01/00000448754K", VALID),
    ("Asn", "1101ZD0100000448754K", "11/01ZD/01/00000448754K", VALID),
    ("Asn", "26/0000/00/00000001566Y", "26/0000/00/00000001566Y", VALID),
    ("Asn", "11/01ZD/01/448754L", None, INVALID),
    ("Asn", "0800NP0100000000001H", None, INVALID),
    ("CourtCaseReference", "26/9998/000826X", "26/9998/000826X", VALID),
    ("CourtCaseReference", "26/9998/0000826X", None, INVALID),
    ("FsCode", "01zd", "01ZD", VALID),
    ("FsCode", "01Z", None, INVALID),
    ("CourtCode", "2576", "2576", VALID),
    ("CourtCode", "257", None, INVALID),
    ("OffenceCodeCjs", "RT88191", "RT88191", VALID),
    ("OffenceCodeCjs", "SX03001A", "SX03001A", VALID),
    ("OffenceCodeCjs", "BA76A01", "BA76A01", VALID),
    ("OffenceCodeCjs", "SX03001Z", None, INVALID),
    ("OffenceCodeNpcc", "12.15.13.1", "12.15.13.1", VALID),
    ("OffenceCodeNpcc", "12:15:13:1", "12.15.13.1", VALID),
    ("OffenceCodeNpcc", "12", None, INVALID),
    ("DriverNumber", "MORGA657054SM9IJ", "MORGA657054SM9IJ", VALID),
    ("DriverNumber", "ABCDE711215E9FGH", "ABCDE711215E9FGH", VALID),
    ("DriverNumber", "A9999711215EF9GH", "A9999711215EF9GH", VALID),
    ("DriverNumber", "EXAMP803145R99ZZ", "EXAMP803145R99ZZ", SPECIMEN),
    ("DriverNumber", "ABCDE700215E9FGH", None, INVALID),
    ("DriverNumber", "ABCDE713215E9FGH", None, INVALID),
    ("DriverNumber", "ABCDE711005E9FGH", None, INVALID),
    ("DriverNumber", "ABCDE711325E9FGH", None, INVALID),
    ("DriverNumber", "ABCDE702305E9FGH", None, INVALID),
    *[("DriverNumber", f"ABCDE711215E9{tiebreak}GH", None, INVALID) for tiebreak in "01IOQYZ"],
    ("Vrm", "AB12 CDE", "AB12CDE", VALID),
    ("Vrm", "ab12cde", "AB12CDE", VALID),
    ("Vrm", "AB00CDE", "AB00CDE", SPECIMEN),
    ("Vrm", "Q123ABC", "Q123ABC", VALID),
    ("Vrm", "pl+wx 12345", "PL+WX12345", VALID),
    ("Vrm", "1", None, INVALID),
    ("Vrm", "AB12CDEF", None, INVALID),
    ("Vrm", "AB12-CDE", None, INVALID),
    ("ForeignPlate", "PL+WX12345", "PL+WX12345", VALID),
    ("ForeignPlate", "WX12345", None, INVALID),
    ("Vin", "1M8GDM9AXKP042788", "1M8GDM9AXKP042788", VALID),
    ("Vin", "11111111111111111", "11111111111111111", VALID),
    ("Vin", "1M8GDM9A1KP042788", "1M8GDM9A1KP042788", VALID),
    ("Vin", "1M8GDM9AXKP04278O", None, INVALID),
    ("FleetNumber", "123456", "123456", VALID),
    ("FleetNumber", "12345-", "12345-", VALID),
    ("FleetNumber", "12345", None, INVALID),
    ("Nino", "QQ 12 34 56 C", "QQ123456C", SPECIMEN),
    ("Nino", "AB123456C", "AB123456C", VALID),
    ("Nino", "AB123456E", None, INVALID),
    *[("Nino", f"{prefix}123456A", None, INVALID) for prefix in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ", "DA", "AO")],
    ("Postcode", "gir0aa", "GIR 0AA", VALID),
    ("Postcode", "ASCN 1ZZ", "ASCN 1ZZ", VALID),
    ("Postcode", "SW1A1AA", "SW1A 1AA", VALID),
    ("Postcode", "SW1A", "SW1A", VALID),
    ("Postcode", "XA1 1AA", "XA1 1AA", SPECIMEN),
    ("Postcode", "SW1A 1AC", None, INVALID),
    ("Imei", "00-101012-345678-0", "001010123456780", SPECIMEN),
    ("Imei", "490154203237518", "490154203237518", VALID),
    ("Imei", "490154203237519", None, INVALID),
    ("PartialDate", "1985", "1985", VALID),
    ("PartialDate", "1985-03", "1985-03", VALID),
    ("PartialDate", "1985-03-14", "1985-03-14", VALID),
    ("PartialDate", "1985-02-30", None, INVALID),
    ("PartialDate", "1985-13", None, INVALID),
    ("PartialDate", "85", None, INVALID),
    ("YearMonth", "2019-03", "2019-03", VALID),
    ("YearMonth", "2019-13", None, INVALID),
]


@pytest.mark.parametrize(("scalar", "text", "canonical", "answer"), VECTORS)
def test_each_vector_is_normalised_and_checked_as_the_dictionary_says(scalar, text, canonical, answer):
    identifier = IDENTIFIERS[scalar]
    assert identifier.check(text) is answer
    if canonical is None:
        with pytest.raises(InvalidIdentifier):
            identifier.parse(text)
    else:
        assert identifier.parse(text) == canonical


@pytest.mark.parametrize("scalar", IDENTIFIERS)
def test_every_identifier_is_told_by_its_own_code_and_example_without_repeating_the_text(scalar):
    identifier = IDENTIFIERS[scalar]
    assert identifier.parse(identifier.example) == identifier.example
    with pytest.raises(InvalidIdentifier) as refused:
        identifier.parse("secret!")
    assert refused.value.code == identifier.code
    assert refused.value.extensions["scalar"] == scalar
    assert identifier.example in refused.value.message
    assert "secret" not in refused.value.message.lower()
    assert scalar in identifier.specified_by


@pytest.mark.parametrize("value", [None, 7, b"AB12CDE", "x" * 200, "١٩٧٩", "ſF05/482703J"])
def test_what_is_not_short_ascii_text_is_refused_by_every_identifier(value):
    assert {identifier.check(value) for identifier in IDENTIFIERS.values()} == {INVALID}


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=24))
def test_normalising_twice_is_normalising_once(text):
    for identifier in IDENTIFIERS.values():
        if identifier.check(text) is not INVALID:
            canonical = identifier.parse(text)
            assert identifier.parse(canonical) == canonical
            assert identifier.parse(canonical.lower()) == canonical


@given(st.sampled_from(VECTORS))
def test_a_specimen_is_refused_outside_a_synthetic_world_and_nothing_else_changes(vector):
    scalar, text, _canonical, answer = vector
    real = IDENTIFIERS[scalar].check(text, synthetic=False)
    assert real is (INVALID if answer is SPECIMEN else answer)


@given(st.integers(1950, 2026), st.integers(0, 9_999_999), st.sampled_from(CHECK_LETTERS))
def test_a_pncid_passes_with_its_own_check_letter_and_no_other(year, serial, letter):
    urn = person_urn(year, serial)
    assert PERSON_URN.parse(urn) == urn
    assume(letter != urn[-1])
    assert PERSON_URN.check(urn[:-1] + letter) is INVALID


@given(st.integers(1950, 2026), st.integers(0, 999_999), st.sampled_from(CHECK_LETTERS))
def test_a_cro_number_passes_with_its_own_check_letter_and_no_other(year, serial, letter):
    number = cro_number(serial, year)
    assert CRO_NUMBER.parse(number.lstrip("0") if serial else number) == number
    assume(letter != number[-1])
    assert CRO_NUMBER.check(number[:-1] + letter) is INVALID


@given(
    st.integers(2000, 2026),
    st.sampled_from(["01ZD", "96HQ", "ZZ01"]),
    st.integers(1, 99_999_999_999),
    st.sampled_from(CHECK_LETTERS),
)
def test_an_asn_passes_with_its_own_check_letter_and_no_other(year, fs_code, serial, letter):
    number = asn(year, fs_code, "01", serial)
    assert ASN.parse(number.replace("/", "")) == number
    assume(letter != number[-1])
    assert ASN.check(number[:-1] + letter) is INVALID


@given(st.integers(0, 999_999_999_999), st.integers(1, 9))
def test_an_imei_passes_with_its_own_luhn_digit_and_no_other(serial, shift):
    number = imei(serial)
    assert IMEI.check(number) is SPECIMEN
    assert IMEI.check(number[:-1] + str((int(number[-1]) + shift) % 10)) is INVALID


@pytest.mark.parametrize(
    ("short", "this_year", "year"),
    [("26/34", 2026, 2026), ("27/34", 2026, 1927), ("99/34", 2026, 1999), ("27/34", 2027, 2027)],
)
def test_a_two_digit_year_is_this_century_unless_that_is_the_future(short, this_year, year):
    letter = person_urn(year, 34)[-1]
    assert canonical_person_urn(short + letter, this_year) == f"{year}/0000034{letter}"


@pytest.mark.parametrize("text", ["0800NP0100000000001H", "0800DP0100000000001H", "NRPR", "0801NRPR000000000001"])
def test_dummy_arrest_numbers_are_recognised_so_that_nobody_is_joined_by_them(text):
    assert is_dummy_asn(text)
    assert ASN.check(text) is INVALID


def test_an_ordinary_arrest_number_is_no_dummy():
    assert not is_dummy_asn("11/01ZD/01/00000448754K")


@pytest.mark.parametrize(("vin", "digit"), [("1M8GDM9AXKP042788", "X"), ("11111111111111111", "1")])
def test_the_vin_check_digit_is_the_one_iso_3779_computes(vin, digit):
    assert vin_check_digit(vin) == digit
    assert vin_check_digit_agrees(vin)


def test_a_wrong_vin_check_digit_is_a_warning_and_never_a_refusal():
    assert not vin_check_digit_agrees("1M8GDM9A1KP042788")
    assert VIN.check("1M8GDM9A1KP042788") is VALID


def test_the_plate_patterns_are_those_of_the_carried_list_and_match_their_examples():
    with (DIRECTORY / "vrm_format.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["code"]: row["notes"] for row in rows} == {
        code: pattern.pattern for code, pattern in VRM_FORMATS.items()
    }
    for row in rows:
        assert row["code"] in vrm_formats(VRM.parse(row["label"]))


@given(
    st.sampled_from(["EXAMPLE", "MACLANTERN", "O'HARBOUR", "ÉCLAIR", "FOX"]),
    st.lists(st.sampled_from(["Robin", "Zoë", "Ash"]), min_size=1, max_size=3).map(tuple),
    st.dates(date(1930, 1, 1), date(2009, 12, 31)),
    st.sampled_from("MF"),
    st.sampled_from(TIEBREAKS),
)
def test_a_driver_number_agrees_with_the_person_it_was_made_for_and_with_nobody_else(
    surname, first, born, sex, tiebreak
):
    number = driver_number(surname, first, born, sex, tiebreak)
    assert DRIVER_NUMBER.check(number) is SPECIMEN
    assert driver_number_conflicts(number, surname=surname, first=first, born=born, sex=sex) == ()
    other_sex = "F" if sex == "M" else "M"
    conflicts = driver_number_conflicts(number, surname="Quarry", first=("Wren",), born=date(2010, 1, 2), sex=other_sex)
    assert conflicts == ("surname", "initials", "dateOfBirth", "sex")


def test_the_published_driver_number_says_a_woman_born_on_5_july_1964():
    assert driver_number_conflicts("MORGA657054SM9IJ", surname="MORGAN", born=date(1964, 7, 5), sex="F") == ()
    assert driver_number_conflicts("MORGA657054SM9IJ", sex="M") == ("sex",)


@pytest.mark.parametrize(
    ("outer", "inner", "contains"),
    [
        ("1985", "1985-03-14", True),
        ("1985-03", "1985-03-14", True),
        ("1985-03-14", "1985-03-14", True),
        ("1985-03-14", "1985", False),
        ("1985-03", "1985-04-01", False),
        ("198", "1985", False),
    ],
)
def test_partial_dates_compare_by_containment(outer, inner, contains):
    assert partial_date_contains(outer, inner) is contains


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1984", date(1984, 1, 1), date(1984, 12, 31)),
        ("1984-02", date(1984, 2, 1), date(1984, 2, 29)),
        ("1984-02-03", date(1984, 2, 3), date(1984, 2, 3)),
    ],
)
def test_a_partial_date_spans_every_day_it_can_mean(text, first, last):
    assert partial_date_bounds(PARTIAL_DATE.parse(text)) == (first, last)


def test_every_code_of_a_carried_list_follows_its_identifier():
    for list_key, identifier in [
        ("offence_codes_sample", "OffenceCodeCjs"),
        ("npcc_offence_code_sample", "OffenceCodeNpcc"),
        ("force_station_codes_sample", "FsCode"),
        ("court_codes", "CourtCode"),
    ]:
        for value in reference_catalogue().values(list_key):
            assert IDENTIFIERS[identifier].check(value.code) is VALID, value


def test_specimen_ranges_are_the_ones_the_dictionary_names():
    assert NINO.check("QQ123456C", synthetic=False) is INVALID
    assert POSTCODE.check("Q1 1AA") is SPECIMEN
    assert VRM.check("AB01CDE") is SPECIMEN
    assert VRM.check("AB02CDE") is VALID

"""How surely two records are about the same person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.matching import (
    CONFIRMED,
    WORTH_SHOWING,
    DateAgreement,
    Match,
    NameAgreement,
    best,
    by_name_and_date,
    by_name_and_postcode,
    by_number,
    date_agreement,
    name_agreement,
    recorded_link,
    unmarked_agreement,
)

SAME, COMPATIBLE, SURNAME, DIFFERENT = NameAgreement


@pytest.mark.parametrize(
    ("match_name", "surname", "forenames", "agreement"),
    [
        ("HARBOUR ROBIN", "HARBOUR", ["ROBIN"], SAME),
        ("VAN DER PEBBLE JAN", "VANDERPEBBLE", ["JAN"], SAME),
        ("HARBOUR ROBIN JAMES", "HARBOUR", ["ROBIN"], COMPATIBLE),
        ("HARBOUR R", "HARBOUR", ["ROBIN"], COMPATIBLE),
        ("HARBOUR ROBIN J", "HARBOUR", ["ROBIN", "ANNE"], SURNAME),
        ("HARBOUR ANNE", "HARBOUR", ["ROBIN"], SURNAME),
        ("HARBOUR", "HARBOUR", ["ROBIN"], SURNAME),
        ("LANTERN ROBIN", "HARBOUR", ["ROBIN"], DIFFERENT),
        ("", "HARBOUR", [], DIFFERENT),
    ],
)
def test_a_folded_name_agrees_with_a_surname_and_forenames(match_name, surname, forenames, agreement):
    assert name_agreement(match_name, surname, forenames) is agreement


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("HARBOUR ROBIN", "HARBOUR ROBIN", SAME),
        ("HARBOUR R", "HARBOUR ROBIN", COMPATIBLE),
        ("HARBOUR ROBIN JAMES", "HARBOUR ROBIN", COMPATIBLE),
        ("HARBOUR ANNE", "HARBOUR ROBIN", SURNAME),
        ("HARBOUR", "HARBOUR ROBIN", SURNAME),
        ("LANTERN ROBIN", "HARBOUR ROBIN", DIFFERENT),
        ("", "", DIFFERENT),
    ],
)
def test_two_folded_names_agree_word_by_word(one, other, agreement):
    assert unmarked_agreement(one, other) is agreement
    assert unmarked_agreement(other, one) is agreement


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("1985-03-14", "1985-03-14", DateAgreement.SAME),
        ("1985", "1985-03-14", DateAgreement.CONTAINED),
        ("1985-03-14", "1985-03", DateAgreement.CONTAINED),
        ("1985-03-14", None, DateAgreement.UNKNOWN),
        ("1985-03-14", "1985-04", DateAgreement.DIFFERENT),
    ],
)
def test_birth_dates_agree_by_containment(one, other, agreement):
    assert date_agreement(one, other) is agreement


def test_a_recorded_number_that_name_and_birth_date_bear_out_is_confirmed():
    assert by_number(SAME, DateAgreement.SAME) == Match("IDENTIFIER", 0.99)


@pytest.mark.parametrize("date", DateAgreement)
def test_a_recorded_number_under_another_name_scores_low(date: DateAgreement):
    assert by_number(DIFFERENT, date).score < WORTH_SHOWING / 4


def test_name_and_birth_date_never_confirm():
    assert by_name_and_date(SAME, DateAgreement.SAME, same_postcode=True) == Match("NAME_DOB", 0.94)
    assert by_name_and_date(SAME, DateAgreement.SAME, same_postcode=False) == Match("NAME_DOB", 0.90)


@pytest.mark.parametrize("date", [DateAgreement.UNKNOWN, DateAgreement.DIFFERENT])
def test_a_name_without_an_agreeing_birth_date_is_no_match(date: DateAgreement):
    assert by_name_and_date(SAME, date, same_postcode=True) is None


def test_name_and_postcode_stay_far_below_confirmation():
    assert by_name_and_postcode(SAME) == Match("ADDRESS", 0.6)
    assert by_name_and_postcode(COMPATIBLE) == Match("ADDRESS", 0.54)
    assert by_name_and_postcode(SURNAME) is None


@pytest.mark.parametrize(
    ("score", "confirmed_by", "match"),
    [
        (0.8, "DC 1", Match("MANUAL", 0.8)),
        (None, "DC 1", Match("MANUAL", 1.0)),
        (0.99, None, Match("PROBABLE", 0.9)),
        (None, None, Match("PROBABLE", 0.0)),
    ],
)
def test_a_recorded_link_counts_as_much_as_who_confirmed_it(score, confirmed_by, match):
    assert recorded_link(score, confirmed_by) == match


@given(st.sampled_from(NameAgreement), st.sampled_from(NameAgreement), st.sampled_from(DateAgreement))
def test_a_better_name_never_scores_lower(one: NameAgreement, other: NameAgreement, date: DateAgreement):
    better = best([one, other])
    assert by_number(better, date).score == max(by_number(one, date).score, by_number(other, date).score)


def test_no_agreement_at_all_is_the_worst():
    assert best([]) is DIFFERENT


def test_only_a_number_or_a_person_can_confirm():
    scores = [
        match.score
        for name in NameAgreement
        for date in DateAgreement
        for postcode in (True, False)
        if (match := by_name_and_date(name, date, same_postcode=postcode))
    ]
    assert max(scores) < CONFIRMED

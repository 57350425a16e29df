"""The carried lists: complete, dated, versioned, and never refusing a code."""

from datetime import date

import pytest

from schema.dictionary import field_dictionary
from schema.reference_lists import DIRECTORY, UnknownReferenceList, reference_catalogue

CATALOGUE = reference_catalogue()


def test_all_110_lists_are_carried_with_values():
    numbered = [header for header in CATALOGUE.lists if header.list_id.startswith("RD")]
    assert [header.list_id for header in numbered] == [f"RD{number:03d}" for number in range(1, 111)]
    assert all(CATALOGUE.values(header.list_id) for header in CATALOGUE.lists)


def test_every_csv_of_the_folder_is_in_the_index_and_the_other_way_round():
    files = {path.stem for path in DIRECTORY.glob("*.csv")} - {"_index"}
    assert files == {header.key for header in CATALOGUE.lists if header.origin == "csv"}


@pytest.mark.parametrize("header", CATALOGUE.lists, ids=lambda header: header.key)
def test_codes_are_unique_labelled_and_say_on_what_they_rest(header):
    values = CATALOGUE.values(header.key)
    assert len({value.code for value in values}) == len(values)
    assert all(value.label and value.basis in {"V", "K", "D"} for value in values)
    assert all(value.version == header.version for value in values)


def test_every_list_the_field_dictionary_names_can_be_resolved():
    keys = {header.key for header in CATALOGUE.lists}
    named = {
        word.strip(":;,.")
        for tag in field_dictionary().values()
        for phrase in tag.rule.split("list ")[1:]
        for word in phrase.split()[:1]
    }
    assert {"warning_signals", "vehicle_report_types", "vrm_format"} <= named
    assert named - keys <= {"of"}, "the rule says `list of`, or names a list that is not carried"


def test_a_value_answers_to_the_id_and_to_the_key_of_its_list():
    blue = CATALOGUE.value("vehicle_colour", "BLU")
    assert blue == CATALOGUE.value("RD080", "BLU")
    assert (blue.list_id, blue.label, blue.resolved) == ("RD080", "Blue", True)


def test_an_unknown_code_keeps_its_raw_code_and_is_not_an_error():
    value = CATALOGUE.value("vehicle_colour", "OCTARINE")
    assert (value.code, value.label, value.resolved) == ("OCTARINE", None, False)


def test_an_unknown_list_is_refused_with_a_code():
    with pytest.raises(UnknownReferenceList) as refused:
        CATALOGUE.value("no_such_list", "X")
    assert refused.value.code == "UNKNOWN_REFERENCE_LIST"


def test_a_retired_code_still_resolves_but_is_not_offered_after_its_last_day():
    assert CATALOGUE.value("missing_risk_levels", "NA").resolved
    assert not CATALOGUE.value("missing_risk_levels", "NA", at=date(2017, 1, 1)).resolved
    assert CATALOGUE.value("missing_risk_levels", "NA", at=date(2016, 12, 31)).resolved
    offered = {value.code for value in CATALOGUE.values("missing_risk_levels", at=date(2026, 11, 1))}
    assert offered == {"VL", "L", "M", "H"}


def test_the_iso_lists_come_from_pycountry():
    assert CATALOGUE.value("country", "GB").label == "United Kingdom"
    assert CATALOGUE.value("RD003", "GB-SCT").label == "Scotland"
    assert CATALOGUE.value("RD005", "GBP").label == "Pound Sterling"
    assert CATALOGUE.value("RD006", "cy").label == "Welsh"
    assert len(CATALOGUE.values("country")) == 249


def test_every_list_behind_a_group_mask_has_a_group_in_every_row():
    for key in (
        "vehicle_report_state",
        "endorsement_codes",
        "disposal_codes",
        "court_order_type",
        "ethnicity_self_defined",
    ):
        assert all(value.group for value in CATALOGUE.values(key)), key

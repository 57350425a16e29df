"""The report of the laws: what counts as a case, as a failure, and what the file says."""

import json

from tests.laws.report import Shown, Tally, shown, tallies, write


def test_a_test_of_no_law_is_not_counted():
    assert shown([("cases", 3)], failed=True) is None


def test_a_test_that_counts_no_cases_is_one_case():
    assert shown([("law", "silence")], failed=False) == Shown("silence", 1, False)


def test_a_test_counts_the_cases_it_says_it_tried():
    assert shown([("law", "silence"), ("cases", 40)], failed=True) == Shown("silence", 40, True)


def test_the_tests_of_a_law_add_up():
    results = [Shown("silence", 4, False), Shown("masks", 1, False), Shown("silence", 3, True)]
    assert tallies(results, 9) == {"masks": Tally(1, 0, 9), "silence": Tally(7, 1, 9)}


def test_the_file_names_cases_failures_and_seed_of_each_law(tmp_path):
    write(tmp_path / "build" / "laws.json", {"silence": Tally(7, 1, 9)})
    assert json.loads((tmp_path / "build" / "laws.json").read_text()) == {
        "silence": {"cases": 7, "failures": 1, "seed": 9}
    }

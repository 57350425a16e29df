"""Lists that decisions and clients both read are kept twice, beside each other's code; here they are held together."""

import csv
from importlib.resources import files

import pytest

SHARED = sorted(
    path.name
    for path in files("authz").joinpath("data").iterdir()
    if files("schema").joinpath("reference", path.name).is_file()
)


def rows(package: str, *place: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files(package).joinpath(*place).read_text(encoding="utf-8").splitlines()))


def test_the_lists_that_are_kept_twice_are_found():
    assert {"datasets.csv", "lawful_purposes.csv", "mask_types.csv", "organisations.csv"} <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_a_list_says_the_same_to_decisions_and_to_clients(name: str):
    facts, reference = rows("authz", "data", name), rows("schema", "reference", name)
    both = [column for column in facts[0] if column in reference[0]]
    assert [[row[column] for column in both] for row in facts] == [
        [row[column] for column in both] for row in reference
    ]

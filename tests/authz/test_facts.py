"""The access tables: what they say, and that a slip in one of them stops the service instead of opening data."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import authz
from authz.decision import Form
from authz.errors import InvalidFacts
from authz.facts import facts_from_directory, packaged_facts

TABLES = Path(authz.__file__).parent / "data"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TABLES, tmp_path / "tables"))


def test_the_version_is_of_the_bytes(tables: Path):
    assert facts_from_directory(tables) == packaged_facts()
    with (tables / "systems.csv").open("a", encoding="utf-8") as file:
        file.write("Another,A system,*,*,DIRECT,APPROVED\n")
    changed = facts_from_directory(tables)
    assert changed != packaged_facts()
    assert changed.systems["Another"].routes == {"DIRECT"}


def test_the_tables_are_indexed_as_decisions_ask():
    facts = packaged_facts()
    assert facts.matrix["1", "PP1", "DVLA.KEEPER"][0].form is Form.FULL
    masked = next(row for row in facts.entitlements["partner_vehicle", "PNC.PROP"] if row.fields)
    assert (masked.form, masked.mask, masked.fields) == (Form.MASK, "HASH", {"PropertyItem.identifiers"})
    assert facts.datasets["PND.INT"].sealed
    assert facts.datasets["MID"].owner == "MIB"
    assert "PropertyItem.identifiers" in facts.entitled_fields


@pytest.mark.parametrize(
    ("agreement", "day", "in_force"),
    [
        ("AGR-JC-01", date(2025, 3, 31), False),
        ("AGR-JC-01", date(2025, 4, 1), True),
        ("AGR-JC-01", date(2099, 1, 1), True),
        ("AGR-COM-01", date(2027, 3, 31), True),
        ("AGR-COM-01", date(2027, 4, 1), False),
        ("AGR-COM-03", date(2024, 1, 1), False),
        ("AGR-COM-04", date(2026, 1, 1), False),
    ],
)
def test_an_agreement_is_in_force_within_its_dates_and_state(agreement: str, day: date, in_force: bool):
    assert packaged_facts().agreements[agreement].in_force(day) is in_force


def test_an_agreement_binds_the_organisations_that_work_under_it():
    facts = packaged_facts()
    agreement = facts.agreements["AGR-COM-03"]
    assert agreement.binds(facts.organisations["ORG-AUCT"])
    assert not agreement.binds(facts.organisations["ORG-PLANTX"])


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("reason_dataset.csv", "1,PP1,NOPE,police_territorial,,FULL,D", "reason_dataset: 1 PP1 NOPE"),
        ("reason_dataset.csv", "X,PP1,MID,police_territorial,,FULL,D", "reason_dataset: X PP1 MID"),
        ("reason_dataset.csv", "1,XX1,MID,police_territorial,,FULL,D", "reason_dataset: 1 XX1 MID"),
        ("reason_dataset.csv", "1,PP1,MID,police_territorial,,WHOLE,D", "malformed"),
        ("entitlements.csv", "nobody,MID,,FULL,all,COP,,D", "entitlements: nobody MID"),
        ("entitlements.csv", "detective,NOPE,,FULL,all,COP,,D", "entitlements: detective NOPE"),
        ("entitlements.csv", "detective,MID,,FULL,all,YOGA,,D", "training YOGA"),
        ("organisations.csv", "ORG-X,X,regulator,full,AGR-NONE,,D", "organisations: ORG-X"),
        ("agreements.csv", "A,t,k,*,NOPE,*,LE1,1,DIRECT,,,2025-04-01,,IN_FORCE,CONSULT,,D", "agreements: A NOPE"),
        ("agreements.csv", "A,t,k,*,MID,*,LE1,1,DIRECT,,,soon,,IN_FORCE,CONSULT,,D", "malformed"),
        ("reason_codes.csv", "X,New,,,D,,session", "malformed"),
    ],
)
def test_a_row_that_names_what_does_not_exist_stops_the_service(tables: Path, table: str, row: str, message: str):
    with (tables / table).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(InvalidFacts, match=message):
        facts_from_directory(tables)


def test_a_missing_table_stops_the_service(tables: Path):
    (tables / "agreements.csv").unlink()
    with pytest.raises(InvalidFacts, match=r"agreements\.csv cannot be read"):
        facts_from_directory(tables)

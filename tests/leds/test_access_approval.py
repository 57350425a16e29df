"""The approved access table: its sources are those of today, its history ends with it, a spot check finds no more."""

import json
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from authz.access_survey import survey, unguarded
from authz.access_table import AccessTable, widenings
from authz.decide import Decider
from leds.access_approval import TABLE, approvals, current_decider, outdated, table_from_file
from leds.commands.access import application
from leds.errors import ConfigurationError, FileProblem, UnknownName

DAY = date(2026, 11, 22)
EVERY = 499
PUT_RIGHT = "look at `leds access diff`, have it reviewed, then `leds access approve --by … --because …`"


@pytest.fixture(scope="module")
def decider() -> Decider:
    return current_decider()


@pytest.fixture(scope="module")
def kept() -> AccessTable:
    return table_from_file(TABLE)


def test_what_the_table_was_approved_for_is_what_holds(decider: Decider, kept: AccessTable):
    assert outdated(decider, kept) == (), PUT_RIGHT


def test_the_table_is_the_one_that_was_approved_last(kept: AccessTable):
    last = approvals()[-1]
    assert (last.table, bool(last.by), bool(last.because)) == (kept.version, True, True)


def test_a_spot_check_finds_nothing_wider_than_the_table(decider: Decider, kept: AccessTable):
    assert widenings(kept, survey(decider, DAY, every=EVERY)) == ()
    assert unguarded(decider, DAY) == kept.unguarded


def test_a_change_of_the_tables_makes_the_kept_table_out_of_date(decider: Decider, kept: AccessTable):
    other = replace(kept, sources={**kept.sources, "facts": "0"})
    assert outdated(decider, other) == ("facts",)


def test_a_comparison_names_what_is_opened_and_exits_1(kept: AccessTable, tmp_path):
    narrow, wide = tmp_path / "narrow.json", tmp_path / "wide.json"
    caller = sorted(kept.callers)[0]
    fewer = {name: found for name, found in kept.callers.items() if name != caller}
    narrow.write_text(replace(kept, callers=fewer).text())
    wide.write_text(kept.text())
    opened = CliRunner().invoke(application, ["diff", str(narrow), str(wide)])
    closed = CliRunner().invoke(application, ["diff", str(wide), str(narrow), "--json"])
    assert (opened.exit_code, caller in opened.output) == (1, True)
    assert (closed.exit_code, closed.output) == (0, "")


def test_a_table_that_cannot_be_read_is_refused_by_code(tmp_path):
    with pytest.raises(FileProblem):
        table_from_file(tmp_path / "none.json")


def test_a_look_at_one_dataset_finds_what_is_opened_in_it(decider: Decider, kept: AccessTable, tmp_path):
    narrow = tmp_path / "narrow.json"
    caller = "police_territorial detective"
    fewer = {name: found for name, found in kept.callers.items() if name != caller}
    narrow.write_text(replace(kept, callers=fewer).text())
    looked = CliRunner().invoke(application, ["diff", str(narrow), "--only", "DVLA.IMG", "--json"])
    found = [json.loads(line) for line in looked.stdout.splitlines()]
    assert looked.exit_code == 1
    assert {widening["caller"] for widening in found} == {caller}
    assert {widening["coordinate"] for widening in found} == {"Driver.image"}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(["--only", "Driver.nothing"], UnknownName), ([str(TABLE), str(TABLE), "--only", "MID"], ConfigurationError)],
)
def test_a_look_at_what_is_not_there_or_not_computed_is_refused_by_code(arguments: list[str], error: type[Exception]):
    assert isinstance(CliRunner().invoke(application, ["diff", *arguments]).exception, error)

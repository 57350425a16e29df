"""Alerts as owners read them: numbered, by owner, acknowledged once; the file that they are in stays as it is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from authz.alert_reading import acknowledge, kept_alerts
from authz.alerts import Alert, AlertFile
from authz.errors import AlertsUnreadable, UnknownAlert
from leds.commands.alerts import application
from tests.authz.callers import NOON

HIT = Alert("SILENT_HIT", "P10", "06", "Person", "h:s1:0", "u-1", "ORG-20", NOON)
MISUSE = replace(HIT, type="MISUSE", policy="P15", owner="ORG-20", rule="MU01")
SAID = ("--by", "DI Example", "--because", "looked into")


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    file = tmp_path / "alerts.jsonl"
    await AlertFile(file).record([HIT, MISUSE, replace(HIT, user="u-2")])
    return file


def run(path: Path, *arguments: str) -> list[str]:
    result = CliRunner().invoke(application, [*arguments, "--file", str(path)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output.splitlines()


def test_an_owner_reads_their_own_alerts_by_number(path: Path):
    assert [(each.number, each.alert.user) for each in kept_alerts(path, "06")] == [(1, "u-1"), (3, "u-2")]
    assert [each.alert for each in kept_alerts(path)][:2] == [HIT, MISUSE]
    assert list(kept_alerts(path.with_name("none.jsonl"))) == []


def test_an_alert_is_acknowledged_once_and_stays_as_it_is(path: Path):
    before = path.read_bytes()
    acknowledge(path, 1, "DI Example", "looked into", NOON)
    found = {each.number: each.acknowledged for each in kept_alerts(path)}
    assert found[1] is not None
    assert (found[1].by, found[2], found[3]) == ("DI Example", None, None)
    assert path.read_bytes() == before
    for number in (1, 4):
        with pytest.raises(UnknownAlert):
            acknowledge(path, number, "somebody", "again", NOON)


def test_an_acknowledgement_is_of_the_alert_that_was_seen(path: Path):
    acknowledge(path, 1, "DI Example", "looked into", NOON)
    path.write_bytes(path.read_bytes().replace(b'"u-1"', b'"u-9"'))
    assert [each.acknowledged for each in kept_alerts(path)] == [None, None, None]


def test_an_alert_that_is_being_written_is_not_there_yet(path: Path):
    with path.open("ab") as file:
        file.write(b'{"type": "SILENT_')
    assert len(list(kept_alerts(path))) == 3


@pytest.mark.parametrize("line", [b"nothing\n", b"{}\n", b"[]\n", b'{"type": 1, "at": "x"}\n'])
def test_a_line_that_is_no_alert_is_named(path: Path, line: bytes):
    path.write_bytes(path.read_bytes() + line)
    with pytest.raises(AlertsUnreadable, match="Line 4"):
        list(kept_alerts(path))


def test_the_commands_list_follow_and_acknowledge(path: Path):
    assert [line.split()[0] for line in run(path, "list")] == ["1", "2", "3"]
    assert [line.split()[0] for line in run(path, "tail", "-n", "1")] == ["3"]
    assert "DI Example: looked into" in run(path, "acknowledge", "2", *SAID)[0]
    assert [line.split()[0] for line in run(path, "list")] == ["1", "3"]
    (line,) = run(path, "list", "--all", "--owner", "ORG-20", "--json")
    told = json.loads(line)
    assert (told["number"], told["rule"], told["acknowledged"]["because"]) == (2, "MU01", "looked into")

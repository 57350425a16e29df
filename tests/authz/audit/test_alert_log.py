"""Alerts are kept in a log of their own: durable when told, whole after kill -9, and bound to the other logs."""

import asyncio
import json
import os
import signal
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from authz.alert_reading import kept_alerts
from authz.audit.alert_log import ORIGIN, alert_logs
from authz.audit.errors import AuditUnavailable, LedgerInUse
from authz.audit.ledger import LedgerKeys
from authz.audit.reading import newest_checkpoint, read_leaves
from leds.alert_desk import AlertDesk
from leds.commands.audit import application
from leds.keys import ensure_keys
from tests.authz.alert_samples import HIT, LATER, MISUSE, alert_log, told
from tests.authz.audit.usage import Asked, edited, written

LEDGER = "leds-graph/gateway"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with keys and a ledger of one request."""
    keys = ensure_keys(tmp_path / "keys")
    monkeypatch.setenv("LEDS_HOME", str(tmp_path))
    asyncio.run(written(tmp_path, [Asked()], LedgerKeys(keys.ledger, keys.sealing), LEDGER))
    return tmp_path


def verified(*arguments: str) -> tuple[int, str]:
    """How `leds audit verify` ends, and what it says."""
    result = CliRunner().invoke(application, ["verify", *arguments])
    return result.exit_code, result.output


def test_each_alert_is_an_event_behind_the_checkpoints_of_the_other_logs(home: Path):
    asyncio.run(told(home, [HIT, MISUSE]))
    witness, hit, misuse = read_leaves(home / "alerts.sqlite", 0, 9)
    assert witness.leaf.witnessed == (newest_checkpoint(home / "ledger.sqlite"),)
    said = [
        (each.leaf.event_type, each.leaf.event.name, each.leaf.event.about) for each in (hit, misuse) if each.leaf.event
    ]
    assert said == [("ALERT", "SILENT_HIT", "P10"), ("ALERT", "MISUSE", "P15")]
    assert [each.alert for each in kept_alerts(home)] == [HIT, MISUSE]


def test_nobody_is_named_in_a_leaf_of_an_alert(home: Path):
    named = replace(HIT, user="firstname.lastname1.department", owner="ORG-OWNING")
    asyncio.run(told(home, [named]))
    *_, kept = read_leaves(home / "alerts.sqlite", 0, 9)
    assert not any(text in repr(kept.leaf) for text in (named.user, named.subject, named.owner))
    assert [each.alert.user for each in kept_alerts(home)] == [named.user]


def test_each_process_has_a_log_and_all_of_them_are_verified(home: Path):
    asyncio.run(told(home, [HIT]))
    asyncio.run(told(home, [MISUSE], "person"))
    assert [log.origin for log in alert_logs(home)] == [ORIGIN, f"{ORIGIN}/person"]
    status, output = verified()
    assert status == 0, output
    assert all(log in output for log in (LEDGER, ORIGIN, f"{ORIGIN}/person"))


async def test_a_log_of_alerts_has_one_writer(tmp_path: Path):
    log = await alert_log(tmp_path)
    with pytest.raises(LedgerInUse):
        await alert_log(tmp_path)
    other = await alert_log(tmp_path, "person")
    await other.close()
    await log.close()
    with pytest.raises(AuditUnavailable):
        await log.record([HIT])


async def test_another_log_that_cannot_be_read_keeps_no_alert_from_being_told(tmp_path: Path):
    await told(tmp_path, [MISUSE], "person")
    with edited(tmp_path / "alerts-person.sqlite") as database:
        database.execute("DELETE FROM ledger_checkpoint")
    await told(tmp_path, [HIT, LATER])
    hits = [kept.leaf.event.name for kept in read_leaves(tmp_path / "alerts.sqlite", 0, 9) if kept.leaf.event]
    assert hits == ["SILENT_HIT"] * 2


def test_every_alert_that_was_told_survives_kill_9_in_a_whole_log(home: Path):
    told_of, say = os.pipe()
    child = os.fork()
    if child == 0:
        asyncio.run(_told_for_ever(home, say))
        os._exit(3)
    said = b""
    while len(said) < 30:
        said += os.read(told_of, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(say)
    said += os.read(told_of, 1 << 16)
    os.close(told_of)
    users = [each.alert.user for each in kept_alerts(home)]
    assert users == [f"u-{number}" for number in range(len(users))]
    assert len(users) >= len(said)
    assert verified()[0] == 0
    asyncio.run(told(home, [HIT]))
    assert len(kept_alerts(home)) == len(users) + 1
    assert verified()[0] == 0


async def _told_for_ever(home: Path, say: int) -> None:
    """Tell one alert after another, and say so of each."""
    log = await alert_log(home)
    for number in count():
        await log.record([replace(HIT, user=f"u-{number}", at=HIT.at + timedelta(seconds=number))])
        os.write(say, b".")


FILES = ("alerts.sqlite", "alerts.checkpoint")
CHANGES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "the log alone": (FILES, "", "TAIL_CUT"),
    "its database alone": (FILES[:1], "", "ROLLED_BACK"),
    "edited": ((), "UPDATE ledger_part SET canonical = CAST(replace(canonical, 'u-1', 'u-9') AS BLOB)", "EDITED"),
    "an alert gone": ((), "DELETE FROM ledger_leaf WHERE position = 1", "DELETED"),
}


@pytest.mark.parametrize(("restored", "change", "finding"), CHANGES.values(), ids=CHANGES)
def test_a_log_of_alerts_that_was_put_back_or_changed_is_found(
    home: Path, restored: tuple[str, ...], change: str, finding: str
):
    asyncio.run(told(home, [HIT]))
    before = {name: (home / name).read_bytes() for name in restored}
    asyncio.run(told(home, [LATER]))
    AlertDesk(home, home).looked("list", {})
    assert verified()[0] == 0
    for name, data in before.items():
        (home / name).write_bytes(data)
    if change:
        with edited(home / "alerts.sqlite") as database:
            database.execute(change)
    status, output = verified()
    assert (status, finding in output) == (1, True), output


def test_what_answers_were_silent_of_is_in_no_export(home: Path):
    asyncio.run(told(home, [HIT]))
    leaving = ("--to-whom", "ORG-20", "--approved-by", "DCI Example")
    ended = CliRunner().invoke(application, ["export", "--out", str(home / "export.txt"), *leaving])
    assert ended.exit_code == 0, ended.output
    assert ORIGIN not in (home / "export.txt").read_text().splitlines()[0]
    assert "SILENT_HIT" not in (home / "export.txt").read_text()
    assert verified(str(home / "export.txt"))[0] == 0


def test_an_alert_is_proven_with_the_key_of_its_log(home: Path):
    asyncio.run(told(home, [HIT]))
    proof = CliRunner().invoke(application, ["prove", kept_alerts(home)[0].id, "--json"])
    assert proof.exit_code == 0, proof.output
    assert json.loads(proof.output)["log"] == ORIGIN

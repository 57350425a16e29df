"""Alerts as owners read them: by owner and time, acknowledged once; the log that they are in stays as it is."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from authz.alert_reading import ACKNOWLEDGED, kept_alerts
from authz.audit.alert_log import ORIGIN, alert_logs
from authz.audit.errors import LedgerUnreadable
from authz.audit.leaf import Event, EventType, Leaf, Stage
from authz.audit.ledger import Draft, Ledger, LedgerKeys
from authz.audit.operator_log import ORIGIN as OPERATORS
from authz.audit.parts import About
from authz.audit.reading import Kept, read_leaves
from authz.audit.store_sqlite import SqliteLog
from authz.errors import AlertsUnreadable, UnknownAlert
from leds.alert_desk import AlertDesk
from leds.commands.alerts import application
from leds.keys import ALERT_KEY, LEDGER_KEY, ensure_log_key
from tests.authz.alert_samples import HIT, LATER, MISUSE, told
from tests.authz.audit.samples import audit_id, ticking_clock
from tests.authz.audit.usage import edited

SAID = ("--by", "DI Example", "--because", "looked into")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose gateway and whose person subgraph, a process of its own, have told alerts."""
    monkeypatch.setenv("LEDS_HOME", str(tmp_path))
    asyncio.run(told(tmp_path, [HIT, LATER]))
    asyncio.run(told(tmp_path, [MISUSE], "person"))
    return tmp_path


def run(*arguments: str) -> list[str]:
    result = CliRunner().invoke(application, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output.splitlines()


def operators(home: Path) -> list[Kept]:
    """What the operators' log holds beside its witness leaves."""
    return [kept for kept in read_leaves(home / "operator.sqlite", 0, 100) if kept.leaf.stage is Stage.EVENT]


def appended(home: Path, stem: str, origin: str, key: str, leaf: Leaf, said: dict[str, str]) -> None:
    """Append an event to a log as another program might."""

    async def append() -> None:
        store = SqliteLog(home / f"{stem}.sqlite", home / f"{stem}.checkpoint")
        keys = LedgerKeys(ensure_log_key(home / "keys", key))
        ledger = await Ledger.open(store, keys, origin, ticking_clock())
        await ledger.append(Draft(leaf, About(said)))
        await ledger.close()

    asyncio.run(append())


def an_event(kind: EventType, event: Event | None) -> Leaf:
    return Leaf(Stage.EVENT, audit_id(9), None, "2999-01-01T00:00:00.000Z", "RR14", event_type=kind, event=event)


def test_an_owner_reads_their_own_alerts_of_all_processes_by_time(home: Path):
    assert [each.alert for each in kept_alerts(home)] == [HIT, MISUSE, LATER]
    assert [each.alert for each in kept_alerts(home, "06")] == [HIT, LATER]
    assert kept_alerts(home / "keys") == ()


def test_an_alert_is_acknowledged_once_and_stays_as_it_is(home: Path):
    desk, (first, _, last) = AlertDesk(home, home), kept_alerts(home)
    before = [read_leaves(log.path, 0, 9) for log in alert_logs(home)]
    said = desk.acknowledge(first.id, "DI Example", "looked into").acknowledged
    assert said is not None
    assert (said.by, said.because, said.leaf) == ("DI Example", "looked into", first.leaf)
    assert [each.acknowledged for each in kept_alerts(home)] == [said, None, None]
    assert [read_leaves(log.path, 0, 9) for log in alert_logs(home)] == before
    for name in (first.id, audit_id(4)):
        with pytest.raises(UnknownAlert):
            desk.acknowledge(name, "somebody", "again")
    assert desk.acknowledge(last.id, "DI Example", "as well").id == last.id


def test_an_acknowledgement_is_an_event_about_the_alert_that_names_people_in_its_part_only(home: Path):
    first = kept_alerts(home)[0]
    AlertDesk(home, home).acknowledge(first.id, "DI Example", "looked into")
    (kept,) = operators(home)
    assert (kept.leaf.event_type, kept.leaf.event) == (EventType.REVIEW, Event("alert.acknowledged", first.id))
    assert (kept.about["by"], kept.about["because"]) == ("DI Example", "looked into")
    assert "DI Example" not in repr(kept.leaf)


def test_the_first_of_two_acknowledgements_at_a_time_counts(home: Path):
    first = kept_alerts(home)[0]
    AlertDesk(home, home).acknowledge(first.id, "DI Example", "looked into")
    (kept,) = operators(home)
    again = an_event(EventType.REVIEW, Event(ACKNOWLEDGED, first.id))
    appended(home, "operator", OPERATORS, LEDGER_KEY, again, dict(kept.about) | {"by": "DI Other"})
    assert [each.acknowledged.by for each in kept_alerts(home) if each.acknowledged] == ["DI Example"]


def test_an_acknowledgement_is_of_the_alert_that_was_seen(home: Path):
    AlertDesk(home, home).acknowledge(kept_alerts(home)[0].id, "DI Example", "looked into")
    with edited(home / "alerts.sqlite") as database:
        database.execute("UPDATE ledger_leaf SET canonical = CAST(replace(canonical, 'P10', 'P12') AS BLOB)")
    assert [each.acknowledged for each in kept_alerts(home)] == [None, None, None]


def test_an_alert_that_was_erased_is_gone(home: Path):
    with edited(home / "alerts.sqlite") as database:
        database.execute(
            "UPDATE ledger_part SET salt = NULL, canonical = NULL, hash = zeroblob(32) WHERE position ="
            " (SELECT min(position) FROM ledger_part)"
        )
    assert [each.alert for each in kept_alerts(home)] == [MISUSE, LATER]


WHOLE = {
    "owner": "06",
    "subjectType": "Person",
    "subject": "h:s1:0",
    "user": "u",
    "organisation": "o",
    "at": "2026-02-09",
}
EVENT = Event("SILENT_HIT", "P10")
NO_ALERTS = {
    "no event": (None, WHOLE),
    "no policy": (Event("SILENT_HIT", None), WHOLE),
    "no owner": (EVENT, {name: text for name, text in WHOLE.items() if name != "owner"}),
    "no time": (EVENT, WHOLE | {"at": "noon"}),
}


@pytest.mark.parametrize(("event", "said"), NO_ALERTS.values(), ids=NO_ALERTS)
def test_a_leaf_that_is_no_alert_is_named(home: Path, event: Event | None, said: dict[str, str]):
    appended(home, "alerts", ORIGIN, ALERT_KEY, an_event(EventType.ALERT, event), said)
    with pytest.raises(AlertsUnreadable, match="Leaf 2 of leds-graph/alerts"):
        kept_alerts(home)


def test_bytes_that_are_no_leaf_are_named(home: Path):
    with edited(home / "alerts.sqlite") as database:
        database.execute("UPDATE ledger_leaf SET canonical = CAST('{}' AS BLOB) WHERE position = 1")
    with pytest.raises(LedgerUnreadable, match="Leaf 1"):
        kept_alerts(home)


def test_the_commands_list_follow_and_acknowledge(home: Path):
    ids = [each.id for each in kept_alerts(home)]
    assert [line.split()[0] for line in run("list")] == ids
    assert [line.split()[0] for line in run("tail", "-n", "1")] == ids[2:]
    assert "DI Example: looked into" in run("acknowledge", ids[1], *SAID)[0]
    assert [line.split()[0] for line in run("list")] == [ids[0], ids[2]]
    (line,) = run("list", "--all", "--owner", "ORG-20", "--json")
    shown = json.loads(line)
    assert (shown["id"], shown["rule"], shown["acknowledged"]["because"]) == (ids[1], "MU01", "looked into")


def test_who_reads_alerts_is_recorded_and_where_there_are_none_nothing_is(home: Path, monkeypatch: pytest.MonkeyPatch):
    run("list", "--owner", "06")
    run("tail")
    names = [(kept.leaf.event_type, kept.leaf.event.name) for kept in operators(home) if kept.leaf.event]
    assert names == [(EventType.SEARCH, "alerts.list"), (EventType.SEARCH, "alerts.tail")]
    assert operators(home)[0].about["owner"] == "06"
    empty = home / "empty"
    monkeypatch.setenv("LEDS_HOME", str(empty))
    assert run("list") == []
    assert not empty.exists()

"""The ladder of failure against a real demo: while its ledger is locked officers get officer-safety data, kept in the
spool until the ledger has it; nothing else is fetched, shown or lost."""

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from authz.audit.leaf import Stage
from authz.audit.parts import Subject
from authz.audit.reading import Kept, count_leaves, read_leaves
from leds.ledger import ORIGIN
from tests.authz.audit.whole import receipts_kept
from tests.end_to_end.demo import ROADSIDE, Demo, running_demo

URN = "2004/9000001V"
PERSON = f'{{ person(urn: "{URN}") {{ %s }} }}'
BOTH = PERSON % "filedName { last } warningSignals { code { code } }"
WARNINGS_ONLY = PERSON % "warningSignals { code { code } }"
NAME = PERSON % "filedName { last }"
CODES = {"VI", "WE", "AL"}
PATIENCE = 60


@contextmanager
def locked(demo: Demo) -> Iterator[None]:
    """The demo's ledger while somebody else writes it."""
    other = sqlite3.connect(demo.home / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def codes(answer: dict[str, Any]) -> set[str]:
    return {signal["code"]["code"] for signal in answer["data"]["person"]["warningSignals"]}


def refusals(answer: dict[str, Any]) -> dict[str, str]:
    return {".".join(map(str, error["path"])): error["extensions"]["code"] for error in answer["errors"]}


def metric(demo: Demo, name: str) -> float:
    lines = httpx.get(f"{demo.origin}/metrics").text.splitlines()
    return float(next(line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")))


def status(demo: Demo) -> str:
    return httpx.get(f"{demo.origin}/health/ready").json()["status"]


def wait_until_ready(demo: Demo) -> None:
    """What was found of the ledger is remembered for a moment."""
    ends = time.monotonic() + PATIENCE
    while status(demo) != "ready":
        assert time.monotonic() < ends, "the demo stays degraded"
        time.sleep(0.05)


def wait_until_drained(demo: Demo) -> None:
    ends = time.monotonic() + PATIENCE
    while metric(demo, "leds_ledger_spooled") > 0:
        assert time.monotonic() < ends, "the spool does not drain"
        time.sleep(0.05)


def spooled_leaves(home: Path) -> list[Kept]:
    database = home / "ledger.sqlite"
    return [kept for kept in read_leaves(database, 0, count_leaves(database)) if kept.leaf.spooled]


def assert_in_the_ledger(home: Path, answers: list[dict[str, Any]]) -> None:
    """Each answer's intent and outcome once, as its receipt says, with what it showed; no other leaf was spooled."""
    kept = spooled_leaves(home)
    found = {(each.leaf.audit_id, each.leaf.stage) for each in kept}
    receipts = [answer["extensions"]["audit"] for answer in answers]
    assert found == {(receipt["entry"], stage) for receipt in receipts for stage in (Stage.INTENT, Stage.OUTCOME)}
    assert len(kept) == len(found)
    hashes = {digest for _, _, digest in receipts_kept(home)}
    assert {receipt["leaf"] for receipt in receipts} <= hashes
    for outcome in (each for each in kept if each.leaf.stage is Stage.OUTCOME):
        assert outcome.leaf.request is not None
        assert outcome.statements is not None
        shown = {form.fields for part in outcome.parts if isinstance(part, Subject) for form in part.forms}
        assert shown == {("warningSignals",)}


def test_warnings_are_answered_against_the_spool_and_nothing_else_is_fetched(tmp_path: Path):
    with running_demo(tmp_path / "home") as demo:
        officer, insurer = demo.headers("officer"), demo.headers("insurer")
        needed = demo.work_of(WARNINGS_ONLY, officer)
        assert needed != demo.work_of(BOTH, officer)
        with locked(demo):
            before = demo.work()
            answer = demo.ask(BOTH, officer)
            asked = {name: count - before.get(name, 0) for name, count in demo.work().items()}
            assert {name: count for name, count in asked.items() if count} == needed
            assert codes(answer) == CODES
            assert answer["data"]["person"]["filedName"] is None
            assert refusals(answer) == {"person.filedName": "AUDIT_UNAVAILABLE"}
            assert answer["extensions"]["audit"]["log"] == f"{ORIGIN}/spool"
            assert (status(demo), metric(demo, "leds_ledger_spooled")) == ("degraded", 2)
            for query, headers in ((NAME, officer), (BOTH, insurer), ('{ vehicle(vrm: "AB12CDE") { vrm } }', insurer)):
                refused = demo.post({"query": query}, headers)
                assert refused.status_code == 503
                assert refused.json()["errors"][0]["extensions"]["code"] == "AUDIT_UNAVAILABLE"
                assert "data" not in refused.json()
        wait_until_drained(demo)
        assert_in_the_ledger(demo.home, [answer])
        # The alarm is over, and everything is answered as before.
        assert demo.ask(BOTH, officer)["data"]["person"]["filedName"] == {"last": "EXAMPLE"}
        wait_until_ready(demo)
    events = [json.loads(line) for line in demo.output.read_text().splitlines() if line.startswith('{"')]
    alarms = [line for line in events if str(line.get("event")).startswith("ledger_")]
    assert [(line["event"], line["level"]) for line in alarms] == [
        ("ledger_unavailable", "critical"),
        ("ledger_recovered", "warning"),
    ]
    assert alarms[-1]["drained"] == 2


def test_the_main_query_still_warns_of_vehicle_and_person(tmp_path: Path):
    with running_demo(tmp_path / "home") as demo:
        officer = demo.headers("officer")
        whole = demo.ask(ROADSIDE, officer, vrm="AB12CDE")["data"]["vehicle"]
        with locked(demo):
            answer = demo.ask(ROADSIDE, officer, vrm="AB12CDE")
        vehicle = answer["data"]["vehicle"]
        warnings = [report["warning"] for report in whole["reports"]["nodes"]]
        assert [report["warning"] for report in vehicle["reports"]["nodes"]] == warnings
        for now, then in zip(vehicle["keeper"]["matchedDrivers"], whole["keeper"]["matchedDrivers"], strict=True):
            people = zip(now["driver"]["matchedPersons"], then["driver"]["matchedPersons"], strict=True)
            for person, before in people:
                assert person["person"]["warningSignals"] == before["person"]["warningSignals"]
        assert any(vehicle["keeper"]["matchedDrivers"])
        assert set(refusals(answer).values()) == {"AUDIT_UNAVAILABLE"}
        assert_shows_only({"warning", "warningSignals"}, vehicle)


def assert_shows_only(names: set[str], value: Any) -> None:
    """No value but those of these names, whatever they hold."""
    if isinstance(value, list):
        for each in value:
            assert_shows_only(names, each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in names:
                assert_shows_only(names, each)
    else:
        assert value is None


@pytest.mark.parametrize("kills", [2])
def test_a_kill_in_between_loses_nothing_and_counts_nothing_twice(tmp_path: Path, kills: int):
    answers = []
    for _ in range(kills):
        with running_demo(tmp_path / "home", ending=signal.SIGKILL) as demo:
            officer = demo.headers("officer")
            with locked(demo):
                answers.append(demo.ask(BOTH, officer))
                assert metric(demo, "leds_ledger_spooled") == 2
                demo.process.kill()
                demo.process.wait()
    with running_demo(tmp_path / "home") as demo:
        # Ready, so drained.
        assert metric(demo, "leds_ledger_spooled") == 0
        assert_in_the_ledger(demo.home, answers)
        assert demo.ask(BOTH, demo.headers("officer"))["data"]["person"]["filedName"]

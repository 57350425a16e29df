"""`leds misuse` on a ledger as the service writes it: what is found, queued once, decided by people and recorded."""

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from authz.audit.ledger import Draft, Ledger, LedgerKeys
from authz.audit.parts import About
from authz.audit.reading import Kept, read_leaves
from authz.audit.store_sqlite import SqliteLog
from authz.audit.timestamp import utc_timestamp
from leds.keys import ensure_keys
from tests.authz.alert_samples import told
from tests.authz.audit.samples import STATEMENTS, intent_of, outcome_of
from tests.authz.audit.usage import MONDAY, Asked, edited, written
from tests.authz.misuse.asking import ROSTER, alert, hashed, table
from tests.end_to_end.demo import ROOT, environment

ORIGIN = "leds-graph/gateway"
DECIDED = ("--by", "u-20-7", "--because", "looked into with the sergeant")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with keys and a ledger: an officer with reason 6 on names twice, another on leave, one without fault."""
    home = tmp_path_factory.mktemp("home")
    keys = ensure_keys(home / "keys")
    vehicle = keys.subject.subject("Vehicle", "VEH-1")
    requests = [
        Asked(operator="u-20-3", reason="6", dataset="PNC.NAMES.CORE"),
        Asked(operator="u-20-3", at=MONDAY + timedelta(minutes=5), reason="6", dataset="PNC.NAMES.CORE"),
        Asked(operator="u-20-1", at=MONDAY + timedelta(minutes=9), subjects=[vehicle]),
        Asked(operator="u-20-4419", at=MONDAY + timedelta(days=1)),
    ]
    asyncio.run(written(home, requests, LedgerKeys(keys.ledger, keys.sealing), ORIGIN))
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A copy of it to work with."""
    return Path(shutil.copytree(filled, tmp_path / "home"))


def leds(home: Path, *arguments: str, told: str = "") -> subprocess.CompletedProcess[str]:
    """`leds misuse …`."""
    return subprocess.run(
        [sys.executable, "-m", "leds", "misuse", *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        input=told,
    )


def run(home: Path, *arguments: str) -> dict[str, dict]:
    """What `leds misuse run --json` says of each rule, and under "" of the whole."""
    ended = leds(home, "run", "--json", *arguments)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    return {"": said} | {each["rule"]: each for each in said["rules"]}


def listed(home: Path, *arguments: str) -> list[dict]:
    return [json.loads(line) for line in leds(home, "list", "--json", *arguments).stdout.splitlines()]


def recorded(home: Path, name: str) -> list[Kept]:
    """The events of that name in the operators' log."""
    leaves = read_leaves(home / "operator.sqlite", 0, 100)
    return [kept for kept in leaves if kept.leaf.event and kept.leaf.event.name == name]


def feed(home: Path, name: str, text: str) -> str:
    """A feed's file, and the option that names it."""
    (home / f"{name}.csv").write_text(text)
    return f"--feed={name}={home / name}.csv"


def test_a_run_says_which_rules_ran_and_which_could_not(home: Path):
    said = run(home)
    assert said["MU11"]["state"] == "RAN"
    assert (said["MU11"]["signals"], said["MU11"]["new"], said["MU11"]["version"]) == (1, 1, 1)
    assert (said["MU05"]["state"], said["MU05"]["because"], said["MU05"]["signals"]) == (
        "NOT_RUNNING",
        "without duty_roster",
        None,
    )
    assert said["MU02"]["because"] == "without alerts"
    text = leds(home, "run").stdout
    assert "MU11 v1  ran: 1 signals, 0 new\n" in text
    assert "MU10 v1  not running: without contact_events\n" in text


def test_running_again_adds_nothing_and_a_new_feed_adds_what_it_shows(home: Path):
    assert len(run(home)[""]["added"]) == 1
    assert run(home)[""]["added"] == []
    roster = feed(home, "duty_roster", table("duty_roster", ROSTER))
    asyncio.run(told(home, [alert("MU02", 10, "u-20-1").alert]))
    found = {(each["rule"], each["user"]) for each in run(home, roster)[""]["added"]}
    assert {("MU02", "u-20-1"), ("MU05", "u-20-4419"), ("MU05", "u-20-3")} <= found
    assert run(home, roster)[""]["added"] == []
    assert len(listed(home)) == 1 + len(found)


def test_a_signal_of_an_alert_says_how_to_find_its_request(home: Path):
    asyncio.run(told(home, [alert("MU02", 9, "u-20-1").alert]))
    found = next(each for each in run(home)[""]["added"] if each["rule"] == "MU02")
    shown = leds(home, "show", found["id"]).stdout
    _, _, command = " ".join(shown.split()).partition("leds audit search ")
    searched = subprocess.run(
        [sys.executable, "-m", "leds", "audit", "search", "--json", *command.split()],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = searched.stdout.splitlines()
    assert json.loads(line)["request"]["user"]["id"] == "u-20-1"


def test_a_period_has_what_ends_in_it(home: Path):
    day = (MONDAY + timedelta(days=1)).date().isoformat()
    assert run(home, "--since", day)[""]["added"] == []
    assert run(home, "--until", "2026-02-01")[""]["requests"] == 0
    assert len(run(home, "--since", "2026-02-02", "--until", day)[""]["added"]) == 1


async def looks(home: Path, times: list[datetime]) -> None:
    """A ledger in which one officer looks at one vehicle, without a reference."""
    keys = ensure_keys(home / "keys")
    store = SqliteLog(home / "ledger.sqlite", home / "ledger.checkpoint")
    ledger = await Ledger.open(store, LedgerKeys(keys.ledger, keys.sealing), ORIGIN, lambda: times[-1])
    for number, at in enumerate(times):
        intent = intent_of(number)
        leaf, said = replace(intent.leaf, occurred_at=utc_timestamp(at)), replace(STATEMENTS, reference=None)
        receipt = await ledger.append(Draft(leaf, said))
        outcome = outcome_of(receipt)
        await ledger.append(Draft(replace(outcome.leaf, occurred_at=utc_timestamp(at)), None, (), outcome.subjects))
    await ledger.close()


def test_rules_look_back_behind_the_period_for_what_ends_in_it(tmp_path: Path):
    times = [MONDAY + timedelta(days=2 * number) for number in range(11)]
    asyncio.run(looks(tmp_path, times))
    after = run(tmp_path, "--since", (times[-1] + timedelta(hours=1)).isoformat())
    assert (after["MU03"]["signals"], after["MU03"]["new"]) == (0, 0)
    assert run(tmp_path, "--since", times[-1].isoformat())["MU03"]["new"] == 1
    assert run(tmp_path)["MU03"]["new"] == 0


def test_what_is_found_and_every_look_is_recorded(home: Path):
    (added,) = run(home)[""]["added"]
    assert len(recorded(home, "ledger.misuse")) == 1
    (event,) = recorded(home, "misuse.run")
    assert event.leaf.event_type == "ALERT"
    (about,) = event.parts
    assert isinstance(about, About)
    assert about.said["MU11"] == added["id"]
    listed(home)
    leds(home, "show", added["id"])
    assert len(recorded(home, "misuse.list")) == 1
    (shown,) = recorded(home, "misuse.show")
    assert shown.leaf.event is not None
    assert shown.leaf.event.about == added["id"]


def test_a_person_decides_and_the_decision_is_in_the_operators_log(home: Path):
    (added,) = run(home)[""]["added"]
    asked = leds(home, "decide", added["id"], *DECIDED, "--outcome", "QUERY", "--json")
    assert asked.returncode == 0, asked.stderr
    assert [each["id"] for each in listed(home)] == [added["id"]], "an explanation is still to come"
    leds(home, "decide", added["id"], *DECIDED, "--outcome", "PROPER")
    assert listed(home) == []
    (kept,) = listed(home, "--all", "--rule", "MU11", "--organisation", "ORG-20")
    assert [each["outcome"] for each in kept["decisions"]] == ["QUERY", "PROPER"]
    first, second = recorded(home, "misuse.decide")
    assert (first.leaf.event_type, second.leaf.event and second.leaf.event.about) == ("REVIEW", added["id"])
    (about,) = second.parts
    assert isinstance(about, About)
    assert (about.said["outcome"], about.said["reviewer"]) == ("PROPER", "u-20-7")
    assert about.said["entries"].split() == added["entries"]
    assert "u-20-7" in leds(home, "show", added["id"]).stdout
    assert run(home)[""]["added"] == [], "what was decided is not asked again"


@pytest.mark.parametrize("name", ["u-20-3", "U-20-3 ", "PC Example"])
def test_nobody_decides_about_themselves_by_id_or_name(home: Path, name: str):
    (added,) = run(home)[""]["added"]
    ended = leds(home, "decide", added["id"], "--by", name, "--because", "all is well", "--outcome", "PROPER")
    assert (ended.returncode, "MISUSE_OWN_SIGNAL" in ended.stderr) == (2, True)
    assert recorded(home, "misuse.decide") == []
    assert listed(home)[0]["decisions"] == []


def test_nothing_that_is_found_or_decided_changes_a_fact_of_access(home: Path):
    (added,) = run(home)[""]["added"]
    leds(home, "decide", added["id"], *DECIDED, "--outcome", "REFERRED")
    kept = {each.name for each in home.iterdir() if each.is_file()}
    before = {"ledger.sqlite", "ledger.checkpoint", "ledger.sqlite.lock", "ledger.sqlite-wal", "ledger.sqlite-shm"}
    assert kept - before == {"misuse.sqlite", "operator.sqlite", "operator.checkpoint", "operator.sqlite.lock"}


def test_the_commands_cannot_reach_what_changes_access():
    code = "import sys, leds.commands.misuse; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "authz.misuse.detect" in loaded.split()
    changing = {"authz.fact_changes", "authz.fact_store", "authz.live_facts", "leds.access_facts", "leds.rings"}
    assert changing.isdisjoint(loaded.split())


def test_records_are_hashed_for_feeds_as_the_ledger_hashes_them(home: Path):
    found = leds(home, "hash", "Vehicle", told="VEH-1\nVEH-2\n").stdout.split()
    assert len(set(found)) == 2
    text = table("colleagues", [("ORG-20", "u-20-1", "OWN_VEHICLE", found[0])])
    assert run(home, feed(home, "colleagues", text))["MU08"]["new"] == 1


def test_a_feed_that_is_wrong_is_refused_by_line_and_nothing_is_judged(home: Path):
    text = table("hr_household", [("ORG-20", "u-1", hashed("home")), ("ORG-20", "u-2", "1 High Street")])
    ended = leds(home, "run", feed(home, "hr_household", text))
    assert ended.returncode == 2
    assert "MISUSE_FEED_INVALID" in ended.stderr
    assert "line 3: `household`" in ended.stderr
    assert "High Street" not in ended.stderr
    assert not (home / "misuse.sqlite").exists()


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no such feed": (("run", "--feed", "horoscope=README.md"), "CONFIGURATION_INVALID"),
    "a feed without a file": (("run", "--feed", "alerts"), "CONFIGURATION_INVALID"),
    "a feed twice": (("run", "--feed", "alerts=x", "--feed", "alerts=y"), "CONFIGURATION_INVALID"),
    "alerts that are not there": (("run", "--feed", "alerts=nothing"), "FILE_UNREADABLE"),
    "a file that is not there": (("run", "--feed", "colleagues=nothing.csv"), "FILE_UNREADABLE"),
    "a file that is no feed": (("run", "--feed", "colleagues=README.md"), "MISUSE_FEED_INVALID"),
    "alerts that are none": (("run", "--feed", "alerts=docs"), "FILE_UNREADABLE"),
    "no time": (("run", "--since", "yesterday"), "CONFIGURATION_INVALID"),
    "no such signal": (("show", "MU01-0"), "MISUSE_SIGNAL_UNKNOWN"),
    "a decision on none": (("decide", "MU01-0", *DECIDED, "--outcome", "PROPER"), "MISUSE_SIGNAL_UNKNOWN"),
    "nobody decides": (
        ("decide", "MU01-0", "--by", " ", "--because", "x", "--outcome", "PROPER"),
        "CONFIGURATION_INVALID",
    ),
    "for no reason": (
        ("decide", "MU01-0", "--by", "x", "--because", "", "--outcome", "PROPER"),
        "CONFIGURATION_INVALID",
    ),
}


@pytest.mark.parametrize(("arguments", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_with_a_code_and_advice(home: Path, arguments: tuple[str, ...], code: str):
    ended = leds(home, *arguments)
    assert (ended.returncode, ended.stderr.split(": ")[1]) == (2, code)
    assert "\n  → " in ended.stderr


def test_nothing_is_found_shown_or_decided_when_it_cannot_be_recorded(home: Path):
    (added,) = run(home)[""]["added"]
    (home / "operator.sqlite").write_bytes(b"no database" * 1000)
    for arguments in (
        ("run",),
        ("list",),
        ("show", added["id"]),
        ("decide", added["id"], *DECIDED, "--outcome", "PROPER"),
    ):
        ended = leds(home, *arguments)
        assert (ended.returncode, ended.stdout, "AUDIT_UNAVAILABLE" in ended.stderr) == (2, "", True)
    with edited(home / "misuse.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM misuse_decision").fetchone() == (0,)


def test_there_is_nothing_to_run_without_a_ledger(tmp_path: Path):
    assert "NO_DEMO" in leds(tmp_path, "run").stderr

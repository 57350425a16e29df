"""`leds audit` on a ledger as the service writes it: what it prints, writes, records and refuses."""

import asyncio
import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from authz.audit.ledger import LedgerKeys
from authz.audit.reading import Kept, newest_checkpoint, read_leaves
from leds.keys import ensure_keys
from tests.authz.audit.samples import intent_of
from tests.authz.audit.usage import MONDAY, Asked, edited, written
from tests.end_to_end.demo import ROOT, environment

ORIGIN = "leds-graph/gateway"
LEAVING = ("--to-whom", "ORG-20", "--approved-by", "DCI Example")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with keys and a ledger of some requests."""
    home = tmp_path_factory.mktemp("home")
    keys = ensure_keys(home / "keys")
    looked_up = keys.subject.subject("Vehicle", "VEH-1")
    requests = [
        Asked(
            operator=f"u-{number % 3}",
            at=MONDAY + timedelta(hours=number),
            subjects=[looked_up if number == 3 else f"v{number}"],
            refused=["P06"] if number % 4 == 0 else (),
        )
        for number in range(40)
    ]
    asyncio.run(written(home, requests, LedgerKeys(keys.ledger, keys.sealing), ORIGIN))
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A copy of it to work with."""
    return Path(shutil.copytree(filled, tmp_path / "home"))


def leds(home: Path, *arguments: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """`leds audit …`, with limits on the process where given."""
    return subprocess.run(
        [sys.executable, "-m", "leds", "audit", *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )


def events(home: Path) -> list[Kept]:
    """What the operators' log holds beside its witness leaves."""
    leaves = read_leaves(home / "operator.sqlite", 0, 100)
    return [kept for kept in leaves if kept.leaf.stage == "EVENT"]


def told(ended: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """How a refused command ended: its exit code and the code of its error."""
    assert ended.stdout == ""
    assert "\n  → " in ended.stderr, "what to do next is said"
    return ended.returncode, ended.stderr.split(": ")[1]


def test_tail_prints_the_newest_leaves_with_who_asked(home: Path):
    printed = leds(home, "tail", "-n", "2", "--json").stdout.splitlines()
    assert [json.loads(line)["position"] for line in printed] == [78, 79]
    assert "PC EXAMPLE" in leds(home, "tail", "-n", "1").stdout
    assert [kept.leaf.event.name for kept in events(home) if kept.leaf.event] == ["ledger.tail"] * 2


def test_search_prints_hits_newest_first_and_records_what_was_asked(home: Path):
    arguments = ("--operator", "u-1", "--refused", "P06", "--from", "2026-02-02", "--to", "2026-02-04", "--limit", "2")
    lines = [json.loads(line) for line in leds(home, "search", "--json", *arguments).stdout.splitlines()]
    assert [line["position"] for line in lines] == [57, 33]
    assert {(line["log"], line["request"]["user"]["id"]) for line in lines} == {(ORIGIN, "u-1")}
    assert "leaf" in leds(home, "search", *arguments).stdout
    event = events(home)[0]
    assert (event.leaf.event_type, event.leaf.event and event.leaf.event.name) == ("SEARCH", "ledger.search")
    said = event.about
    assert (said["operator"], said["refused_by"], said["limit"]) == ("u-1", "P06", "2")
    printed = leds(home, "search", "--event-type", "SEARCH", "--limit", "1").stdout
    assert "SEARCH · ledger.search" in printed
    assert f"by {said['by']}" in printed


def test_a_subject_is_searched_by_its_key_which_is_written_nowhere(home: Path):
    (line,) = leds(home, "search", "--json", "--subject", "Vehicle:VEH-1").stdout.splitlines()
    assert json.loads(line)["position"] == 7
    assert b"VEH-1" not in (home / "operator.sqlite").read_bytes()


def test_a_leaf_is_proven_by_audit_id_and_by_position_and_grown_from_an_older_checkpoint(home: Path):
    with edited(home / "ledger.sqlite") as connection:
        (name,) = connection.execute("SELECT audit_id FROM ledger_leaf WHERE position = 12").fetchone()
        (older,) = connection.execute("SELECT note FROM ledger_checkpoint WHERE size = 20").fetchone()
    (home / "older").write_text(older)
    by_id = json.loads(leds(home, "prove", name, "--json").stdout)
    by_position = json.loads(leds(home, "prove", "13", "--since", str(home / "older"), "--json").stdout)
    assert by_position.pop("consistency")["note"] == older
    assert by_id.pop("consistency") is None
    assert by_id == by_position
    assert by_id["checkpoint"] == newest_checkpoint(home / "ledger.sqlite")
    assert "Sealed, Subject" in leds(home, "prove", name).stdout
    assert json.loads(leds(home, "prove", name, "--without-parts", "--json").stdout)["openings"] == []


def test_an_export_is_recorded_before_it_is_whole_and_verifies_anywhere(home: Path, tmp_path: Path):
    out = tmp_path / "export.txt"
    assert leds(home, "export", "--out", str(out), *LEAVING).stdout == f"{out}: written\n"
    (event,) = events(home)
    trailer = json.loads(out.read_bytes().splitlines()[-1])
    assert event.leaf.event is not None
    assert event.leaf.event.about == f"sha256:{trailer['sha256']}"
    assert event.leaf.recipient is not None
    assert event.leaf.recipient.organisation == "ORG-20"
    assert event.about["approvedBy"] == "DCI Example"
    verifier = [sys.executable, "-m", "authz.verifier", "--key", str(home / "keys" / "ledger.pub.pem")]
    assert subprocess.run([*verifier, str(out)], cwd=ROOT, check=False, capture_output=True).returncode == 0
    assert subprocess.run([*verifier, str(home)], cwd=ROOT, check=False, capture_output=True).returncode == 0
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join([*lines[:9], *lines[10:]]))
    ended = subprocess.run([*verifier, str(out)], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (ended.returncode, "line 9" in ended.stdout) == (1, True)


def test_the_second_export_holds_the_event_of_the_first(home: Path, tmp_path: Path):
    for name in ("one.txt", "two.txt"):
        assert leds(home, "export", "--out", str(tmp_path / name), *LEAVING).returncode == 0
    assert b"ledger.export" not in (tmp_path / "one.txt").read_bytes()
    assert b"ledger.export" in (tmp_path / "two.txt").read_bytes()


def test_the_report_is_written_and_recorded_by_its_hash(home: Path, tmp_path: Path):
    out = tmp_path / "report.html"
    assert leds(home, "report", "--out", str(out), "--organisation", "ORG-20", *LEAVING).returncode == 0
    assert "Inspection of use: West Midlands Police" in out.read_text()
    (event,) = events(home)
    assert event.leaf.event is not None
    assert event.leaf.event.name == "ledger.report"


def test_a_copy_elsewhere_is_read_without_a_record(home: Path, tmp_path: Path):
    copy = shutil.copy(home / "ledger.sqlite", tmp_path / "copy.sqlite")
    assert len(leds(home, "search", "--ledger", str(copy), "--json", "--limit", "3").stdout.splitlines()) == 3
    assert not (home / "operator.sqlite").exists()


def test_the_ledger_is_read_and_exported_while_the_service_writes_it(home: Path, tmp_path: Path):
    writer = f"""
import asyncio, datetime, sys
from pathlib import Path
from authz.audit.ledger import Ledger, LedgerKeys
from authz.audit.store_sqlite import SqliteLog
from leds.keys import load_keys
from tests.authz.audit.samples import intent_of
async def main():
    home = Path({str(home)!r}); keys = load_keys(home / "keys")
    store = SqliteLog(home / "ledger.sqlite", home / "ledger.checkpoint")
    now = lambda: datetime.datetime.now(datetime.UTC)
    ledger = await Ledger.open(store, LedgerKeys(keys.ledger, keys.sealing), {ORIGIN!r}, now)
    await ledger.append(intent_of(5000)); print("holding", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await ledger.close()
asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", writer], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        assert leds(home, "export", "--out", str(tmp_path / "export.txt"), *LEAVING).returncode == 0
        assert intent_of(5000).leaf.audit_id.encode() in (tmp_path / "export.txt").read_bytes()
        process.communicate()
    assert process.returncode == 0


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no such id": (("prove", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), "AUDIT_PROOF_UNAVAILABLE"),
    "no such position": (("prove", "80"), "AUDIT_PROOF_UNAVAILABLE"),
    "no such log": (("search", "--log", "leds-graph/other"), "UNKNOWN_NAME"),
    "no ledger": (("search", "--ledger", "nothing.sqlite"), "NO_DEMO"),
    "a file that is no ledger": (("search", "--ledger", "README.md"), "AUDIT_LEDGER_UNREADABLE"),
    "no time": (("search", "--from", "yesterday"), "CONFIGURATION_INVALID"),
    "no subject": (("search", "--subject", "Vehicle"), "UNKNOWN_NAME"),
    "a kind of subject that is none": (("search", "--subject", "Vehcle:VEH-1"), "UNKNOWN_NAME"),
    "a checkpoint that is none": (("prove", "1", "--since", "README.md"), "AUDIT_LEDGER_UNREADABLE"),
    "a checkpoint that is not there": (("prove", "1", "--since", "nothing"), "FILE_UNREADABLE"),
    "no such recipient": (("export", "--out", "x", "--to-whom", "X", "--approved-by", "Y"), "UNKNOWN_NAME"),
    "no approver": (("export", "--out", "x", "--to-whom", "ORG-20", "--approved-by", " "), "CONFIGURATION_INVALID"),
    "a file that is there": (("export", "--out", "README.md", *LEAVING), "FILE_EXISTS"),
    "a report that is there": (("report", "--out", "README.md", *LEAVING), "FILE_EXISTS"),
    "a folder that is not there": (("export", "--out", "nothing/x", *LEAVING), "FILE_UNWRITABLE"),
    "no such organisation": (("report", "--out", "x", "--organisation", "ORG", *LEAVING), "UNKNOWN_NAME"),
}


@pytest.mark.parametrize(("arguments", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_with_a_code_and_advice(filled: Path, arguments: tuple[str, ...], code: str):
    assert told(leds(filled, *arguments)) == (2, code)


def test_a_full_disk_leaves_no_half_file_and_what_was_there_before(home: Path, tmp_path: Path):
    out = tmp_path / "export.txt"
    out.write_bytes(b"before")
    ended = leds(home, "export", "--out", str(out), "--force", *LEAVING, limit=at_most_a_few_pages)
    assert told(ended) == (2, "FILE_UNWRITABLE")
    assert out.read_bytes() == b"before"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["export.txt", "home"]


def at_most_a_few_pages() -> None:
    """No file of the process may grow beyond this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))


def test_nothing_is_read_or_leaves_when_it_cannot_be_recorded(home: Path, tmp_path: Path):
    (home / "operator.sqlite").write_bytes(b"no database" * 1000)
    assert told(leds(home, "search")) == (2, "AUDIT_UNAVAILABLE")
    assert told(leds(home, "export", "--out", str(tmp_path / "export.txt"), *LEAVING)) == (2, "AUDIT_UNAVAILABLE")
    assert told(leds(home, "report", "--out", str(tmp_path / "report.html"), *LEAVING)) == (2, "AUDIT_UNAVAILABLE")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home"]

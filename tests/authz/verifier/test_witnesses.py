"""What others hold of a log – checkpoints, receipts, other logs' witness leaves – and what it shows."""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from authz.verifier.evidence import ReceiptUnreadable
from authz.verifier.findings import Fault, Finding, Verdict
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.verifier.writing import (
    OTHER_KEY,
    Book,
    checkpoint,
    event,
    sample,
    sample_book,
    tree_root,
    verifier_key,
    witness,
)

ALERTS = "leds.test/alerts"
KEYS = read_keys([verifier_key(), verifier_key(ALERTS)])


def verdict(book: Book, **evidence: list[str]) -> Verdict:
    return verify([book.database], KEYS, **evidence)


def found(result: Verdict) -> tuple[Finding, int | None] | None:
    return (result.first.finding, result.first.position) if result.first else None


def roll_back(book: Book) -> None:
    """Put database and file back to where they were two commits after the beginning."""
    for table in ("leaf", "part", "hash"):
        book.run(f"DELETE FROM ledger_{table} WHERE position >= 8")
    book.run("DELETE FROM ledger_checkpoint WHERE size > 8")
    book.file.write_text(book.note(8))


def fork(folder: Path) -> Book:
    """The same log, the same key, and from the second commit on other leaves."""
    folder.mkdir()
    book = sample_book(folder, commits=1)
    for number in (7, 8):
        book.commit([event(number * 10 + one) for one in range(4)])
    return book


def test_a_consistent_rollback_shows_only_to_who_holds_something(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    held, receipt, earlier = book.note(12), book.receipt(9), book.receipt(5)
    assert verdict(book, checkpoints=[held, book.note(4)], receipts=[receipt, earlier]).intact
    roll_back(book)
    assert verdict(book).intact
    assert verdict(book, checkpoints=[book.note(8)], receipts=[earlier]).intact
    assert found(verdict(book, checkpoints=[held])) == (Finding.TAIL_CUT, 8)
    assert found(verdict(book, receipts=[earlier, receipt])) == (Finding.TAIL_CUT, 8)


def test_a_rollback_with_leaves_written_since_is_a_fork(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    held, receipt, agreed = book.note(12), book.receipt(9), book.note(4)
    roll_back(book)
    book.commit([event(700 + number) for number in range(6)])
    assert verdict(book).intact
    assert found(verdict(book, checkpoints=[held, agreed])) == (Finding.FORKED, 4)
    assert found(verdict(book, receipts=[receipt])) == (Finding.FORKED, 0)
    assert found(verdict(book, checkpoints=[agreed], receipts=[receipt])) == (Finding.FORKED, 4)


def test_a_file_of_another_log_is_none_of_this_one(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.file.write_text(checkpoint(12, tree_root(book.hashes()), book.now, ALERTS))
    assert found(verdict(book)) == (Finding.CHECKPOINT_FORGED, None)


def test_a_file_of_another_history_is_a_fork(tmp_path: Path) -> None:
    ours, theirs = sample_book(tmp_path), fork(tmp_path / "theirs")
    ours.file.write_text(theirs.file.read_text())
    assert found(verdict(ours)) == (Finding.FORKED, 0)
    assert found(verdict(ours, checkpoints=[theirs.note(4)])) == (Finding.FORKED, 4)


def test_a_checkpoint_that_somebody_holds_and_nothing_stores_is_missing(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    held = book.note(8)
    book.run("DELETE FROM ledger_checkpoint WHERE size = 8")
    assert verdict(book).intact
    assert found(verdict(book, checkpoints=[held])) == (Finding.CHECKPOINT_MISSING, 4)


@pytest.mark.parametrize("size", [5, 6, 7, 9])
def test_a_signed_checkpoint_that_was_never_stored_is_compared_all_the_same(tmp_path: Path, size: int) -> None:
    book = sample_book(tmp_path)
    ours = checkpoint(size, tree_root(book.hashes()[:size]), book.now)
    theirs = checkpoint(size, bytes(32), book.now)
    position = size // 4 * 4
    assert found(verdict(book, checkpoints=[ours])) == (Finding.CHECKPOINT_MISSING, position)
    assert found(verdict(book, checkpoints=[theirs])) == (Finding.FORKED, 0)


def test_a_recomputed_leaf_is_no_fork_although_a_witness_contradicts_it(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    receipt = book.receipt(5)
    book.edit(5)
    book.rehash()
    assert found(verdict(book, receipts=[receipt])) == (Finding.RECOMPUTED, 4)


def test_a_checkpoint_of_another_key_is_no_witness(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    forged = checkpoint(12, bytes(32), book.now, key=OTHER_KEY)
    assert found(verdict(book, checkpoints=[forged])) == (Finding.CHECKPOINT_FORGED, None)
    assert found(verdict(book, checkpoints=["hello"])) == (Finding.CHECKPOINT_FORGED, None)


def test_a_checkpoint_that_others_signed_as_well_is_a_witness(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    cosigned = book.note(12) + checkpoint(12, bytes(32), book.now, "witness.test", OTHER_KEY).partition("\n\n")[2]
    assert verdict(book, checkpoints=[cosigned]).intact
    assert found(verdict(book, checkpoints=[cosigned.replace("\n12\n", "\n11\n")])) == (Finding.CHECKPOINT_FORGED, None)


def test_a_receipt_that_names_another_entry_is_a_note(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    receipt = json.dumps({**json.loads(book.receipt(5)), "entry": "another"})
    assert verdict(book, receipts=[receipt]).intact
    assert len(verdict(book, receipts=[receipt]).logs[0].notes) == 1


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{", '{"entry": "E", "log": "L", "index": "0", "leaf": "00"}', '{"log": "L", "index": 0, "leaf": "00"}']
    + [f'{{"entry": "E", "log": "L", "index": {index}, "leaf": "00"}}' for index in ("-1", "true", 2**63)]
    + ['{"entry": "E", "log": "L", "index": 0, "leaf": "zz"}', "[" * 100_000],
)
def test_what_is_no_receipt_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ReceiptUnreadable):
        verdict(sample_book(tmp_path), receipts=[line])


# Several logs of one ledger


def two_logs(folder: Path) -> tuple[Book, Book]:
    """A log, and a log of alerts that witnessed the first one's checkpoints over 8 and over 12 leaves."""
    ledger = sample_book(folder)
    alerts = Book(folder, "alerts", ALERTS)
    alerts.commit([event(1), witness(2, [ledger.note(8)]), witness(3, [ledger.note(12)])])
    ledger.now = alerts.now
    ledger.commit([witness(50, [alerts.note(3)])])
    return ledger, alerts


def rewrite(book: Book) -> None:
    """What who holds the signing key can do: other leaves under good signatures."""
    book.edit(5)
    book.run("DELETE FROM ledger_part WHERE position = 12")
    book.rehash()
    for size in (8, 12, 13):
        book.sign(size)
    book.file.write_text(book.note(13))


LOG_TAMPERINGS: list[tuple[str, Callable[[Book, Book], object], list[tuple[str, Finding, int | None]]]] = [
    ("nothing", lambda ledger, alerts: None, []),
    ("edited", lambda ledger, alerts: ledger.edit(5), [("ledger", Finding.EDITED, 5)]),
    ("edited alert", lambda ledger, alerts: alerts.edit(0), [("alerts", Finding.EDITED, 0)]),
    ("rolled back", lambda ledger, alerts: roll_back(ledger), [("ledger", Finding.TAIL_CUT, 8)]),
    (
        "rewritten",
        lambda ledger, alerts: rewrite(ledger),
        [("ledger", Finding.FORKED, 0), ("ledger", Finding.FORKED, 0)],
    ),
    (
        "log of alerts gone",
        lambda ledger, alerts: (alerts.database.unlink(), alerts.file.unlink()),
        [("alerts", Finding.TAIL_CUT, 0)],
    ),
    (
        "a witnessed checkpoint gone",
        lambda ledger, alerts: ledger.run("DELETE FROM ledger_checkpoint WHERE size = 8"),
        [("ledger", Finding.CHECKPOINT_MISSING, 4)],
    ),
    (
        "a log that cannot be read",
        lambda ledger, alerts: alerts.run("DROP TABLE ledger_leaf"),
        [("alerts", Finding.UNREADABLE, None)],
    ),
    (
        "a witness of what nobody signed",
        lambda ledger, alerts: alerts.commit([witness(9, [checkpoint(8, bytes(32), alerts.now, key=OTHER_KEY)])]),
        [("alerts", Finding.CHECKPOINT_FORGED, 3)],
    ),
]


@pytest.mark.parametrize(("tamper", "faults"), [t[1:] for t in LOG_TAMPERINGS], ids=[t[0] for t in LOG_TAMPERINGS])
def test_the_logs_of_a_ledger_bear_witness_of_each_other(
    tmp_path: Path, tamper: Callable[[Book, Book], object], faults: list[tuple[str, Finding, int | None]]
) -> None:
    tamper(*two_logs(tmp_path))
    result = verify([tmp_path], KEYS)
    named = [(log.origin.removeprefix("leds.test/"), each(fault)) for log in result.logs for fault in log.faults]
    assert [(origin, *fault) for origin, fault in named] == faults, str(result)


def each(fault: Fault) -> tuple[Finding, int | None]:
    return fault.finding, fault.position


def test_a_log_that_was_not_given_is_no_fault_of_the_one_that_was(tmp_path: Path) -> None:
    ledger, alerts = two_logs(tmp_path)
    result = verify([ledger.database], KEYS, receipts=[alerts.receipt(0)])
    assert result.intact
    assert len(result.notes) == 1


def test_a_folder_without_a_ledger_is_not_intact(tmp_path: Path) -> None:
    assert found(verify([tmp_path], KEYS)) == (Finding.UNREADABLE, None)


# Running and copied


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Book]:
    """A log whose writer has it open."""
    book = sample_book(tmp_path)
    book.run("PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(book.database)) as connection:
        connection.execute("SELECT count(*) FROM ledger_leaf").fetchone()
        yield book


@pytest.mark.parametrize(("started", "leaves"), [(True, 12), (False, 16)], ids=["running", "started meanwhile"])
def test_a_log_verifies_as_of_one_moment_while_it_is_written(
    request: pytest.FixtureRequest, tmp_path: Path, started: bool, leaves: int
) -> None:
    book = request.getfixturevalue("running") if started else sample_book(tmp_path)
    seen: list[bool] = []

    def write_on(origin: str, position: int) -> None:
        if position == 6 and not seen:
            book.commit(sample(3))
            seen.append(verify([book.database], KEYS).intact)

    result = verify([book.database], KEYS, progress=write_on)
    assert (result.intact, result.logs[0].leaves, seen) == (True, leaves, [True]), str(result)


def test_a_file_that_ran_ahead_while_the_log_was_read_is_no_rollback(running: Book) -> None:
    book = running
    book.file.unlink()
    os.mkfifo(book.file)

    def write_on() -> None:
        with book.file.open("w") as reader:  # waits until the verifier, which has its snapshot, reads the file
            book.commit(sample(3), place=False)
            reader.write(book.note(16))

    writer = threading.Thread(target=write_on)
    writer.start()
    result = verdict(book)
    writer.join(60)
    assert (result.intact, result.logs[0].leaves) == (True, 12), str(result)


def test_a_copy_on_a_read_only_medium_verifies_and_stays_as_it_is(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in (book.database, book.file):
        (folder / file.name).write_bytes(file.read_bytes())
    folder.chmod(0o500)
    result = verify([folder], KEYS)
    folder.chmod(0o700)
    assert result.intact
    assert sorted(path.name for path in folder.iterdir()) == ["ledger.checkpoint", "ledger.sqlite"]


def test_a_log_whose_key_is_not_known_proves_nothing(tmp_path: Path) -> None:
    result = verify([sample_book(tmp_path).database], read_keys([verifier_key("leds.test/other")]))
    assert (result.intact, result.logs[0].proven) == (False, 0)
    assert result.logs[0].notes == ("No key of this log was given.",)


def test_a_key_that_replaced_another_one_is_trusted_beside_it(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.key = OTHER_KEY
    book.now += timedelta(days=1)
    book.commit([event(900)])
    assert not verdict(book).intact
    assert verify([book.database], read_keys([verifier_key(), verifier_key(key=OTHER_KEY)])).intact

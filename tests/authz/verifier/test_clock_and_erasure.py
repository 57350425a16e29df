"""Times that go back, and what is gone: named by an event of the log it is accounted for, else it was deleted."""

from datetime import timedelta
from pathlib import Path

import pytest

from authz.verifier.findings import Finding, Verdict
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.verifier.writing import (
    Book,
    Draft,
    event,
    sample_book,
    verifier_key,
)

KEYS = read_keys([verifier_key()])


def verdict(book: Book) -> Verdict:
    return verify([book.database], KEYS)


def test_a_leaf_dated_before_one_before_it_is_named(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    back = Draft(event(900).said, at=book.now - timedelta(minutes=6))
    book.commit([event(901), back, event(902)])
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.CLOCK, 13)


@pytest.mark.parametrize("draft", [{"at": -4}, {"at": -6, "spooled": True}], ids=["little", "spooled"])
def test_a_leaf_that_was_spooled_or_came_a_little_late_is_in_order(tmp_path: Path, draft: dict) -> None:
    book = sample_book(tmp_path)
    said = {**event(900).said, "spooled": draft.get("spooled", False)}
    book.commit([event(901), Draft(said, at=book.now + timedelta(minutes=draft["at"]))])
    assert verdict(book).intact


def test_one_leaf_from_the_future_does_not_make_all_others_doubtful(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.commit([Draft(event(900).said, at=book.now + timedelta(days=1)), *(event(901 + n) for n in range(5))])
    book.sign(18, at=book.now + timedelta(days=1))
    book.file.write_text(book.note(18))
    assert [(fault.finding, fault.position) for fault in verdict(book).logs[0].faults] == [(Finding.CLOCK, 13)]


def test_a_checkpoint_dated_before_its_leaves_names_the_latest_of_them(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.sign(12, at=book.now - timedelta(minutes=6))
    book.file.write_text(book.note(12))
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.CLOCK, 11)


def test_a_checkpoint_dated_before_the_one_before_it_names_its_first_leaf(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.sign(4, at=book.now + timedelta(minutes=6))
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.CLOCK, 4)


LEAF = ("leaf", "part")


def test_an_erased_part_that_an_event_names_is_accounted_for(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.erase(5, 1)
    book.erase(0, 0)
    book.commit([event(900, "ERASE", "5/1"), event(901, "ERASE", "0/0")])
    assert verdict(book).intact


@pytest.mark.parametrize(
    ("kind", "about"),
    [("CONFIG", "5/1"), ("ERASE", "5/2"), ("ERASE", "4/1"), ("ERASE", "5"), ("ERASE", "05/1"), ("ERASE", None)],
)
def test_an_erased_part_that_nothing_names_is_gone(tmp_path: Path, kind: str, about: str | None) -> None:
    book = sample_book(tmp_path)
    book.erase(5, 1)
    book.commit([event(900, kind, about)])
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.DELETED, 5)


def test_dropped_leaves_that_events_name_are_accounted_for(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.delete(0, 4, *LEAF)
    book.delete(6, 6, *LEAF)
    book.commit([event(900, "ERASE", "0-4"), event(901, "ERASE", "6-6")])
    assert verdict(book).intact


@pytest.mark.parametrize(("about", "position"), [("0-3", 4), ("1-4", 0), ("0-1", 2), ("4-0", 0), ("5-9", 0)])
def test_a_leaf_dropped_beyond_what_the_event_names_is_gone(tmp_path: Path, about: str, position: int) -> None:
    book = sample_book(tmp_path)
    book.delete(0, 4, *LEAF)
    book.commit([event(900, "ERASE", about)])
    assert [(fault.finding, fault.position) for fault in verdict(book).logs[0].faults] == [(Finding.DELETED, position)]


def test_an_erasure_is_not_explained_by_an_event_before_it_was_written(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.commit([event(900, "ERASE", "14/0"), event(901), event(902)])
    book.erase(14, 0)
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.DELETED, 14)


def test_an_edited_event_is_named_before_what_it_no_longer_explains(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.erase(5, 1)
    book.commit([event(900, "ERASE", "5/1")])
    book.edit(12)
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.EDITED, 12)

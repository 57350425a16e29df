"""Exports: every line that was changed, dropped, swapped or doubled is named, and what is in them is verified."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from authz.verifier.findings import Finding, Verdict
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.verifier.writing import (
    KEY,
    NOTHING,
    ORIGIN,
    OTHER_KEY,
    Book,
    canonical,
    chained,
    event,
    export,
    leaf_hash,
    sample_book,
    tree_root,
    verifier_key,
)

KEYS = read_keys([verifier_key()])
Lines = list[bytes]


def verdict(folder: Path, lines: Sequence[bytes], trusted: bool = True, **evidence: list[str]) -> Verdict:
    file = folder / "export.jsonl"
    file.write_bytes(b"".join(lines))
    return verify([file], KEYS if trusted else None, **evidence)


def change(lines: Lines, number: int) -> Lines:
    """One digit of the line's own hash: the least there is to change."""
    line = lines[number]
    place = line.index(b'"chain":"') + 9
    digit = b"1" if line[place : place + 1] == b"0" else b"0"
    return [*lines[:number], line[:place] + digit + line[place + 1 :], *lines[number + 1 :]]


def change_its_middle(lines: Lines, number: int) -> Lines:
    line = lines[number]
    middle = len(line) // 2
    return [*lines[:number], line[:middle] + bytes([line[middle] ^ 1]) + line[middle + 1 :], *lines[number + 1 :]]


def drop(lines: Lines, number: int) -> Lines:
    return [*lines[:number], *lines[number + 1 :]]


def swap_with_the_next(lines: Lines, number: int) -> Lines:
    return [*lines[:number], *reversed(lines[number : number + 2]), *lines[number + 2 :]]


def double(lines: Lines, number: int) -> Lines:
    return [*lines[: number + 1], lines[number], *lines[number + 1 :]]


def cut_short(lines: Lines, number: int) -> Lines:
    return [*lines[:number], lines[number][:-1]]


def cut_behind(lines: Lines, number: int) -> Lines:
    return lines[: number + 1]


WAYS: list[tuple[Callable[[Lines, int], Lines], int]] = [
    (change, 0),
    (change_its_middle, 0),
    (drop, 0),
    (swap_with_the_next, 0),
    (double, 1),
    (cut_short, 0),
    (cut_behind, 1),
]


@pytest.mark.parametrize(("way", "named"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_every_line_that_is_not_as_it_was_written_is_named(
    tmp_path: Path, way: Callable[[Lines, int], Lines], named: int
) -> None:
    lines = export(sample_book(tmp_path))
    assert verdict(tmp_path, lines).intact
    for number in range(1, len(lines)):
        if way(lines, number) != lines:
            result = verdict(tmp_path, way(lines, number))
            assert not result.intact
            assert result.first is not None
            assert result.first.line == number + named, str(result)
            assert f"line {number + named}" in str(result)


@pytest.mark.parametrize(
    ("way", "finding"),
    [
        (change, Finding.EDITED),
        (drop, Finding.DELETED),
        (swap_with_the_next, Finding.REORDERED),
        (double, Finding.INSERTED),
        (cut_short, Finding.EDITED),
        (cut_behind, Finding.TAIL_CUT),
    ],
)
def test_what_happened_to_a_line_is_said(tmp_path: Path, way: Callable, finding: Finding) -> None:
    first = verdict(tmp_path, way(export(sample_book(tmp_path)), 5)).first
    assert first is not None
    assert first.finding is finding


def test_an_export_without_given_keys_says_that_it_is_only_held_against_its_own(tmp_path: Path) -> None:
    result = verdict(tmp_path, export(sample_book(tmp_path)), trusted=False)
    assert (result.intact, len(result.notes)) == (True, 1)


def test_an_export_of_another_key_is_not_trusted(tmp_path: Path) -> None:
    lines = export(sample_book(tmp_path, key=OTHER_KEY), key=OTHER_KEY)
    assert verdict(tmp_path, lines, trusted=False).intact
    assert not verdict(tmp_path, lines).intact


def again(lines: Lines, key: object = KEY) -> list[dict]:
    """The lines as somebody who would write them anew has them."""
    said = [json.loads(line) for line in lines[:-1]]
    for line in said:
        del line["chain"]
    return said


def leaf_line(said: list[dict], position: int) -> dict:
    return next(line for line in said if line["kind"] == "leaf" and line["position"] == position)


def edit_leaf(said: list[dict]) -> None:
    line = leaf_line(said, 5)
    line["canonical"] = line["canonical"].replace("RR14", "RR15")


def edit_leaf_and_hash(said: list[dict]) -> None:
    edit_leaf(said)
    line = leaf_line(said, 5)
    line["hash"] = leaf_hash(line["canonical"].encode()).hex()


def edit_part(said: list[dict]) -> None:
    next(line for line in said if line["kind"] == "part" and line["position"] == 5)["salt"] = "00" * 16


def drop_leaf(said: list[dict]) -> None:
    said[:] = [line for line in said if line.get("position") != 5]


def drop_tail(said: list[dict]) -> None:
    said[:] = [line for line in said if line.get("position", 0) < 10]


def forge_checkpoint(said: list[dict]) -> None:
    last = [line for line in said if line["kind"] == "checkpoint"][-1]
    last["note"] = last["note"].replace("\n12\n", "\n13\n")


def move_checkpoint(said: list[dict]) -> None:
    said.append(said.pop(next(number for number, line in enumerate(said) if line["kind"] == "checkpoint")))


REWRITTEN: list[tuple[Callable[[list[dict]], None], Finding, int | None]] = [
    (edit_leaf, Finding.EDITED, 5),
    (edit_leaf_and_hash, Finding.RECOMPUTED, 4),
    (edit_part, Finding.EDITED, 5),
    (drop_leaf, Finding.DELETED, 5),
    (drop_tail, Finding.TAIL_CUT, 10),
    (forge_checkpoint, Finding.CHECKPOINT_FORGED, 8),
    (move_checkpoint, Finding.CHECKPOINT_FORGED, 12),
]


@pytest.mark.parametrize(("rewrite", "finding", "position"), REWRITTEN, ids=[row[0].__name__ for row in REWRITTEN])
def test_an_export_written_anew_is_neither_signed_nor_does_it_hide_what_was_changed(
    tmp_path: Path, rewrite: Callable[[list[dict]], None], finding: Finding, position: int | None
) -> None:
    said = again(export(sample_book(tmp_path)))
    rewrite(said)
    forged = verdict(tmp_path, chained(said, ORIGIN, OTHER_KEY))
    assert [fault.finding for fault in forged.faults] == [Finding.EXPORT_FORGED]
    signed = verdict(tmp_path, chained(said, ORIGIN, KEY))
    assert signed.first is not None
    assert (signed.first.finding, signed.first.position) == (finding, position), str(signed)


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "leaf", "log": ORIGIN},
        {"kind": "other", "log": ORIGIN},
        {"kind": "header", "format": "leds-audit-export/2", "exportedAt": "", "logs": [], "keys": []},
        {"kind": "checkpoint", "log": "leds.test/other", "note": ""},
        {"kind": "node", "log": ORIGIN, "level": 63, "index": 0, "hash": "00" * 32},
        {"kind": "node", "log": ORIGIN, "level": 8, "index": -1, "hash": "00" * 32},
        {"kind": "part", "log": ORIGIN, "position": 0, "slot": 0, "salt": "0", "canonical": ""},
        {"kind": []},
    ],
)
def test_a_signed_line_that_is_none_of_an_export_is_malformed(tmp_path: Path, line: dict) -> None:
    said = [*again(export(sample_book(tmp_path))), line]
    first = verdict(tmp_path, chained(said, ORIGIN, KEY)).first
    assert first is not None
    assert (first.finding, first.line) == (Finding.MALFORMED, len(said) - 1)


def test_a_leaf_that_is_not_the_signed_one_is_named_beside_a_line_that_was_changed_behind_it(tmp_path: Path) -> None:
    said = again(export(sample_book(tmp_path)))
    edit_leaf_and_hash(said)
    lines = chained(said, ORIGIN, KEY)
    result = verdict(tmp_path, change(lines, len(lines) - 3))
    assert [fault.line for fault in result.faults] == [len(lines) - 3]
    assert [(fault.finding, fault.position) for fault in result.logs[0].faults] == [(Finding.RECOMPUTED, 4)]


def test_leaves_that_were_not_asked_for_are_proven_by_their_hashes(tmp_path: Path) -> None:
    lines = export(sample_book(tmp_path), held=lambda position: position in (5, 6))
    [log] = verdict(tmp_path, lines).logs
    assert (log.faults, log.leaves, log.proven, len(log.notes)) == ((), 12, 12, 1)


def test_a_receipt_for_a_leaf_that_is_not_in_an_export_is_compared_with_its_hash(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    lines = export(book, held=lambda position: position == 5)
    assert verdict(tmp_path, lines, receipts=[book.receipt(9)]).intact
    book.edit(9)
    first = verdict(tmp_path, lines, receipts=[book.receipt(9)]).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.FORKED, 0)


def test_hashes_of_whole_subtrees_stand_for_many_leaves(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.commit([event(number, parts=False) for number in range(300)])
    said = again(export(book))
    header, first, *places, newest = said
    root = tree_root(book.hashes()[:256]).hex()
    block = {"kind": "node", "log": ORIGIN, "level": 8, "index": 0, "hash": root}
    short = [header, first, block, *(line for line in places if line["position"] >= 256), newest]
    assert verdict(tmp_path, chained(short, ORIGIN, KEY)).logs[0].proven == 300
    [log] = verdict(tmp_path, chained(short, ORIGIN, KEY), receipts=[book.receipt(9), book.receipt(299)]).logs
    assert (log.faults, log.notes[1]) == ((), "Receipts and checkpoints that cannot be compared with the export: 1.")
    block["index"] = 1
    misplaced = verdict(tmp_path, chained(short, ORIGIN, KEY)).first
    assert misplaced is not None
    assert (misplaced.finding, misplaced.position) == (Finding.DELETED, 0)


def test_an_erased_part_stays_erased_in_an_export(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.erase(5, 1)
    assert verdict(tmp_path, export(book)).logs[0].faults[0].finding is Finding.DELETED
    book.commit([event(900, "ERASE", "5/1")])
    assert verdict(tmp_path, export(book)).intact


def test_a_log_that_the_header_names_must_be_there(tmp_path: Path) -> None:
    said = again(export(sample_book(tmp_path)))
    said[0]["logs"] = [ORIGIN, "leds.test/alerts"]
    [fault] = verdict(tmp_path, chained(said, ORIGIN, KEY)).faults
    assert fault.finding is Finding.DELETED


def test_an_export_of_several_logs_is_held_against_what_they_witnessed(tmp_path: Path) -> None:
    ledger = sample_book(tmp_path)
    alerts = Book(tmp_path, "alerts", "leds.test/alerts")
    notes = [ledger.note(12)]
    said = {
        **NOTHING,
        "stage": "WITNESS",
        "auditId": "0" * 26,
        "witnessed": notes,
        "occurredAt": "2026-02-02T21:14:07.318Z",
    }
    whole, _, _ = alerts.committed(said, [])
    alerts.store(0, whole, b"", [])
    alerts.run(("INSERT INTO ledger_hash VALUES (0, ?)", (leaf_hash(canonical(whole)),)))
    alerts.sign(1)
    keys = read_keys([verifier_key(), verifier_key(alerts.origin)])

    def of_both() -> Verdict:
        header, *first = again(export(ledger))
        lines = [{**header, "logs": [ORIGIN, alerts.origin]}, *first, *again(export(alerts))[1:]]
        file = tmp_path / "export.jsonl"
        file.write_bytes(b"".join(chained(lines, ORIGIN, KEY)))
        return verify([file], keys)

    assert of_both().intact
    for table in ("leaf", "part", "hash"):
        ledger.run(f"DELETE FROM ledger_{table} WHERE position >= 8")
    ledger.run("DELETE FROM ledger_checkpoint WHERE size > 8")
    first = of_both().first
    assert first is not None
    assert (first.finding, first.position) == (Finding.TAIL_CUT, 8)


def test_an_export_is_held_against_receipts_and_checkpoints_kept_elsewhere(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    receipt, held = book.receipt(9), book.note(12)
    assert verdict(tmp_path, export(book), receipts=[receipt], checkpoints=[held]).intact
    book.run("DELETE FROM ledger_hash WHERE position >= 8", "DELETE FROM ledger_checkpoint WHERE size > 8")
    lines = export(book)
    for evidence in ({"receipts": [receipt]}, {"checkpoints": [held]}):
        first = verdict(tmp_path, lines, **evidence).first
        assert first is not None
        assert (first.finding, first.position) == (Finding.TAIL_CUT, 8)


@pytest.mark.parametrize("content", [b"{", b"{}\n", b'{"line":0}\n', b"{\xff}\n", b"{" * 100_000])
def test_what_is_no_export_is_said_of_its_first_line(tmp_path: Path, content: bytes) -> None:
    [fault] = verdict(tmp_path, [content]).faults
    assert fault.line == 0

"""Bytes under good signatures that are no leaf, or no part, of this version of the format."""

from collections.abc import Callable
from pathlib import Path

import pytest

from authz.verifier.findings import Finding, Verdict
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.verifier.writing import (
    NOTHING,
    REQUEST,
    SEALED,
    START,
    STATEMENTS,
    Book,
    canonical,
    checkpoint,
    event,
    intent,
    leaf_hash,
    outcome,
    sample_book,
    subject,
    timestamp,
    verifier_key,
    witness,
)

KEYS = read_keys([verifier_key()])


def verdict(book: Book) -> Verdict:
    return verify([book.database], KEYS)


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ({"format": "leds-audit-leaf/1"}, "format"),
        ({"auditId": "X"}, "auditId"),
        ({"surplus": None}, "keys"),
        ({"stage": "OTHER"}, "stage"),
        ({"world": "REAL"}, "world"),
        ({"part": -1}, "part"),
        ({"part": True}, "part"),
        ({"occurredAt": "2026-02-30T00:00:00.000Z"}, "occurredAt"),
        ({"occurredAt": "yesterday"}, "occurredAt"),
        ({"outcome": "OK"}, "outcome"),
        ({"event": None}, "event"),
        ({"witnessed": ["no checkpoint"]}, "witnessed"),
        ({"recipient": {"organisation": "X", "transfer": False}}, "recipient"),
        ({"refusals": [{"coordinate": "A.b", "form": "SILENT", "dataset": None, "policies": []}]}, "refusals"),
        ({"retention": 14}, "retention"),
        ({"parts": {"root": "00" * 32, "slots": 3}}, "slots"),
    ],
)
def test_signed_bytes_that_are_no_leaf_are_malformed(tmp_path: Path, said: dict, detail: str) -> None:
    book = sample_book(tmp_path)
    whole, _, _ = book.committed({**NOTHING, "occurredAt": timestamp(book.now), **event(900).said}, [])
    write_raw(book, canonical({**whole, **said}))
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.MALFORMED, 12)
    assert detail in first.detail


@pytest.mark.parametrize(
    "spelt",
    [
        lambda data: data.replace(b",", b", ", 1),
        lambda data: data.replace(b'"event"', b'"\\u0065vent"'),
        lambda data: data.replace(b'"part":0', b'"part":0.0'),
        lambda data: data.replace(b'"part":0', b'"part":-0'),
        lambda data: data.replace(b'"part":0', b'"part":9007199254740992'),
        lambda data: data.replace(b'"part":0', b'"part":' + b"9" * 5000),
        lambda data: data.replace(b'"part":0', b'"part":0,"part":0'),
        lambda data: b'{"retention":"RR14",' + data.replace(b'"retention":"RR14",', b"")[1:],
        lambda data: data.replace(b'"RR14"', b'"\xed\xa0\x80"'),
        lambda data: data.replace(b'"RR14"', b'"\\ud800"'),
        lambda data: data + b"\n",
        lambda data: b"[" * 100_000,
        lambda data: b"",
    ],
)
def test_the_same_json_in_another_spelling_is_malformed(tmp_path: Path, spelt: Callable[[bytes], bytes]) -> None:
    book = sample_book(tmp_path)
    whole, _, _ = book.committed({**NOTHING, "occurredAt": timestamp(book.now), **event(900).said}, [])
    write_raw(book, spelt(canonical(whole)))
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.MALFORMED, 12)


PARTS: list[tuple[str, list[dict]]] = [
    ("a part of another kind", [STATEMENTS, subject(1)]),
    ("a part with a key too many", [SEALED, {**subject(1), "surplus": None}]),
    ("a subject shown silently", [SEALED, {**subject(1), "forms": [{**subject(1)["forms"][0], "form": "SILENT"}]}]),
    ("a subject by its own key", [SEALED, {**subject(1), "keyHash": "AB12 CDE"}]),
    (
        "fields out of order",
        [SEALED, {**subject(1), "forms": [{**subject(1)["forms"][0], "fields": ["make", "colour"]}]}],
    ),
    ("subjects out of order", [SEALED, subject(2), subject(1)]),
    ("a part that is no object", [SEALED, []]),  # type: ignore[list-item]
]


@pytest.mark.parametrize("parts", [parts for _, parts in PARTS], ids=[name for name, _ in PARTS])
def test_signed_parts_that_are_none_are_malformed(tmp_path: Path, parts: list[dict]) -> None:
    book = sample_book(tmp_path)
    said, salted, seed = book.committed(
        {**NOTHING, "occurredAt": timestamp(book.now), **outcome(900, 4, len(parts) - 1).said}, parts
    )
    book.store(12, said, seed, [(salt, part if isinstance(part, dict) else {}) for salt, part in salted])
    book.run(
        ("INSERT INTO ledger_hash VALUES (12, ?)", (leaf_hash(canonical(said)),)),
        *(
            ("UPDATE ledger_part SET canonical = ? WHERE position = 12 AND slot = ?", (canonical(part), slot))
            for slot, (_, part) in enumerate(salted)
        ),
    )
    book.sign(13)
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.MALFORMED, 12), str(first)


@pytest.mark.parametrize(
    "said",
    [
        intent(900).said | {"eventType": "CONSULT"},
        intent(900).said | {"request": None},
        intent(900).said | {"witnessed": [checkpoint(4, bytes(32), START)]},
        outcome(900, 4, 0).said | {"intent": None},
        outcome(900, 4, 0).said | {"request": REQUEST},
        outcome(900, 4, 0).said | {"outcome": None},
        outcome(900, 4, 0).said,
        witness(900, []).said,
        witness(900, [checkpoint(4, bytes(32), START)]).said | {"event": {"name": "X", "about": None}},
        event(900).said | {"eventType": None},
        event(900).said | {"request": {**REQUEST, "user": {}}},
        event(900).said | {"request": {**REQUEST, "reason": 1}},
    ],
)
def test_what_a_stage_does_not_say_or_leaves_out_is_malformed(tmp_path: Path, said: dict) -> None:
    book = sample_book(tmp_path)
    whole, _, _ = book.committed({**NOTHING, "occurredAt": timestamp(book.now), **said}, [])
    write_raw(book, canonical(whole))
    first = verdict(book).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.MALFORMED, 12), str(first)


def write_raw(book: Book, data: bytes) -> None:
    """Any bytes as a signed leaf."""
    values = (12, "2026-02", 0, "EVENT", "", 0, "CONFIG", b"", data)
    columns = "position, month, at, stage, audit_id, part, event_type, seed, canonical"
    book.run((f"INSERT INTO ledger_leaf ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values))
    book.run(("INSERT INTO ledger_hash VALUES (12, ?)", (leaf_hash(data),)))
    book.sign(13)

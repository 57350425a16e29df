"""Every way to change a written log, and what the verifier must find: the kind of change and the first bad leaf."""

from collections.abc import Callable
from pathlib import Path

import pytest

from authz.verifier.findings import Finding, Verdict
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.verifier.writing import (
    NOTHING,
    ORIGIN,
    OTHER_KEY,
    Book,
    canonical,
    event,
    leaf_hash,
    sample,
    sample_book,
    timestamp,
    verifier_key,
)

KEYS = read_keys([verifier_key()])
Act = Callable[[Book], object]


def verdict(book: Book, **evidence: list[str]) -> Verdict:
    return verify([book.database], KEYS, **evidence)


def then(*acts: Act) -> Act:
    def act(book: Book) -> None:
        for each in acts:
            each(book)

    return act


def sql(statement: str, *values: object) -> Act:
    return lambda book: book.run((statement, values))


def edit(position: int) -> Act:
    return lambda book: book.edit(position)


def rehash(book: Book) -> None:
    book.rehash()


def rewrite_nodes(book: Book) -> None:
    book.rewrite_nodes()


def resign(first: int) -> Act:
    """Sign as somebody would who has another key."""
    return lambda book: book.resign(first, OTHER_KEY)


def delete(first: int, last: int, *tables: str) -> Act:
    return lambda book: book.delete(first, last, *tables)


def shift(first: int, by: int, *tables: str) -> Act:
    return lambda book: book.shift(first, by, *tables)


def swap(one: int, other: int, *tables: str) -> Act:
    return lambda book: book.swap(one, other, *tables)


def insert(position: int, *tables: str) -> Act:
    """Make room in these tables and put a leaf there, with its hash where hashes moved too."""

    def act(book: Book) -> None:
        book.shift(position, 1, *tables)
        said, parts, seed = book.committed({**NOTHING, "occurredAt": timestamp(book.now), **event(900).said}, [])
        book.store(position, said, seed, parts)
        if "hash" in tables:
            book.run(("INSERT INTO ledger_hash VALUES (?, ?)", (position, leaf_hash(canonical(said)))))

    return act


def copy(source: int, target: int) -> Act:
    """Overwrite one leaf with another one, parts and all."""

    def act(book: Book) -> None:
        columns = "month, at, stage, audit_id, part, event_type, user_id, organisation, reason, purpose, document"
        book.delete(target, target, "leaf", "part")
        book.run(
            f"INSERT INTO ledger_leaf SELECT {target}, {columns}, seed, canonical FROM ledger_leaf"
            f" WHERE position = {source}",
            f"INSERT INTO ledger_part SELECT {target}, slot, month, key_hash, salt, canonical, hash FROM ledger_part"
            f" WHERE position = {source}",
        )

    return act


def file_of(size: int) -> Act:
    return lambda book: book.file.write_text(book.note(size))


def drop_checkpoints(first: int) -> Act:
    return sql(f"DELETE FROM ledger_checkpoint WHERE size >= {first}")


def countersign(book: Book) -> None:
    signature = book.note(8).rpartition("\n\n")[2]
    book.run(("UPDATE ledger_checkpoint SET note = note || ? WHERE size = 8", (signature,)))


def write_unsigned(book: Book) -> None:
    book.write(12, event(800))


def swap_parts(one: int, other: int) -> Act:
    """The parts of two leaves change places, each whole."""
    return swap(one, other, "part")


LEAF = ("leaf", "part")
ALL = ("leaf", "part", "hash")
APPEND = then(write_unsigned, rewrite_nodes)

TAMPERINGS: list[tuple[str, Act, Finding, int | None]] = [
    ("edited", edit(5), Finding.EDITED, 5),
    ("edited first", edit(0), Finding.EDITED, 0),
    ("edited last", edit(11), Finding.EDITED, 11),
    ("edited two", then(edit(9), edit(5)), Finding.EDITED, 5),
    ("edited, hashed", then(edit(5), rehash), Finding.RECOMPUTED, 4),
    ("edited, hashed, nodes too", then(edit(5), rehash, rewrite_nodes), Finding.RECOMPUTED, 4),
    ("edited, hashed, signed with another key", then(edit(5), rehash, resign(8)), Finding.CHECKPOINT_FORGED, 4),
    (
        "edited, hashed, later checkpoints dropped",
        then(edit(5), rehash, drop_checkpoints(8), file_of(4)),
        Finding.INSERTED,
        4,
    ),
    (
        "edited, hashed, the stored checkpoint dropped",
        then(edit(5), rehash, drop_checkpoints(12)),
        Finding.RECOMPUTED,
        4,
    ),
    ("replaced by a copy of a later one", copy(9, 5), Finding.EDITED, 5),
    ("replaced by a copy of an earlier one", copy(2, 5), Finding.EDITED, 5),
    (
        "no leaf, hashed",
        then(sql("UPDATE ledger_leaf SET canonical = x'7b7d' WHERE position = 6"), rehash),
        Finding.RECOMPUTED,
        6,
    ),
    ("hash changed", sql("UPDATE ledger_hash SET hash = zeroblob(32) WHERE position = 5"), Finding.EDITED, 5),
    ("hash cut", sql("UPDATE ledger_hash SET hash = x'00' WHERE position = 5"), Finding.EDITED, 5),
    ("hash no bytes", sql("UPDATE ledger_hash SET hash = 'five' WHERE position = 5"), Finding.EDITED, 5),
    ("bytes no bytes", sql("UPDATE ledger_leaf SET canonical = 5 WHERE position = 5"), Finding.EDITED, 5),
    ("deleted", delete(5, 5), Finding.DELETED, 5),
    ("deleted first", delete(0, 0), Finding.DELETED, 0),
    ("deleted a whole commit", delete(4, 7), Finding.DELETED, 4),
    ("deleted, hash kept", delete(5, 5, *LEAF), Finding.DELETED, 5),
    ("deleted, hash and parts kept", delete(5, 5, "leaf"), Finding.DELETED, 5),
    ("hash deleted", delete(5, 5, "hash"), Finding.DELETED, 5),
    ("deleted, gap closed among leaves", then(delete(5, 5, *LEAF), shift(6, -1, *LEAF)), Finding.DELETED, 5),
    ("deleted, gap closed", then(delete(5, 5), shift(6, -1)), Finding.DELETED, 4),
    ("deleted first, gap closed", then(delete(0, 0), shift(1, -1)), Finding.DELETED, 0),
    ("deleted, gap closed, hashed", then(delete(5, 5), shift(6, -1), rehash, rewrite_nodes), Finding.DELETED, 4),
    ("neighbours swapped", swap(5, 6), Finding.REORDERED, 5),
    ("neighbours swapped among leaves", swap(5, 6, *LEAF), Finding.REORDERED, 5),
    ("first two swapped among leaves", swap(0, 1, *LEAF), Finding.REORDERED, 0),
    ("far ones swapped among leaves", swap(2, 9, *LEAF), Finding.REORDERED, 2),
    ("far ones swapped with their hashes", swap(2, 9), Finding.RECOMPUTED, 0),
    ("inserted among leaves", insert(5, *LEAF), Finding.INSERTED, 5),
    ("inserted first among leaves", insert(0, *LEAF), Finding.INSERTED, 0),
    ("inserted", insert(5, *ALL), Finding.INSERTED, 5),
    ("inserted first", insert(0, *ALL), Finding.INSERTED, 0),
    ("inserted at a checkpoint", insert(7, *ALL), Finding.INSERTED, 7),
    ("inserted before the first", sql("INSERT INTO ledger_hash VALUES (-1, zeroblob(32))"), Finding.INSERTED, -1),
    ("appended", APPEND, Finding.INSERTED, 12),
    (
        "appended under a checkpoint of another key",
        then(APPEND, lambda b: b.sign(13, OTHER_KEY)),
        Finding.CHECKPOINT_FORGED,
        12,
    ),
    ("tail cut by one", delete(11, 11), Finding.TAIL_CUT, 11),
    ("tail cut by a commit", delete(8, 11), Finding.TAIL_CUT, 8),
    ("tail cut, hashes kept", delete(10, 11, *LEAF), Finding.TAIL_CUT, 10),
    ("all leaves deleted", delete(0, 11), Finding.TAIL_CUT, 0),
    ("tail cut with its checkpoint", then(delete(8, 11), drop_checkpoints(12)), Finding.ROLLED_BACK, 8),
    ("all checkpoints deleted", then(drop_checkpoints(0), file_of), Finding.CHECKPOINT_MISSING, 0),
    ("newest checkpoint deleted", drop_checkpoints(12), Finding.CHECKPOINT_MISSING, 8),
    (
        "newest checkpoint moved",
        sql("UPDATE ledger_checkpoint SET size = 11 WHERE size = 12"),
        Finding.CHECKPOINT_FORGED,
        8,
    ),
    (
        "a checkpoint in the place of another",
        sql("UPDATE ledger_checkpoint SET note = (SELECT note FROM ledger_checkpoint WHERE size = 12) WHERE size = 8"),
        Finding.CHECKPOINT_FORGED,
        4,
    ),
    ("a checkpoint no text", sql("UPDATE ledger_checkpoint SET note = 8 WHERE size = 8"), Finding.CHECKPOINT_FORGED, 4),
    ("checkpoints signed with another key", resign(8), Finding.CHECKPOINT_FORGED, 4),
    (
        "file forged",
        lambda b: b.file.write_text(b.note(12).replace("\n12\n", "\n13\n")),
        Finding.CHECKPOINT_FORGED,
        None,
    ),
    ("file no checkpoint", lambda b: b.file.write_bytes(b"\xff hello"), Finding.CHECKPOINT_FORGED, None),
    ("file gone", lambda b: b.file.unlink(), Finding.CHECKPOINT_FILE_MISSING, None),
    ("a second signature on a checkpoint", countersign, Finding.CHECKPOINT_FORGED, 4),
    ("another log's name", sql("UPDATE ledger_log SET origin = 'leds.test/other'"), Finding.CHECKPOINT_FORGED, 0),
    ("column user_id", sql("UPDATE ledger_leaf SET user_id = 'u-1' WHERE position = 4"), Finding.EDITED, 4),
    ("column audit_id", sql("UPDATE ledger_leaf SET audit_id = 'X' WHERE position = 5"), Finding.EDITED, 5),
    ("column at", sql("UPDATE ledger_leaf SET at = at + 1 WHERE position = 5"), Finding.EDITED, 5),
    ("column month", sql("UPDATE ledger_leaf SET month = '2026-03' WHERE position = 5"), Finding.EDITED, 5),
    ("column document", sql("UPDATE ledger_leaf SET document = NULL WHERE position = 4"), Finding.EDITED, 4),
    (
        "column no UTF-8",
        sql("UPDATE ledger_leaf SET reason = CAST(x'ff' AS TEXT) WHERE position = 4"),
        Finding.EDITED,
        4,
    ),
    (
        "part edited",
        sql("UPDATE ledger_part SET canonical = x'7b7d' WHERE position = 5 AND slot = 1"),
        Finding.EDITED,
        5,
    ),
    ("part deleted", sql("DELETE FROM ledger_part WHERE position = 5 AND slot = 1"), Finding.DELETED, 5),
    ("last part deleted", sql("DELETE FROM ledger_part WHERE position = 5 AND slot = 2"), Finding.DELETED, 5),
    (
        "part added",
        sql("INSERT INTO ledger_part VALUES (7, 0, '2026-02', NULL, zeroblob(16), x'7b7d', NULL)"),
        Finding.EDITED,
        7,
    ),
    (
        "part of no leaf",
        sql("INSERT INTO ledger_part VALUES (12, 0, '2026-02', NULL, zeroblob(16), x'7b7d', NULL)"),
        Finding.DELETED,
        12,
    ),
    ("parts swapped between leaves", swap_parts(4, 3), Finding.EDITED, 3),
    ("parts of equal leaves swapped", swap_parts(0, 4), Finding.EDITED, 0),
    (
        "salt changed",
        sql("UPDATE ledger_part SET salt = zeroblob(16) WHERE position = 5 AND slot = 1"),
        Finding.EDITED,
        5,
    ),
    ("seed changed", sql("UPDATE ledger_leaf SET seed = zeroblob(32) WHERE position = 5"), Finding.EDITED, 5),
    (
        "seed where nothing is padded",
        sql("UPDATE ledger_leaf SET seed = zeroblob(32) WHERE position = 4"),
        Finding.EDITED,
        4,
    ),
    (
        "part's key hash changed",
        sql("UPDATE ledger_part SET key_hash = 'h:k1:00' WHERE position = 5 AND slot = 1"),
        Finding.EDITED,
        5,
    ),
    (
        "part's month changed",
        sql("UPDATE ledger_part SET month = '2026-03' WHERE position = 5 AND slot = 1"),
        Finding.EDITED,
        5,
    ),
    (
        "part with a hash beside it",
        sql("UPDATE ledger_part SET hash = zeroblob(32) WHERE position = 5 AND slot = 1"),
        Finding.EDITED,
        5,
    ),
    ("part erased", lambda b: b.erase(5, 1), Finding.DELETED, 5),
    (
        "part erased to another hash",
        then(
            lambda b: b.erase(5, 1), sql("UPDATE ledger_part SET hash = zeroblob(32) WHERE position = 5 AND slot = 1")
        ),
        Finding.EDITED,
        5,
    ),
    (
        "part erased, key hash kept",
        then(
            lambda b: b.erase(5, 1), sql("UPDATE ledger_part SET key_hash = 'h:k1:00' WHERE position = 5 AND slot = 1")
        ),
        Finding.EDITED,
        5,
    ),
    ("table gone", sql("DROP TABLE ledger_leaf"), Finding.UNREADABLE, None),
    ("column gone", sql("ALTER TABLE ledger_part DROP COLUMN salt"), Finding.UNREADABLE, None),
    ("two names", sql("INSERT INTO ledger_log VALUES ('x')"), Finding.UNREADABLE, None),
    ("no name", sql("DELETE FROM ledger_log"), Finding.UNREADABLE, None),
    ("database gone", lambda book: book.database.unlink(), Finding.UNREADABLE, None),
    ("database overwritten", lambda book: book.database.write_bytes(b"no database" * 99), Finding.UNREADABLE, None),
]


@pytest.mark.parametrize(("tamper", "finding", "position"), [t[1:] for t in TAMPERINGS], ids=[t[0] for t in TAMPERINGS])
def test_every_tampering_is_found_and_located(
    tmp_path: Path, tamper: Act, finding: Finding, position: int | None
) -> None:
    book = sample_book(tmp_path)
    tamper(book)
    result = verdict(book)
    assert not result.intact
    assert result.first is not None
    assert (result.first.finding, result.first.position) == (finding, position), str(result)


def test_the_untouched_log_is_proven_to_its_end(tmp_path: Path) -> None:
    [log] = verdict(sample_book(tmp_path)).logs
    assert (log.faults, log.notes, log.origin, log.leaves, log.proven) == ((), (), ORIGIN, 12, 12)


def test_what_stands_before_the_first_fault_stays_proven(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    then(edit(9), rehash)(book)
    assert verdict(book).logs[0].proven == 8


def test_all_edited_leaves_are_named_when_the_hashes_still_prove_the_rest(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    then(edit(9), edit(2), edit(11))(book)
    assert [fault.position for fault in verdict(book).logs[0].faults] == [2, 9, 11]


def test_a_changed_hash_does_not_keep_the_leaves_behind_it_from_being_proven(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    then(sql("UPDATE ledger_hash SET hash = zeroblob(32) WHERE position = 5"), edit(9))(book)
    assert [fault.position for fault in verdict(book).logs[0].faults] == [5, 9]


def test_a_file_behind_the_database_is_a_note_and_no_fault(tmp_path: Path) -> None:
    book = sample_book(tmp_path)
    book.commit(sample(3), place=False)
    assert (verdict(book).intact, len(verdict(book).logs[0].notes)) == (True, 1)


# Nodes


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """600 leaves under one checkpoint."""
    book = Book(tmp_path_factory.mktemp("large"))
    book.commit([event(number, parts=False) for number in range(600)])
    return book


@pytest.fixture
def large_copy(large: Book, tmp_path: Path) -> Book:
    for file in (large.database, large.file):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return Book(tmp_path)


NODE_TAMPERINGS: list[tuple[str, Act, Finding, int | None]] = [
    ("node changed", sql('UPDATE ledger_node SET hash = zeroblob(32) WHERE "index" = 1'), Finding.EDITED, 256),
    ("node deleted", sql('DELETE FROM ledger_node WHERE "index" = 1'), Finding.DELETED, 256),
    ("node moved", sql('UPDATE ledger_node SET "index" = 2 WHERE "index" = 1'), Finding.DELETED, 256),
    ("node added", sql("INSERT INTO ledger_node VALUES (16, 0, zeroblob(32))"), Finding.INSERTED, None),
    ("node of no level", sql("INSERT INTO ledger_node VALUES ('x', 0, zeroblob(32))"), Finding.INSERTED, None),
    ("leaf hashed again, nodes as they were", then(edit(300), lambda b: b.rehash(300)), Finding.RECOMPUTED, 256),
    ("leaf and nodes hashed again", then(edit(300), lambda b: b.rehash(300), rewrite_nodes), Finding.RECOMPUTED, 0),
    ("all but a leaf of the last block", then(edit(599), lambda b: b.rehash(599)), Finding.RECOMPUTED, 0),
]


@pytest.mark.parametrize(
    ("tamper", "finding", "position"), [t[1:] for t in NODE_TAMPERINGS], ids=[t[0] for t in NODE_TAMPERINGS]
)
def test_stored_nodes_are_checked_and_narrow_down_what_was_recomputed(
    large_copy: Book, tamper: Act, finding: Finding, position: int | None
) -> None:
    assert verdict(large_copy).intact
    tamper(large_copy)
    first = verdict(large_copy).first
    assert first is not None
    assert (first.finding, first.position) == (finding, position)


def test_many_faults_are_not_all_listed(large_copy: Book) -> None:
    for position in range(150):
        large_copy.edit(position)
    [log] = verdict(large_copy).logs
    assert (len(log.faults), log.faults[0].position, log.leaves) == (100, 0, 600)
    assert log.notes

"""Every way to change a written ledger, and what the verifier must find: the kind of change and the first bad entry."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from authz.audit.chain import Head, genesis, key_id, link, parse_head, sign_head
from authz.audit.entry import canonical_bytes
from authz.audit.errors import PublicKeyUnreadable
from authz.audit.ledger import Ledger, LedgerFiles
from authz.audit.verdict import Finding, Verification
from authz.audit.verify import verify_files, verify_ledger
from tests.authz.audit.samples import KEY, ORIGIN, OTHER_KEY, files_in, sample_entry, ticking_clock

COMMITS = 3
PER_COMMIT = 4


async def write(files: LedgerFiles, commits: int = COMMITS, start: int = 0, origin: str = ORIGIN) -> None:
    """`commits` commits of four entries each."""
    ledger = await Ledger.open(files, KEY, origin, ticking_clock())
    for commit in range(commits):
        numbers = range(start + commit * PER_COMMIT, start + (commit + 1) * PER_COMMIT)
        await asyncio.gather(*(ledger.append(sample_entry(number)) for number in numbers))
    await ledger.close()


def verdict(files: LedgerFiles, witnesses: tuple[str, ...] = ()) -> Verification:
    return verify_files(files.database, files.head, KEY.public_key(), witnesses)


@dataclass(frozen=True)
class Book:
    """A ledger's files with the means of somebody who may write them but has no key."""

    files: LedgerFiles

    def run(self, *statements: tuple[str, tuple] | str) -> None:
        with closing(sqlite3.connect(self.files.database)) as connection, connection:
            for statement in statements:
                text, values = (statement, ()) if isinstance(statement, str) else statement
                connection.execute(text, values)

    def row(self, position: int) -> tuple[str, bytes, bytes, bytes]:
        statement = "SELECT audit_id, previous, hash, canonical FROM ledger_entry WHERE position = ?"
        with closing(sqlite3.connect(self.files.database)) as connection:
            return connection.execute(statement, (position,)).fetchone()

    def head(self, number: int) -> str:
        with closing(sqlite3.connect(self.files.database)) as connection:
            return connection.execute("SELECT head FROM ledger_head WHERE number = ?", (number,)).fetchone()[0]

    def edit(self, position: int) -> None:
        text = self.row(position)[3].replace(b"Traffic stop", b"Nothing here")
        self.run(("UPDATE ledger_entry SET canonical = ? WHERE position = ?", (text, position)))

    def rehash(self, first: int, last: int) -> None:
        """Compute the chain again from `first` to `last`, as somebody who knows the format would."""
        previous = self.row(first - 1)[2] if first else genesis(ORIGIN)
        for position in range(first, last + 1):
            digest = link(previous, self.row(position)[3])
            change = "UPDATE ledger_entry SET previous = ?, hash = ? WHERE position = ?"
            self.run((change, (previous, digest, position)))
            previous = digest

    def shift(self, first: int, by: int) -> None:
        self.run(
            f"UPDATE ledger_entry SET position = -position - 1000 WHERE position >= {first}",
            f"UPDATE ledger_entry SET position = -position - 1000 + {by} WHERE position < 0",
        )

    def insert(self, position: int) -> None:
        """Put an entry of one's own at `position`, chained to the entry before it."""
        self.shift(position, 1)
        canonical = canonical_bytes(sample_entry(900))
        previous = self.row(position - 1)[2] if position else genesis(ORIGIN)
        values = (position, sample_entry(900).audit_id, previous, link(previous, canonical), canonical)
        self.run(("INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?)", values))

    def delete(self, first: int, last: int) -> None:
        self.run(f"DELETE FROM ledger_entry WHERE position BETWEEN {first} AND {last}")

    def swap(self, one: int, other: int) -> None:
        self.run(
            f"UPDATE ledger_entry SET position = -1 WHERE position = {one}",
            f"UPDATE ledger_entry SET position = {one} WHERE position = {other}",
            f"UPDATE ledger_entry SET position = {other} WHERE position = -1",
        )

    def rename_key(self) -> None:
        """Leave the signature and name another key beside it."""
        ours, other = key_id(KEY.public_key()), key_id(OTHER_KEY.public_key())
        self.files.head.write_text(self.head(COMMITS).replace(ours, other))

    def resign(self, first: int, key: Ed25519PrivateKey) -> None:
        """Sign the stored heads from `first` on, and the head file, again over the rows as they are now."""
        for number in range(first, COMMITS + 1):
            old = parse_head(self.head(number)).head
            digest = self.row(old.count - 1)[2].hex()
            text = str(sign_head(Head(old.origin, number, old.count, digest, old.time), key))
            self.run(("UPDATE ledger_head SET head = ? WHERE number = ?", (text, number)))
            self.files.head.write_text(text)


def edit_and_rehash_one(book: Book) -> None:
    book.edit(5)
    book.rehash(5, 5)


def edit_and_rehash_all(book: Book) -> None:
    book.edit(5)
    book.rehash(5, 11)


def edit_rehash_and_sign_with_another_key(book: Book) -> None:
    edit_and_rehash_all(book)
    book.resign(2, OTHER_KEY)


def edit_rehash_and_drop_later_heads(book: Book) -> None:
    edit_and_rehash_all(book)
    book.run("DELETE FROM ledger_head WHERE number > 1")
    book.files.head.write_text(book.head(1))


def delete_and_close_the_gap(position: int) -> Callable[[Book], None]:
    def act(book: Book) -> None:
        book.delete(position, position)
        book.shift(position, -1)

    return act


def delete_close_the_gap_and_rehash(book: Book) -> None:
    delete_and_close_the_gap(5)(book)
    book.rehash(5, 10)


def insert_and_rehash(book: Book) -> None:
    book.insert(5)
    book.rehash(5, 12)


def cut_the_last_commit_with_its_head(book: Book) -> None:
    book.delete(8, 11)
    book.run("DELETE FROM ledger_head WHERE number = 3")


def move_a_head(book: Book) -> None:
    book.run("DELETE FROM ledger_head WHERE number = 2", "UPDATE ledger_head SET number = 2 WHERE number = 3")


TAMPERINGS: list[tuple[str, Callable[[Book], object], Finding, int | None]] = [
    ("edited", lambda book: book.edit(5), Finding.EDITED, 5),
    ("edited first", lambda book: book.edit(0), Finding.EDITED, 0),
    ("edited last", lambda book: book.edit(11), Finding.EDITED, 11),
    (
        "edited id column",
        lambda b: b.run("UPDATE ledger_entry SET audit_id = 'X' WHERE position = 5"),
        Finding.EDITED,
        5,
    ),
    (
        "edited hash column",
        lambda b: b.run("UPDATE ledger_entry SET hash = x'00' WHERE position = 5"),
        Finding.EDITED,
        5,
    ),
    ("edited and rehashed", edit_and_rehash_one, Finding.RECOMPUTED, 5),
    ("edited, chain recomputed", edit_and_rehash_all, Finding.RECOMPUTED, 4),
    ("edited, recomputed, signed with another key", edit_rehash_and_sign_with_another_key, Finding.HEAD_FORGED, 4),
    ("edited, recomputed, later heads dropped", edit_rehash_and_drop_later_heads, Finding.INSERTED, 4),
    ("deleted", lambda book: book.delete(5, 5), Finding.DELETED, 5),
    ("deleted first", lambda book: book.delete(0, 0), Finding.DELETED, 0),
    ("deleted a whole commit", lambda book: book.delete(4, 7), Finding.DELETED, 4),
    ("deleted, gap closed", delete_and_close_the_gap(5), Finding.DELETED, 5),
    ("deleted first, gap closed", delete_and_close_the_gap(0), Finding.DELETED, 0),
    ("deleted at a head, gap closed", delete_and_close_the_gap(7), Finding.DELETED, 7),
    ("deleted, gap closed, recomputed", delete_close_the_gap_and_rehash, Finding.DELETED, 4),
    ("neighbours swapped", lambda book: book.swap(5, 6), Finding.REORDERED, 5),
    ("first two swapped", lambda book: book.swap(0, 1), Finding.REORDERED, 0),
    ("far ones swapped", lambda book: book.swap(2, 9), Finding.REORDERED, 2),
    ("inserted", lambda book: book.insert(5), Finding.INSERTED, 5),
    ("inserted first", lambda book: book.insert(0), Finding.INSERTED, 0),
    ("inserted at a head", lambda book: book.insert(7), Finding.INSERTED, 7),
    ("inserted, recomputed", insert_and_rehash, Finding.INSERTED, 4),
    ("appended", lambda book: book.insert(12), Finding.INSERTED, 12),
    ("tail cut by one", lambda book: book.delete(11, 11), Finding.TAIL_CUT, 11),
    ("tail cut with its signed head", cut_the_last_commit_with_its_head, Finding.TAIL_CUT, 8),
    ("all entries deleted", lambda book: book.delete(0, 11), Finding.TAIL_CUT, 0),
    ("all heads deleted", lambda book: book.run("DELETE FROM ledger_head"), Finding.HEAD_MISSING, 0),
    ("a head deleted", lambda b: b.run("DELETE FROM ledger_head WHERE number = 2"), Finding.HEAD_MISSING, 4),
    ("a head moved", move_a_head, Finding.HEAD_FORGED, 4),
    ("stored heads forged", lambda book: book.resign(2, OTHER_KEY), Finding.HEAD_FORGED, 4),
    (
        "head file forged",
        lambda b: b.files.head.write_text(b.head(3).replace("\n3\n", "\n4\n")),
        Finding.HEAD_FORGED,
        None,
    ),
    ("head file names another key", lambda b: b.rename_key(), Finding.HEAD_FORGED, None),
    ("head file no head", lambda book: book.files.head.write_text("hello"), Finding.HEAD_FORGED, None),
    ("head file gone", lambda book: book.files.head.unlink(), Finding.HEAD_FILE_MISSING, None),
    ("head file rolled back", lambda b: b.files.head.write_text(b.head(1)), Finding.HEAD_ROLLED_BACK, None),
    ("table gone", lambda book: book.run("DROP TABLE ledger_entry"), Finding.UNREADABLE, None),
    ("database gone", lambda book: book.files.database.unlink(), Finding.UNREADABLE, None),
    (
        "database overwritten",
        lambda book: book.files.database.write_bytes(b"no database" * 99),
        Finding.UNREADABLE,
        None,
    ),
]


@pytest.mark.parametrize(("tamper", "finding", "position"), [t[1:] for t in TAMPERINGS], ids=[t[0] for t in TAMPERINGS])
async def test_every_tampering_is_found_and_located(
    tmp_path: Path, tamper: Callable[[Book], object], finding: Finding, position: int | None
) -> None:
    files = files_in(tmp_path)
    await write(files)
    assert verdict(files).ok
    tamper(Book(files))
    result = verdict(files)
    assert not result.ok
    assert result.first is not None
    assert (result.first.finding, result.first.position) == (finding, position), result.first.detail


async def test_the_untouched_ledger_is_proven_to_its_end(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    result = verdict(files)
    assert (result.ok, result.entries, result.heads, result.proven) == (True, 12, 4, 12)
    assert result.hash == Book(files).row(11)[2].hex()


async def test_what_stands_before_the_first_fault_stays_proven(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    Book(files).edit(9)
    assert verdict(files).proven == 8


async def test_a_head_file_one_commit_behind_is_a_note_and_no_fault(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    files.head.write_text(Book(files).head(2))
    assert verdict(files).ok
    assert len(verdict(files).notes) == 1


async def test_rows_that_are_no_entries_are_found_even_when_signed(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    book = Book(files)
    spaced = json.dumps(json.loads(book.row(5)[3])).encode()
    book.run(("UPDATE ledger_entry SET canonical = ? WHERE position = 5", (spaced,)))
    book.rehash(5, 11)
    book.resign(2, KEY)
    first = verdict(files).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.MALFORMED, 5)


async def test_a_consistent_rollback_shows_only_against_a_witnessed_head(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    witnessed = files.head.read_text()
    assert verdict(files, (witnessed, Book(files).head(1))).ok
    cut_the_last_commit_with_its_head(Book(files))
    files.head.write_text(Book(files).head(2))
    assert verdict(files).ok
    first = verdict(files, (witnessed,)).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.TAIL_CUT, 8)


async def test_a_head_of_another_history_of_the_same_ledger_is_a_fork(tmp_path: Path) -> None:
    ours, theirs = files_in(tmp_path / "ours"), files_in(tmp_path / "theirs")
    for files, start in ((ours, 0), (theirs, 100)):
        files.database.parent.mkdir()
        await write(files, start=start)
    witness = verdict(ours, (theirs.head.read_text(),)).first
    ours.head.write_text(theirs.head.read_text())
    replaced = verdict(ours).first
    assert (witness.finding if witness else None) == Finding.FORKED
    assert (replaced.finding if replaced else None) == Finding.FORKED


async def test_a_copy_on_a_read_only_medium_verifies_with_the_public_key(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    folder = tmp_path / "copy"
    folder.mkdir()
    copy = files_in(folder)
    copy.database.write_bytes(files.database.read_bytes())
    copy.head.write_bytes(files.head.read_bytes())
    folder.chmod(0o500)
    result = verdict(copy)
    folder.chmod(0o700)
    assert result.ok
    assert sorted(path.name for path in folder.iterdir()) == ["ledger.head", "ledger.sqlite"]


async def test_a_ledger_signed_by_another_key_proves_nothing(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    result = verify_files(files.database, files.head, OTHER_KEY.public_key())
    assert (result.ok, result.proven) == (False, 0)


async def test_the_verdict_prints_as_json(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    Book(files).edit(5)
    printed = json.loads(json.dumps(verdict(files).as_json()))
    assert printed["ok"] is False
    assert (printed["first"]["finding"], printed["first"]["position"]) == ("EDITED", 5)


async def test_a_ledger_verifies_at_every_moment_of_being_written(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    ledger = await Ledger.open(files, KEY, ORIGIN, ticking_clock())

    async def append_all() -> None:
        for number in range(150):
            await ledger.append(sample_entry(number))

    writing = asyncio.create_task(append_all())
    verdicts = []
    while not writing.done():
        verdicts.append(await asyncio.to_thread(verdict, files))
    await writing
    await ledger.close()
    assert [result.first for result in verdicts if not result.ok] == []
    assert verdict(files).entries == 150


async def test_the_public_key_is_read_from_a_pem_file(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    await write(files)
    pem = tmp_path / "ledger.pub.pem"
    pem.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert verify_ledger(files.database, files.head, pem).ok


@pytest.mark.parametrize("content", [None, b"", b"no key", "an elliptic curve key"])
def test_a_file_without_an_ed25519_key_is_a_coded_error(tmp_path: Path, content: bytes | str | None) -> None:
    pem = tmp_path / "ledger.pub.pem"
    if isinstance(content, str):
        public = ec.generate_private_key(ec.SECP256R1()).public_key()
        content = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if content is not None:
        pem.write_bytes(content)
    with pytest.raises(PublicKeyUnreadable) as refused:
        verify_ledger(tmp_path / "ledger.sqlite", tmp_path / "ledger.head", pem)
    assert refused.value.advice

"""Whether a log is whole, by the tree and its signatures alone: what is stored in, how many leaves are proven out."""

import sqlite3
from contextlib import closing
from pathlib import Path

from authz.audit import merkle
from authz.audit.checkpoint import parse_checkpoint
from authz.audit.leaf import leaf_from_bytes
from authz.audit.parts import padding, slot_hash
from tests.authz.audit.samples import KEY, ORIGIN, database_of, outside_of

LEAVES = "SELECT seed, canonical, hash FROM ledger_leaf JOIN ledger_hash USING (position) ORDER BY position"
PARTS = "SELECT salt, canonical FROM ledger_part WHERE position = ? ORDER BY slot"


def assert_whole(folder: Path) -> int:
    """How many leaves the log in this folder has, when all of them are what its checkpoints were signed over."""
    with closing(sqlite3.connect(database_of(folder))) as connection:
        hashes = []
        for position, (seed, canonical, digest) in enumerate(connection.execute(LEAVES).fetchall()):
            leaf = leaf_from_bytes(canonical)
            slots = [slot_hash(*part) for part in connection.execute(PARTS, (position,))]
            if leaf.parts is not None:
                slots += [padding(seed, number) for number in range(len(slots), leaf.parts.slots)]
                assert merkle.root_of(slots).hex() == leaf.parts.root
            assert merkle.leaf_hash(canonical) == digest
            hashes.append(digest)
        notes = [note for (note,) in connection.execute("SELECT note FROM ledger_checkpoint ORDER BY size")]
    for text in [*notes, outside_of(folder).read_text()]:
        signed = parse_checkpoint(text)
        assert signed.signed_by(KEY.public_key(), ORIGIN)
        assert merkle.root_of(hashes[: signed.checkpoint.size]) == signed.checkpoint.root
    assert parse_checkpoint(notes[-1]).checkpoint.size == len(hashes)
    return len(hashes)


def receipts_kept(folder: Path) -> set[tuple[int, str, str]]:
    """Position, audit id and hash of every leaf."""
    with closing(sqlite3.connect(database_of(folder))) as connection:
        query = "SELECT position, audit_id, hex(hash) FROM ledger_leaf JOIN ledger_hash USING (position)"
        return {(position, name, digest.lower()) for position, name, digest in connection.execute(query)}


def count(folder: Path) -> int:
    """How many leaves there are, whole or not."""
    with closing(sqlite3.connect(database_of(folder))) as connection:
        return connection.execute("SELECT count(*) FROM ledger_leaf").fetchone()[0]

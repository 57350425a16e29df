"""Whether a log is whole: what lies in a folder in, how many leaves the independent verifier proves out."""

import sqlite3
from contextlib import closing
from pathlib import Path

from authz.audit.note import verifier_key
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.audit.samples import KEY, ORIGIN, database_of

TRUSTED = read_keys([verifier_key(ORIGIN, KEY.public_key())])


def assert_whole(folder: Path) -> int:
    """How many leaves the log in this folder has, when the verifier finds nothing wrong with it."""
    verdict = verify([folder], TRUSTED)
    assert verdict.intact, str(verdict)
    (log,) = verdict.logs
    assert log.leaves == log.proven == count(folder)
    return log.leaves


def receipts_kept(folder: Path) -> set[tuple[int, str, str]]:
    """Position, audit id and hash of every leaf."""
    with closing(sqlite3.connect(database_of(folder))) as connection:
        query = "SELECT position, audit_id, hex(hash) FROM ledger_leaf JOIN ledger_hash USING (position)"
        return {(position, name, digest.lower()) for position, name, digest in connection.execute(query)}


def count(folder: Path) -> int:
    """How many leaves there are, whole or not."""
    with closing(sqlite3.connect(database_of(folder))) as connection:
        return connection.execute("SELECT count(*) FROM ledger_leaf").fetchone()[0]

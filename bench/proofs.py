"""What an inclusion proof costs as a log grows to ten million leaves: hashes read and milliseconds, in SQLite.

Only hashes and nodes are made, in the tables of the ledger; smaller trees are earlier states of the same log. Made once
for all sizes: a few minutes and about half a GB beside the result, thrown away.
"""

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from authz.audit import merkle
from authz.audit.merkle import Frontier
from authz.audit.store_sqlite import SCHEMA
from bench._measure import write_result

LEAVES = 10_000_000
SIZES = (1_000, 10_000, 100_000, 1_000_000, LEAVES)
PROOFS = 300
SEED = 7
BATCH = 50_000
_HASHES = "SELECT hash FROM ledger_hash WHERE position >= ? ORDER BY position LIMIT ?"
_NODES = 'SELECT hash FROM ledger_node WHERE level = ? AND "index" >= ? ORDER BY "index" LIMIT ?'


class Counting:
    """A NodeSource over the database that counts its reads, and the hashes read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.reads = self.read = 0
        self._connection = connection

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See NodeSource."""
        if level:
            rows = self._connection.execute(_NODES, (level, start, count)).fetchall()
        else:
            rows = self._connection.execute(_HASHES, (start, count)).fetchall()
        self.reads += 1
        self.read += len(rows)
        return [value for (value,) in rows]


def leaf(position: int) -> bytes:
    """The hash of an invented leaf."""
    return merkle.leaf_hash(position.to_bytes(8))


def build(connection: sqlite3.Connection) -> dict[int, bytes]:
    """Fill hashes and nodes; the root of each size."""
    connection.execute("PRAGMA synchronous = OFF")
    for statement in SCHEMA:
        connection.execute(statement)
    frontier, roots, positions = Frontier.empty(), dict[int, bytes](), iter(range(LEAVES))
    while batch := list(islice(positions, step(frontier.size))):
        hashes = [leaf(position) for position in batch]
        frontier, nodes = frontier.extended(hashes)
        connection.executemany("INSERT INTO ledger_hash VALUES (?, ?)", zip(batch, hashes, strict=True))
        connection.executemany(
            "INSERT INTO ledger_node VALUES (?, ?, ?)", [(node.level, node.index, node.hash) for node in nodes]
        )
        if frontier.size in SIZES:
            roots[frontier.size] = frontier.root()
    connection.commit()
    return roots


def step(size: int) -> int:
    """How many leaves come next, so that every size is met."""
    return min([BATCH, *(wanted - size for wanted in SIZES if wanted > size)])


def measure(connection: sqlite3.Connection, size: int, root: bytes) -> dict[str, float]:
    """Make and check proofs of leaves at random in the tree of this size."""
    waits: list[float] = []
    reads: list[tuple[int, int]] = []
    longest = 0
    for index in indexes(size):
        source = Counting(connection)
        begun = time.perf_counter()
        proof = merkle.inclusion_proof(index, size, source)
        waits.append(time.perf_counter() - begun)
        reads.append((source.reads, source.read))
        longest = max(longest, len(proof))
        if not merkle.verify_inclusion(leaf(index), index, size, proof, root):
            raise SystemExit("a proof of the benchmark does not verify")
    waits.sort()
    return {
        "leaves": size,
        "proof_hashes_most": longest,
        "reads_most": max(count for count, _ in reads),
        "hashes_read_most": max(read for _, read in reads),
        "hashes_read_median": sorted(read for _, read in reads)[len(reads) // 2],
        "ms_median": round(waits[len(waits) // 2] * 1000, 3),
        "ms_p99": round(waits[len(waits) * 99 // 100] * 1000, 3),
    }


def indexes(size: int) -> Iterator[int]:
    """The first leaf, the last, and others at random: the same ones each time."""
    yield from (0, size - 1)
    chosen = random.Random(SEED)
    yield from (chosen.randrange(size) for _ in range(PROOFS - 2))


def main() -> None:
    """Measure and keep the figures."""
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        path = Path(folder) / "ledger.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            begun = time.perf_counter()
            roots = build(connection)
            built = time.perf_counter() - begun
            rows: list[dict[str, Any]] = [measure(connection, size, roots[size]) for size in SIZES]
        figures = {
            "proofs_of_each_size": PROOFS,
            "hash_table_mib": round(path.stat().st_size / 2**20),
            "built_seconds": round(built, 1),
            "sizes": rows,
        }
    write_result("proofs", figures)


if __name__ == "__main__":
    main()

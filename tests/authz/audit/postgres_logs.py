"""Logs in a real PostgreSQL for the ledger's tests: opening them, and whether they are whole by tree and signatures."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from authz.audit import merkle
from authz.audit.checkpoint import parse_checkpoint
from authz.audit.errors import AuditUnavailable
from authz.audit.leaf import leaf_from_bytes
from authz.audit.ledger import Ledger, Receipt
from authz.audit.outside import CheckpointFile
from authz.audit.parts import padding, slot_hash
from authz.audit.store_postgres import PostgresLog
from tests.authz.audit.samples import KEY, KEYS, ORIGIN, outside_of, sample, ticking_clock

LEAVES = (
    "SELECT position, audit_id, canonical, seed, hash FROM ledger_leaf JOIN ledger_hash USING (log, position)"
    " WHERE log = $1 ORDER BY position"
)
PARTS = "SELECT position, salt, canonical FROM ledger_part WHERE log = $1 ORDER BY position, slot"
NOTES = "SELECT note FROM ledger_checkpoint WHERE log = $1 ORDER BY size"


def store_of(url: str, folder: Path, log: str = ORIGIN, seconds: float = 60.0) -> PostgresLog:
    return PostgresLog(url, log, CheckpointFile(outside_of(folder)), seconds, lock_seconds=0.5)


async def opened(url: str, folder: Path, log: str = ORIGIN, seconds: float = 60.0) -> Ledger:
    return await Ledger.open(store_of(url, folder, log, seconds), KEYS, log, ticking_clock())


async def executed(url: str, *statements: str) -> None:
    """Run statements as the server's owner."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def asked(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Rows, read as the server's owner."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def assert_whole(url: str, folder: Path, receipts: Sequence[Receipt], log: str = ORIGIN) -> int:
    """How many leaves the log has, when they are what its checkpoints were signed over, every receipt's is there, and
    none twice."""
    leaves, parts, notes = await asked(url, LEAVES, log), await asked(url, PARTS, log), await asked(url, NOTES, log)
    slots: dict[int, list[bytes]] = {}
    for row in parts:
        slots.setdefault(row["position"], []).append(slot_hash(row["salt"], row["canonical"]))
    for row in leaves:
        leaf = leaf_from_bytes(row["canonical"])
        assert merkle.leaf_hash(row["canonical"]) == row["hash"]
        if leaf.parts is not None:
            own = slots[row["position"]]
            own += [padding(row["seed"], number) for number in range(len(own), leaf.parts.slots)]
            assert merkle.root_of(own).hex() == leaf.parts.root
    hashes = [row["hash"] for row in leaves]
    assert [row["position"] for row in leaves] == list(range(len(leaves)))
    for text in (*(row["note"] for row in notes), outside_of(folder).read_text()):
        signed = parse_checkpoint(text)
        assert signed.signed_by(KEY.public_key(), log)
        assert merkle.root_of(hashes[: signed.checkpoint.size]) == signed.checkpoint.root
    assert parse_checkpoint(notes[-1]["note"]).checkpoint.size == len(hashes)
    kept = {(row["position"], row["audit_id"], row["hash"].hex()) for row in leaves}
    assert {(receipt.index, receipt.entry_id, receipt.leaf) for receipt in receipts} <= kept
    assert len({row["audit_id"] for row in leaves}) == len(leaves)
    return len(leaves)


class Callers:
    """Eight callers who append one leaf after the other, going on with the next when they are refused."""

    def __init__(self, ledger: Ledger, first: int = 0) -> None:
        self.receipts: list[Receipt] = []
        self.refused = 0
        self._ledger, self._number, self._ended = ledger, first, False
        self._came = asyncio.Event()
        self._tasks = [asyncio.create_task(self._append()) for _ in range(8)]

    async def received(self, count: int) -> None:
        """Wait until they have so many more receipts."""
        wanted = len(self.receipts) + count
        async with asyncio.timeout(120):
            while len(self.receipts) < wanted:
                self._came.clear()
                await self._came.wait()

    async def end(self) -> list[Receipt]:
        """Let each finish what it has begun."""
        self._ended = True
        await asyncio.gather(*self._tasks)
        return self.receipts

    async def _append(self) -> None:
        while not self._ended:
            self._number += 1
            try:
                self.receipts.append(await self._ledger.append(sample(self._number, 2)))
                self._came.set()
            except AuditUnavailable:
                self.refused += 1
                await asyncio.sleep(0.01)

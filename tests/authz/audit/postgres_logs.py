"""Logs in a real PostgreSQL for the ledger's tests: opening them, and whether the verifier finds them whole."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp

import asyncpg

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger, Receipt
from authz.audit.note import verifier_key
from authz.audit.outside import CheckpointFile
from authz.audit.store_postgres import PostgresLog
from authz.audit.store_sqlite import SCHEMA
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.audit.samples import KEY, KEYS, ORIGIN, database_of, outside_of, sample, ticking_clock


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
    """How many leaves the log has, when the independent verifier finds nothing wrong with it, not by these receipts
    either, and no request's stage stands there twice."""
    copy = Path(mkdtemp(dir=folder))
    await copied(url, log, database_of(copy))
    outside_of(copy).write_text(outside_of(folder).read_text())
    lines = [json.dumps({"entry": each.entry_id, **asdict(each)}) for each in receipts]
    verdict = verify([copy], read_keys([verifier_key(log, KEY.public_key())]), receipts=lines)
    assert verdict.intact, str(verdict)
    (found,) = verdict.logs
    assert found.leaves == found.proven
    with closing(sqlite3.connect(database_of(copy))) as connection:
        twice = connection.execute(
            "SELECT audit_id FROM ledger_leaf GROUP BY audit_id, stage, part HAVING count(*) > 1"
        )
        assert twice.fetchall() == []
    return found.leaves


async def copied(url: str, log: str, path: Path) -> None:
    """A log's rows in the tables of an SQLite file, which the verifier reads."""
    connection = await asyncpg.connect(url)
    with closing(sqlite3.connect(path)) as copy, copy:
        for statement in SCHEMA:
            copy.execute(statement)
        copy.execute("INSERT INTO ledger_log VALUES (?)", (log,))
        for table in ("ledger_leaf", "ledger_hash", "ledger_node", "ledger_part", "ledger_checkpoint"):
            rows = [tuple(row)[1:] for row in await connection.fetch(f"SELECT * FROM {table} WHERE log = $1", log)]
            if rows:
                copy.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    await connection.close()


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

"""What may go from a log, and what stays: every hash, every proof, and an event that names what went."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import aiosqlite
import asyncpg
import msgspec
import pytest

from authz.audit import merkle
from authz.audit.connecting import prepare
from authz.audit.erasing import Erasure, Order, Run, drop_months, erase_part, expired_months
from authz.audit.erasure_postgres import PostgresErasure
from authz.audit.erasure_sqlite import SqliteErasure
from authz.audit.errors import AuditUnavailable, PartNotErasable, RetentionRunning
from authz.audit.leaf import EventType, Leaf, leaf_from_bytes
from authz.audit.ledger import Draft, Ledger
from authz.audit.outside import CheckpointFile
from authz.audit.parts import About, padding, part_from_bytes, slot_hash
from authz.audit.retention import droppable_from
from authz.audit.store import LogStore
from authz.audit.store_postgres import PostgresLog
from authz.verifier.verify import verify
from tests.authz.audit.postgres_logs import copied, executed
from tests.authz.audit.samples import KEYS, ORIGIN, database_of, outside_of, sample, store_in, ticking_clock
from tests.authz.audit.whole import TRUSTED
from tests.servers import DurablePostgres, durable_postgres

OTHER = "leds.test/other"
NOW = datetime(2026, 2, 3, tzinfo=UTC)
ORDER = Order("DPO EXAMPLE", "the end of its retention", lambda: NOW, lambda count: next(RANDOM)[:count])
RANDOM = (number.to_bytes(10) for number in range(1 << 40))


@pytest.fixture(scope="module")
def server() -> Iterator[DurablePostgres]:
    with durable_postgres() as running:
        yield running


@dataclass(frozen=True)
class Kept:
    """A log of the test's, wherever it is kept."""

    store: LogStore
    erasure: Erasure
    folder: Path
    url: str | None

    async def open(self) -> Ledger:
        return await Ledger.open(self.store, KEYS, ORIGIN, lambda: NOW)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer of a query without parameters, the same in both databases; `LOG` is true of this log's rows."""
        if self.url is None:
            async with aiosqlite.connect(database_of(self.folder)) as connection:
                return [tuple(row) for row in await connection.execute_fetchall(query.replace("LOG", "true"))]
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(query.replace("LOG", f"log = '{ORIGIN}'"))]
        finally:
            await connection.close()

    async def leaves(self) -> dict[int, Leaf]:
        rows = await self.rows("SELECT position, canonical FROM ledger_leaf WHERE LOG ORDER BY position")
        return {position: leaf_from_bytes(canonical) for position, canonical in rows}

    async def events(self) -> list[tuple[str | None, dict[str, str]]]:
        """What each ERASE event is about and says, in their order."""
        found: list[tuple[str | None, dict[str, str]]] = []
        for position, leaf in (await self.leaves()).items():
            if leaf.event is not None and leaf.event_type is EventType.ERASE:
                ((canonical,),) = await self.rows(
                    f"SELECT canonical FROM ledger_part WHERE LOG AND position = {position}"
                )
                part = part_from_bytes(canonical)
                assert isinstance(part, About)
                found.append((leaf.event.about, part.said))
        return found

    async def assert_whole(self) -> None:
        """The verifier finds nothing wrong, and no gap that no event names; all hashes are there."""
        folder = self.folder
        if self.url is not None:
            folder = Path(mkdtemp(dir=self.folder))
            await copied(self.url, ORIGIN, database_of(folder))
            outside_of(folder).write_text(outside_of(self.folder).read_text())
        verdict = verify([folder], TRUSTED)
        assert verdict.intact, str(verdict)
        ((hashes,),) = await self.rows("SELECT count(*) FROM ledger_hash WHERE LOG")
        assert verdict.logs[0].leaves == hashes


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "sqlite":
        return Kept(store_in(tmp_path), SqliteErasure(database_of(tmp_path)), tmp_path, None)
    server: DurablePostgres = request.getfixturevalue("server")
    owner = await ledger_database(server)
    writer, eraser = owner.replace("app@", "gateway@"), owner.replace("app@", "dpo@")
    store = PostgresLog(writer, ORIGIN, CheckpointFile(outside_of(tmp_path)), 60.0)
    return Kept(store, PostgresErasure(eraser, ORIGIN), tmp_path, owner)


async def ledger_database(server: DurablePostgres) -> str:
    """A new database for a ledger, with a login that may write and one that may erase, no more."""
    await executed(server.url, "DROP DATABASE IF EXISTS ledger", "CREATE DATABASE ledger")
    url = server.url.replace("/postgres?", "/ledger?")
    await prepare(url)
    for login, role in (("gateway", "leds_ledger_writer"), ("dpo", "leds_ledger_eraser")):
        made = f"CREATE ROLE {login} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL"
        await executed(url, f"DO $$ BEGIN {made}; END $$", f"GRANT {role} TO {login}")
    return url


def dated(number: int, occurred_at: str, subjects: int = 1) -> Draft:
    draft = sample(number, subjects)
    return replace(draft, leaf=msgspec.structs.replace(draft.leaf, occurred_at=occurred_at))


async def written(kept: Kept, *moments: str) -> Ledger:
    """A log with one leaf for each of these moments."""
    ledger = await kept.open()
    for number, moment in enumerate(moments):
        await ledger.append(dated(number, moment))
    return ledger


NOVEMBER, NEXT = "2018-11-30T23:59:59.000Z", "2018-12-01T00:00:00.000Z"
RECENT = "2025-06-01T12:00:00.000Z"


async def test_an_expired_month_goes_and_its_hashes_stay_under_an_event_that_names_it(kept: Kept) -> None:
    ledger = await written(kept, NOVEMBER, NOVEMBER, NEXT, RECENT)
    months = await expired_months(kept.erasure, "2018-12", NOW.date())
    assert [(month.month, month.runs, month.rules) for month in months] == [("2018-11", (Run(0, 1),), ("RR14",))]
    await drop_months(ledger, kept.erasure, months, ORDER)
    await ledger.close()
    assert list(await kept.leaves()) == [2, 3, 4]
    assert await kept.rows("SELECT DISTINCT position FROM ledger_part WHERE LOG AND position < 2") == []
    said = {"log": ORIGIN, "month": "2018-11", "count": "2", "by": ORDER.by, "because": ORDER.because}
    assert await kept.events() == [("0-1", said)]
    await kept.assert_whole()


async def test_a_log_that_lost_months_goes_on(kept: Kept) -> None:
    ledger = await written(kept, NOVEMBER, NEXT)
    await drop_months(ledger, kept.erasure, await expired_months(kept.erasure, "2019-01", NOW.date()), ORDER)
    await ledger.close()
    ledger = await kept.open()
    assert (await ledger.append(dated(7, "2026-02-03T00:00:00.000Z"))).index == 4
    await ledger.close()
    assert list(await kept.leaves()) == [2, 3, 4]
    await kept.assert_whole()


async def test_where_two_months_take_turns_each_run_is_named(kept: Kept) -> None:
    ledger = await written(kept, NOVEMBER, NEXT, NOVEMBER, NOVEMBER, NEXT)
    await drop_months(ledger, kept.erasure, await expired_months(kept.erasure, "2018-12", NOW.date()), ORDER)
    await ledger.close()
    assert [(about, said["count"]) for about, said in await kept.events()] == [("0-0", "1"), ("2-3", "2")]
    assert [position for position in await kept.leaves() if position < 5] == [1, 4]


async def test_what_was_dropped_stays_named_when_the_month_of_its_event_is_dropped(kept: Kept) -> None:
    ledger = await written(kept, NOVEMBER, NEXT)
    long_ago = replace(ORDER, clock=lambda: datetime(2018, 12, 24, tzinfo=UTC))
    await drop_months(ledger, kept.erasure, await expired_months(kept.erasure, "2018-12", NOW.date()), long_ago)
    assert await erase_part(ledger, kept.erasure, 1, 0, long_ago)
    await drop_months(ledger, kept.erasure, await expired_months(kept.erasure, "2019-01", NOW.date()), ORDER)
    await ledger.close()
    events = await kept.events()
    assert [about for about, _ in events] == ["0-0", "1-3"], "the part went with its leaf"
    assert events[0][1]["month"] == "2018-11"
    await kept.assert_whole()


@pytest.mark.parametrize(
    ("month", "rules", "due"),
    [
        ("2018-11", ("RR14",), date(2025, 12, 1)),
        ("2018-12", ("RR14",), date(2026, 1, 1)),
        ("2018-11", ("RR04", "RR14"), date(2025, 12, 1)),
        ("2018-11", ("RR17",), None),
        ("2018-11", ("RR14", "RR17"), None),
        ("2018-11", ("unknown",), None),
        ("2018-11", (), None),
    ],
)
def test_a_month_may_go_when_its_longest_rule_has_run_out(month: str, rules: tuple[str, ...], due: date | None) -> None:
    assert droppable_from(month, rules) == due


@pytest.mark.parametrize(("today", "refused"), [(date(2025, 11, 30), True), (date(2025, 12, 1), False)])
async def test_a_month_that_must_still_be_kept_is_refused_with_the_day(kept: Kept, today: date, refused: bool) -> None:
    ledger = await written(kept, NOVEMBER)
    await ledger.close()
    if refused:
        with pytest.raises(RetentionRunning, match=r"2018-11 must be kept until 2025-12-01 \(RR14\)"):
            await expired_months(kept.erasure, "2018-12", today)
    else:
        assert len(await expired_months(kept.erasure, "2018-12", today)) == 1


async def test_an_erased_part_leaves_its_hash_and_the_leaf_still_commits_to_it(kept: Kept) -> None:
    ledger = await kept.open()
    await ledger.append(sample(1, 2))
    receipt = await erase_part(ledger, kept.erasure, 0, 0, ORDER)
    await ledger.close()
    rows = await kept.rows(
        "SELECT slot, key_hash, salt, canonical, hash FROM ledger_part WHERE LOG AND position = 0 ORDER BY slot"
    )
    assert rows[0][1:4] == (None, None, None)
    assert all(row[4] is None for row in rows[1:])
    leaves = await kept.leaves()
    ((seed,),) = await kept.rows("SELECT seed FROM ledger_leaf WHERE LOG AND position = 0")
    slots = [rows[0][4], *(slot_hash(row[2], row[3]) for row in rows[1:])]
    assert leaves[0].parts is not None
    slots += [padding(seed, number) for number in range(len(slots), leaves[0].parts.slots)]
    assert merkle.root_of(slots).hex() == leaves[0].parts.root
    said = {"log": ORIGIN, "by": ORDER.by, "because": ORDER.because}
    assert (await kept.events(), receipt.index) == ([("0/0", said)], 1)
    await kept.assert_whole()


@pytest.mark.parametrize(("position", "slot"), [(0, 2), (0, 9), (5, 0)], ids=["a subject", "no slot", "no leaf"])
async def test_a_part_that_is_no_text_of_people_is_refused_and_nothing_is_written(
    kept: Kept, position: int, slot: int
) -> None:
    ledger = await kept.open()
    await ledger.append(sample(1, 2))
    with pytest.raises(PartNotErasable) as refused:
        await erase_part(ledger, kept.erasure, position, slot, ORDER)
    assert refused.value.advice
    assert ledger.size == 1
    await ledger.close()


async def test_a_part_is_erased_once(kept: Kept) -> None:
    ledger = await kept.open()
    await ledger.append(sample(1))
    await erase_part(ledger, kept.erasure, 0, 0, ORDER)
    with pytest.raises(PartNotErasable):
        await erase_part(ledger, kept.erasure, 0, 0, ORDER)
    await ledger.close()


class Failing:
    """An erasure of which nothing comes."""

    def __init__(self, erasure: Erasure) -> None:
        self.months, self.erasures, self.part = erasure.months, erasure.erasures, erasure.part

    async def drop(self, month: str) -> None:
        raise AuditUnavailable(month)

    async def erase(self, position: int, slot: int) -> None:
        raise AuditUnavailable(f"{position}/{slot}")


async def test_the_event_is_durable_before_anything_is_gone(kept: Kept) -> None:
    ledger = await written(kept, NOVEMBER)
    failing = Failing(kept.erasure)
    with pytest.raises(AuditUnavailable):
        await erase_part(ledger, failing, 0, 0, ORDER)
    with pytest.raises(AuditUnavailable):
        await drop_months(ledger, failing, await expired_months(kept.erasure, "2018-12", NOW.date()), ORDER)
    await ledger.close()
    assert [about for about, _ in await kept.events()] == ["0/0", "0-0"]
    assert await kept.erasure.part(0, 0) is not None


async def test_what_was_erased_is_in_none_of_the_files_of_a_log_in_sqlite(tmp_path: Path) -> None:
    kept = Kept(store_in(tmp_path), SqliteErasure(database_of(tmp_path)), tmp_path, None)
    ledger = await written(kept, NOVEMBER, RECENT)
    assert holding(tmp_path, b"Traffic stop A38 J4")
    await erase_part(ledger, kept.erasure, 1, 0, ORDER)
    await drop_months(ledger, kept.erasure, await expired_months(kept.erasure, "2018-12", NOW.date()), ORDER)
    assert not holding(tmp_path, b"Traffic stop A38 J4")
    assert not holding(tmp_path, NOVEMBER.encode())
    await ledger.close()


def holding(folder: Path, text: bytes) -> list[str]:
    """The names of the files that hold this text."""
    return [file.name for file in folder.iterdir() if text in file.read_bytes()]


@pytest.mark.postgres
async def test_a_months_partitions_go_with_the_last_log_that_has_leaves_there(
    server: DurablePostgres, tmp_path: Path
) -> None:
    url = await ledger_database(server)
    tables = "SELECT count(*) FROM pg_class WHERE relname IN ('ledger_leaf_2018_11', 'ledger_part_2018_11')"
    for log, left in ((ORIGIN, 2), (OTHER, 2)):
        store = PostgresLog(url, log, CheckpointFile(tmp_path / log.replace("/", "-")), 60.0)
        ledger = await Ledger.open(store, KEYS, log, ticking_clock())
        await ledger.append(dated(1, NOVEMBER))
        await ledger.close()
        assert await counted(url, tables) == left
    for log, left in ((ORIGIN, 2), (OTHER, 0)):
        store = PostgresLog(url, log, CheckpointFile(tmp_path / log.replace("/", "-")), 60.0)
        ledger = await Ledger.open(store, KEYS, log, ticking_clock())
        erasure = PostgresErasure(url, log)
        await drop_months(ledger, erasure, await expired_months(erasure, "2018-12", NOW.date()), ORDER)
        await ledger.close()
        assert await counted(url, tables) == left
        assert await counted(url, f"SELECT count(*) FROM ledger_leaf WHERE log = '{log}' AND month = '2018-11'") == 0


async def counted(url: str, query: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_leaf",
        "UPDATE ledger_part SET canonical = NULL",
        "UPDATE ledger_part SET hash = sha256('another')",
        "DELETE FROM ledger_hash",
        "DROP TABLE ledger_leaf_2026_02",
    ],
)
async def test_who_erases_changes_nothing_but_through_the_functions_made_for_it(
    server: DurablePostgres, statement: str
) -> None:
    url = await ledger_database(server)
    await executed(url, "SELECT ledger_month('2026-02')")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await executed(url.replace("app@", "dpo@"), statement)


@pytest.mark.postgres
async def test_the_function_that_erases_leaves_subjects_alone(server: DurablePostgres, tmp_path: Path) -> None:
    url = await ledger_database(server)
    ledger = await Ledger.open(
        PostgresLog(url, ORIGIN, CheckpointFile(outside_of(tmp_path)), 60.0), KEYS, ORIGIN, ticking_clock()
    )
    await ledger.append(sample(1))
    await ledger.close()
    erased = [
        await counted(url.replace("app@", "dpo@"), f"SELECT ledger_erase_part('{ORIGIN}', 0, {slot})")
        for slot in range(3)
    ]
    assert erased == [1, 1, 0]

"""A log in PostgreSQL: one writer, apart from other logs, durable, with no more rights than it needs."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import msgspec
import pytest

from authz.audit.connecting import connected, prepare
from authz.audit.errors import AuditUnavailable, DuplicateEntry, LedgerInconsistent, LedgerInUse, LedgerUnprepared
from authz.audit.ledger import Draft, Receipt
from tests.authz.audit.postgres_logs import asked, assert_whole, executed, opened
from tests.authz.audit.samples import ORIGIN, outside_of, sample
from tests.servers import DurablePostgres, PostgresServer, durable_postgres

pytestmark = pytest.mark.postgres
OTHER = "leds.test/other"


@pytest.fixture(scope="module")
def server() -> Iterator[DurablePostgres]:
    with durable_postgres() as running:
        yield running


@pytest.fixture
async def url(server: DurablePostgres) -> str:
    """A database with the ledger's tables, and a login that may write there and no more, `gateway`."""
    await executed(server.url, "DROP DATABASE IF EXISTS ledger", "CREATE DATABASE ledger")
    address = server.url.replace("/postgres?", "/ledger?")
    await prepare(address)
    await executed(
        address,
        "DO $$ BEGIN CREATE ROLE gateway LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT leds_ledger_writer TO gateway",
    )
    return address.replace("app@", "gateway@")


def owner(url: str) -> str:
    return url.replace("gateway@", "app@")


def dated(draft: Draft, occurred_at: str) -> Draft:
    return replace(draft, leaf=msgspec.structs.replace(draft.leaf, occurred_at=occurred_at))


async def test_a_thousand_concurrent_appends_are_one_whole_log(url: str, tmp_path: Path) -> None:
    ledger = await opened(url, tmp_path)
    receipts = await asyncio.gather(*(ledger.append(sample(n, 3)) for n in range(1000)))
    await ledger.close()
    assert await assert_whole(owner(url), tmp_path, receipts) == 1000


async def test_a_reopened_log_goes_on_where_it_stopped(url: str, tmp_path: Path) -> None:
    receipts: list[Receipt] = []
    for first in (0, 300, 600):
        ledger = await opened(url, tmp_path)
        receipts += await asyncio.gather(*(ledger.append(sample(first + n)) for n in range(300)))
        await ledger.close()
    assert [receipt.index for receipt in receipts] == list(range(900))
    assert await assert_whole(owner(url), tmp_path, receipts) == 900


async def test_logs_in_one_database_are_apart_and_do_not_wait_for_each_other(url: str, tmp_path: Path) -> None:
    folders = {ORIGIN: tmp_path / "one", OTHER: tmp_path / "other"}
    for folder in folders.values():
        folder.mkdir()
    ledgers = [await opened(url, folder, log) for log, folder in folders.items()]
    receipts = [await asyncio.gather(*(ledger.append(sample(n)) for n in range(40))) for ledger in ledgers]
    for ledger in ledgers:
        await ledger.close()
    for (log, folder), own in zip(folders.items(), receipts, strict=True):
        assert await assert_whole(owner(url), folder, own, log) == 40


async def test_a_second_writer_of_the_same_log_is_refused_until_the_first_ends(url: str, tmp_path: Path) -> None:
    ledger = await opened(url, tmp_path)
    with pytest.raises(LedgerInUse) as refused:
        await opened(url, tmp_path)
    assert refused.value.advice
    await ledger.append(sample(1))
    await ledger.close()
    second = await opened(url, tmp_path)
    assert (await second.append(sample(2))).index == 1
    await second.close()


async def test_an_entry_with_a_used_id_fails_alone(url: str, tmp_path: Path) -> None:
    ledger = await opened(url, tmp_path)
    first = await ledger.append(sample(1))
    outcomes = await asyncio.gather(*(ledger.append(sample(n)) for n in (2, 1, 3)), return_exceptions=True)
    await ledger.close()
    assert [type(outcome) for outcome in outcomes] == [Receipt, DuplicateEntry, Receipt]
    receipts = [first, *(outcome for outcome in outcomes if isinstance(outcome, Receipt))]
    assert await assert_whole(owner(url), tmp_path, receipts) == 3


async def test_each_month_has_partitions_of_its_own_and_the_next_month_has_them_already(
    url: str, tmp_path: Path
) -> None:
    ledger = await opened(url, tmp_path)
    for number, month in enumerate(("2031-11", "2031-12")):
        await ledger.append(dated(sample(number), f"{month}-15T00:00:00.000Z"))
    await ledger.close()
    tables = {
        row["name"] for row in await asked(owner(url), "SELECT relname AS name FROM pg_class WHERE relkind = 'r'")
    }
    made = {f"ledger_{kept}_{month}" for kept in ("leaf", "part") for month in ("2031_11", "2031_12", "2032_01")}
    assert made <= tables
    (leaf,) = await asked(owner(url), "SELECT position FROM ledger_leaf_2031_12")
    assert leaf["position"] == 1


FORBIDDEN = (
    "UPDATE ledger_leaf SET user_id = 'x'",
    "UPDATE ledger_part SET canonical = NULL",
    "UPDATE ledger_hash SET hash = ''",
    "UPDATE ledger_checkpoint SET note = ''",
    "UPDATE ledger_log SET log = 'x'",
    "DELETE FROM ledger_leaf",
    "DELETE FROM ledger_part",
    "DELETE FROM ledger_hash",
    "DELETE FROM ledger_node",
    "DELETE FROM ledger_checkpoint",
    "DELETE FROM ledger_log",
    "TRUNCATE ledger_leaf",
    "DROP TABLE ledger_hash",
    "SELECT ledger_drop_month('leds.test/ledger', '2026-02')",
    "SELECT ledger_erase_part('leds.test/ledger', 0, 0)",
    "SELECT canonical FROM ledger_leaf_2026_02",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_writers_login_can_neither_change_nor_remove(url: str, tmp_path: Path, statement: str) -> None:
    ledger = await opened(url, tmp_path)
    receipt = await ledger.append(sample(1))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await executed(url, statement)
    await ledger.close()
    assert await assert_whole(owner(url), tmp_path, [receipt]) == 1


async def test_a_temporary_table_does_not_stand_in_for_the_ledgers(url: str) -> None:
    await executed(
        url,
        "CREATE TEMPORARY TABLE ledger_leaf (canonical text, month text) PARTITION BY LIST (month)",
        "SELECT ledger_month('2033-05')",
    )
    (found,) = await asked(
        owner(url),
        "SELECT count(*) AS columns FROM pg_attribute WHERE attrelid = 'ledger_leaf_2033_05'::regclass AND attnum > 0",
    )
    assert found["columns"] == 15


async def test_a_database_without_tables_and_a_login_without_rights_are_refused_with_what_to_do(
    server: DurablePostgres, url: str, tmp_path: Path
) -> None:
    await executed(
        owner(url), "DO $$ BEGIN CREATE ROLE nobody LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    for address in (server.url, url.replace("gateway@", "nobody@")):
        with pytest.raises(LedgerUnprepared) as refused:
            await opened(address, tmp_path)
        assert "leds audit prepare" in (refused.value.advice or "")


async def test_a_server_that_does_not_wait_for_its_disk_is_refused(postgres: PostgresServer, tmp_path: Path) -> None:
    with pytest.raises(AuditUnavailable, match="fsync"):
        await opened(await postgres.new_database(), tmp_path)


@pytest.mark.parametrize(("set_to", "kept"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
async def test_commits_are_durable_whatever_the_database_is_set_to(url: str, set_to: str, kept: str) -> None:
    await executed(owner(url), f"ALTER DATABASE ledger SET synchronous_commit = {set_to}")
    connection = await connected(url, 60)
    assert await connection.fetchval("SHOW synchronous_commit") == kept
    await connection.close()


async def test_the_writer_does_not_build_on_a_log_that_grew_without_it(url: str, tmp_path: Path) -> None:
    ledger = await opened(url, tmp_path)
    await ledger.append(sample(1))
    await executed(owner(url), "UPDATE ledger_log SET size = 2")
    for number in (2, 3):
        with pytest.raises(AuditUnavailable):
            await ledger.append(sample(number))
    await ledger.close()
    with pytest.raises(LedgerInconsistent):
        await opened(url, tmp_path)
    (kept,) = await asked(owner(url), "SELECT count(*) AS leaves FROM ledger_leaf")
    assert kept["leaves"] == 1


async def test_a_database_without_the_log_that_its_checkpoint_file_covers_is_refused(url: str, tmp_path: Path) -> None:
    ledger = await opened(url, tmp_path)
    await ledger.append(sample(1))
    await ledger.close()
    await executed(owner(url), "DELETE FROM ledger_log")
    with pytest.raises(LedgerInconsistent, match="database is gone"):
        await opened(url, tmp_path)
    assert outside_of(tmp_path).exists()

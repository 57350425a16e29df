"""What happens to a log when PostgreSQL, the session or the primary dies in the middle of commits: every receipt given
is in the log, the tree is what was signed, and nothing stands there twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from authz.audit.checkpoint import parse_checkpoint
from authz.audit.connecting import prepare
from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger
from tests.authz.audit.postgres_logs import Callers, asked, assert_whole, executed, opened
from tests.authz.audit.samples import outside_of, sample
from tests.servers import DurablePostgres, durable_postgres

pytestmark = pytest.mark.postgres
ROUNDS = 4
WAITS_FOR_STANDBY = (
    "SELECT wait_event = 'SyncRep' AS waits FROM pg_stat_activity WHERE application_name = 'leds-ledger'"
)
END_WRITER = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leds-ledger'"
WAIT_FOR_STANDBY = "SELECT count(*) AS ready FROM pg_stat_replication WHERE sync_state = 'sync'"


@pytest.fixture
def server() -> Iterator[DurablePostgres]:
    with durable_postgres() as running:
        yield running


@asynccontextmanager
async def writing(url: str, folder: Path, seconds: float = 60.0) -> AsyncIterator[Ledger]:
    ledger = await opened(url, folder, seconds=seconds)
    try:
        yield ledger
    finally:
        await ledger.close()


async def until(url: str, query: str, column: str) -> None:
    """Wait until the first row's column says something."""
    async with asyncio.timeout(120):
        while not any(row[column] for row in await asked(url, f"SELECT pg_sleep(0.02), * FROM ({query}) AS answer")):
            pass


async def test_a_server_killed_in_the_middle_of_commits_loses_nothing_that_was_acknowledged(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    async with writing(server.url, tmp_path) as ledger:
        callers = Callers(ledger)
        for wanted in range(20, 20 + ROUNDS * 7, 7):
            await callers.received(wanted)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        await callers.received(20)
        receipts = await callers.end()
    assert callers.refused > 0
    assert await assert_whole(server.url, tmp_path, receipts) >= len(receipts)


async def test_a_session_ended_by_the_server_is_opened_again_and_loses_nothing(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    async with writing(server.url, tmp_path) as ledger:
        callers = Callers(ledger)
        for _ in range(ROUNDS * 3):
            await callers.received(15)
            await executed(server.url, END_WRITER)
        await callers.received(15)
        receipts = await callers.end()
    assert callers.refused > 0
    assert await assert_whole(server.url, tmp_path, receipts) >= len(receipts)


async def test_a_writer_that_lost_its_session_to_another_waits_and_then_goes_on_behind_it(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    async with writing(server.url, tmp_path) as first:
        receipts = [await first.append(sample(1))]
        await executed(server.url, END_WRITER)
        async with writing(server.url, tmp_path) as second:
            receipts.append(await second.append(sample(2)))
            for number in (3, 4):
                with pytest.raises(AuditUnavailable):
                    await first.append(sample(number))
            receipts.append(await second.append(sample(5)))
        receipts.append(await first.append(sample(6)))
    assert [receipt.index for receipt in receipts] == [0, 1, 2, 3]
    assert await assert_whole(server.url, tmp_path, receipts) == 4


@contextmanager
def standby_of(primary: DurablePostgres) -> Iterator[DurablePostgres]:
    with durable_postgres(empty=True) as standby:
        standby.copied_from(primary)
        standby.start()
        yield standby


async def with_synchronous_standby(primary: DurablePostgres) -> None:
    await executed(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    await until(primary.url, WAIT_FOR_STANDBY, "ready")


async def test_a_failover_to_the_synchronous_standby_loses_nothing_that_was_acknowledged(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    with standby_of(server) as standby:
        await with_synchronous_standby(server)
        both = f"postgresql://app@/postgres?host={server.directory},{standby.directory}"
        async with writing(both, tmp_path) as ledger:
            callers = Callers(ledger)
            await callers.received(150)
            await asyncio.to_thread(server.kill)
            await executed(standby.url, "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_promote()")
            await callers.received(50)
            receipts = await callers.end()
        assert callers.refused > 0
        assert await assert_whole(standby.url, tmp_path, receipts) >= len(receipts)


async def test_what_the_standby_has_not_confirmed_is_never_acknowledged(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    with standby_of(server) as standby:
        await with_synchronous_standby(server)
        async with writing(server.url, tmp_path) as ledger:
            receipts = [await ledger.append(sample(1))]
            standby.pause()
            waiting = asyncio.create_task(ledger.append(sample(2)))
            await until(server.url, WAITS_FOR_STANDBY, "waits")
            # An operator who cancels the wait makes COMMIT succeed here, with no more than a warning.
            await executed(server.url, END_WRITER.replace("terminate", "cancel"))
            with pytest.raises(AuditUnavailable):
                await waiting
            standby.go_on()
            receipts.append(await ledger.append(sample(3)))
        assert await assert_whole(server.url, tmp_path, receipts) == 3


async def test_a_standby_that_does_not_answer_refuses_callers_after_a_while(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    with standby_of(server) as standby:
        await with_synchronous_standby(server)
        async with writing(server.url, tmp_path, seconds=1.0) as ledger:
            receipts = [await ledger.append(sample(1))]
            standby.pause()
            with pytest.raises(AuditUnavailable):
                await ledger.append(sample(2))
            standby.go_on()
            async with asyncio.timeout(60):
                receipts.append(await appended(ledger, 3))
        assert await assert_whole(server.url, tmp_path, receipts) == 3


async def test_nothing_is_built_on_a_leaf_that_the_standby_does_not_have(
    server: DurablePostgres, tmp_path: Path
) -> None:
    await prepare(server.url)
    with standby_of(server) as standby:
        await with_synchronous_standby(server)
        both = f"postgresql://app@/postgres?host={server.directory},{standby.directory}"
        async with writing(both, tmp_path, seconds=1.0) as ledger:
            receipts = [await ledger.append(sample(1))]
            async with asyncio.timeout(60):
                while placed(tmp_path) == 0:
                    await asked(server.url, "SELECT pg_sleep(0.02)")
            standby.pause()
            for number in (2, 3):
                with pytest.raises(AuditUnavailable):
                    await ledger.append(sample(number))
            (here,) = await asked(server.url, "SELECT count(*) AS leaves FROM ledger_leaf")
            assert (here["leaves"], placed(tmp_path)) == (2, 1)
            await asyncio.to_thread(server.kill)
            standby.go_on()
            await executed(standby.url, "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_promote()")
            async with asyncio.timeout(60):
                receipts.append(await appended(ledger, 4))
        assert await assert_whole(standby.url, tmp_path, receipts) >= 2


def placed(folder: Path) -> int:
    """How many leaves the checkpoint outside the database covers."""
    return parse_checkpoint(outside_of(folder).read_text()).checkpoint.size


async def appended(ledger: Ledger, number: int):
    """The receipt, as soon as the ledger can be written again."""
    while True:
        try:
            return await ledger.append(sample(number))
        except AuditUnavailable:
            await asyncio.sleep(0.05)

"""The demo with its ledger in PostgreSQL: what was answered is recorded there, under the name of its process's log."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from authz.audit.connecting import prepare
from authz.audit.leaf import leaf_from_bytes
from tests.authz.audit.postgres_logs import asked
from tests.end_to_end.demo import ROADSIDE, running_demo
from tests.servers import DurablePostgres, durable_postgres

LOG = "leds-graph/gateway/a-1"


@pytest.fixture
def server() -> Iterator[DurablePostgres]:
    with durable_postgres() as running:
        asyncio.run(prepare(running.url))
        yield running


@pytest.mark.postgres
def test_what_was_answered_is_in_the_named_log_which_no_second_process_may_write(
    server: DurablePostgres, tmp_path: Path
) -> None:
    settings = {"LEDS_LEDGER_URL": server.url, "LEDS_LEDGER_LOG": "a-1"}
    with running_demo(tmp_path / "one", **settings) as demo:
        receipt = demo.ask(ROADSIDE, demo.headers("officer"), vrm="AB12CDE")["extensions"]["audit"]
        query = "SELECT canonical FROM ledger_leaf WHERE log = $1 AND position = $2"
        (row,) = asyncio.run(asked(server.url, query, LOG, receipt["index"]))
        assert receipt["log"] == LOG
        assert leaf_from_bytes(row["canonical"]).audit_id == receipt["entry"]
        with (
            pytest.raises(AssertionError, match="AUDIT_LEDGER_IN_USE"),
            running_demo(tmp_path / "two", **settings),
        ):
            pass
    other = settings | {"LEDS_LEDGER_LOG": "a-2"}
    with running_demo(tmp_path / "two", **other) as demo:
        assert demo.ask(ROADSIDE, demo.headers("officer"), vrm="AB12CDE")["extensions"]["audit"]["log"].endswith("/a-2")

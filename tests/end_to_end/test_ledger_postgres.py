"""The demo with its ledger in PostgreSQL: what was answered is recorded there, under the name of its process's log."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from authz.audit.leaf import leaf_from_bytes
from tests.authz.audit.postgres_logs import asked
from tests.end_to_end.demo import ROADSIDE, ROOT, environment, running_demo
from tests.end_to_end.test_audit import AUDITING
from tests.servers import DurablePostgres, durable_postgres

LOG = "leds-graph/gateway/a-1"


@pytest.fixture
def server() -> Iterator[DurablePostgres]:
    with durable_postgres() as running:
        yield running


def leds(home: Path, *arguments: str, **settings: str) -> str:
    command = [sys.executable, "-m", "leds", *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(home, **settings), check=True, stdout=subprocess.PIPE, text=True
    )
    return ended.stdout


@pytest.mark.postgres
def test_what_was_answered_is_in_the_named_log_which_no_second_process_may_write(
    server: DurablePostgres, tmp_path: Path
) -> None:
    settings = {"LEDS_LEDGER_URL": server.url, "LEDS_LEDGER_LOG": "a-1"}
    with pytest.raises(AssertionError, match="leds audit prepare"), running_demo(tmp_path / "one", **settings):
        pass
    leds(tmp_path, "audit", "prepare", "--database", server.url)
    with running_demo(tmp_path / "one", **settings) as demo:
        receipt = demo.ask(ROADSIDE, demo.headers("officer"), vrm="AB12CDE")["extensions"]["audit"]
        query = "SELECT canonical FROM ledger_leaf WHERE log = $1 AND position = $2"
        (row,) = asyncio.run(asked(server.url, query, LOG, receipt["index"]))
        assert receipt["log"] == LOG
        mine = demo.ask("{ myLookups(first: 5) { nodes { auditId } } }", demo.headers("officer") | AUDITING)
        assert receipt["entry"] in [each["auditId"] for each in mine["data"]["myLookups"]["nodes"]]
        assert leaf_from_bytes(row["canonical"]).audit_id == receipt["entry"]
        with (
            pytest.raises(AssertionError, match="AUDIT_LEDGER_IN_USE"),
            running_demo(tmp_path / "two", **settings),
        ):
            pass
    erased = leds(
        tmp_path / "one", "audit", "erase", LOG, "0/0", "--by", "DPO", "--because", "ticket 7", "--json", **settings
    )
    event = json.loads(erased)["index"]
    (row,) = asyncio.run(asked(server.url, query, LOG, event))
    said = leaf_from_bytes(row["canonical"]).event
    assert (said and said.about) == "0/0"
    other = settings | {"LEDS_LEDGER_LOG": "a-2"}
    with running_demo(tmp_path / "two", **other) as demo:
        assert demo.ask(ROADSIDE, demo.headers("officer"), vrm="AB12CDE")["extensions"]["audit"]["log"].endswith("/a-2")

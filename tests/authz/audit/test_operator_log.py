"""Who reads a ledger is recorded in a log of its own, bound to the other logs."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from authz.audit.errors import LedgerInUse
from authz.audit.export import Asked as Everything
from authz.audit.export import Export
from authz.audit.leaf import EventType, Leaf, Recipient, Stage
from authz.audit.ledger import Draft, Ledger
from authz.audit.note import verifier_key
from authz.audit.operator_log import ORIGIN, OperatorEvent, OperatorLog
from authz.audit.parts import About
from authz.audit.reading import LogFile, logs_of, newest_checkpoint, read_leaves
from authz.audit.store_sqlite import SqliteLog
from authz.audit.timestamp import utc_timestamp
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.audit.samples import KEY, KEYS, audit_id, intent_of
from tests.authz.audit.usage import Asked, written

ORIGIN_OF_REQUESTS = "leds.test/ledger"
KEYS_TO_VERIFY = read_keys([verifier_key(origin, KEY.public_key()) for origin in (ORIGIN_OF_REQUESTS, ORIGIN)])
NOON = datetime(2026, 2, 9, 12, tzinfo=UTC)
SEARCHED = OperatorEvent(EventType.SEARCH, "ledger.search", "leds.test/ledger", {"by": "auditor", "reason": "6"})
EXPORTED = OperatorEvent(
    EventType.EXPORT, "ledger.export", "sha256:00", {"by": "auditor"}, Recipient("ORG-20", transfer=False)
)


def now() -> datetime:
    """The time of everything here."""
    return NOON


async def test_an_event_is_recorded_behind_the_checkpoints_of_the_other_logs(tmp_path: Path):
    database = await written(tmp_path, [Asked()])
    receipt = await OperatorLog(database, KEYS, now).record(EXPORTED)
    assert (receipt.log, receipt.index) == (ORIGIN, 1)
    witness, event = read_leaves(tmp_path / "operator.sqlite", 0, 9)
    assert witness.leaf.witnessed == (newest_checkpoint(database),)
    assert (event.leaf.event_type, event.leaf.recipient) == (EventType.EXPORT, EXPORTED.recipient)
    assert event.leaf.event is not None
    assert (event.leaf.event.name, event.leaf.event.about) == ("ledger.export", "sha256:00")
    assert event.parts == (About({"by": "auditor"}),)


async def test_people_are_named_in_a_part_only(tmp_path: Path):
    database = await written(tmp_path, [Asked()])
    await OperatorLog(database, KEYS, now).record(SEARCHED)
    event = read_leaves(tmp_path / "operator.sqlite", 1, 1)[0]
    assert "auditor" not in repr(event.leaf)


async def test_both_logs_verify_and_a_ledger_put_back_is_noticed(tmp_path: Path):
    database = await written(tmp_path, [Asked()])
    before = {name: (tmp_path / name).read_bytes() for name in ("ledger.sqlite", "ledger.checkpoint")}
    ledger = await Ledger.open(SqliteLog(database, tmp_path / "ledger.checkpoint"), KEYS, "leds.test/ledger", now)
    await ledger.append(intent_of(900))
    await ledger.close()
    await OperatorLog(database, KEYS, now).record(SEARCHED)
    assert [log.origin for log in logs_of(database)] == ["leds.test/ledger", ORIGIN]
    assert verify([tmp_path], KEYS_TO_VERIFY).intact
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    first = verify([tmp_path], KEYS_TO_VERIFY).first
    assert first is not None
    assert (first.finding, first.position) == ("TAIL_CUT", 2)


async def test_whoever_comes_while_another_writes_waits(tmp_path: Path):
    database = await written(tmp_path, [Asked()])
    log = OperatorLog(database, KEYS, now)
    receipts = await asyncio.gather(*(log.record(SEARCHED) for _ in range(6)))
    assert sorted(receipt.index for receipt in receipts) == [1, 3, 5, 7, 9, 11]


async def test_whoever_waits_too_long_is_told(tmp_path: Path):
    database = await written(tmp_path, [Asked()])
    holding = SqliteLog(tmp_path / "operator.sqlite", tmp_path / "operator.checkpoint")
    await holding.open()
    with pytest.raises(LedgerInUse):
        await replace(OperatorLog(database, KEYS, now), wait=0.0).record(SEARCHED)
    await holding.close()


class Growing:
    """A log's file that somebody writes just when it is about to be opened for the first time."""

    def __init__(self, log: LogFile, grow: Callable[[], None]) -> None:
        self.origin, self._path, self._grow = log.origin, log.path, grow

    @property
    def path(self) -> Path:
        """Where it is, after it has grown."""
        grow, self._grow = self._grow, lambda: None
        grow()
        return self._path


@pytest.mark.parametrize("opened_then", [0, 1], ids=["the requests are opened", "the operators are opened"])
def test_an_export_made_while_logs_witness_one_another_holds_none_that_another_has_outgrown(
    tmp_path: Path, opened_then: int
):
    database = asyncio.run(written(tmp_path, [Asked()]))

    async def grow() -> None:
        """A look at a ledger that has grown, and a request after it: each log holds the newest of the other."""
        ledger = await Ledger.open(SqliteLog(database, tmp_path / "ledger.checkpoint"), KEYS, ORIGIN_OF_REQUESTS, now)
        await ledger.append(intent_of(900))
        await OperatorLog(database, KEYS, now).record(SEARCHED)
        seen = Leaf(
            Stage.WITNESS,
            audit_id(901),
            "SYNTHETIC",
            utc_timestamp(NOON),
            "RR14",
            witnessed=(newest_checkpoint(tmp_path / "operator.sqlite"),),
        )
        await ledger.append(Draft(seen))
        await ledger.close()

    asyncio.run(OperatorLog(database, KEYS, now).record(SEARCHED))
    logs = list(logs_of(database))
    logs[opened_then] = cast("LogFile", Growing(logs[opened_then], lambda: asyncio.run(grow())))
    with (tmp_path / "export.txt").open("wb") as file:
        export = Export(file.write, KEY)
        export.body(logs, Everything(), NOON)
        export.trailer()
    verdict = verify([tmp_path / "export.txt"], KEYS_TO_VERIFY)
    assert verdict.intact, str(verdict)
    assert [log.leaves for log in verdict.logs] == [4, 4]

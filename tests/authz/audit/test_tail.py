"""Reading the newest leaves while the ledger is written."""

from pathlib import Path

import pytest

from authz.audit.errors import LedgerUnreadable
from authz.audit.ledger import Ledger
from authz.audit.tail import tail_leaves
from tests.authz.audit.samples import (
    KEYS,
    ORIGIN,
    STATEMENTS,
    database_of,
    intent_of,
    outcome_of,
    sample,
    store_in,
    ticking_clock,
)


async def opened(folder: Path) -> Ledger:
    return await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())


async def test_the_last_leaves_come_oldest_first(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    receipts = [await ledger.append(sample(number)) for number in range(7)]
    tailed = list(tail_leaves(database_of(tmp_path), 3))
    await ledger.close()
    assert [item.kept.position for item in tailed] == [receipt.index for receipt in receipts[4:]]
    assert [item.kept.leaf.audit_id for item in tailed] == [sample(number).leaf.audit_id for number in (4, 5, 6)]
    assert {item.kept.statements for item in tailed} == {STATEMENTS}
    assert list(tail_leaves(database_of(tmp_path), 3)) == tailed, "a closed ledger reads the same"


async def test_asking_for_more_than_there_is_gives_all(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(0))
    assert len(list(tail_leaves(database_of(tmp_path), 50))) == 1
    assert list(tail_leaves(database_of(tmp_path), 0)) == []
    await ledger.close()


async def test_following_shows_leaves_as_they_come(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(0))
    looks: list[int] = []
    following = tail_leaves(database_of(tmp_path), 1, follow=True, pause=lambda: looks.append(1))
    assert next(following).kept.position == 0
    await ledger.append(sample(1))
    await ledger.append(sample(2))
    assert [next(following).kept.position, next(following).kept.position] == [1, 2]
    assert looks == []
    await ledger.close()


async def test_a_tailed_leaf_prints_as_json(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(0))
    await ledger.close()
    printed = next(tail_leaves(database_of(tmp_path), 1)).to_json()
    said, _sealed, subject = printed["parts"]
    assert subject["forms"][0]["dataset"] == "DVLA.VEH"
    assert said["originatorLine"] == STATEMENTS.originator_line


def test_no_ledger_at_the_path_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnreadable) as refused:
        list(tail_leaves(tmp_path / "none.sqlite"))
    assert refused.value.advice
    assert not (tmp_path / "none.sqlite").exists()


async def test_a_tailed_leaf_reads_as_lines_for_people(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample(0, subjects=2))
    await ledger.close()
    lines = next(tail_leaves(database_of(tmp_path), 1)).summary()
    assert (lines["shown"], lines["datasets"], lines["event"]) == ("2 Vehicle", "DVLA.VEH", "CONSULT · OK")
    assert "SYNTHETIC" in lines["leaf"]
    assert "refused" not in lines


async def test_an_outcome_says_who_asked_by_its_intent(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    intent = await ledger.append(intent_of(1))
    await ledger.append(outcome_of(intent))
    await ledger.close()
    (lines,) = [tailed.summary() for tailed in tail_leaves(database_of(tmp_path), 1)]
    assert (lines["event"], lines["who"], lines["operation"]) == (
        "CONSULT · OK",
        STATEMENTS.originator_line,
        "Roadside",
    )

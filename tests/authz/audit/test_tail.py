"""Reading the newest entries while the ledger is written."""

from pathlib import Path

import pytest

from authz.audit.errors import LedgerUnreadable
from authz.audit.ledger import Ledger
from authz.audit.tail import tail_entries
from tests.authz.audit.samples import KEY, ORIGIN, files_in, sample_entry, ticking_clock


async def opened(folder: Path) -> Ledger:
    return await Ledger.open(files_in(folder), KEY, ORIGIN, ticking_clock())


async def test_the_last_entries_come_oldest_first(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    receipts = [await ledger.append(sample_entry(number)) for number in range(7)]
    tailed = list(tail_entries(files_in(tmp_path).database, 3))
    await ledger.close()
    assert [(item.position, item.hash) for item in tailed] == [(r.index, r.hash) for r in receipts[4:]]
    assert [item.entry for item in tailed] == [sample_entry(number) for number in (4, 5, 6)]
    assert list(tail_entries(files_in(tmp_path).database, 3)) == tailed, "a closed ledger reads the same"


async def test_asking_for_more_than_there_is_gives_all(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample_entry(0))
    assert len(list(tail_entries(files_in(tmp_path).database, 50))) == 1
    assert list(tail_entries(files_in(tmp_path).database, 0)) == []
    await ledger.close()


async def test_following_shows_entries_as_they_come(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample_entry(0))
    looks: list[int] = []
    following = tail_entries(files_in(tmp_path).database, 1, follow=True, pause=lambda: looks.append(1))
    assert next(following).position == 0
    await ledger.append(sample_entry(1))
    await ledger.append(sample_entry(2))
    assert [next(following).position, next(following).position] == [1, 2]
    assert looks == []
    await ledger.close()


async def test_a_tailed_entry_prints_as_json(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample_entry(0))
    await ledger.close()
    printed = next(tail_entries(files_in(tmp_path).database, 1)).to_json()
    assert printed["entry"]["subjects"][0]["forms"][0]["dataset"] == "DVLA.VEH"
    assert printed["entry"]["originatorLine"] == sample_entry(0).originator_line


def test_no_ledger_at_the_path_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnreadable) as refused:
        list(tail_entries(tmp_path / "none.sqlite"))
    assert refused.value.advice
    assert not (tmp_path / "none.sqlite").exists()


async def test_a_tailed_entry_reads_as_lines_for_people(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample_entry(0, subjects=2))
    await ledger.close()
    lines = next(tail_entries(files_in(tmp_path).database, 1)).summary()
    assert (lines["shown"], lines["datasets"], lines["event"]) == ("2 Vehicle", "DVLA.VEH", "CONSULT · OK")
    assert "SYNTHETIC" in lines["entry"]
    assert "refused" not in lines

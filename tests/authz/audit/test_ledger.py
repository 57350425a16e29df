"""What the writer promises: durable before it answers, one chain whatever comes at once, no second writer."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from authz.audit.chain import parse_head
from authz.audit.errors import AuditUnavailable, DuplicateEntry, InvalidEntry, LedgerInconsistent, LedgerInUse
from authz.audit.ledger import Ledger, LedgerLimits, Receipt
from authz.audit.store import count_rows
from authz.audit.verify import verify_files
from tests.authz.audit.samples import KEY, ORIGIN, OTHER_KEY, files_in, sample_entry, ticking_clock


async def opened(folder: Path, **limits: int) -> Ledger:
    return await Ledger.open(files_in(folder), KEY, ORIGIN, ticking_clock(), LedgerLimits(**limits))


def verdict(folder: Path):
    files = files_in(folder)
    return verify_files(files.database, files.head, KEY.public_key())


async def test_an_empty_ledger_verifies(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.close()
    assert verdict(tmp_path).ok
    assert verdict(tmp_path).entries == 0


async def test_an_appended_entry_can_be_read_while_the_writer_still_runs(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    receipt = await ledger.append(sample_entry(1))
    assert count_rows(files_in(tmp_path).database) == 1
    assert (receipt.entry_id, receipt.index) == (sample_entry(1).audit_id, 0)
    assert verdict(tmp_path).hash == receipt.hash
    assert verdict(tmp_path).ok
    await ledger.close()


async def test_a_thousand_concurrent_appends_make_one_linear_chain(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    receipts = await asyncio.gather(*(ledger.append(sample_entry(n)) for n in range(1000)))
    commits = ledger.head.number
    await ledger.close()
    result = verdict(tmp_path)
    assert (result.ok, result.entries, result.proven) == (True, 1000, 1000)
    assert sorted(receipt.index for receipt in receipts) == list(range(1000))
    assert {receipt.entry_id for receipt in receipts} == {sample_entry(n).audit_id for n in range(1000)}
    assert commits < 100, "concurrent appends must share commits"


async def test_a_full_queue_makes_callers_wait_and_drops_nothing(tmp_path: Path) -> None:
    ledger = await opened(tmp_path, queue=2)
    receipts = await asyncio.gather(*(ledger.append(sample_entry(n)) for n in range(40)))
    assert ledger.head.number >= 20, "no more than two entries may be under way at once"
    await ledger.close()
    assert len({receipt.index for receipt in receipts}) == 40
    assert verdict(tmp_path).ok


async def test_a_reopened_ledger_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for number in range(3):
        ledger = await opened(tmp_path)
        assert (await ledger.append(sample_entry(number))).index == number
        await ledger.close()
    assert (verdict(tmp_path).ok, verdict(tmp_path).entries) == (True, 3)


async def test_closing_commits_what_waits_and_refuses_what_comes_later(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    under_way = [asyncio.create_task(ledger.append(sample_entry(n))) for n in range(5)]
    await asyncio.sleep(0)
    await ledger.close()
    assert [isinstance(await task, Receipt) for task in under_way] == [True] * 5
    with pytest.raises(AuditUnavailable):
        await ledger.append(sample_entry(9))


async def test_a_cancelled_caller_leaves_its_entry_and_the_ledger_working(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    cancelled = asyncio.create_task(ledger.append(sample_entry(1)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    await ledger.append(sample_entry(2))
    await ledger.close()
    assert (verdict(tmp_path).ok, verdict(tmp_path).entries) == (True, 2)


async def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    with pytest.raises(LedgerInUse) as refused:
        await opened(tmp_path)
    assert refused.value.code == "AUDIT_LEDGER_IN_USE"
    assert refused.value.advice
    await ledger.close()


async def test_an_entry_with_a_used_id_fails_alone(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample_entry(1))
    outcomes = await asyncio.gather(*(ledger.append(sample_entry(n)) for n in (2, 1, 3)), return_exceptions=True)
    await ledger.close()
    assert [type(outcome) for outcome in outcomes] == [Receipt, DuplicateEntry, Receipt]
    assert (verdict(tmp_path).ok, verdict(tmp_path).entries) == (True, 3)


async def test_text_that_is_not_unicode_never_reaches_the_ledger(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    broken = msgspec.structs.replace(sample_entry(1), originator_line="\ud800")
    with pytest.raises(InvalidEntry):
        await ledger.append(broken)
    await ledger.append(sample_entry(2))
    await ledger.close()
    assert verdict(tmp_path).entries == 1


async def test_the_head_file_always_holds_the_newest_signed_head(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    for number in range(3):
        receipt = await ledger.append(sample_entry(number))
        placed = parse_head(files_in(tmp_path).head.read_text())
        assert (placed.head.count, placed.head.hash) == (number + 1, receipt.hash)
        assert placed.signed_by(KEY.public_key())
    await ledger.close()


async def test_ledger_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    ledger = await opened(tmp_path)
    await ledger.append(sample_entry(1))
    modes = await asyncio.to_thread(lambda: {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()})
    await ledger.close()
    assert modes == {0}


async def test_another_ledger_key_cannot_continue_a_ledger(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with pytest.raises(LedgerInconsistent, match="key"):
        await Ledger.open(files_in(tmp_path), OTHER_KEY, ORIGIN, ticking_clock())


async def test_another_ledger_name_cannot_continue_a_ledger(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with pytest.raises(LedgerInconsistent, match="another ledger"):
        await Ledger.open(files_in(tmp_path), KEY, "leds.test/other", ticking_clock())

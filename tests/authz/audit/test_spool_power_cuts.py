"""The power goes while leaves are spooled and drained: what a caller was told is in the ledger after the next start."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from authz.audit.ledger import Ledger
from authz.audit.spool import Spool, SpoolFile
from tests.authz.audit.samples import KEYS, ORIGIN, SEALING, store_in, ticking_clock
from tests.authz.audit.whole import assert_whole, receipts_kept
from tests.faults.journal import Kind
from tests.faults.power_cut import Faults, PowerCut, Recording, restore, said

Record = Callable[[Faults | None], Recording]


@pytest.fixture
def record(power_cut_library: Path) -> Iterator[Record]:
    """What a process does that spools and drains twice, on a new disk."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as memory:

        def recording(faults: Faults | None) -> Recording:
            folder = Path(memory) / f"disk-{len(list(Path(memory).iterdir()))}"
            folder.mkdir()
            command = [sys.executable, "-m", "tests.authz.audit.spooling_writer", str(folder)]
            with PowerCut(power_cut_library, folder, command, faults) as power:
                return power.end()

        yield recording


def leaves_in(text: str) -> set[tuple[str, str]]:
    """Audit id and hash of each whole line."""
    lines = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return {(words[1], words[2]) for words in lines}


async def assert_survives_power_cuts(recording: Recording, folder: Path, seed: int | None) -> None:
    """Cut the power at every moment, each time start over what is left and drain it. `seed`: some of what was not
    synced is left too."""
    for number, (heard, disk) in enumerate(recording.moments()):
        restore(folder, disk.after_a_cut(seed and Random(seed * 1000 + number)))
        ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())
        spool = await Spool.open(SpoolFile(folder / "ledger.spool"), SEALING, ORIGIN)
        await spool.drain(ledger.append_row)
        await spool.close()
        await ledger.close()
        kept = {(audit_id, leaf) for _, audit_id, leaf in receipts_kept(folder)}
        assert leaves_in(heard) <= kept
        assert assert_whole(folder) == len({audit_id for audit_id, _ in kept})


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
async def test_what_was_acknowledged_is_in_the_ledger_after_a_power_cut_at_any_moment(
    record: Record, tmp_path: Path, seed: int | None
) -> None:
    recording = record(None)
    assert len(leaves_in(said(recording.operations))) == 8
    await assert_survives_power_cuts(recording, tmp_path / "after", seed)


async def test_a_failed_fsync_costs_its_own_answer_and_nothing_else(record: Record, tmp_path: Path) -> None:
    kinds = [operation.kind for operation in record(None).operations]
    # From the spool's first write on: before it, the process does not start.
    first = kinds[: kinds.index(Kind.SAID)].count(Kind.SYNC)
    for number in range(first, kinds.count(Kind.SYNC) + 1):
        recording = record(Faults(sync=number))
        assert Kind.FAILED_SYNC in {operation.kind for operation in recording.operations}
        assert len(leaves_in(said(recording.operations))) >= 4
        await assert_survives_power_cuts(recording, tmp_path / "after", None)

"""The power goes while leaves are spooled and drained: what a caller was told is in the ledger after the next start."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from authz.audit.ledger import Ledger
from authz.audit.spool import Spool, SpoolFile
from tests.authz.audit.samples import KEYS, ORIGIN, SEALING, store_in, ticking_clock
from tests.authz.audit.whole import assert_whole, receipts_kept
from tests.faults.power_cut import PowerCut, Recording, restore, said


@pytest.fixture(scope="module")
def recording(power_cut_library: Path) -> Iterator[Recording]:
    """What a process wrote that spooled and drained twice."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as memory:
        folder = Path(memory) / "disk"
        folder.mkdir()
        command = [sys.executable, "-m", "tests.authz.audit.spooling_writer", str(folder)]
        with PowerCut(power_cut_library, folder, command) as power:
            yield power.end()


def leaves_in(text: str) -> set[tuple[str, str]]:
    """Audit id and hash of each whole line."""
    lines = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return {(words[1], words[2]) for words in lines}


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
async def test_what_was_acknowledged_is_in_the_ledger_after_a_power_cut_at_any_moment(
    recording: Recording, tmp_path: Path, seed: int | None
) -> None:
    assert len(leaves_in(said(recording.operations))) == 8
    for number, (heard, disk) in enumerate(recording.moments()):
        restore(tmp_path / "after", disk.after_a_cut(seed and Random(seed * 1000 + number)))
        ledger = await Ledger.open(store_in(tmp_path / "after"), KEYS, ORIGIN, ticking_clock())
        spool = await Spool.open(SpoolFile(tmp_path / "after" / "ledger.spool"), SEALING, ORIGIN)
        await spool.drain(ledger.append_row)
        await spool.close()
        await ledger.close()
        kept = {(audit_id, leaf) for _, audit_id, leaf in receipts_kept(tmp_path / "after")}
        assert leaves_in(heard) <= kept
        assert assert_whole(tmp_path / "after") == len({audit_id for audit_id, _ in kept})

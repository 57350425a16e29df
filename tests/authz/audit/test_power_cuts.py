"""The power goes, at every moment of a commit and at random under load: what a caller was told is in the ledger.

Also over disks whose fsync lies, whose fsync fails and that are full.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from authz.audit.ledger import Ledger
from authz.verifier.findings import Finding
from authz.verifier.verify import verify
from tests.authz.audit.samples import KEYS, ORIGIN, database_of, outside_of, sample, store_in, ticking_clock
from tests.authz.audit.whole import TRUSTED, count, receipts_kept
from tests.authz.audit.whole import assert_whole as assert_log_is_whole
from tests.faults.disk import Disk, Files
from tests.faults.journal import Kind
from tests.faults.power_cut import SHARED_MEMORY, Faults, PowerCut, Recording, restore, said

LATER = 900_000
LOSSES = (None, 1)
"""Nothing that was not synced is kept, or (seeds) some of it."""


class Writers:
    """Starts writers (`crashing_writer.py`) over one folder."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder = folder
        self._library = library
        folder.mkdir()

    def start(self, *numbers: int, faults: Faults | None = None, before: Disk | None = None) -> PowerCut:
        """With the first number, the number of callers and of each one's entries."""
        command = [sys.executable, "-m", "tests.authz.audit.crashing_writer", str(self.folder), *map(str, numbers)]
        return PowerCut(self._library, self.folder, command, faults, before)

    def ended(self, *numbers: int, faults: Faults | None = None, before: Disk | None = None) -> Recording:
        """What a writer did until its end, by itself or by `faults`."""
        with self.start(*numbers, faults=faults, before=before) as power:
            return power.end()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: what is durable the journal tells, and this machine's disk is slow."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def writers(memory: Path, power_cut_library: Path) -> Writers:
    return Writers(memory / "disk", power_cut_library)


Receipt = tuple[int, str, str]


def receipts_in(text: str) -> set[Receipt]:
    """The receipts among the whole lines of `text`."""
    lines = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return {(int(words[0]), words[1], words[2]) for words in lines if words[0] != "refused"}


def assert_whole(folder: Path, acknowledged: set[Receipt]) -> None:
    """The log is whole and holds every acknowledged leaf, each once."""
    leaves = assert_log_is_whole(folder)
    kept = receipts_kept(folder)
    assert acknowledged <= kept
    assert len({audit_id for _, audit_id, _ in kept}) == leaves


async def assert_goes_on(folder: Path, acknowledged: set[Receipt], number: int = LATER) -> Receipt:
    """A writer starts over what is there, writes, and the ledger is whole before and after it."""
    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())
    assert_whole(folder, acknowledged)
    receipt = await ledger.append(sample(number))
    await ledger.close()
    written = (receipt.index, receipt.entry_id, receipt.leaf)
    assert_whole(folder, acknowledged | {written})
    return written


async def assert_survives_power_cuts(recording: Recording, before: set[Receipt], folder: Path) -> None:
    """Cut the power at every moment of `recording`, and each time begin again from what is left."""
    for number, (heard, disk) in enumerate(recording.moments()):
        for seed in LOSSES:
            restore(folder, disk.after_a_cut(seed and Random(seed * 1000 + number)))
            await assert_goes_on(folder, before | receipts_in(heard))


async def test_a_new_ledger_survives_a_power_cut_at_every_moment(writers: Writers, memory: Path) -> None:
    recording = writers.ended(0, 1, 2)
    assert len(receipts_in(said(recording.operations))) == 2
    await assert_survives_power_cuts(recording, set(), memory / "after")


@pytest.mark.parametrize("seed", range(4))
async def test_a_writer_under_load_survives_power_cuts_at_random(writers: Writers, seed: int) -> None:
    chance = Random(seed)
    acknowledged: set[Receipt] = set()
    for turn in range(3):
        with writers.start(turn * 10_000) as power:
            for _ in range(chance.randint(1, 200)):
                power.output.readline()
            recording = power.cut(chance if chance.random() < 0.5 else None)
        acknowledged |= receipts_in(said(recording.operations))
        acknowledged.add(await assert_goes_on(writers.folder, acknowledged, LATER + turn))


class Commits:
    """A ledger of two entries, what it takes to start over it and commit more, and the way back to it."""

    def __init__(self, writers: Writers, entries: int) -> None:
        self._entries = entries
        self.acknowledged = receipts_in(said(writers.ended(0, 1, 2).operations))
        self._writers = writers
        self._files: Files = Disk(writers.folder, SHARED_MEMORY).seen()
        self.honest = self.again()

    def again(self, faults: Faults | None = None) -> Recording:
        """Begin from the two entries."""
        restore(self._writers.folder, self._files)
        return self._writers.ended(100, 1, self._entries, faults=faults)

    def numbers_of(self, kind: Kind) -> list[int]:
        """The numbers of the operations of `kind`."""
        return [number for number, operation in enumerate(self.honest.operations, 1) if operation.kind is kind]


async def test_a_writer_killed_at_every_operation_leaves_what_the_next_one_makes_durable(
    writers: Writers, memory: Path
) -> None:
    commits = Commits(writers, 1)
    for number in range(1, len(commits.honest.operations) + 1):
        killed = commits.again(Faults(last=number))
        assert len(killed.operations) == number
        acknowledged = commits.acknowledged | receipts_in(said(killed.operations))
        recording = writers.ended(200, 1, 1, before=killed.end())
        assert len(receipts_in(said(recording.operations))) == 1
        await assert_survives_power_cuts(recording, acknowledged, memory / "after")


async def test_a_failed_fsync_costs_its_own_answer_and_nothing_else(writers: Writers, memory: Path) -> None:
    commits = Commits(writers, 2)
    for number in range(1, len(commits.numbers_of(Kind.SYNC)) + 1):
        recording = commits.again(Faults(sync=number))
        assert Kind.FAILED_SYNC in {operation.kind for operation in recording.operations}
        await assert_survives_power_cuts(recording, commits.acknowledged, memory / "after")


async def test_a_writer_killed_at_a_failed_fsync_leaves_what_the_next_one_makes_durable(
    writers: Writers, memory: Path
) -> None:
    commits, hits = Commits(writers, 1), 0
    for sync, number in enumerate(commits.numbers_of(Kind.SYNC), 1):
        killed = commits.again(Faults(sync=sync, last=number))
        # The checkpoint is placed while receipts are given: the operations of one run are not always those of another.
        hits += killed.operations[-1].kind is Kind.FAILED_SYNC
        acknowledged = commits.acknowledged | receipts_in(said(killed.operations))
        recording = writers.ended(200, 1, 1, before=killed.end())
        await assert_survives_power_cuts(recording, acknowledged, memory / "after")
    assert hits > 1


async def test_a_full_disk_costs_the_answers_it_has_no_room_for_and_nothing_else(
    writers: Writers, memory: Path
) -> None:
    commits = Commits(writers, 2)
    room = 0
    first_receipt = commits.numbers_of(Kind.SAID)[0]
    for number in (number for number in commits.numbers_of(Kind.WRITE) if number < first_receipt):
        size = len(commits.honest.operations[number - 1].content)
        recording = commits.again(Faults(room=(room + size // 2, 1)))
        await assert_survives_power_cuts(recording, commits.acknowledged, memory / "after")
        room += size


def test_what_a_lying_disk_loses_is_named(writers: Writers) -> None:
    writers.ended(0, 1, 3)
    with writers.start(100, faults=Faults(sync="lying")) as power:
        for _ in range(40):
            power.output.readline()
        recording = power.stop()
    witness = outside_of(writers.folder).read_text()
    restore(writers.folder, recording.end().after_a_cut())
    verdict = verify([database_of(writers.folder)], TRUSTED, checkpoints=[witness])
    assert count(writers.folder) == 3
    assert verdict.first is not None
    assert (verdict.first.finding, verdict.first.position) == (Finding.TAIL_CUT, 3)

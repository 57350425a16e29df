"""One log holds what the others held: none of them can be set back alone without its being found."""

import shutil
from pathlib import Path

from authz.audit.cross_references import CrossReferences
from authz.audit.ledger import Ledger
from authz.audit.note import verifier_key
from authz.audit.pseudonym import SubjectKey
from authz.audit.recorder import Recorder
from authz.audit.store_sqlite import SqliteLog
from authz.verifier.findings import Finding
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.audit.samples import KEY, KEYS, ORIGIN, sample, store_in, ticking_clock

OTHER = "leds.test/other"
TRUSTED = read_keys([verifier_key(name, KEY.public_key()) for name in (ORIGIN, OTHER)])
RECORDER = Recorder(SubjectKey("k1", b"a secret for tests only"), ticking_clock(), bytes)
DATABASE, CHECKPOINT = FILES = ("other.sqlite", "other.checkpoint")


async def other_log(folder: Path) -> Ledger:
    return await Ledger.open(SqliteLog(folder / DATABASE, folder / CHECKPOINT), KEYS, OTHER, ticking_clock())


async def test_a_log_set_back_with_its_checkpoint_is_found_by_what_another_holds_of_it(tmp_path: Path) -> None:
    ledger, other = await Ledger.open(store_in(tmp_path), KEYS, ORIGIN, ticking_clock()), await other_log(tmp_path)
    references = CrossReferences(ledger, RECORDER.witness)
    await other.append(sample(1))
    await other.close()
    old = tmp_path / "old"
    old.mkdir()
    for name in FILES:
        shutil.copy(tmp_path / name, old / name)
    other = await other_log(tmp_path)
    await other.append(sample(2))
    await other.close()
    assert await references.once()
    assert not await references.once(), "nothing has changed since"
    await ledger.close()
    assert verify([tmp_path], TRUSTED).intact
    for name in FILES:
        shutil.copy(old / name, tmp_path / name)
    first = verify([tmp_path], TRUSTED).first
    assert first is not None
    assert (first.finding, first.position) == (Finding.TAIL_CUT, 1)


async def test_a_log_without_others_writes_no_witness(tmp_path: Path) -> None:
    ledger = await Ledger.open(store_in(tmp_path), KEYS, ORIGIN, ticking_clock())
    assert not await CrossReferences(ledger, RECORDER.witness).once()
    assert ledger.size == 0
    await ledger.close()

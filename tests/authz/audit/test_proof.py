"""What proves a leaf: everything a holder of the public key needs, and nothing a reader may not see."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from authz.audit.checkpoint import parse_checkpoint
from authz.audit.errors import LedgerInconsistent, LedgerUnreadable, ProofUnavailable
from authz.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from authz.audit.note import parse_verifier_key
from authz.audit.parts import slot_hash
from authz.audit.proof import locate, prove
from authz.audit.reading import logs_of, newest_checkpoint
from tests.authz.audit.samples import KEY, ORIGIN, OTHER_KEY
from tests.authz.audit.usage import MONDAY, Asked, edited, written

REQUESTS = tuple(
    Asked(at=MONDAY + timedelta(hours=number), subjects=[f"v{each}" for each in range(number)]) for number in range(8)
)


def proven(database: Path, position: int, **asked: Any) -> dict[str, Any]:
    """The proof as it is printed and read again."""
    return json.loads(json.dumps(prove(logs_of(database)[0], KEY.public_key(), position, **asked).to_json()))


def hashes(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in proof]


@pytest.mark.parametrize("position", range(16))
async def test_every_leaf_and_part_is_proven_by_what_is_printed_alone(tmp_path: Path, position: int):
    proof = proven(await written(tmp_path, REQUESTS), position)
    name, key = parse_verifier_key(proof["key"])
    signed = parse_checkpoint(proof["checkpoint"])
    assert signed.signed_by(key, name)
    assert (name, proof["log"], signed.checkpoint.origin) == (ORIGIN, ORIGIN, ORIGIN)
    leaf = proof["canonical"].encode()
    assert proof["hash"] == leaf_hash(leaf).hex()
    checkpoint = signed.checkpoint
    inclusion = hashes(proof["inclusion"])
    assert verify_inclusion(leaf_hash(leaf), position, checkpoint.size, inclusion, checkpoint.root)
    parts = json.loads(leaf)["parts"]
    assert len(proof["openings"]) == (1 if position % 2 == 0 else 1 + position // 2)
    for opening in proof["openings"]:
        slot = slot_hash(bytes.fromhex(opening["salt"]), opening["canonical"].encode())
        root = bytes.fromhex(parts["root"])
        assert verify_inclusion(slot, opening["slot"], parts["slots"], hashes(opening["proof"]), root)


async def test_a_leaf_with_more_parts_than_a_tile_is_proven_too(tmp_path: Path):
    database = await written(tmp_path, [Asked(subjects=[f"v{number}" for number in range(700)])])
    proof = proven(database, 1)
    parts = json.loads(proof["canonical"])["parts"]
    assert parts["slots"] == 1024
    assert len(proof["openings"]) == 701
    for opening in (proof["openings"][0], proof["openings"][300], proof["openings"][700]):
        slot = slot_hash(bytes.fromhex(opening["salt"]), opening["canonical"].encode())
        root = bytes.fromhex(parts["root"])
        assert verify_inclusion(slot, opening["slot"], parts["slots"], hashes(opening["proof"]), root)


async def test_without_parts_nothing_of_them_is_printed(tmp_path: Path):
    proof = proven(await written(tmp_path, REQUESTS), 0, with_parts=False)
    assert proof["openings"] == []
    assert "Traffic stop" not in json.dumps(proof)


async def test_the_log_is_shown_to_have_grown_from_an_older_checkpoint(tmp_path: Path):
    database = await written(tmp_path, REQUESTS)
    with edited(database) as connection:
        (older,) = connection.execute("SELECT note FROM ledger_checkpoint WHERE size = 5").fetchone()
    proof = proven(database, 2, older=older)
    old, new = (
        parse_checkpoint(note).checkpoint for note in (proof["consistency"]["note"], newest_checkpoint(database))
    )
    assert proof["consistency"]["note"] == older
    assert verify_consistency(old.size, new.size, old.root, new.root, hashes(proof["consistency"]["proof"]))


async def test_a_checkpoint_of_another_history_of_the_log_is_refused(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = await written(tmp_path / "a", REQUESTS[:4]), await written(tmp_path / "b", REQUESTS[4:])
    with pytest.raises(LedgerInconsistent, match="another history"):
        proven(one, 0, older=newest_checkpoint(other))


async def test_a_checkpoint_of_more_than_the_ledger_holds_is_refused(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, longer = await written(tmp_path / "a", REQUESTS[:2]), await written(tmp_path / "b", REQUESTS)
    with pytest.raises(LedgerInconsistent, match="covers 16 leaves, the ledger holds 4"):
        proven(one, 0, older=newest_checkpoint(longer))


async def test_what_is_no_checkpoint_of_this_log_is_refused(tmp_path: Path):
    database = await written(tmp_path, REQUESTS)
    with pytest.raises(LedgerUnreadable, match="no checkpoint"):
        proven(database, 0, older="hello\n")
    with pytest.raises(LedgerInconsistent, match="not one that the log"):
        prove(logs_of(database)[0], OTHER_KEY.public_key(), 0)


async def test_a_request_is_located_by_its_outcome_and_otherwise_by_its_intent(tmp_path: Path):
    database = await written(tmp_path, [*REQUESTS[:2], Asked(answered=False)])
    with edited(database) as connection:
        ids = [name for (name,) in connection.execute("SELECT audit_id FROM ledger_leaf ORDER BY position")]
    logs = logs_of(database)
    assert [locate(logs, ids[position]) for position in (0, 2, 4)] == [(logs[0], 1), (logs[0], 3), (logs[0], 4)]


async def test_what_the_ledger_does_not_hold_is_not_proven(tmp_path: Path):
    database = await written(tmp_path, REQUESTS)
    with pytest.raises(ProofUnavailable, match="no leaf 16"):
        proven(database, 16)
    with pytest.raises(ProofUnavailable, match="nothing of the id"):
        locate(logs_of(database), "01ARZ3NDEKTSV4RRFFQ69G5FAV")


EDITS = {
    "a leaf": "UPDATE ledger_leaf SET canonical = CAST(replace(CAST(canonical AS TEXT), 'PP1', 'PP2') AS BLOB)",
    "a hash": "UPDATE ledger_hash SET hash = zeroblob(32) WHERE position = 3",
    "a part": "UPDATE ledger_part SET salt = zeroblob(16)",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
async def test_what_was_edited_is_not_proven(tmp_path: Path, edit: str):
    database = await written(tmp_path, REQUESTS)
    with edited(database) as connection:
        connection.execute(edit)
    with pytest.raises(LedgerInconsistent) as refused:
        proven(database, 0)
    assert "leds audit verify" in refused.value.advice

"""What an export holds: every byte of every log, chained and signed, read here by a reader of its own."""

import hashlib
import io
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from authz.audit.checkpoint import parse_checkpoint
from authz.audit.errors import LedgerUnreadable
from authz.audit.export import Asked, Export
from authz.audit.merkle import Frontier, covering, leaf_hash, root_of
from authz.audit.note import verifier_key
from authz.audit.parts import padding, slot_hash
from authz.audit.reading import logs_of
from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.audit.samples import KEY, ORIGIN
from tests.authz.audit.usage import MONDAY, edited, written
from tests.authz.audit.usage import Asked as Requested

MADE = datetime(2026, 2, 9, tzinfo=UTC)
EVERYTHING = Asked()
HOURLY = tuple(
    Requested(at=MONDAY + timedelta(hours=number), subjects=[f"v{each}" for each in range(number % 4)])
    for number in range(9)
)


def exported(database: Path, asked: Asked = EVERYTHING, key: Ed25519PrivateKey = KEY) -> list[bytes]:
    """The lines of an export."""
    file = io.BytesIO()
    export = Export(file.write, key)
    export.body(logs_of(database), asked, MADE)
    export.trailer()
    return file.getvalue().splitlines(keepends=True)


def read(lines: list[bytes], kind: str) -> list[dict[str, Any]]:
    """The lines of one kind."""
    return [line for line in map(json.loads, lines) if line["kind"] == kind]


def findings(folder: Path, lines: list[bytes]) -> list[tuple[str, int | None]]:
    """What the verifier finds, and at which lines."""
    file = folder / "export.txt"
    file.write_bytes(b"".join(lines))
    verdict = verify([file], read_keys([verifier_key(ORIGIN, KEY.public_key())]))
    faults = [*verdict.faults, *(fault for log in verdict.logs for fault in log.faults)]
    return [(fault.finding, fault.line) for fault in faults]


async def test_every_line_is_numbered_and_chained_and_the_last_signs_all(tmp_path: Path):
    lines = exported(await written(tmp_path, HOURLY))
    chain = b""
    for number, data in enumerate(lines):
        line = json.loads(data)
        assert line["line"] == number
        claimed = line.pop("chain")
        spelt = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        chain = hashlib.sha256(chain + spelt).digest()
        assert claimed == chain.hex()
    (trailer,) = read(lines, "trailer")
    digest = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    assert (trailer["lines"], trailer["sha256"], trailer["origin"]) == (len(lines) - 1, digest, ORIGIN)
    KEY.public_key().verify(b64decode(trailer["signature"]), f"leds-audit-export/2\n{digest}\n{ORIGIN}\n".encode())


async def test_the_first_line_says_what_was_asked_for_and_how_to_check_it(tmp_path: Path):
    (header,) = read(exported(await written(tmp_path, HOURLY), Asked(start=MONDAY, parts=False)), "header")
    assert header["logs"] == [ORIGIN]
    assert header["keys"] == [verifier_key(ORIGIN, KEY.public_key())]
    assert (header["from"], header["to"], header["parts"]) == ("2026-02-02T09:00:00.000Z", None, False)


async def test_leaves_parts_and_every_checkpoint_recompute_from_the_lines_alone(tmp_path: Path):
    lines = exported(await written(tmp_path, HOURLY))
    frontier, checked = Frontier.empty(), 0
    for line in map(json.loads, lines):
        if line["kind"] == "leaf":
            assert line["hash"] == leaf_hash(line["canonical"].encode()).hex()
            frontier = frontier.appended(bytes.fromhex(line["hash"]))
        if line["kind"] == "checkpoint":
            checkpoint = parse_checkpoint(line["note"]).checkpoint
            assert (checkpoint.size, checkpoint.root) == (frontier.size, frontier.root())
            checked += 1
    assert checked == 2 * len(HOURLY) + 1
    for leaf in read(lines, "leaf"):
        said = json.loads(leaf["canonical"])["parts"]
        parts = [part for part in read(lines, "part") if part["position"] == leaf["position"]]
        slots = [slot_hash(bytes.fromhex(part["salt"]), part["canonical"].encode()) for part in parts]
        slots += [padding(bytes.fromhex(leaf["seed"]), number) for number in range(len(slots), said["slots"])]
        assert root_of(slots).hex() == said["root"]


RANGES = {
    "the middle": (MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=5), range(4, 10)),
    "from a time on": (MONDAY + timedelta(hours=7), None, range(14, 18)),
    "before a time": (None, MONDAY + timedelta(hours=1), range(2)),
    "nothing": (MONDAY + timedelta(days=9), None, range(0)),
}


@pytest.mark.parametrize(("start", "end", "positions"), RANGES.values(), ids=RANGES)
async def test_leaves_not_asked_for_are_covered_by_hashes(
    tmp_path: Path, start: datetime | None, end: datetime | None, positions: range
):
    lines = exported(await written(tmp_path, HOURLY), Asked(start, end))
    assert [leaf["position"] for leaf in read(lines, "leaf")] == list(positions)
    assert sum(1 << node["level"] for node in read(lines, "node")) == 18 - len(positions)
    assert parse_checkpoint(read(lines, "checkpoint")[-1]["note"]).checkpoint.size == 18
    assert findings(tmp_path, lines) == []


async def test_withheld_parts_stand_as_hashes_and_nothing_of_them_is_in_the_file(tmp_path: Path):
    lines = exported(await written(tmp_path, HOURLY), Asked(parts=False))
    assert b"Traffic stop" not in b"".join(lines)
    assert b"h:k1:" not in b"".join(line for line in lines if b'"part"' in line)
    assert all({"salt", "canonical"}.isdisjoint(part) for part in read(lines, "part"))
    assert findings(tmp_path, lines) == []


async def test_a_clean_export_is_intact_and_any_line_changed_dropped_or_swapped_is_named(tmp_path: Path):
    lines = exported(await written(tmp_path, HOURLY[:2]))
    assert findings(tmp_path, lines) == []
    for number in range(1, len(lines)):
        changed = lines[number].replace(b'"line"', b'"lime"')
        named = {
            "changed": findings(tmp_path, [*lines[:number], changed, *lines[number + 1 :]]),
            "dropped": findings(tmp_path, [*lines[:number], *lines[number + 1 :]]),
            "twice": findings(tmp_path, [*lines[: number + 1], *lines[number:]]),
        }
        if number + 1 < len(lines):
            swapped = [lines[number + 1], lines[number]]
            named["swapped"] = findings(tmp_path, [*lines[:number], *swapped, *lines[number + 2 :]])
        at = {how: found[0][1] for how, found in named.items() if found}
        assert at == dict.fromkeys(named, number) | {"twice": number + 1}


async def test_an_erased_part_keeps_its_slot(tmp_path: Path):
    database = await written(tmp_path, HOURLY[:1])
    with edited(database) as connection:
        salt, canonical = connection.execute(
            "SELECT salt, canonical FROM ledger_part WHERE position = 0 AND slot = 0"
        ).fetchone()
        hidden = slot_hash(salt, canonical)
        connection.execute(
            "UPDATE ledger_part SET salt = NULL, canonical = NULL, hash = ? WHERE position = 0 AND slot = 0", (hidden,)
        )
    first = read(exported(database), "part")[0]
    assert first["hash"] == hidden.hex()
    assert "canonical" not in first


async def test_how_far_an_export_is_is_told_page_by_page(tmp_path: Path):
    requests = [Requested(at=MONDAY + timedelta(minutes=number)) for number in range(300)]
    database = await written(tmp_path, requests)
    told: list[tuple[int, int]] = []
    Export(lambda _: None, KEY).body(logs_of(database), Asked(), MADE, lambda *told_of: told.append(told_of))
    assert told == [(256, 600), (512, 600), (600, 600)]


async def test_a_leaf_that_is_no_text_is_a_coded_error(tmp_path: Path):
    database = await written(tmp_path, HOURLY[:1])
    with edited(database) as connection:
        connection.execute("UPDATE ledger_leaf SET canonical = x'ff' WHERE position = 1")
    with pytest.raises(LedgerUnreadable, match="Leaf 1"):
        exported(database)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_subtrees_cover_leaves_in_order_once_and_none_could_be_larger(one: int, other: int):
    start, end = sorted((one, other))
    found = list(covering(start, end))
    at = start
    for level, index in found:
        assert index << level == at
        larger = level + 1
        assert at % (1 << larger) or at + (1 << larger) > end
        at += 1 << level
    assert at == end

"""What a demo's ledger holds of the newest requests: each outcome with its request and its parts in one."""

import json
from typing import Any

import msgspec

from authz.audit.leaf import Stage
from authz.audit.reading import Kept, count_leaves, read_leaf, read_leaves
from authz.audit.sealing import place_of
from leds.governed import LEDGER_ORIGIN
from leds.keys import load_keys
from tests.end_to_end.demo import Demo


def newest(demo: Demo, count: int = 1) -> list[dict[str, Any]]:
    """The newest outcomes, oldest first, as plain values; what is sealed is opened."""
    database = demo.home / "ledger.sqlite"
    leaves = read_leaves(database, max(count_leaves(database) - 3 * count, 0), 3 * count)
    return [_whole(demo, kept) for kept in leaves if kept.leaf.stage is Stage.OUTCOME][-count:]


def recorded(demo: Demo, answer: dict[str, Any]) -> dict[str, Any]:
    """The outcome that an answer's receipt names."""
    kept = read_leaf(demo.home / "ledger.sqlite", answer["extensions"]["audit"]["index"])
    assert kept is not None
    assert kept.leaf.audit_id == answer["extensions"]["audit"]["entry"]
    return _whole(demo, kept)


def _whole(demo: Demo, kept: Kept) -> dict[str, Any]:
    asked = kept if kept.leaf.intent is None else read_leaf(demo.home / "ledger.sqlite", kept.leaf.intent)
    assert asked is not None
    assert kept.sealed is not None
    silent = load_keys(demo.home / "keys").sealing.open(kept.sealed, place_of(LEDGER_ORIGIN, kept.leaf.audit_id))
    said = {
        "position": kept.position,
        "request": asked.leaf.request,
        "statements": asked.statements,
        "subjects": kept.subjects,
        "silent": silent,
    }
    return json.loads(msgspec.json.encode(kept.leaf)) | json.loads(msgspec.json.encode(said))

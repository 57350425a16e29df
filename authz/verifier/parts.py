"""The parts of one leaf in, the slots that were erased out, or what is wrong with them. Does no I/O.

`docs/ledger-format.md`, *Parts*.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from authz.verifier.canonical import NotCanonical, parse
from authz.verifier.findings import Finding
from authz.verifier.leaf import EVENT_TYPES, SAID_FORMS, Leaf, Malformed
from authz.verifier.records import PartRow
from authz.verifier.shapes import Misshapen, Shape, mapping, nullable, one_of, several, struct, text
from authz.verifier.tree import HASH_BYTES, leaf_hash, root_of

SALT_BYTES = 16
SEED_BYTES = 32


class Mismatch(ValueError):
    """Parts that are not the ones the leaf commits to; `finding` says in which way."""

    def __init__(self, finding: Finding, detail: str) -> None:
        super().__init__(detail)
        self.finding = finding


def erased_slots(leaf: Leaf, seed: Any, parts: Sequence[PartRow]) -> tuple[int, ...]:
    """The slots whose parts were erased; all others hold what the leaf commits to.

    Raises Mismatch where rows do not match the leaf, and Malformed where what the leaf commits to is no part.
    """
    kinds = (*leaf.parts, *("subject",) * leaf.subjects)
    _check_rows(leaf, seed, parts)
    hashes = [_slot_hash(part) for part in parts]
    hashes += [_padding(seed, number) for number in range(len(kinds), leaf.slots)]
    if leaf.root is not None and root_of(hashes) != leaf.root:
        raise Mismatch(Finding.EDITED, "its parts are not the ones it commits to")
    _check_said(leaf, kinds, parts)
    return tuple(part.slot for part in parts if part.canonical is None)


def _check_rows(leaf: Leaf, seed: Any, parts: Sequence[PartRow]) -> None:
    expected = leaf.committed
    slots = [part.slot for part in parts]
    missing = next((slot for slot in range(expected) if slot not in slots), None)
    if missing is not None:
        raise Mismatch(Finding.DELETED, f"its part in slot {missing} is gone")
    if slots != list(range(expected)):
        raise Mismatch(Finding.EDITED, "it has more parts than it commits to")
    if not isinstance(seed, bytes) or len(seed) != (SEED_BYTES if expected < leaf.slots else 0):
        raise Mismatch(Finding.EDITED, "its seed is not what its padding needs")
    for part in parts:
        if part.columns is not None and part.columns[0] != leaf.month:
            raise Mismatch(Finding.EDITED, f"its part in slot {part.slot} is filed under another month")


def _slot_hash(part: PartRow) -> bytes:
    match part.salt, part.canonical, part.hash:
        case bytes(salt), bytes(canonical), None if len(salt) == SALT_BYTES:
            return leaf_hash(salt + canonical)
        case None, None, bytes(digest) if len(digest) == HASH_BYTES and (part.columns or (None, None))[1] is None:
            return digest
        case _:
            raise Mismatch(Finding.EDITED, f"its part in slot {part.slot} is neither whole nor erased")


def _padding(seed: bytes, number: int) -> bytes:
    return leaf_hash(hashlib.sha256(seed + number.to_bytes(4)).digest())


def _check_said(leaf: Leaf, kinds: Sequence[str], parts: Sequence[PartRow]) -> None:
    subjects: list[tuple[str, str]] = []
    for kind, part in zip(kinds, parts, strict=True):
        if part.canonical is None:
            continue
        said = _said(kind, part)
        key_hash = said["keyHash"] if kind == "subject" else None
        if part.columns is not None and part.columns[1] != key_hash:
            raise Mismatch(Finding.EDITED, f"its part in slot {part.slot} is filed under another hash")
        if key_hash is not None:
            subjects.append((said["type"], key_hash))
    if subjects != sorted(subjects):
        raise Malformed("its subjects are not sorted")


def _said(kind: str, part: PartRow) -> dict[str, Any]:
    try:
        said = parse(part.canonical)
        _SHAPES[kind](said, "")
    except (NotCanonical, Misshapen) as error:
        raise Malformed(f"its part in slot {part.slot}: {error}") from error
    return said


def _form_order(form: dict[str, Any]) -> tuple[Any, ...]:
    return form["dataset"], form["form"], form["fields"], form["policies"]


_text: Shape = text()
_maybe: Shape = nullable(_text)
_texts: Shape = several(_text, lambda value: value)
_FORM = struct({"dataset": _text, "form": one_of(*SAID_FORMS), "fields": _texts, "policies": _texts})
_STATED = ("name", "onBehalfOf", "statedName", "reasonText", "justification", "reference", "geolocation")
_SHAPES = {
    "statements": struct(
        {"part": one_of("statements"), "originatorLine": _maybe, **dict.fromkeys(_STATED, _maybe)},
    ),
    "sealed": struct({"part": one_of("sealed"), "key": _text, "data": text(r"[A-Za-z0-9+/]+={0,2}")}),
    "subject": struct(
        {
            "part": one_of("subject"),
            "type": _text,
            "keyHash": text(r"h:[^:]+:[0-9a-f]{32}"),
            "eventType": one_of(*EVENT_TYPES),
            "forms": several(_FORM, _form_order),
        }
    ),
    "about": struct({"part": one_of("about"), "said": mapping(_text)}),
}

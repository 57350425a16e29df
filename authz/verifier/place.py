"""What is stored at one position in, its hashes, its leaf and the first thing wrong with it out. Does no I/O."""

from dataclasses import dataclass
from typing import Any

from authz.verifier.findings import Fault, Finding
from authz.verifier.leaf import Leaf, Malformed, leaf_from_bytes
from authz.verifier.parts import Mismatch, erased_slots
from authz.verifier.records import LeafRow, Place
from authz.verifier.tree import HASH_BYTES, leaf_hash

_EVENT_TYPE = 5


@dataclass(frozen=True, slots=True)
class Examined:
    """The stored hash and the one of the stored bytes (None where there is none), the leaf if its bytes are one, the
    slots of erased parts, whether it may once have named what was erased, and a fault."""

    stored: bytes | None
    computed: bytes | None
    leaf: Leaf | None = None
    erased: tuple[int, ...] = ()
    may_erase: bool = False
    fault: Fault | None = None

    @property
    def gone(self) -> bool:
        """Whether only its hash is kept, as of a dropped month."""
        return self.computed is None and self.fault is None


def examine(place: Place) -> Examined:
    """Everything at one position compared with each other."""
    stored = place.hashes[0] if len(place.hashes) == 1 and _is_hash(place.hashes[0]) else None
    row = place.leaves[0] if len(place.leaves) == 1 else None
    canonical = row.canonical if row is not None and isinstance(row.canonical, bytes) else None
    computed = leaf_hash(canonical) if canonical is not None else None
    fault = _fault_of_rows(place, stored, canonical)
    if row is None or canonical is None or fault is not None:
        return Examined(stored, computed, fault=fault)
    if stored != computed:
        fault = Fault(Finding.EDITED, place.position, "its bytes do not have the hash stored for it")
        return Examined(stored, computed, may_erase=_may_erase(row), fault=fault)
    return _examine_leaf(place, row, computed)


def _fault_of_rows(place: Place, stored: bytes | None, canonical: bytes | None) -> Fault | None:
    if len(place.leaves) > 1 or len(place.hashes) > 1:
        return Fault(Finding.INSERTED, place.position, "more than one leaf stands there")
    if place.hashes and stored is None:
        return Fault(Finding.EDITED, place.position, "its stored hash is no hash")
    if place.leaves and canonical is None:
        return Fault(Finding.EDITED, place.position, "its bytes are none")
    if not place.hashes and place.leaves:
        return Fault(Finding.DELETED, place.position, "the hash stored for it is gone")
    if place.parts and not place.leaves:
        return Fault(Finding.DELETED, place.position, "it is gone; its parts are there")
    return None


def _examine_leaf(place: Place, row: LeafRow, digest: bytes | None) -> Examined:
    leaf = None
    try:
        leaf = leaf_from_bytes(row.canonical)
        if row.columns is not None and row.columns != leaf.columns:
            raise Mismatch(Finding.EDITED, "it is filed under something else than it says")
        return Examined(digest, digest, leaf, erased_slots(leaf, row.seed, place.parts))
    except Malformed as error:
        fault = Fault(Finding.MALFORMED, place.position, str(error))
    except Mismatch as error:
        fault = Fault(error.finding, place.position, str(error))
    return Examined(digest, digest, leaf, fault=fault)


def _is_hash(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def _may_erase(row: LeafRow) -> bool:
    return row.columns is None or row.columns[_EVENT_TYPE] == "ERASE"

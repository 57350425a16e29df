"""Which licence category a vehicle needs, and which a right covers. Tables and pure functions (KNOWLEDGE)."""

from collections.abc import Mapping

CAR_WEIGHT = 3_500
MEDIUM_GOODS_WEIGHT = 7_500

# What a held category lets drive beyond itself.
COVERS: Mapping[str, frozenset[str]] = {
    "A": frozenset({"A2", "A1", "AM"}),
    "A2": frozenset({"A1", "AM"}),
    "A1": frozenset({"AM"}),
    "B": frozenset({"B1", "AM"}),
    "BE": frozenset({"B", "B1", "AM"}),
    "C": frozenset({"C1"}),
    "C1E": frozenset({"C1", "BE"}),
    "CE": frozenset({"C", "C1", "C1E", "BE"}),
    "D": frozenset({"D1"}),
    "D1E": frozenset({"D1", "BE"}),
    "DE": frozenset({"D", "D1", "D1E", "BE"}),
}

_LIGHT = "LIGHT"
_GOODS = "GOODS"
_TRAILER = "TRAILER"
_BY_TYPE_APPROVAL: Mapping[str, str] = {
    "M1": _LIGHT,
    "N1": _LIGHT,
    "M2": "D1",
    "M3": "D",
    "N2": _GOODS,
    "N3": "C",
    "L1": "AM",
    "L3": "A",
    "O1": _TRAILER,
    "O4": _TRAILER,
    "T": "F",
}
_BY_BODY_TYPE: Mapping[str, str] = {
    **dict.fromkeys(("SAL2", "SAL4", "HAT3", "HAT5", "EST", "COU", "CON", "MPV", "SUV", "TAXI"), _LIGHT),
    **dict.fromkeys(("PICK", "LVAN", "CVAN", "PVAN", "CAMP", "HEAR"), _LIGHT),
    **dict.fromkeys(("LUT", "TIP", "FLAT", "CURT", "TANK", "REF", "HORS"), _GOODS),
    "MINI": "D1",
    "BUS": "D",
    "MOTO": "A",
    "SCOO": "AM",
    "MOPE": "AM",
    "QUAD": "B1",
    "TRAC": "F",
    "ARTI": "CE",
    "TRAI": _TRAILER,
}


def needed_category(type_approval: str | None, body_type: str | None, weight: int | None) -> str | None:
    """The licence category for a vehicle of this type and revenue weight in kg; None when it cannot be told.

    A trailer counts as what its towing needs: B up to 3,500 kg, above that C1E (story 2).
    """
    kind = _BY_TYPE_APPROVAL.get(type_approval or "") or _BY_BODY_TYPE.get(body_type or "")
    if kind == _LIGHT:
        return "B" if weight is None or weight <= CAR_WEIGHT else _goods(weight)
    if kind == _GOODS:
        return None if weight is None else _goods(weight)
    if kind == _TRAILER:
        return None if weight is None else "B" if weight <= CAR_WEIGHT else "C1E"
    return kind


def _goods(weight: int) -> str:
    if weight <= CAR_WEIGHT:
        return "B"
    return "C1" if weight <= MEDIUM_GOODS_WEIGHT else "C"


def covers(held: str, needed: str) -> bool:
    """Whether the right to `held` lets drive what needs `needed`."""
    return held == needed or needed in COVERS.get(held, frozenset())
